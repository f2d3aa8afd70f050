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
from pagereel.model.allocators.vllm.lane import SchedulerLane, VllmLane
from pagereel.model.allocators.vllm.request import VllmRequest
from pagereel.model.allocators.vllm.scheduler import SchedulerOutput
from pagereel.model.core.events import Event
from pagereel.model.core.journal import Silence
from pagereel.model.core.lane import NoRoom
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState, Phase
from pagereel.model.replay.driver import ReplayLane
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
        self._calls: dict[int, list[VllmRequest]] = {}  # pass -> who has business in it

    def join(self, request: VllmRequest, quiet_steps: int) -> None:
        """Let a running request follow the clock; it is due after so many quiet steps."""
        request.follows, request.due = True, self._passes + quiet_steps
        request.since_pass, request.since_answer = self._passes, self._answers
        self._calls.setdefault(request.due, []).append(request)
        self.count += 1

    def leave(self, request: VllmRequest) -> None:
        """Call a request back before its time, if it is a member."""
        if request.follows:
            self._calls[request.due].remove(request)
            self._dismiss(request)

    def leave_all(self, running: Iterable[VllmRequest]) -> None:
        """Call every member among these back; they are all there are."""
        for request in running:
            if request.follows:
                self._dismiss(request)
        self._calls.clear()

    def due(self) -> list[VllmRequest]:
        """Members with business in the coming pass."""
        return self._calls.get(self._passes, [])

    def call(self) -> list[VllmRequest]:
        """Those who are due, in running order; they are no members any more."""
        called = self._calls.pop(self._passes, [])
        called.sort(key=lambda request: request.place)
        for request in called:
            self._dismiss(request)
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

    def sync(self, request: VllmRequest) -> None:
        """Bring a member's counters up to date."""
        passes = self._passes - request.since_pass
        answers = self._answers - request.since_answer
        if request.follows and passes + answers:
            request.num_computed_tokens += passes
            request.num_output_tokens += answers
            request.num_tokens += answers
            request.since_pass, request.since_answer = self._passes, self._answers
            request.frozen = None

    def _dismiss(self, request: VllmRequest) -> None:
        self.sync(request)
        request.follows = False
        self.count -= 1


class SteppingLane:
    """vLLM V1 0.32.0 for replays, step by step: with asynchronous scheduling none is quiet."""

    def __init__(self, lane: VllmLane) -> None:
        self._lane = lane

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built."""
        return self._lane.tally

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request into the waiting queue. Raises `TooLarge`."""
        return self._lane.submit(request)

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        return self._lane.abort(request_id)

    def leap(self, limit: int) -> int:
        """Take one step; returns one."""
        self._lane.schedule()
        self._lane.update()
        return 1

    def newcomers(self) -> tuple[str, ...]:
        """Who was admitted for the first time since this was last asked."""
        return self._lane.newcomers()

    def gauge(self) -> Gauge:
        """What the lane holds now, from running counts."""
        return self._lane.gauge()

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        return self._lane.snapshot()


def lane_for_replay(config: VllmConfig) -> ReplayLane:
    """The lane that is fastest with this configuration."""
    return _fastest(VllmLane(config, Silence()))


def lane_for_workload(config: VllmConfig) -> ReplayLane:
    """The same without the engine's door: what a trace of the workload has (`SchedulerLane`)."""
    return _fastest(SchedulerLane(config, Silence()))


def _fastest(lane: VllmLane) -> ReplayLane:
    config = lane.config
    return SteppingLane(lane) if config.async_scheduling else LeapingLane(config, lane)


class LeapingLane:
    """vLLM V1 0.32.0 for replays; states equal those of `VllmLane` (but see `Silence.forgets`).

    It is a `model.core.lane.Lane` that returns no events, and a `model.replay.driver.ReplayLane`.
    """

    def __init__(self, config: VllmConfig, lane: VllmLane | None = None) -> None:
        self._lane = lane or VllmLane(config, Silence())
        self._scheduler = self._lane.scheduler
        self._members = Members()
        self._others: list[VllmRequest] = []  # running, but no members: mostly in their prompts
        self._output: SchedulerOutput | None = None
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
        for request in self._lane.alive(request_id):
            self._members.leave(request)
            if request in self._others:
                self._others.remove(request)
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
        assert self._output is None, "schedule was called twice without update"
        scheduler, members, tally = self._scheduler, self._members, self.tally
        if not self._is_orderly():
            members.leave_all(scheduler.running)
            self._others = list(scheduler.running)
        first, refusals = members.count, tally.refusals
        called = members.call()
        output = self._output = scheduler.begin_step()
        output.token_budget -= members.count
        self._schedule_members(output, called)
        scheduler.schedule_running(output, first)
        scheduler.schedule_waiting(output)
        scheduler.update_after_schedule(output)
        members.compute()
        self._count_computed(1)
        quiet = not output.num_scheduled_tokens and not output.preempted
        self._still = tally.refusals - refusals if quiet else None
        return ()

    def update(self) -> tuple[Event, ...]:
        """The model's answer: a token for each request that is due one."""
        assert self._output is not None, "update was called without schedule"
        output, self._output = self._output, None
        ended = self._scheduler.update_from_output(output)
        self._members.sample()
        self.tally.sampled += self._members.count
        self._lane.forget(ended)
        self._gather(output)
        return ()

    def newcomers(self) -> tuple[str, ...]:
        """Who was admitted for the first time since this was last asked."""
        return self._lane.newcomers()

    def gauge(self) -> Gauge:
        """What the lane holds now, from running counts."""
        return self._lane.gauge()

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        for request in self._scheduler.running:
            self._members.sync(request)
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
            head = waiting.peek_request()
            head.refusals, head.frozen = head.refusals + count * self._still, None

    def _count_computed(self, steps: int) -> None:
        tokens = steps * self._members.count
        manager = self._scheduler.kv_cache_manager
        manager.stored += tokens * manager.num_groups
        self.tally.computed += tokens

    def _is_orderly(self) -> bool:
        """Whether members can go first and alone: they stand first, and are preempted last."""
        scheduler, members = self._scheduler, self._members
        if any(request.follows for request in scheduler.running[members.count :]):
            return False
        if self._lane.config.policy == "fcfs":  # the victim always stands last
            return True
        budget, manager = self._lane.config.max_num_batched_tokens, scheduler.kv_cache_manager
        asking = [*members.due(), *self._others]
        for request in asking:
            members.sync(request)
        most = sum(
            manager.get_num_blocks_to_allocate(
                request, min(request.num_tokens - request.num_computed_tokens, budget)
            )
            for request in asking
        )
        return most <= manager.block_pool.get_num_free_blocks()

    def _schedule_members(self, output: SchedulerOutput, called: list[VllmRequest]) -> None:
        """Serve the members whose time has come, preempting from the end of the running list."""
        scheduler = self._scheduler
        allocate_slots = scheduler.kv_cache_manager.allocate_slots
        for request in called:
            while request.status is Phase.RUNNING:
                try:
                    allocate_slots(request, 1)
                except NoRoom:
                    victim = scheduler.victim()
                    self._members.leave(victim)
                    scheduler.preempt_request(output, victim)
                else:
                    output.num_scheduled_tokens[request] = 1
                    output.token_budget -= 1
                    break

    def _gather(self, output: SchedulerOutput) -> None:
        """Let every running request that only decodes from now on follow the clock."""
        candidates = {**dict.fromkeys(self._others), **output.num_scheduled_tokens}
        self._others = []
        quiet_steps, join = self._scheduler.kv_cache_manager.quiet_steps, self._members.join
        for request in candidates:
            if request.status is not Phase.RUNNING:
                continue
            if request.num_tokens - request.num_computed_tokens == 1:
                join(request, quiet_steps(request))
            else:
                self._others.append(request)
