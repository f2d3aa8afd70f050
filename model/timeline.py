"""A storyboard, played: for every beat its steps, and for every step each lane's frozen state.

Plain data and no decisions: pictures, captions, checks and traces are all made from this.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model.events import EntriesRead, EntriesWritten, Event
from model.state import LaneState
from model.storyboard import Beat, Storyboard


class Half(StrEnum):
    """Which moment of an engine step a state shows."""

    START = "start"
    """Nothing has run since the step before; requests may have arrived."""
    SCHEDULED = "scheduled"
    """Memory is allotted and K/V written; the model has not answered yet."""
    SAMPLED = "sampled"
    """Tokens have been sampled and finished requests freed."""


@dataclass(frozen=True, slots=True)
class LaneStep:
    """One lane at one moment, and the events that led there from the moment before."""

    lane: str
    state: LaneState
    events: tuple[Event, ...]
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


@dataclass(frozen=True, slots=True)
class PlayedBeat:
    """A beat and the moments it passes through; the last one is what its slide shows."""

    beat: Beat
    steps: tuple[Step, ...]
    """At least one: a beat in which nothing happens shows the state before it."""
    caption: str
    """`beat.say` with every placeholder filled in from the last step."""

    @property
    def end(self) -> Step:
        """The state the beat ends in."""
        return self.steps[-1]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A storyboard and everything that happened in it."""

    storyboard: Storyboard
    beats: tuple[PlayedBeat, ...]
