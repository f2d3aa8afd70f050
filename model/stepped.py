"""Makes any lane fit for a replay: one step at a time, counted from its events."""

from __future__ import annotations

from collections.abc import Callable

from model.counting import EventCounter
from model.events import Event
from model.gauge import Gauge, read_gauge
from model.lane import Lane
from model.request import Request
from model.state import LaneState
from model.tally import Tally


class Stepped:
    """A `model.replay.ReplayLane` around any `model.lane.Lane` that emits events.

    It reads the whole snapshot after every step, unless a cheaper `gauge` is given.
    """

    def __init__(self, lane: Lane, gauge: Callable[[], Gauge] | None = None) -> None:
        self._lane = lane
        self._read = gauge or (lambda: read_gauge(lane.snapshot()))
        self._counter = EventCounter()
        self._gauge: Gauge | None = None  # until the lane changes

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built, from its events."""
        return self._counter.tally

    def submit(self, request: Request) -> None:
        """Put a request into the waiting queue. Raises `TooLarge`."""
        self._hear(self._lane.submit(request))
        self._counter.meet(request)

    def abort(self, request_id: str) -> None:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        self._hear(self._lane.abort(request_id))

    def leap(self, limit: int) -> int:
        """One step."""
        self._hear(self._lane.schedule())
        self._hear(self._lane.update())
        self.tally.steps += 1
        self.tally.queued_steps += self.gauge().waiting
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
        self._counter.hear(events)
        self._counter.ended.clear()
