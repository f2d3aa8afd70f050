"""The lane `paged/vllm`: vLLM's scheduler and block pool, stepped one pass at a time."""

from __future__ import annotations

from dataclasses import replace

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.freezer import Freezer
from pagereel.model.allocators.vllm.request import Sequence
from pagereel.model.allocators.vllm.scheduler import Scheduler, Turn
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
        self.scheduler = Scheduler(config, self.journal, free_order)
        self._sequences: dict[str, Sequence] = {}
        self._freezer = Freezer(self.scheduler.cache.pool, config.block_size)
        self._arrived = 0
        self._turn: Turn | None = None

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built."""
        return self.scheduler.tally

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request, or each of its parallel samples (V1), into the waiting queue.

        Raises `TooLarge` (vLLM refuses it at the door), and `GroupNotServed` for a beam search.
        """
        for sample in independent(request):
            self._check_room(sample)
        return self.enqueue(request)

    def enqueue(self, request: Request) -> tuple[Event, ...]:
        """The same, but a request larger than the pool gets in and waits for ever (S11).

        Not without `reserve_full_isl`: there it could be admitted and preempted for ever.
        """
        for sample in independent(request):
            self._check_length(sample)
            if not self.config.reserve_full_isl:
                self._check_room(sample)
            assert sample.id not in self._sequences, f"request {sample.id} was submitted twice"
            sequence = Sequence(sample, request.id, self._arrived, self.config)
            self._arrived += 1
            self._sequences[sample.id] = sequence
            self.scheduler.waiting.add(sequence)
            self.journal.note(Arrived, sample.id)
        return self.journal.tear_off()

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is (T5), or what is alive of its samples.

        Raises KeyError if nothing is.
        """
        alive = self.alive(request_id)
        for sequence in alive:
            if sequence.phase is Phase.RUNNING:
                self.scheduler.running.remove(sequence)
            else:
                self.scheduler.waiting.remove(sequence)
            self.journal.note(Aborted, sequence.request.id)
            self.scheduler.release(sequence, Phase.ABORTED)
            self.tally.aborted += 1
        self.forget(alive)
        return self.journal.tear_off()

    def schedule(self) -> tuple[Event, ...]:
        """One scheduling pass (T2): all memory decisions of the step."""
        assert self._turn is None, "schedule was called twice without update"
        turn = self._turn = self.scheduler.open_turn()
        self.scheduler.serve(turn)
        self.scheduler.admit(turn)
        self.scheduler.close(turn)
        return self.journal.tear_off()

    def update(self) -> tuple[Event, ...]:
        """The model's answer (T3, T4): one token for each request that is due one."""
        assert self._turn is not None, "update was called without schedule"
        self.forget(self.scheduler.sample(self._turn))
        self._turn = None
        return self.journal.tear_off()

    def can_preempt(self, request_id: str) -> bool:
        """Whether the request, or one of its samples, runs."""
        return any(request_id in (s.request.id, s.group) for s in self.scheduler.running)

    def preempt(self, request_id: str) -> tuple[Event, ...]:
        """S6 for a running request, or for all of its samples that run, the newest first."""
        assert self._turn is None, "between steps alone"
        running = self.scheduler.running
        for victim in [s for s in reversed(running) if request_id in (s.request.id, s.group)]:
            self.scheduler.preempt(self.scheduler.open_turn(), victim)
        return self.journal.tear_off()

    def alive(self, request_id: str) -> list[Sequence]:
        """The request, or what is alive of its samples. Raises KeyError if nothing is."""
        one = self._sequences.get(request_id)
        found = [one] if one else [s for s in self._sequences.values() if s.group == request_id]
        alive = [s for s in found if s.phase not in (Phase.FINISHED, Phase.ABORTED)]
        if not alive:
            raise KeyError(request_id)
        return alive

    def forget(self, ended: list[Sequence]) -> None:
        """Let go of requests that ended, if nobody will ask."""
        if self.journal.forgets:
            for sequence in ended:
                del self._sequences[sequence.request.id]

    def gauge(self) -> Gauge:
        """What the lane holds now, from running counts; equal to what its snapshot says."""
        scheduler, size = self.scheduler, self.config.block_size
        pool, stored = scheduler.cache.pool, scheduler.cache.stored
        cached, free = pool.cached_count * size, pool.free_count * size
        internal = self.config.capacity - free - stored
        parts = Split(stored, 0, internal, 0, cached, free - cached)
        return Gauge(len(scheduler.running), len(scheduler.waiting), parts)

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        scheduler = self.scheduler
        return LaneState(
            capacity=self.config.capacity,
            requests=tuple([s.frozen or s.freeze() for s in self._sequences.values()]),
            running=tuple([s.request.id for s in scheduler.running]),
            waiting=tuple([s.request.id for s in scheduler.waiting]),
            memory=self._freezer.freeze(scheduler.running),
        )

    def _check_length(self, request: Request) -> None:
        prompt, limit = len(request.prompt), self.config.length_limit
        if prompt >= limit:
            raise TooLarge(request.id, prompt + 1, limit)

    def _check_room(self, request: Request) -> None:
        self._check_length(request)
        config = self.config
        tokens = len(request.prompt) + len(request.output) + config.num_lookahead_tokens
        blocks = -(-min(tokens, config.length_limit) // config.block_size)
        most = self.scheduler.cache.attention.gate(blocks)
        if most * config.block_size > config.capacity:
            raise TooLarge(request.id, most * config.block_size, config.capacity)
