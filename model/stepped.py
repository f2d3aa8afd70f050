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

    It reads the whole snapshot after every step. `forget` is told which requests ended: a lane
    that lets go of them needs no more time and memory the longer the replay is.
    """

    def __init__(self, lane: Lane, forget: Callable[[str], None] | None = None) -> None:
        self._lane, self._forget = lane, forget
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
            self._gauge = read_gauge(self._lane.snapshot())
        return self._gauge

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        return self._lane.snapshot()

    def _hear(self, events: tuple[Event, ...]) -> None:
        self._gauge = None
        self._counter.hear(events)
        ended = self._counter.ended
        while ended:
            name = ended.pop()
            if self._forget:
                self._forget(name)
