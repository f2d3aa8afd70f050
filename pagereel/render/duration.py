"""A film of a length that was asked for: rests give way first, then the speed of motions.

Nothing that is read, asked or said gets less time than it needs, so not every length can be had.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from pagereel.errors import InputWrong
from pagereel.model.storyboard.timeline import Utterance
from pagereel.render.settings import FASTEST, SLOWEST
from pagereel.scenes.clips import THINKING
from pagereel.scenes.shapes.clip import Clip, Leg

LENGTHS = (1.0, 7200.0)
"""Seconds that can be asked for."""
BRIEF, LONG = 0.25, 6.0
"""A rest may shrink to half, but not below so many seconds; or double, but not above so many."""
WORDS, CHARACTERS = 160 / 60, 17.0
"""Words and characters a second that can still be read; films of no given length ask for fewer."""
_WHY = {
    "reading": "to read what is said",
    "voice": "to say it",
    "question": "for questions",
    "motion": f"of motions at {FASTEST:g} times their speed and the rests between them",
}


@dataclass(frozen=True, slots=True)
class _Part:
    """One utterance: its legs, and the frames that it cannot do without."""

    legs: tuple[Leg, ...]
    first: int
    """Frames before the legs: of a clip's opening."""
    rate: int
    needs: int
    """Frames that it must last."""
    rests: int
    """Frames of these that must be rest."""
    why: str
    """What needs them, one of `_WHY`."""

    def moving(self, speed: float) -> int:
        """Frames of motion at a speed."""
        return self.first + sum(_faster(leg.motion, speed) for leg in self.legs)

    def least(self, speed: float) -> int:
        """The fewest frames it can last."""
        shortest = sum(self._shrunk(leg.rest) for leg in self.legs)
        return max(self.needs, self.moving(speed) + max(self.rests, shortest))

    def usual(self, speed: float) -> int:
        """Its frames, its rests being as they are."""
        own = sum(leg.rest for leg in self.legs)
        return max(self.least(speed), self.moving(speed) + own)

    def most(self, speed: float) -> int:
        """The most frames it can last."""
        longest = sum(self._grown(leg.rest) for leg in self.legs)
        return max(self.least(speed), self.moving(speed) + longest)

    def lasting(self, frames: int, speed: float) -> tuple[Leg, ...]:
        """Its legs, of so many frames in all with what comes before them."""
        rests = [leg.rest for leg in self.legs]
        spare = frames - self.moving(speed) - sum(rests)
        change = self._shrunk if spare < 0 else self._grown
        room = [abs(change(rest) - rest) for rest in rests]
        given = _shared(min(abs(spare), sum(room)), room)
        new = [rest + (-own if spare < 0 else own) for rest, own in zip(rests, given, strict=True)]
        new[-1] += frames - self.moving(speed) - sum(new)
        pairs = zip(self.legs, new, strict=True)
        return tuple(replace(leg, motion=_faster(leg.motion, speed), rest=r) for leg, r in pairs)

    def _shrunk(self, rest: int) -> int:
        return min(rest, max(math.ceil(BRIEF * self.rate), math.ceil(rest / 2)))

    def _grown(self, rest: int) -> int:
        return 2 * rest if self.why == "question" else max(rest, min(2 * rest, self._long))

    @property
    def _long(self) -> int:
        return int(LONG * self.rate)


def fitted(
    clips: Sequence[Clip],
    told: Sequence[Sequence[Utterance]],
    heard: Sequence[Sequence[float]],
    seconds: float,
    name: str,
) -> tuple[Clip, ...]:
    """The clips of a film, of so many seconds together.

    `told` is what is said in each, and `heard` how many seconds each of that must last for its
    voice. Raises `InputWrong`, saying what cannot be shorter or longer.
    """
    beats = [[*_parts(*each)] for each in zip(clips, told, heard, strict=True)]
    parts = [part for beat in beats for part in beat]
    frames = round(seconds * clips[0].rate)
    speed = _speed(parts, frames)
    if speed is None:
        raise InputWrong(f"--duration {seconds:g}: {_refusal(parts, name, frames)}")
    usual = sum(part.usual(speed) for part in parts)
    shrinks = frames <= usual
    low = [part.least(speed) if shrinks else part.usual(speed) for part in parts]
    high = [part.usual(speed) if shrinks else part.most(speed) for part in parts]
    room = [most - least for least, most in zip(low, high, strict=True)]
    given = _shared(frames - sum(low), room)
    lengths = iter([least + own for least, own in zip(low, given, strict=True)])
    legs = [[leg for part in beat for leg in part.lasting(next(lengths), speed)] for beat in beats]
    return tuple(replace(clip, legs=tuple(own)) for clip, own in zip(clips, legs, strict=True))


def _parts(clip: Clip, said: Sequence[Utterance], heard: Sequence[float]) -> Iterator[_Part]:
    answers = False
    for place, (words, voice) in enumerate(zip(said, heard, strict=True)):
        legs = tuple(leg for leg in clip.legs if leg.picture.said == place)
        first, last = int(place == 0), sum(leg.frames for leg in legs) + int(place == 0)
        read = math.ceil(_reading(words.words) * clip.rate)
        spoken = math.ceil(voice * clip.rate)
        rests, why = read if answers else 0, "voice" if spoken >= read else "reading"
        if words.asks:
            rests, why = read + math.ceil(THINKING * clip.rate), "question"
        quiet = min(rests, sum(leg.rest for leg in legs))
        yield _Part(legs, first, clip.rate, min(max(read, spoken), last), quiet, why)
        answers = words.asks


def _reading(text: str) -> float:
    """The fewest seconds in which a text can be read."""
    return max(len(text.split()) / WORDS, len(text) / CHARACTERS)


def _speed(parts: Sequence[_Part], frames: int) -> float | None:
    """The speed nearest to 1 at which a film can have so many frames; None: there is none."""
    hundredths = range(round(100 * SLOWEST), round(100 * FASTEST) + 1)
    for speed in sorted((number / 100 for number in hundredths), key=lambda speed: abs(speed - 1)):
        if sum(p.least(speed) for p in parts) <= frames <= sum(p.most(speed) for p in parts):
            return speed
    return None


def _refusal(parts: Sequence[_Part], name: str, frames: int) -> str:
    """Why a film cannot have so many frames."""
    rate = parts[0].rate
    least = sum(part.least(FASTEST) for part in parts)
    if frames > least:
        most = sum(part.most(SLOWEST) for part in parts) / rate
        still = f"pictures would stand still for over {LONG:g} s"
        return f"{name} can last {math.floor(most)} s at most; in more, {still} or move too slowly"
    needed = dict.fromkeys(_WHY, 0)
    for part in parts:
        own = part.least(FASTEST)
        bound = part.needs == own or part.why == "question"
        needed[part.why if bound else "motion"] += own
    told = [f"{round(own / rate)} s {_WHY[why]}" for why, own in needed.items() if own]
    told[-1] += "; --beats takes a part"
    return f"{name} takes {math.ceil(least / rate)} s at least: {', '.join(told)}"


def _shared(total: int, room: Sequence[int]) -> list[int]:
    """A total, at most the sum of what there is room for, in parts as large as their rooms."""
    whole = sum(room) or 1
    until = [0, *(own * total // whole for own in accumulate(room))]
    return [b - a for a, b in pairwise(until)]


def _faster(frames: int, speed: float) -> int:
    return max(1, round(frames / speed)) if frames else 0
