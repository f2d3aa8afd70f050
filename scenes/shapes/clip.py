"""One beat as a renderer needs it: its pictures, and how many frames each takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from pagereel.scenes.shapes.picture import Picture


@dataclass(frozen=True, slots=True)
class Leg:
    """Move to a picture, then rest on it."""

    picture: Picture
    motion: int
    """Frames between the picture before and this one, both excluded."""
    rest: int
    """Frames of this picture, at least one."""

    @property
    def frames(self) -> int:
        """Frames in all."""
        return self.motion + self.rest


@dataclass(frozen=True, slots=True)
class Clip:
    """A beat's frames: one of the opening picture, then the legs."""

    opening: Picture
    legs: tuple[Leg, ...]
    rate: int
    """Frames a second."""

    @property
    def frames(self) -> int:
        """Frames in all."""
        return 1 + sum(leg.frames for leg in self.legs)

    @property
    def end(self) -> Picture:
        """The last frame."""
        return self.legs[-1].picture if self.legs else self.opening

    def starts(self, count: int) -> tuple[int, ...]:
        """The frames from which on each of so many utterances is said; the first from 0 on."""
        spans = [0] * count
        for leg in self.legs:
            spans[leg.picture.said - self.legs[0].picture.said] += leg.frames
        return (0, *(1 + before for before in accumulate(spans[:-1])))


def held(clip: Clip, said: int, seconds: float) -> Clip:
    """The clip with an utterance's last picture shown for longer, so that it lasts at least so
    long from the moment it is said."""
    own = [place for place, leg in enumerate(clip.legs) if leg.picture.said == said]
    frames = sum(clip.legs[place].frames for place in own) + (said == 0)
    short = math.ceil(seconds * clip.rate) - frames
    if short <= 0 or not own:
        return clip
    last = clip.legs[own[-1]]
    longer = replace(last, rest=last.rest + short)
    return replace(clip, legs=(*clip.legs[: own[-1]], longer, *clip.legs[own[-1] + 1 :]))


def apart(clip: Clip) -> tuple[Clip, ...]:
    """The clip in as many as it has utterances, each from where the one before it ends."""
    found: list[Clip] = []
    opening = clip.opening
    for _, together in groupby(clip.legs, key=lambda leg: leg.picture.said):
        legs = tuple(together)
        found.append(Clip(opening, legs, clip.rate))
        opening = legs[-1].picture
    return tuple(found) or (clip,)


def at_rest(clip: Clip) -> Clip:
    """The clip that ends as soon as its last picture stands there."""
    return replace(clip, legs=(*clip.legs[:-1], replace(clip.legs[-1], rest=1)))
