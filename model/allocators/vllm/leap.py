"""The same lane for replays: it touches a request only in the steps that do more than count.

Between block boundaries, window edges and its end, a decoding request's step changes only its
counters, and every decoding request gets its token in every step (vLLM's budget is never smaller
than `max_num_seqs`). So such requests join a calendar, follow a clock, and are called when they
are due; steps in which nobody is due are jumped over at once. What happens in a step is decided
by the same `Scheduler`; wherever order or room could matter, the plain pass is run.
"""

from __future__ import annotations

from collections.abc import Iterable

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.allocators.vllm.request import Sequence
from pagereel.model.allocators.vllm.scheduler import Turn
from pagereel.model.core.events import Event
from pagereel.model.core.journal import Silence
from pagereel.model.core.lane import NoRoom
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState, Phase
from pagereel.model.usage.counters import Tally
from pagereel.model.usage.gauge import Gauge


class Members:
    """Decoding requests that need no attention before they are due.

    A member's counters are those of the moment it joined, plus the passes (K/V computed) and
    answers (token sampled) since then; `sync` writes them down.
    """

    __slots__ = ("_answers", "_calls", "_passes", "count")

    def __init__(self) -> None:
        self.count = 0
        """Members now."""
        self._passes = 0
        self._answers = 0
        self._calls: dict[int, list[Sequence]] = {}  # pass -> who has business in it

    def join(self, sequence: Sequence, quiet_steps: int) -> None:
        """Let a running request follow the clock; it is due after so many quiet steps."""
        sequence.follows, sequence.due = True, self._passes + quiet_steps
        sequence.since_pass, sequence.since_answer = self._passes, self._answers
        self._calls.setdefault(sequence.due, []).append(sequence)
        self.count += 1

    def leave(self, sequence: Sequence) -> None:
        """Call a request back before its time, if it is a member."""
        if sequence.follows:
            self._calls[sequence.due].remove(sequence)
            self._dismiss(sequence)

    def leave_all(self, running: Iterable[Sequence]) -> None:
        """Call every member among these back; they are all there are."""
        for sequence in running:
            if sequence.follows:
                self._dismiss(sequence)
        self._calls.clear()

    def due(self) -> list[Sequence]:
        """Members with business in the coming pass."""
        return self._calls.get(self._passes, [])

    def call(self) -> list[Sequence]:
        """Those who are due, in running order; they are no members any more."""
        called = self._calls.pop(self._passes, [])
        called.sort(key=lambda sequence: sequence.place)
        for sequence in called:
            self._dismiss(sequence)
        return called

    def quiet_steps(self, limit: int) -> int:
        """Steps, at most `limit`, before the next pass in which one is due."""
        if not self.count:
            return limit
        count = 0
        while count < limit and not self._calls.get(self._passes + count):
            count += 1
        return count

    def compute(self, count: int = 1) -> None:
        """Every member computed the K/V of one token in each of `count` passes."""
        self._passes += count

    def sample(self, count: int = 1) -> None:
        """Every member got one token in each of `count` answers."""
        self._answers += count

    def sync(self, sequence: Sequence) -> None:
        """Bring a member's counters up to date."""
        passes = self._passes - sequence.since_pass
        answers = self._answers - sequence.since_answer
        if sequence.follows and passes + answers:
            sequence.computed += passes
            sequence.sampled += answers
            sequence.tokens += answers
            sequence.since_pass, sequence.since_answer = self._passes, self._answers
            sequence.frozen = None

    def _dismiss(self, sequence: Sequence) -> None:
        self.sync(sequence)
        sequence.follows = False
        self.count -= 1


class LeapingLane:
    """vLLM V1 0.32.0 for replays; states equal those of `VllmLane` (but see `Silence.forgets`).

    It is a `model.core.lane.Lane` that returns no events, and a `model.replay.driver.ReplayLane`.
    """

    def __init__(self, config: VllmConfig) -> None:
        self._lane = VllmLane(config, Silence())
        self._scheduler = self._lane.scheduler
        self._members = Members()
        self._others: list[Sequence] = []  # running, but no members: mostly in their prompts
        self._turn: Turn | None = None
        self._still: int | None = None  # refusals of the last pass, if it changed nothing else

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built."""
        return self._scheduler.tally

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request into the waiting queue. Raises `TooLarge`."""
        self._still = None
        return self._lane.submit(request)

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        self._still = None
        for sequence in self._lane.alive(request_id):
            self._members.leave(sequence)
            if sequence in self._others:
                self._others.remove(sequence)
        return self._lane.abort(request_id)

    def leap(self, limit: int) -> int:
        """Advance at least one step and at most `limit`; returns how many."""
        count = self._quiet_steps(limit)
        if count:
            self._jump(count)
            return count
        self.schedule()
        self.update()
        return 1

    def schedule(self) -> tuple[Event, ...]:
        """One scheduling pass."""
        assert self._turn is None, "schedule was called twice without update"
        scheduler, members, tally = self._scheduler, self._members, self.tally
        if not self._is_orderly():
            members.leave_all(scheduler.running)
            self._others = list(scheduler.running)
        first, refusals = members.count, tally.refusals
        called = members.call()
        turn = self._turn = scheduler.open_turn()
        turn.budget -= members.count
        self._serve(turn, called)
        scheduler.serve(turn, first)
        scheduler.admit(turn)
        scheduler.close(turn)
        members.compute()
        self._count_computed(1)
        quiet = not turn.scheduled and not turn.preempted
        self._still = tally.refusals - refusals if quiet else None
        return ()

    def update(self) -> tuple[Event, ...]:
        """The model's answer: a token for each request that is due one."""
        assert self._turn is not None, "update was called without schedule"
        turn, self._turn = self._turn, None
        ended = self._scheduler.sample(turn)
        self._members.sample()
        self.tally.sampled += self._members.count
        self._lane.forget(ended)
        self._gather(turn)
        return ()

    def gauge(self) -> Gauge:
        """What the lane holds now, from running counts."""
        return self._lane.gauge()

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        for sequence in self._scheduler.running:
            self._members.sync(sequence)
        return self._lane.snapshot()

    def _quiet_steps(self, limit: int) -> int:
        """Steps from now on in which nothing but the members' counters changes."""
        scheduler = self._scheduler
        if self._others:
            return 0
        full = len(scheduler.running) >= self._lane.config.max_num_seqs
        if scheduler.waiting and not full and self._still is None:
            return 0
        return self._members.quiet_steps(limit)

    def _jump(self, count: int) -> None:
        """Take `count` quiet steps at once. The head of the queue is refused in each as before."""
        waiting, tally = self._scheduler.waiting, self.tally
        self._members.compute(count)
        self._members.sample(count)
        self._count_computed(count)
        tally.steps += count
        tally.sampled += count * self._members.count
        tally.queued_steps += count * len(waiting)
        if waiting and self._still:
            tally.refusals += count * self._still
            head = waiting.head()
            head.refusals, head.frozen = head.refusals + count * self._still, None

    def _count_computed(self, steps: int) -> None:
        tokens = steps * self._members.count
        self._scheduler.cache.stored += tokens
        self.tally.computed += tokens

    def _is_orderly(self) -> bool:
        """Whether members can go first and alone: they stand first, and are preempted last."""
        scheduler, members = self._scheduler, self._members
        if any(sequence.follows for sequence in scheduler.running[members.count :]):
            return False
        if self._lane.config.policy == "fcfs":  # the victim always stands last
            return True
        budget, cache = self._lane.config.max_num_batched_tokens, scheduler.cache
        asking = [*members.due(), *self._others]
        for sequence in asking:
            members.sync(sequence)
        most = sum(cache.missing(s, min(s.tokens - s.computed, budget)) for s in asking)
        return most <= cache.pool.free_count

    def _serve(self, turn: Turn, called: list[Sequence]) -> None:
        """Grow the members whose time has come, preempting from the end of the running list."""
        scheduler = self._scheduler
        grow = scheduler.cache.grow
        for sequence in called:
            while sequence.phase is Phase.RUNNING:
                try:
                    grow(sequence, 1)
                except NoRoom:
                    victim = scheduler.victim()
                    self._members.leave(victim)
                    scheduler.preempt(turn, victim)
                else:
                    turn.scheduled[sequence] = 1
                    turn.budget -= 1
                    break

    def _gather(self, turn: Turn) -> None:
        """Let every running request that only decodes from now on follow the clock."""
        candidates = {**dict.fromkeys(self._others), **turn.scheduled}
        self._others = []
        quiet_steps, join = self._scheduler.cache.quiet_steps, self._members.join
        for sequence in candidates:
            if sequence.phase is not Phase.RUNNING:
                continue
            if sequence.tokens - sequence.computed == 1:
                join(sequence, quiet_steps(sequence))
            else:
                self._others.append(sequence)
