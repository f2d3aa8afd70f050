"""A storyboard, played: for every beat its steps, and for every step each lane's frozen state.

Plain data and no decisions: pictures, captions, checks and traces are all made from this.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from pagereel.model.core.events import EntriesRead, EntriesWritten, Event
from pagereel.model.core.state import LaneState
from pagereel.model.storyboard.storyboard import Beat, Shot, Storyboard
from pagereel.model.storyboard.verbs import Run, moments
from pagereel.model.usage.counters import NO_WORK, Work


class Half(StrEnum):
    """Which moment of an engine step a state shows."""

    START = "start"
    """Nothing has run since the step before; requests may have arrived."""
    SCHEDULED = "scheduled"
    """Memory is allotted and K/V written; the model has not answered yet."""
    SAMPLED = "sampled"
    """Tokens have been sampled and finished requests freed."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class LaneStep:
    """One lane at one moment, and the events that led there from the moment before."""

    lane: str
    state: LaneState
    events: tuple[Event, ...]
    work: Work = NO_WORK
    """What the steps so far have cost."""
    moved: tuple[EntriesRead | EntriesWritten, ...] = ()
    """What the latest engine step read from the cache and wrote to it; kept until the next one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of all lanes, in sync."""

    number: int
    """Engine steps taken so far; 0 before the first."""
    half: Half
    lanes: tuple[LaneStep, ...]

    def lane(self, name: str) -> LaneStep:
        """One lane by name. Raises KeyError."""
        for lane in self.lanes:
            if lane.lane == name:
                return lane
        raise KeyError(name)


LAPSE = 12
"""Moments of a time lapse that are shown at most."""


class Shown(NamedTuple):
    """A moment that gets a picture."""

    place: int
    """From 0, among the shot's steps."""
    is_lapse: bool
    """Whether it passes quickly."""


def _spread(count: int) -> tuple[int, ...]:
    """At most `LAPSE` of the engine steps 1 to `count`, evenly; the last one always."""
    most = min(count, LAPSE)
    return tuple(round(count * (i + 1) / most) for i in range(most))


class Utterance(NamedTuple):
    """Something that is said while one picture or several are shown."""

    shot: int
    """From 0, among the beat's shots."""
    words: str
    asks: bool = False
    """Whether these are the words of a question; what is said of its answer comes next."""


@dataclass(frozen=True, slots=True)
class PlayedShot:
    """A shot and the moments it passes through."""

    shot: Shot
    steps: tuple[Step, ...]
    """At least one: a shot in which nothing happens shows the state before it."""
    caption: str
    """`shot.say` with every placeholder filled in from the last step."""
    visible: frozenset[str]
    """What is there: `lane NAME` for lanes; `above` and `beside` for the panels there."""
    excerpt: Timeline | None = None
    """The other storyboard that the shot shows a beat of, played."""

    @property
    def shown(self) -> tuple[Shown, ...]:
        """The moments that get a picture: all of them, but of a time lapse a few."""
        found, at = [], 0
        for verb in self.shot.do:
            count = moments(verb)
            if isinstance(verb, Run):
                found += [Shown(at + 2 * step - 1, True) for step in _spread(verb.count)]
            else:
                found += [Shown(at + i, False) for i in range(count)]
            at += count
        return tuple(found) or (Shown(0, False),)

    @property
    def end(self) -> Step:
        """The state the shot ends in: what captions and claims read."""
        if self.excerpt and self.shot.excerpt:
            return self.excerpt.beats[self.shot.excerpt.beat].end
        return self.steps[-1]


@dataclass(frozen=True, slots=True)
class PlayedBeat:
    """A beat and its shots; the last moment of the last one is what its slide shows."""

    beat: Beat
    shots: tuple[PlayedShot, ...]
    """At least one."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The moments of all shots, in order."""
        return tuple(chain.from_iterable(shot.steps for shot in self.shots))

    @property
    def caption(self) -> str:
        """What is said in all of its shots."""
        return " ".join(shot.caption for shot in self.shots if shot.caption)

    @property
    def said(self) -> tuple[Utterance, ...]:
        """What is said, in order: of each shot its question, if it asks, and its caption."""
        found: list[Utterance] = []
        for number, played in enumerate(self.shots):
            if played.shot.question:
                found.append(Utterance(number, played.shot.question.words, asks=True))
            found.append(Utterance(number, played.caption))
        return tuple(found)

    @property
    def end(self) -> Step:
        """The state the beat ends in."""
        return self.shots[-1].end


@dataclass(frozen=True, slots=True)
class Timeline:
    """A storyboard and everything that happened in it."""

    storyboard: Storyboard
    beats: tuple[PlayedBeat, ...]
