"""The seam that every allocator fits: what a lane is told, and what it shows.

A lane is one engine: a scheduler and its memory. Storyboards, replays and benchmarks drive lanes
through these five methods alone, so a new allocator is one class and one line in `model.lanes`.
"""

from __future__ import annotations

from typing import Protocol

from model.events import Event
from model.request import Request
from model.state import LaneState


class Lane(Protocol):
    """One engine. A step is `schedule` (memory decisions), then `update` (the model's answer)."""

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request at the end of the waiting queue.

        Raises `TooLarge` if no state of this lane could ever hold it.
        """
        ...

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        ...

    def schedule(self) -> tuple[Event, ...]:
        """Decide what runs in this step and make room for it; K/V is written and read here."""
        ...

    def update(self) -> tuple[Event, ...]:
        """Take one sampled token for each request that is due one; free those that end."""
        ...

    def snapshot(self) -> LaneState:
        """The frozen state now. Between calls it costs nothing."""
        ...


class Refusal(Exception):
    """A lane cannot do what it is asked; carries the numbers. Counts are in token slots."""


class TooLarge(Refusal):
    """The request cannot fit even into an empty lane."""

    def __init__(self, request: str, needed: int, capacity: int) -> None:
        super().__init__(f"request {request} needs {needed} slots; the lane holds {capacity}")
        self.request, self.needed, self.capacity = request, needed, capacity


class NoRoom(Refusal):
    """The memory has not enough room now."""

    def __init__(self, needed: int, free: int, largest_hole: int) -> None:
        super().__init__(f"{needed} slots needed, {free} free, largest hole {largest_hole}")
        self.needed, self.free, self.largest_hole = needed, free, largest_hole


class GroupNotServed(Refusal):
    """The lane runs single sequences: no parallel samples, no beams."""

    def __init__(self, request: str, width: int) -> None:
        super().__init__(f"request {request} asks for {width} sequences; this lane runs one each")
        self.request, self.width = request, width
