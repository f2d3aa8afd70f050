"""The plain engine of the teaching lanes: first come first served, batched at every step.

It has no token budget: a prompt is prefilled whole in the step that admits it, and every running
request decodes one token in every step. What a request's memory looks like is the business of
the `Pool` it is given.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from pagereel.model.core.events import (
    Aborted,
    Admitted,
    Arrived,
    EntriesRead,
    EntriesWritten,
    Event,
    Finished,
    Preempted,
    Recovery,
    Refused,
    TokenSampled,
)
from pagereel.model.core.lane import GroupNotServed, NoRoom
from pagereel.model.core.request import Request
from pagereel.model.core.retention import KeepAll, Retention
from pagereel.model.core.state import LaneState, Memory, Phase, RequestState
from pagereel.model.usage.gauge import Gauge
from pagereel.model.usage.occupancy import split


class Pool(Protocol):
    """Memory that one kind of allocator hands out. All counts are token slots."""

    @property
    def capacity(self) -> int:
        """Token slots in all."""
        ...

    def check(self, request: Request) -> None:
        """Raise `TooLarge` if an empty pool could not hold the request."""
        ...

    def admit(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Make room for a request that starts with `entries` tokens. Raises `NoRoom`."""
        ...

    def grow(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Make room for `entries` tokens in all. Raises `NoRoom`."""
        ...

    def free(self, request: Request) -> tuple[Event, ...]:
        """Take back everything the request holds."""
        ...

    def memory(self, head: Request | None = None) -> Memory:
        """The frozen memory now; `head` is the request that will be admitted next."""
        ...


@dataclass(slots=True)
class LiveRequest:
    """The mutable life of one request that is one sequence."""

    request: Request
    phase: Phase = Phase.WAITING
    computed: int = 0
    sampled: int = 0
    refusals: int = 0
    _frozen: RequestState | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def tokens(self) -> int:
        """Its prompt and what was sampled so far."""
        return len(self.request.prompt) + self.sampled

    def freeze(self, readable: tuple[range, ...] | None = None) -> RequestState:
        """The frozen state, the same one while nothing changes; `readable` as in `RequestState`."""
        was, request = self._frozen, self.request
        if (
            was is None
            or was.computed != self.computed
            or was.sampled != self.sampled
            or was.phase is not self.phase
            or was.refusals != self.refusals
            or was.readable != readable
        ):
            self._frozen = was = RequestState(
                id=request.id,
                phase=self.phase,
                prompt=len(request.prompt),
                sampled=self.sampled,
                computed=self.computed,
                final=request.final_entries,
                refusals=self.refusals,
                readable=readable,
            )
        return was


class FcfsEngine:
    """First come first served over any `Pool`; implements `model.core.lane.Lane`.

    A running request that cannot grow preempts the newest running request (recompute): its memory
    is freed, its tokens are kept, and it goes back to the head of the queue. `retention` says
    what a token reads; a pool that is to drop the rest has to be given it too.
    """

    def __init__(self, pool: Pool, retention: Retention | None = None) -> None:
        self._pool, self._retention = pool, retention or KeepAll()
        self._sequences: dict[str, LiveRequest] = {}
        self._waiting: deque[LiveRequest] = deque()
        self._running: list[LiveRequest] = []

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request at the end of the waiting queue. Raises `TooLarge`, `GroupNotServed`."""
        assert request.id not in self._sequences, f"request {request.id} was submitted twice"
        if request.width > 1:
            raise GroupNotServed(request.id, request.width)
        self._pool.check(request)
        sequence = LiveRequest(request)
        self._sequences[request.id] = sequence
        self._waiting.append(sequence)
        return (Arrived(request.id),)

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        sequence = self._sequences[request_id]
        if sequence in self._running:
            self._running.remove(sequence)
            freed = self._release(sequence, Phase.ABORTED)
        elif sequence in self._waiting:
            self._waiting.remove(sequence)
            sequence.phase = Phase.ABORTED
            freed = ()
        else:
            raise KeyError(request_id)
        return (Aborted(request_id), *freed)

    def schedule(self) -> tuple[Event, ...]:
        """Decode every running request, then admit from the queue until the first refusal."""
        events: list[Event] = []
        scheduled: list[LiveRequest] = []
        preempted = self._decode(events, scheduled)
        if not preempted:
            self._admit(events, scheduled)
        for sequence in scheduled:
            events += self._compute(sequence)
        return tuple(events)

    def update(self) -> tuple[Event, ...]:
        """Sample one token for each running request; free those that have all of theirs."""
        events: list[Event] = []
        for sequence in list(self._running):
            events.append(TokenSampled(sequence.request.id, sequence.sampled))
            sequence.sampled += 1
            if sequence.sampled == len(sequence.request.output):
                self._running.remove(sequence)
                events.append(Finished(sequence.request.id))
                events += self._release(sequence, Phase.FINISHED)
        return tuple(events)

    def can_preempt(self, request_id: str) -> bool:
        """Whether the request runs."""
        return any(sequence.request.id == request_id for sequence in self._running)

    def preempt(self, request_id: str) -> tuple[Event, ...]:
        """Preempt a running request (recompute), as if another could not grow."""
        sequence = self._sequences[request_id]
        self._running.remove(sequence)
        return self._preempt(sequence)

    def gauge(self) -> Gauge:
        """What the lane holds now: its snapshot's, but a long queue costs nothing."""
        running = tuple(self._freeze(sequence) for sequence in self._running)
        held = LaneState(self._pool.capacity, running, (), (), self._pool.memory(self._head))
        return Gauge(len(self._running), len(self._waiting), split(held))

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        return LaneState(
            capacity=self._pool.capacity,
            requests=tuple(self._freeze(sequence) for sequence in self._sequences.values()),
            running=tuple(sequence.request.id for sequence in self._running),
            waiting=tuple(sequence.request.id for sequence in self._waiting),
            memory=self._pool.memory(self._head),
        )

    @property
    def _head(self) -> Request | None:
        """The request that is admitted next: nobody overtakes it."""
        return self._waiting[0].request if self._waiting else None

    def _decode(self, events: list[Event], scheduled: list[LiveRequest]) -> bool:
        """Give every running request its next slot; whether some had to go for that."""
        preempted = False
        index = 0
        while index < len(self._running):
            sequence = self._running[index]
            try:
                events += self._pool.grow(sequence.request, sequence.tokens)
            except NoRoom as refusal:
                events += self._make_room(sequence, refusal)
                preempted = True
            else:
                scheduled.append(sequence)
                index += 1
        return preempted

    def _make_room(self, sequence: LiveRequest, refusal: NoRoom) -> tuple[Event, ...]:
        """Where `sequence` could not grow, preempt the newest: at last itself."""
        return self._preempt(self._running.pop())

    def _admit(self, events: list[Event], scheduled: list[LiveRequest]) -> None:
        while self._waiting:
            sequence = self._waiting[0]
            request = sequence.request
            try:
                made_room = self._pool.admit(request, sequence.tokens)
            except NoRoom as refusal:
                sequence.refusals += 1
                events.append(
                    Refused(request.id, refusal.needed, refusal.free, refusal.largest_hole)
                )
                return
            self._waiting.popleft()
            self._running.append(sequence)
            resumed = sequence.phase is Phase.PREEMPTED
            sequence.phase = Phase.RUNNING
            events += (Admitted(request.id, resumed=resumed), *made_room)
            scheduled.append(sequence)

    def _compute(self, sequence: LiveRequest) -> tuple[Event, ...]:
        """One forward pass: attention reads what is cached, and K/V of the new tokens is stored."""
        start, request_id = sequence.computed, sequence.request.id
        sequence.computed = sequence.tokens
        written = EntriesWritten(request_id, start, sequence.computed - start)
        if not start:
            return (written,)
        positions = self._retention.readable(start)
        count = sum(len(span) for span in positions)
        if count == start:
            return (EntriesRead(request_id, count), written)
        return (EntriesRead(request_id, count, positions), written)

    def _freeze(self, sequence: LiveRequest) -> RequestState:
        if isinstance(self._retention, KeepAll):
            return sequence.freeze()
        return sequence.freeze(self._retention.readable(sequence.computed))

    def _preempt(self, sequence: LiveRequest) -> tuple[Event, ...]:
        freed = self._release(sequence, Phase.PREEMPTED)
        self._waiting.appendleft(sequence)
        return (Preempted(sequence.request.id, Recovery.RECOMPUTE, len(freed)), *freed)

    def _release(self, sequence: LiveRequest, phase: Phase) -> tuple[Event, ...]:
        sequence.phase = phase
        sequence.computed = 0
        return self._pool.free(sequence.request)
