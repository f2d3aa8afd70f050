"""Makes any lane fit for a replay: one step at a time, counted from its events."""

from __future__ import annotations

from collections.abc import Callable

from model.events import (
    Aborted,
    Admitted,
    EntriesWritten,
    Event,
    Finished,
    Preempted,
    Recovery,
    Refused,
    TokenSampled,
)
from model.gauge import Gauge, read_gauge
from model.lane import Lane
from model.request import Request
from model.state import LaneState
from model.tally import Tally


class Stepped:
    """A `model.replay.ReplayLane` around any `model.lane.Lane` that emits events.

    `gauge` reads the whole snapshot after every step, unless a cheaper reading is given.
    """

    def __init__(self, lane: Lane, gauge: Callable[[], Gauge] | None = None) -> None:
        self._lane = lane
        self._read = gauge or (lambda: read_gauge(lane.snapshot()))
        self._gauge: Gauge | None = None  # until the lane changes
        self._tally = Tally()
        self._names: dict[str, tuple[str, ...]] = {}  # of each request in flight: who acts for it
        self._tokens: dict[str, int] = {}  # by name: tokens known so far,
        self._written: dict[str, int] = {}  # tokens whose K/V was written,
        self._lost: dict[str, int] = {}  # and how many that were at its last preemption

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built, from its events."""
        return self._tally

    def submit(self, request: Request) -> None:
        """Put a request into the waiting queue. Raises `TooLarge`."""
        self._hear(self._lane.submit(request))
        names = self._names[request.id] = (request.id, *request.sequence_ids)
        self._tokens.update(dict.fromkeys(names, len(request.prompt)))

    def abort(self, request_id: str) -> None:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        self._hear(self._lane.abort(request_id))

    def leap(self, limit: int) -> int:
        """One step."""
        self._hear(self._lane.schedule())
        self._hear(self._lane.update())
        self._tally.steps += 1
        self._tally.queued_steps += self.gauge().waiting
        return 1

    def gauge(self) -> Gauge:
        """What the lane holds now."""
        if self._gauge is None:
            self._gauge = self._read()
        return self._gauge

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        return self._lane.snapshot()

    def _hear(self, events: tuple[Event, ...]) -> None:
        self._gauge = None
        for event in events:
            self._count(event)

    def _count(self, event: Event) -> None:
        tally = self._tally
        match event:
            case Admitted():
                tally.admitted += 1
                tally.asked += self._tokens.get(event.request, 0)
                tally.hit += event.hit
            case EntriesWritten():
                tally.computed += event.count
                again = self._lost.get(event.request, 0) - event.start
                tally.recomputed += max(0, min(again, event.count))
                self._written[event.request] = event.start + event.count
            case TokenSampled():
                tally.sampled += 1
                self._tokens[event.request] = self._tokens.get(event.request, 0) + 1
            case Preempted(recovery=Recovery.RECOMPUTE):
                tally.preemptions += 1
                self._lose(event.request)
            case Preempted():
                tally.preemptions += 1
            case Refused():
                tally.refusals += 1
            case Finished():
                tally.finished += 1
                self._forget(event.request)
            case Aborted():
                tally.aborted += 1
                self._forget(event.request)

    def _lose(self, request_id: str) -> None:
        for name in self._names.get(request_id, (request_id,)):
            self._lost[name] = max(self._written.get(name, 0), self._lost.get(name, 0))

    def _forget(self, request_id: str) -> None:
        for name in self._names.pop(request_id, (request_id,)):
            for counts in (self._tokens, self._written, self._lost):
                counts.pop(name, None)
