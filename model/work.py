"""What a lane's steps cost beside memory: tokens computed, computed again, and blocks moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.events import BlockSwappedIn, BlockSwappedOut, EntriesWritten, Event


@dataclass(frozen=True, slots=True)
class Work:
    """The counts of one lane up to one moment."""

    step_tokens: int = 0
    """Tokens computed in the latest engine step."""
    recomputed: int = 0
    """Tokens computed again so far: their K/V had been stored and was lost to a preemption."""
    swapped_blocks: int = 0
    """Blocks copied to the CPU or back so far, each way counted."""


NO_WORK = Work()
"""Before the first step."""


class Worksheet:
    """Adds up one lane's work, moment by moment."""

    def __init__(self) -> None:
        self._work = Work()
        self._reached: dict[str, int] = {}

    def begin_step(self) -> None:
        """An engine step begins: nothing is computed in it yet."""
        self._work = replace(self._work, step_tokens=0)

    def add(self, events: Sequence[Event]) -> Work:
        """Count the events that led to a moment; the work up to it."""
        written = [event for event in events if isinstance(event, EntriesWritten)]
        swaps = sum(isinstance(event, BlockSwappedIn | BlockSwappedOut) for event in events)
        self._work = Work(
            step_tokens=self._work.step_tokens + sum(event.count for event in written),
            recomputed=self._work.recomputed + sum(self._again(event) for event in written),
            swapped_blocks=self._work.swapped_blocks + swaps,
        )
        return self._work

    def _again(self, event: EntriesWritten) -> int:
        """Entries of these that the same request, or sequence, had written before."""
        reached = self._reached.get(event.request, 0)
        end = event.start + event.count
        self._reached[event.request] = max(reached, end)
        return max(0, min(reached, end) - event.start)
