"""The same lane for replays: it touches a request only in the steps that do more than count.

Between block boundaries, window edges and its end, a decoding request's step changes only its
counters, and every decoding request gets its token in every step (vLLM's budget is never smaller
than `max_num_seqs`). So such requests join a calendar, follow a clock, and are called when they
are due; steps in which nobody is due are jumped over at once. What happens in a step is decided
by the same `Scheduler`; wherever order or room could matter, the plain pass is run.
"""

from __future__ import annotations

from model.events import Event
from model.gauge import Gauge
from model.journal import Silence
from model.lane import NoRoom
from model.request import Request
from model.state import LaneState, Phase
from model.tally import Tally
from model.vllm.config import VllmConfig
from model.vllm.lane import VllmLane
from model.vllm.scheduler import Turn
from model.vllm.sequence import Sequence


class LeapingLane:
    """vLLM V1 0.32.0 for replays; states equal those of `VllmLane` (but see `Silence.forgets`).

    It is a `model.lane.Lane` that returns no events, and a `model.replay.ReplayLane`.
    """

    def __init__(self, config: VllmConfig) -> None:
        self._lane = VllmLane(config, Silence())
        self._scheduler = self._lane.scheduler
        self._passes = 0  # what members' `computed` follows
        self._answers = 0  # what members' `sampled` and `tokens` follow
        self._calendar: dict[int, list[Sequence]] = {}  # pass -> members with business in it
        self._members = 0
        self._others: list[Sequence] = []  # running, but no members
        self._turn: Turn | None = None
        self._still: int | None = None  # refusals of the last pass, if it changed nothing else

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built."""
        return self._lane.tally

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request into the waiting queue. Raises `TooLarge`."""
        self._still = None
        return self._lane.submit(request)

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        self._still = None
        sequence = self._lane.sequence(request_id)
        self._leave(sequence)
        if sequence in self._others:
            self._others.remove(sequence)
        return self._lane.abort(request_id)

    def leap(self, limit: int) -> int:
        """Advance at least one step and at most `limit`; returns how many."""
        count = min(limit, self._quiet_steps(limit))
        if count == 0:
            self.schedule()
            self.update()
            return 1
        self._jump(count)
        return count

    def schedule(self) -> tuple[Event, ...]:
        """One scheduling pass."""
        assert self._turn is None, "schedule was called twice without update"
        scheduler, tally = self._scheduler, self.tally
        called = self._call()
        first = self._members + len(called)
        refusals = tally.refusals
        turn = self._turn = scheduler.open_turn()
        turn.budget -= self._members
        self._serve(turn, called)
        scheduler.serve(turn, first)
        scheduler.admit(turn)
        scheduler.close(turn)
        self._passes += 1
        scheduler.cache.stored += self._members
        tally.computed += self._members
        quiet = not turn.scheduled and not turn.preempted
        self._still = tally.refusals - refusals if quiet else None
        return ()

    def update(self) -> tuple[Event, ...]:
        """The model's answer: a token for each request that is due one."""
        assert self._turn is not None, "update was called without schedule"
        turn, self._turn = self._turn, None
        ended = self._scheduler.sample(turn)
        self._answers += 1
        self.tally.sampled += self._members
        self._lane.forget(ended)
        self._gather(turn)
        return ()

    def gauge(self) -> Gauge:
        """What the lane holds now, from running counts."""
        return self._lane.gauge()

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        if self._members:
            for sequence in self._scheduler.running:
                self._sync(sequence)
        return self._lane.snapshot()

    def _quiet_steps(self, limit: int) -> int:
        """Steps from now on in which nothing but the members' counters changes."""
        scheduler = self._scheduler
        if self._others:
            return 0
        full = len(scheduler.running) >= self._lane.config.max_num_seqs
        if scheduler.waiting and not full and self._still is None:
            return 0
        if not self._members:
            return limit
        count = 0
        while count < limit and self._passes + count not in self._calendar:
            count += 1
        return count

    def _jump(self, count: int) -> None:
        """Take `count` quiet steps at once. The head of the queue is refused in each as before."""
        self._passes += count
        self._answers += count
        waiting, tally, computed = self._scheduler.waiting, self.tally, count * self._members
        self._scheduler.cache.stored += computed
        tally.steps += count
        tally.computed += computed
        tally.sampled += computed
        tally.queued_steps += count * len(waiting)
        if waiting and self._still:
            tally.refusals += count * self._still
            head = waiting.head()
            head.refusals, head.frozen = head.refusals + count * self._still, None

    def _call(self) -> list[Sequence]:
        """Who is due in this pass, in running order; they are no members any more."""
        called = self._calendar.pop(self._passes, [])
        called.sort(key=lambda sequence: sequence.place)
        if not self._is_orderly(called):
            self._settle()
            return []
        for sequence in called:
            self._sync(sequence)
            sequence.follows = False
        self._members -= len(called)
        return called

    def _is_orderly(self, called: list[Sequence]) -> bool:
        """Whether members can go first and alone: they stand first, and are preempted last."""
        scheduler = self._scheduler
        if any(sequence.follows for sequence in scheduler.running[self._members :]):
            return False
        if self._lane.config.policy == "fcfs":  # the victim always stands last
            return True
        for sequence in called:
            self._sync(sequence)
        budget = self._lane.config.max_num_batched_tokens
        asking = [*called, *self._others]
        most = sum(scheduler.cache.missing(s, min(s.tokens - s.computed, budget)) for s in asking)
        return most <= scheduler.cache.pool.free_count

    def _serve(self, turn: Turn, called: list[Sequence]) -> None:
        """Grow the members whose time has come, preempting from the end of the running list."""
        scheduler = self._scheduler
        for sequence in called:
            while sequence.phase is Phase.RUNNING:
                try:
                    scheduler.cache.grow(sequence, 1)
                except NoRoom:
                    victim = scheduler.victim()
                    self._leave(victim)
                    scheduler.preempt(turn, victim)
                else:
                    turn.scheduled[sequence] = 1
                    turn.budget -= 1
                    break

    def _gather(self, turn: Turn) -> None:
        """Let every running request that only decodes from now on join the members."""
        candidates = dict.fromkeys([*self._others, *turn.scheduled])
        self._others = []
        for sequence in candidates:
            if sequence.phase is not Phase.RUNNING:
                continue
            if sequence.tokens - sequence.computed == 1:
                self._join(sequence)
            else:
                self._others.append(sequence)

    def _join(self, sequence: Sequence) -> None:
        last = sequence.end - sequence.tokens - 1
        quiet = min(self._scheduler.cache.quiet_steps(sequence), last)
        sequence.follows, sequence.due = True, self._passes + quiet
        sequence.since_pass, sequence.since_answer = self._passes, self._answers
        self._calendar.setdefault(sequence.due, []).append(sequence)
        self._members += 1

    def _leave(self, sequence: Sequence) -> None:
        """Take a request out of the calendar before its time, with its counters up to date."""
        if sequence.follows:
            self._sync(sequence)
            self._members -= 1
            sequence.follows = False
            called = self._calendar.get(sequence.due, [])
            if sequence in called:
                called.remove(sequence)

    def _settle(self) -> None:
        """Take every request out of the calendar."""
        for sequence in self._scheduler.running:
            self._leave(sequence)
        self._others = list(self._scheduler.running)

    def _sync(self, sequence: Sequence) -> None:
        """Bring a member's counters up to date."""
        passes = self._passes - sequence.since_pass
        answers = self._answers - sequence.since_answer
        if sequence.follows and passes + answers:
            sequence.computed += passes
            sequence.sampled += answers
            sequence.tokens += answers
            sequence.since_pass, sequence.since_answer = self._passes, self._answers
            sequence.frozen = None
