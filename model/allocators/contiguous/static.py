"""A StaticCache as in transformers: the maximum preallocated for every row of a batch.

`generate` runs one batch to its end. A row whose request is done keeps its memory until the
longest request of the batch ends, and nobody joins before. Shorter prompts are padded to the
longest one; padding is not drawn, but its slots are never usable, so they count as internal. The
attention kernel runs over whole rows under a mask; reads count what a token may attend to.
"""

from __future__ import annotations

from collections import deque

from pagereel.model.allocators.fcfs import LiveRequest
from pagereel.model.allocators.lane_kind import LaneKind, LaneSpec, stepped
from pagereel.model.allocators.options import EngineOption, OptionReader
from pagereel.model.core.events import (
    Aborted,
    Admitted,
    Arrived,
    EntriesRead,
    EntriesWritten,
    Event,
    Finished,
    RegionFreed,
    RegionReserved,
    TokenSampled,
)
from pagereel.model.core.lane import GroupNotServed, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import ContiguousMemory, LaneState, Phase, Region
from pagereel.model.usage.gauge import Gauge
from pagereel.model.usage.occupancy import split


class StaticBatchEngine:
    """Batches of at most `rows` rows of `max_len` slots; implements `model.core.lane.Lane`."""

    def __init__(self, slots: int, max_len: int, rows: int) -> None:
        self._slots, self._max_len, self._rows = slots, max_len, rows
        self._requests: dict[str, LiveRequest] = {}
        self._waiting: deque[LiveRequest] = deque()
        self._batch: list[LiveRequest] = []

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request at the end of the waiting queue. Raises `TooLarge`, `GroupNotServed`."""
        assert request.id not in self._requests, f"request {request.id} was submitted twice"
        if request.width > 1:
            raise GroupNotServed(request.id, request.width)
        if request.final_entries > self._max_len or not self._rows:
            raise TooLarge(request.id, request.final_entries, min(self._max_len, self._slots))
        live = LiveRequest(request)
        self._requests[request.id] = live
        self._waiting.append(live)
        return (Arrived(request.id),)

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request. Its row stays with the batch. Raises KeyError if it is not alive."""
        live = self._requests[request_id]
        if live in self._waiting:
            self._waiting.remove(live)
        elif live.phase is not Phase.RUNNING:
            raise KeyError(request_id)
        live.phase, live.computed = Phase.ABORTED, 0
        return (Aborted(request_id), *self._end_batch())

    def schedule(self) -> tuple[Event, ...]:
        """Start a batch if none runs, then compute one step of it."""
        events: list[Event] = []
        while not self._running() and self._waiting and len(self._batch) < self._rows:
            self._batch.append(self._waiting.popleft())
        for row, live in enumerate(self._batch):
            if live.phase is Phase.WAITING:
                live.phase = Phase.RUNNING
                start = row * self._max_len
                events.append(Admitted(live.request.id))
                events.append(RegionReserved(live.request.id, start, self._max_len))
        for live in self._running():
            events += _compute(live)
        return tuple(events)

    def update(self) -> tuple[Event, ...]:
        """Sample one token for each running request; with the last of a batch, free all rows."""
        events: list[Event] = []
        for live in self._running():
            events.append(TokenSampled(live.request.id, live.sampled))
            live.sampled += 1
            if live.sampled == len(live.request.output):
                live.phase, live.computed = Phase.FINISHED, 0
                events.append(Finished(live.request.id))
        return (*events, *self._end_batch())

    def snapshot(self) -> LaneState:
        """The frozen state now; rows of ended requests are still there."""
        return LaneState(
            capacity=self._slots,
            requests=tuple(live.freeze() for live in self._requests.values()),
            running=tuple(live.request.id for live in self._running()),
            waiting=tuple(live.request.id for live in self._waiting),
            memory=self._memory(),
        )

    def gauge(self) -> Gauge:
        """What the lane holds now: its snapshot's, but a long queue costs nothing."""
        batch = tuple(live.freeze() for live in self._batch)
        held = LaneState(self._slots, batch, (), (), self._memory())
        return Gauge(len(self._running()), len(self._waiting), split(held))

    def _memory(self) -> ContiguousMemory:
        size = self._max_len
        rows = enumerate(self._batch)
        regions = (Region(live.request.id, row * size, size, size) for row, live in rows)
        return ContiguousMemory(tuple(regions), ask=size)

    def _running(self) -> tuple[LiveRequest, ...]:
        return tuple(live for live in self._batch if live.phase is Phase.RUNNING)

    def _end_batch(self) -> tuple[Event, ...]:
        if self._running():
            return ()
        batch, self._batch = self._batch, []
        size = self._max_len
        return tuple(RegionFreed(r.request.id, row * size, size) for row, r in enumerate(batch))


def _compute(live: LiveRequest) -> tuple[Event, ...]:
    """One forward pass: a decode reads what is cached, and K/V of the new tokens is stored."""
    start, name = live.computed, live.request.id
    live.computed = live.tokens
    written = EntriesWritten(name, start, live.computed - start)
    return (EntriesRead(name, start), written) if start else (written,)


def _build(spec: LaneSpec, options: OptionReader) -> StaticBatchEngine:
    if spec.max_len < 1:
        raise ValueError(f"{spec.kind} needs a max_len, not {spec.max_len}")
    fitting = spec.slots // spec.max_len
    rows = min(options.whole("max_batch", fitting, least=1), fitting)
    options.close()
    return StaticBatchEngine(spec.slots, spec.max_len, rows)


STATIC = LaneKind(
    name="contiguous/static",
    system="transformers StaticCache",
    summary="max_len preallocated for every row of a batch, and held until the whole batch ends.",
    build=_build,
    takes=("slots", "max_len"),
    options={
        "max_batch": EngineOption(
            "rows of a batch at most", None, "{:,} rows a batch", otherwise="as many as fit"
        )
    },
    build_for_replay=stepped(_build),
)
