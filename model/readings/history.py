"""One lane over all its steps so far: where its slots were, who ran, and who was held up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise
from typing import NamedTuple

from pagereel.model.core.events import BlockFreed, BlockTaken, Preempted, Refused
from pagereel.model.core.state import PagedMemory
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import Half, Step
from pagereel.model.storyboard.verbs import Advance, Run
from pagereel.model.usage.occupancy import Split, split


@dataclass(frozen=True, slots=True)
class Period:
    """Half an engine step of one lane."""

    start: float
    """In engine steps: the first one goes from 0 to 1, its scheduled half from 0 to 0.5."""
    split: Split
    running: int
    """Requests that run."""

    @property
    def end(self) -> float:
        """In engine steps."""
        return self.start + 0.5


class Trouble(StrEnum):
    """Why somebody did not get on."""

    REFUSED = "refused"
    """The head of the queue did not fit."""
    PREEMPTED = "preempted"
    """A running request lost its memory."""


class Mark(NamedTuple):
    """Steps `first` to `last`, one after the other, at which the same requests were held up."""

    trouble: Trouble
    requests: tuple[str, ...]
    first: int
    last: int


def periods(past: Sequence[Step], lane: str) -> tuple[Period, ...]:
    """Both halves of every engine step so far; arrivals between two steps take no time."""
    halves = {Half.SCHEDULED: 1.0, Half.SAMPLED: 0.5}
    found = []
    for step in past:
        if step.half in halves:
            state = step.lane(lane).state
            start = step.number - halves[step.half]
            found.append(Period(start, split(state), len(state.running)))
    return tuple(found)


def marks(past: Sequence[Step], lane: str) -> tuple[Mark, ...]:
    """Who was held up and when; a step in which somebody is preempted refuses nobody else."""
    troubles = []
    for number, moments in groupby(past, lambda step: step.number):
        events = [event for step in moments for event in step.lane(lane).events]
        for trouble, kind in ((Trouble.PREEMPTED, Preempted), (Trouble.REFUSED, Refused)):
            names = tuple(dict.fromkeys(e.request for e in events if isinstance(e, kind)))
            if names:
                troubles.append(Mark(trouble, names, max(number, 1), max(number, 1)))
                break
    return _joined(troubles)


def forgotten(past: Sequence[Step], lane: str, request: str) -> int:
    """Entries that a preempted request had and that are nowhere any more, not even in the cache.

    All of them must be computed again. Blocks that it shares or that keep their prefix are not
    lost, until others are handed them.
    """
    kept: set[int] = set()
    had, size = 0, 0
    for before, step in pairwise(past):
        events = step.lane(lane).events
        for event in events:
            if isinstance(event, Preempted) and event.request == request:
                state = before.lane(lane).state
                memory = state.memory
                size = memory.block_size if isinstance(memory, PagedMemory) else 0
                had, kept = state.request(request).computed, set()
                kept.update(e.block for e in events if isinstance(e, BlockFreed)
                            and e.request == request and (e.cached or e.references))  # fmt: skip
            elif isinstance(event, BlockTaken) and event.evicted:
                kept.discard(event.block)
    return had - size * len(kept)


def _joined(troubles: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks of neighbouring steps that say the same become one."""
    found: list[Mark] = []
    for mark in troubles:
        before = found[-1] if found else None
        if before and before[:2] == mark[:2] and before.last == mark.first - 1:
            found[-1] = before._replace(last=mark.last)
        else:
            found.append(mark)
    return tuple(found)


def length(storyboard: Storyboard) -> int:
    """Engine steps in all beats."""
    verbs = (verb for beat in storyboard.beats for verb in beat.do)
    return sum(verb.count for verb in verbs if isinstance(verb, Advance | Run))
