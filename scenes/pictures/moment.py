"""All that a panel may look at: one step of one beat, and where it stands in the video."""

from __future__ import annotations

from dataclasses import dataclass

from model.events import Event
from model.storyboard import Storyboard
from model.timeline import PlayedBeat, Step
from scenes.typeface import Face, face, visible


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
    played: PlayedBeat
    step: Step
    recent: tuple[tuple[Event, ...], ...]
    """For each lane, what has happened since the engine step began: both its halves."""
    faces: Typefaces = FIRA

    def events(self, lane: str) -> tuple[Event, ...]:
        """What has happened in a lane since the engine step began."""
        names = [spec.name for spec in self.storyboard.lanes]
        return self.recent[names.index(lane)]

    def hue(self, request_id: str) -> int:
        """The request's place in the order of colours."""
        ids = [script.id for script in self.storyboard.requests]
        return ids.index(request_id)

    def ink(self, request_id: str, kind: str) -> str:
        """A colour role of the request: `solid`, `on`, `pale`, `line` or `edge`."""
        return f"request {self.hue(request_id)} {kind}"

    def word(self, request_id: str, position: int) -> str:
        """The words of one token as they are shown: prompt first, then output."""
        script = self.storyboard.script(request_id)
        words = script.prompt + script.output
        text = words[position] if position < len(words) else ""
        return visible(text.strip(" ")) or "␣"
