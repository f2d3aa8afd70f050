"""All that a panel may look at: one step of one beat, and where it stands in the video."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pagereel.model.core.events import Event
from pagereel.model.core.state import Holder
from pagereel.model.readings.recordings import ShownRecording
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import Half, PlayedShot, Step
from pagereel.scenes.shapes.typeface import Face, face, visible


@dataclass(frozen=True, slots=True)
class Typefaces:
    """The two families: running text in two weights, and numbers and ids."""

    text: str = "text"
    bold: str = "bold"
    mono: str = "mono"

    def measures(self, name: str) -> Face:
        """The measures behind `text`, `bold` or `mono`."""
        return face(getattr(self, name))


FIRA = Typefaces()
FALLBACK = Typefaces("fallback", "fallback", "fallback")
"""Where the package with the fonts is missing."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One step as the panels see it."""

    storyboard: Storyboard
    number: int
    """The beat's number in the video, counted from 1."""
    shot: int
    """The shot's place in the beat, from 0."""
    title: str
    """The beat's headline."""
    played: PlayedShot
    step: Step
    recent: tuple[tuple[Event, ...], ...]
    """For each lane, what has happened since the engine step began: both its halves."""
    written: frozenset[tuple[str, str, int]]
    """(lane, holder, position) of the entries that the latest engine step wrote: shown bright."""
    read: frozenset[tuple[str, str, int]] = frozenset()
    """(lane, holder, position) of the entries that are being read: lit."""
    past: tuple[Step, ...] = ()
    """Every step from the video's first to this one, included."""
    is_asking: bool = False
    """Whether the beat's question has not been answered yet."""
    faces: Typefaces = FIRA
    is_lapse: bool = False
    """Whether it is one of the moments of a time lapse."""
    stage: int = 0
    """Which of the card's pictures of this moment it is, from 0."""
    is_new: bool = False
    """Whether the shot before showed another card, or another thing on it."""
    turn: int = 0
    turns: int = 1
    """Of the beat's shots in a row that show the same card, and the same on it: which, from 0, and
    how many."""
    is_opened: bool = False
    """Whether the first of these shots is new: what they show comes with them, share by share."""
    said: int = 0
    """Which of the beat's utterances is said meanwhile."""
    leading: str = ""
    """The lane that acts, which is drawn where one is drawn at a time."""

    def is_visible(self, part: str) -> bool:
        """Whether a lane (`lane paged`) or a panel (`above`, `beside`) is there."""
        return part in self.played.visible

    @property
    def shown(self) -> ShownRecording | None:
        """Which step of the storyboard's recording is shown, if it has one."""
        recording, step = self.storyboard.recording, self.step
        if recording is None:
            return None
        ahead = recording.every > 1 and step.half is Half.SCHEDULED  # kept are the ends of steps
        return ShownRecording(recording, step.number - ahead)

    def events(self, lane: str) -> tuple[Event, ...]:
        """What has happened in a lane since the engine step began."""
        names = [spec.name for spec in self.storyboard.lanes]
        return self.recent[names.index(lane)]

    def hue(self, name: str) -> int:
        """The place in the order of colours of a request, or of the one a sequence belongs to."""
        return self.storyboard.places[self.storyboard.owner(name).id]

    def tags(self, lane: str, name: str) -> frozenset[str]:
        """What focus and call-outs name a part by that belongs to a request or sequence."""
        owner = self.storyboard.owner(name).id
        return frozenset({f"lane {lane}", f"request {owner}", f"request {name}"})

    def ink(self, name: str, kind: str, group: int = 0) -> str:
        """A colour role of a request or sequence: `solid`, `on`, `pale`, `kept`, `line` or `edge`.

        The sequences of one request have tints of its hue, and so have its groups of layers.
        """
        place = self.storyboard.owners[name][1] + group
        return f"request {self.hue(name)}{f'.{place}' if place else ''} {kind}"

    def word(self, holder: Holder, position: int) -> str:
        """The word of one token as it is shown: prompt first, then output."""
        return shown_word(self.storyboard.word(holder, position))


@lru_cache(maxsize=4096)
def shown_word(token: str) -> str:
    """A token without the spaces around it; a token of spaces alone shows one."""
    return visible(token.strip(" ")) or "␣"
