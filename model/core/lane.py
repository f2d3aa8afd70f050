"""The seam that every allocator fits: what a lane is told, and what it shows.

A lane is one engine: a scheduler and its memory. Storyboards, replays and benchmarks drive lanes
through these five methods alone, so a new allocator is one class with its `LaneKind`, and one line
in `allocators.kinds`. A lane that preempts, swaps or compacts can offer that to storyboards too.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from pagereel.model.core.events import Event
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState


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


@runtime_checkable
class Preemptive(Protocol):
    """A lane that a storyboard can tell to preempt. Ask first; between steps alone."""

    def can_preempt(self, request_id: str) -> bool:
        """Whether the request runs, and the lane's own procedure could preempt it now."""
        ...

    def preempt(self, request_id: str) -> tuple[Event, ...]:
        """Take the request's memory away, as when room runs out."""
        ...


@runtime_checkable
class Swapping(Protocol):
    """A lane that a storyboard can tell to swap. Ask first; between steps alone."""

    def can_swap_out(self, request_id: str) -> bool:
        """Whether the request runs, and the CPU has room for its K/V."""
        ...

    def swap_out(self, request_id: str) -> tuple[Event, ...]:
        """Move the request's K/V to the CPU; it comes back as the lane's own rules say."""
        ...


@runtime_checkable
class Compacting(Protocol):
    """A lane that a storyboard can tell to close a hole. Ask first; between steps alone."""

    def can_compact(self, request_id: str) -> bool:
        """Whether the request holds a region that the lane could move."""
        ...

    def compact(self, request_id: str) -> tuple[Event, ...]:
        """Move the request's region to the end of the one before it; nothing if it is there."""
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
    """The lane runs single sequences: no parallel samples, no beams; or at least no beams."""

    def __init__(self, request: str, width: int, reason: str = "this lane runs one each") -> None:
        super().__init__(f"request {request} asks for {width} sequences; {reason}")
        self.request, self.width = request, width
