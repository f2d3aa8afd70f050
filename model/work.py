"""What a lane's steps cost beside memory: tokens computed, computed again, copied, refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.counting import EventCounter
from model.events import (
    BlockCopied,
    BlockSwappedIn,
    BlockSwappedOut,
    Event,
    RegionCopied,
    RegionMoved,
)
from model.request import Request


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
        self._counter = EventCounter()
        self._work = Work()
        self._before = 0  # tokens computed before this engine step

    def meet(self, request: Request) -> None:
        """A request was submitted."""
        self._counter.meet(request)

    def begin_step(self) -> None:
        """An engine step begins: nothing is computed in it yet."""
        self._before = self._counter.tally.computed

    def add(self, events: tuple[Event, ...]) -> Work:
        """Count the events that led to a moment; the work up to it."""
        self._counter.hear(events)
        tally, done = self._counter.tally, self._work
        moved = [event for event in events if isinstance(event, RegionMoved | RegionCopied)]
        self._work = Work(
            step_tokens=tally.computed - self._before,
            recomputed=tally.recomputed,
            swapped_blocks=done.swapped_blocks + _count(events, BlockSwappedIn, BlockSwappedOut),
            copied_blocks=done.copied_blocks + _count(events, BlockCopied),
            copied_entries=done.copied_entries + sum(event.entries for event in moved),
            refused_steps=tally.refusals,
        )
        return self._work


def _count(events: Sequence[Event], *kinds: type[Event]) -> int:
    return sum(isinstance(event, kinds) for event in events)
