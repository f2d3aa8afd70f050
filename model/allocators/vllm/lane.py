"""The lane `paged/vllm`: vLLM's scheduler and block pool, stepped one pass at a time."""

from __future__ import annotations

from dataclasses import replace

from pagereel.model.allocators.vllm.async_scheduler import AsyncScheduler
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.freezer import Freezer
from pagereel.model.allocators.vllm.request import VllmRequest
from pagereel.model.allocators.vllm.scheduler import Scheduler, SchedulerOutput
from pagereel.model.core.events import Aborted, Arrived, Event
from pagereel.model.core.journal import Journal, Recorder
from pagereel.model.core.lane import GroupNotServed, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState, Phase
from pagereel.model.usage.counters import Tally
from pagereel.model.usage.gauge import Gauge
from pagereel.model.usage.occupancy import Split


def independent(request: Request) -> tuple[Request, ...]:
    """One request for each parallel sample; nothing in the engine ties them together (V1).

    They are called as on screen (`Request.sequence_ids`), not 0_A, 1_A as in vLLM. Raises
    `GroupNotServed` for a beam search: in vLLM that is a client which sends new requests at every
    step (V3).
    """
    if request.beam:
        reason = "vLLM searches with beams outside the engine"
        raise GroupNotServed(request.id, request.width, reason)
    if request.n == 1:
        return (request,)
    return tuple(
        replace(request, id=name, n=1, outputs=(), output=request.output_of(place))
        for place, name in enumerate(request.sequence_ids)
    )


class VllmLane:
    """vLLM V1 0.32.0 without a model; implements `model.core.lane.Lane`.

    With a silent journal it returns no events and forgets requests that ended. `free_order` is the
    free queue at the start, head first (P2's by default): that of a pool which served requests
    before, and holds no prefix of theirs. Raises ValueError unless it names every block once.
    """

    def __init__(
        self,
        config: VllmConfig,
        journal: Journal | None = None,
        free_order: tuple[int, ...] = (),
    ) -> None:
        if free_order and sorted(free_order) != list(range(1, config.num_blocks)):
            raise ValueError(f"free_order must name blocks 1 to {config.num_blocks - 1} once each")
        self.config = config
        self.journal = journal or Recorder()
        engine = AsyncScheduler if config.async_scheduling else Scheduler
        self.scheduler = engine(config, self.journal, free_order)
        self.requests: dict[str, VllmRequest] = {}
        self._freezer = Freezer(self.scheduler.kv_cache_manager.block_pool, config.block_size)
        self._arrived = 0
        self._parent = ""
        self._output: SchedulerOutput | None = None

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built."""
        return self.scheduler.tally

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request, or each of its parallel samples (V1), into the waiting queue.

        Raises `TooLarge` (vLLM refuses it at the door), and `GroupNotServed` for a beam search.
        """
        for sample in independent(request):
            self.check_room(sample)
        return self.add_request(request)

    def add_request(self, request: Request) -> tuple[Event, ...]:
        """The same, but a request larger than the pool gets in (S11).

        It waits for ever, or where nothing at admission asks for its whole length, it may be
        preempted for ever.
        """
        if not request.parent or request.parent != self._parent:
            self._arrived += 1
        self._parent = request.parent
        for place, sample in enumerate(independent(request)):
            self.check_length(sample)
            assert sample.id not in self.requests, f"request {sample.id} was submitted twice"
            added = VllmRequest(sample, request.id, self._arrived, self.config)
            if request.n > 1:
                added.engine_id = f"{place}_{request.id}"
            self.requests[sample.id] = added
            self.scheduler.waiting.add_request(added)
            self.journal.note(Arrived, sample.id)
        return self.journal.tear_off()

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is (T5), or what is alive of its samples.

        Raises KeyError if nothing is.
        """
        alive = self.alive(request_id)
        for request in alive:
            if request.status is Phase.RUNNING:
                self.scheduler.running.remove(request)
            else:
                self.scheduler.waiting.remove_request(request)
            self.journal.note(Aborted, request.request_id)
            self.scheduler.free_request(request, Phase.ABORTED)
            self.tally.aborted += 1
        self.forget(alive)
        return self.journal.tear_off()

    def schedule(self) -> tuple[Event, ...]:
        """One scheduling pass (T2): all memory decisions of the step."""
        assert self._output is None, "schedule was called twice without update"
        self._output = self.scheduler.schedule()
        return self.journal.tear_off()

    def update(self) -> tuple[Event, ...]:
        """The model's answer (T3, T4): one token for each request that is due one."""
        assert self._output is not None, "update was called without schedule"
        self.forget(self.scheduler.update_from_output(self._output))
        self._output = None
        return self.journal.tear_off()

    def can_preempt(self, request_id: str) -> bool:
        """Whether the request, or one of its samples, runs."""
        return any(request_id in (r.request_id, r.group) for r in self.scheduler.running)

    def preempt(self, request_id: str) -> tuple[Event, ...]:
        """S6 for a running request, or for all of its samples that run, the newest first."""
        assert self._output is None, "between steps alone"
        running = self.scheduler.running
        for victim in [r for r in reversed(running) if request_id in (r.request_id, r.group)]:
            self.scheduler.preempt_request(self.scheduler.begin_step(), victim)
        return self.journal.tear_off()

    def alive(self, request_id: str) -> list[VllmRequest]:
        """The request, or what is alive of its samples. Raises KeyError if nothing is."""
        one = self.requests.get(request_id)
        found = [one] if one else [r for r in self.requests.values() if r.group == request_id]
        alive = [r for r in found if r.status not in (Phase.FINISHED, Phase.ABORTED)]
        if not alive:
            raise KeyError(request_id)
        return alive

    def forget(self, ended: list[VllmRequest]) -> None:
        """Let go of requests that ended, if nobody will ask."""
        if self.journal.forgets:
            for request in ended:
                del self.requests[request.request_id]

    def newcomers(self) -> tuple[str, ...]:
        """Who was admitted for the first time since this was last asked."""
        found, self.scheduler.newcomers = tuple(self.scheduler.newcomers), []
        return found

    def gauge(self) -> Gauge:
        """What the lane holds now, from running counts; equal to what its snapshot says."""
        scheduler, size = self.scheduler, self.config.block_size
        pool, stored = scheduler.kv_cache_manager.block_pool, scheduler.kv_cache_manager.stored
        cached, free = pool.get_num_evictable_blocks() * size, pool.get_num_free_blocks() * size
        internal = self.config.capacity - free - stored
        parts = Split(stored, 0, internal, 0, cached, free - cached)
        return Gauge(len(scheduler.running), len(scheduler.waiting), parts)

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        scheduler = self.scheduler
        return LaneState(
            capacity=self.config.capacity,
            requests=tuple([r.frozen or r.freeze() for r in self.requests.values()]),
            running=tuple([r.request_id for r in scheduler.running]),
            waiting=tuple([r.request_id for r in scheduler.waiting]),
            memory=self._freezer.freeze(scheduler.running),
        )

    def check_room(self, request: Request) -> None:
        """Raise `TooLarge` unless an empty pool holds the request to its end, however it goes."""
        self.check_length(request)
        config = self.config
        tokens = min(request.final_entries, config.length_limit)
        most = self.scheduler.kv_cache_manager.get_most_blocks(tokens)
        if most * config.block_size > config.capacity:
            raise TooLarge(request.id, most * config.block_size, config.capacity)

    def check_length(self, request: Request) -> None:
        """Raise `TooLarge` for a prompt that leaves no token to sample."""
        prompt, limit = len(request.prompt), self.config.length_limit
        if prompt >= limit:
            raise TooLarge(request.id, prompt + 1, limit)


class SchedulerLane(VllmLane):
    """The scheduler without the engine's door, as a workload document drives it."""

    def check_room(self, request: Request) -> None:
        """Raise `TooLarge` for a prompt as long as `max_model_len`; any other gets in."""
        self.check_length(request)
