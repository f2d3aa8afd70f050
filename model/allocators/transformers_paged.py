"""transformers' continuous batching: its paged cache and its FIFO scheduler, step by step.

As in transformers 5.17, generation/continuous_batching/ (scheduler.py, offloading_manager.py,
cache_manager.py), without block sharing, without room on the CPU and without asynchronous batching.
Rule numbers in comments (H1 to H5):

- H1: while fewer than 15 % of the blocks are free, a step that has somebody adds decodes alone.
- H2: blocks are asked for as if another token came: one too many for some lengths.
- H3: decodes go before prompts, prompts are cut to the token budget.
- H4: a running request that gets no block skips its turn. Of those the newest are put back to the
  end of the queue until the others fit, and nobody is admitted before a request ends.
- H5: who waits and does not fit is overtaken.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from pagereel.model.allocators.fcfs import LiveRequest
from pagereel.model.allocators.lane_kind import FreedTo, LaneKind, LaneSpec, Paging, stepped
from pagereel.model.allocators.options import EngineOption, OptionReader
from pagereel.model.core.events import (
    Aborted,
    Admitted,
    Arrived,
    BlockFreed,
    BlockTaken,
    EntriesRead,
    EntriesWritten,
    Event,
    Finished,
    Preempted,
    Recovery,
    Refused,
    TokenSampled,
)
from pagereel.model.core.lane import GroupNotServed, Refusal, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import BlockTable, LaneState, PagedMemory, Phase
from pagereel.model.usage.gauge import Gauge
from pagereel.model.usage.occupancy import split

BATCH_TOKENS = 2048
"""Token budget of a step where nobody says otherwise; the engine finds it from the GPU's memory."""
SAFETY_MARGIN = 0.15
"""Share of the blocks that is kept for decodes (H1)."""
MOST_REQUESTS = 1024
"""Requests in a batch, at most."""


class CacheFull(Refusal):
    """The engine gives up: no request can be scheduled, and none can be put back."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            "transformers stops: no request can be scheduled and none can be offloaded; "
            f"{waiting} wait"
        )
        self.waiting = waiting


@dataclass(slots=True)
class BatchedRequest(LiveRequest):
    """A request, and where it is in its prompt."""

    is_decoding: bool = False
    """Its whole prompt was scheduled: it asks for one token at a time."""
    table: list[int] = field(default_factory=list)

    @property
    def due(self) -> int:
        """Tokens to compute: the next one, or what is left of its prompt and former output."""
        return self.tokens - self.computed


@dataclass(slots=True)
class _Batch:
    """What a step decides."""

    budget: int
    members: list[tuple[BatchedRequest, int]] = field(default_factory=list)
    """Requests with the tokens each computes, in scheduling order."""
    starved: list[tuple[BatchedRequest, int]] = field(default_factory=list)
    """Running requests that got no block, with the blocks each asked for."""
    refused: tuple[BatchedRequest, int] | None = None
    """The first that waits and did not fit, with the blocks that would have to be free."""


class ContinuousBatchingEngine:
    """A pool of blocks and the requests in it; implements `model.core.lane.Lane`."""

    def __init__(self, blocks: int, block_size: int, batch_tokens: int) -> None:
        self._blocks, self._size, self._batch_tokens = blocks, block_size, batch_tokens
        self._most_requests = min(MOST_REQUESTS, batch_tokens, blocks)
        self._free = deque(range(blocks))
        self._requests: dict[str, BatchedRequest] = {}
        self._waiting: deque[BatchedRequest] = deque()
        self._active: dict[str, BatchedRequest] = {}
        self._batch = _Batch(batch_tokens)
        self._admits = True

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request at the end of the waiting queue. Raises `TooLarge`, `GroupNotServed`."""
        assert request.id not in self._requests, f"request {request.id} was submitted twice"
        if request.width > 1:
            raise GroupNotServed(request.id, request.width)
        needed = self._most_blocks(request)
        if needed > self._blocks:
            raise TooLarge(request.id, needed * self._size, self._blocks * self._size)
        live = BatchedRequest(request)
        self._requests[request.id] = live
        self._waiting.append(live)
        return (Arrived(request.id),)

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is. Raises KeyError if it is not alive.

        As in the engine, an abort is no end that H4 waits for: where the last that runs is aborted,
        those that wait do so until a new engine is built.
        """
        live = self._requests[request_id]
        if live in self._waiting:
            self._waiting.remove(live)
        else:
            del self._active[request_id]
        return (Aborted(request_id), *self._release(live, Phase.ABORTED))

    def schedule(self) -> tuple[Event, ...]:
        """Give each candidate its tokens, in order, as far as blocks and budget go.

        Raises `CacheFull`.
        """
        events: list[Event] = []
        batch = self._batch = self._make_batch(events)
        while not batch.members and (batch.starved or batch.refused):
            if not self._put_back(batch, events):
                raise CacheFull(len(self._waiting))
            batch = self._batch = self._make_batch(events)
        if batch.starved:
            self._put_back(batch, events)
        if batch.refused:
            live, needed = batch.refused
            live.refusals += 1
            free = len(self._free) * self._size
            events.append(Refused(live.request.id, needed * self._size, free, free))
        for live, count in batch.members:
            events += _compute(live, count)
        return tuple(events)

    def update(self) -> tuple[Event, ...]:
        """A token for each request of the batch whose prompt is done; free those that end."""
        events: list[Event] = []
        for live, _ in self._batch.members:
            if live.due:
                continue
            name = live.request.id
            events.append(TokenSampled(name, live.sampled))
            live.sampled += 1
            if live.sampled == len(live.request.output):
                del self._active[name]
                self._admits = True  # H4
                events += (Finished(name), *self._release(live, Phase.FINISHED))
        self._batch = _Batch(self._batch_tokens)
        return tuple(events)

    def gauge(self) -> Gauge:
        """What the lane holds now: its snapshot's, but a long queue costs nothing."""
        held = LaneState(
            self._blocks * self._size,
            tuple(live.freeze() for live in self._active.values()),
            (),
            (),
            self._memory(),
        )
        return Gauge(len(self._active), len(self._waiting), split(held))

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        return LaneState(
            capacity=self._blocks * self._size,
            requests=tuple(live.freeze() for live in self._requests.values()),
            running=tuple(self._active),
            waiting=tuple(live.request.id for live in self._waiting),
            memory=self._memory(),
        )

    def _make_batch(self, events: list[Event]) -> _Batch:
        batch, margin = _Batch(self._batch_tokens), SAFETY_MARGIN * self._blocks
        for live in self._candidates():
            free, waits = len(self._free), live.phase is not Phase.RUNNING
            if free < margin and batch.members and not live.is_decoding:  # H1
                if waits:
                    batch.refused = batch.refused or (live, -int(-margin // 1))
                break
            count = min(live.due, batch.budget)  # H3
            needed = self._blocks_for(len(live.table), live.computed, count)
            if needed > free:
                if not waits:
                    batch.starved.append((live, needed))
                    continue  # H4
                batch.refused = batch.refused or (live, needed)
                if not free:
                    break
                continue  # H5
            events += self._take(live, needed)
            batch.members.append((live, count))
            batch.budget -= count
            live.is_decoding = count == live.due
            if not batch.budget or len(batch.members) == self._most_requests:
                break
        return batch

    def _candidates(self) -> list[BatchedRequest]:
        """Decodes, prompts that were begun, and those that wait: each in its order."""
        active = self._active.values()
        decodes = [live for live in active if live.is_decoding]
        prompts = [live for live in active if not live.is_decoding]
        return [*decodes, *prompts, *(self._waiting if self._admits else ())]

    def _blocks_for(self, held: int, computed: int, count: int) -> int:
        """Blocks that are taken for so many tokens more (H2)."""
        room = held * self._size - computed
        if held and room >= count:
            return 0
        return (count - room + 1) // self._size + 1

    def _most_blocks(self, request: Request) -> int:
        """Blocks that the request takes when it is alone."""
        held = computed = 0
        prompt = len(request.prompt)
        while computed < request.final_entries:
            left = prompt - computed
            count = min(left, self._batch_tokens) if left > 0 else 1
            held += self._blocks_for(held, computed, count)
            computed += count
        return held

    def _take(self, live: BatchedRequest, count: int) -> list[Event]:
        """Hand out blocks from the head of the queue; who waited runs now."""
        events: list[Event] = []
        if live.phase is not Phase.RUNNING:
            self._waiting.remove(live)
            self._active[live.request.id] = live
            events.append(Admitted(live.request.id, resumed=live.phase is Phase.PREEMPTED))
            live.phase = Phase.RUNNING
        for _ in range(count):
            block = self._free.popleft()
            events.append(BlockTaken(live.request.id, len(live.table), block))
            live.table.append(block)
        return events

    def _put_back(self, batch: _Batch, events: list[Event]) -> int:
        """H4: the newest of the starved go to the end of the queue; returns how many."""
        starved, victims = batch.starved, list[BatchedRequest]()
        free, asked = len(self._free), sum(needed for _, needed in batch.starved)
        while asked > free and starved and len(self._active) - len(victims) > 1:
            live, needed = starved.pop()
            victims.insert(0, live)
            asked -= needed
            free += len(live.table)
        for live in victims:
            del self._active[live.request.id]
            blocks = len(live.table)
            freed = self._release(live, Phase.PREEMPTED)
            events += (Preempted(live.request.id, Recovery.RECOMPUTE, blocks), *freed)
            self._waiting.append(live)
            self._admits = False
        return len(victims)

    def _release(self, live: BatchedRequest, phase: Phase) -> tuple[Event, ...]:
        """Give every block back to the tail of the queue, in table order."""
        freed = tuple(BlockFreed(live.request.id, block, references=0) for block in live.table)
        self._free.extend(live.table)
        live.table.clear()
        live.phase, live.computed, live.is_decoding = phase, 0, False
        return freed

    def _memory(self) -> PagedMemory:
        active = self._active.values()
        held = sorted(block for live in active for block in live.table)
        return PagedMemory(
            block_size=self._size,
            blocks=tuple(range(self._blocks)),
            tables=tuple(BlockTable(live.request.id, tuple(live.table)) for live in active),
            free=tuple(self._free),
            references=tuple((block, 1) for block in held),
        )


def _compute(live: BatchedRequest, count: int) -> tuple[Event, ...]:
    """Attention reads what is cached, and K/V of the new tokens is stored."""
    start, name = live.computed, live.request.id
    live.computed += count
    written = EntriesWritten(name, start, count)
    return (EntriesRead(name, start), written) if start else (written,)


def _build(spec: LaneSpec, options: OptionReader) -> ContinuousBatchingEngine:
    budget = options.whole("max_batch_tokens", BATCH_TOKENS, least=1)
    options.close()
    return ContinuousBatchingEngine(spec.slots // spec.block_size, spec.block_size, budget)


TRANSFORMERS_PAGED = LaneKind(
    name="paged/transformers",
    system="transformers 5.17",
    summary="Its continuous batching over paged blocks, as measured: no block is shared.",
    build=_build,
    takes=("slots", "block_size"),
    options={
        "max_batch_tokens": EngineOption(
            "tokens computed in a step", BATCH_TOKENS, "{:,} tokens a step"
        ),
    },
    paging=Paging(freed_to=lambda spec: FreedTo(tail="freed")),
    build_for_replay=stepped(_build),
)
