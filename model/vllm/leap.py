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
from model.vllm.members import Members
from model.vllm.scheduler import Turn
from model.vllm.sequence import Sequence


class LeapingLane:
    """vLLM V1 0.32.0 for replays; states equal those of `VllmLane` (but see `Silence.forgets`).

    It is a `model.lane.Lane` that returns no events, and a `model.replay.ReplayLane`.
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
