"""One beat as a renderer needs it: its pictures, and how many frames each takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pagereel.scenes.shapes.picture import Picture


@dataclass(frozen=True, slots=True)
class Leg:
    """Move to a picture, then rest on it."""

    picture: Picture
    motion: int
    """Frames between the picture before and this one, both excluded."""
    rest: int
    """Frames of this picture, at least one."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A beat's frames: one of the opening picture, then the legs."""

    opening: Picture
    legs: tuple[Leg, ...]
    rate: int
    """Frames a second."""
    said_from: int = 0
    """The frame from which on the caption is said: 0, or where a question is answered."""

    @property
    def frames(self) -> int:
        """Frames in all."""
        return 1 + sum(leg.motion + leg.rest for leg in self.legs)

    @property
    def end(self) -> Picture:
        """The last frame."""
        return self.legs[-1].picture if self.legs else self.opening


def held(clip: Clip, seconds: float) -> Clip:
    """The clip with its last picture shown for longer, so that it lasts at least so long."""
    short = math.ceil(seconds * clip.rate) - clip.frames
    if short <= 0:
        return clip
    last = clip.legs[-1]
    return replace(clip, legs=(*clip.legs[:-1], replace(last, rest=last.rest + short)))


def at_the_question(clip: Clip) -> tuple[Clip, Clip]:
    """A clip that asks, in two: until the question stands there, and from there to its end."""
    asked, *answer = clip.legs
    asking = replace(clip, legs=(replace(asked, rest=1),), said_from=0)
    return asking, Clip(asked.picture, tuple(answer), clip.rate)
