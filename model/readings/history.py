"""One lane over all its steps so far: where its slots were, who ran, and who was held up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from pagereel.model.core.events import Preempted, Refused
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
