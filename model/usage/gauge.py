"""What a lane holds at one moment, as a few numbers: cheap enough to read after every step."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pagereel.model.core.state import LaneState
from pagereel.model.usage.occupancy import Split, split

COLUMNS = ("running", "waiting", *(part.name for part in fields(Split)))
"""What `Gauge.numbers` are, in their order."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """Readings at a step boundary (after `update`)."""

    running: int
    """Requests that run."""
    waiting: int
    """Requests in the waiting queue, preempted and swapped ones included."""
    split: Split
    """Where every slot of the memory is."""

    @property
    def in_flight(self) -> int:
        """Requests that arrived and did not end yet."""
        return self.running + self.waiting

    def numbers(self) -> tuple[int, ...]:
        """Requests that run, that wait, and where the slots are."""
        parts = self.split
        memory = (parts.stored, parts.reserved, parts.internal, parts.external)
        return (self.running, self.waiting, *memory, parts.cached, parts.free)


def read_gauge(state: LaneState) -> Gauge:
    """From a frozen state: right for every lane, but it looks at the whole memory."""
    waiting = len(state.waiting) + len(state.swapped)
    return Gauge(len(state.running), waiting, split(state))
