"""What a lane holds at one moment, as a few numbers: cheap enough to read after every step."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.model.core.state import LaneState
from pagereel.model.usage.occupancy import Split, split


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

    @property
    def utilisation(self) -> float:
        """Part of all slots that hold a token's K/V."""
        return self.split.stored / self.split.total

    @property
    def held_use(self) -> float:
        """Part of the held slots that hold a token's K/V (the paper's figure 2); 1 if none is."""
        held = self.split.total - self.split.free - self.split.cached - self.split.external
        return self.split.stored / held if held else 1.0


def read_gauge(state: LaneState) -> Gauge:
    """From a frozen state: right for every lane, but it looks at the whole memory."""
    waiting = len(state.waiting) + len(state.swapped)
    return Gauge(len(state.running), waiting, split(state))
