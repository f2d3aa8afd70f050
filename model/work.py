"""What a lane's steps cost beside memory: tokens computed, computed again, copied, refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.events import (
    BlockCopied,
    BlockSwappedIn,
    BlockSwappedOut,
    EntriesWritten,
    Event,
    Refused,
    RegionCopied,
    RegionMoved,
)


@dataclass(frozen=True, slots=True)
class Work:
    """The counts of one lane up to one moment."""

    step_tokens: int = 0
    """Tokens computed in the latest engine step."""
    recomputed: int = 0
    """Tokens computed again so far: their K/V had been stored and was lost to a preemption."""
    swapped_blocks: int = 0
    """Blocks copied to the CPU or back so far, each way counted."""
    copied_blocks: int = 0
    """Blocks copied into others so far."""
    copied_entries: int = 0
    """Entries copied from region to region so far."""
    refused_steps: int = 0
    """Engine steps so far at which the head of the queue did not fit."""


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
        moved = [event for event in events if isinstance(event, RegionMoved | RegionCopied)]
        done = self._work
        self._work = Work(
            step_tokens=done.step_tokens + sum(event.count for event in written),
            recomputed=done.recomputed + sum(self._again(event) for event in written),
            swapped_blocks=done.swapped_blocks + _count(events, BlockSwappedIn, BlockSwappedOut),
            copied_blocks=done.copied_blocks + _count(events, BlockCopied),
            copied_entries=done.copied_entries + sum(event.entries for event in moved),
            refused_steps=done.refused_steps + min(_count(events, Refused), 1),
        )
        return self._work

    def _again(self, event: EntriesWritten) -> int:
        """Entries of these that the same request, or sequence, had written before."""
        reached = self._reached.get(event.request, 0)
        end = event.start + event.count
        self._reached[event.request] = max(reached, end)
        return max(0, min(reached, end) - event.start)


def _count(events: Sequence[Event], *kinds: type[Event]) -> int:
    return sum(isinstance(event, kinds) for event in events)
