"""One beat as a clip: the pictures it passes through, and how many frames each takes.

A clip is all that a renderer needs and all that its output depends on, together with the format:
equal clips are equal videos. The first frame of a clip is the last frame of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pagereel.model.storyboard.timeline import PlayedBeat, Timeline
from pagereel.scenes.canvas import Canvas
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.pictures.moment import FIRA, Typefaces
from pagereel.scenes.shapes.clip import Clip, Leg
from pagereel.scenes.shapes.picture import Cause, Picture
from pagereel.scenes.style import Theme, paint

MOTION, TRAVEL = 0.6, 0.9
"""Seconds of one motion, and of one of the camera or of a card that goes on."""
FLIGHT, READ = 0.2, 0.08
"""Seconds that each further word in flight adds, and each entry that is read, up to `LONGEST`."""
LONGEST = 2.6
LAPSE_MOTION = 0.4
"""Seconds from one moment of a time lapse to the next."""
PAUSE, LOOK = 0.25, 0.9
"""Stillness after each step inside a beat, and at each stop of a camera."""
STILL, BETWEEN = 1.5, 0.5
"""Least stillness at the end of a beat, and of a shot that is not its last."""
THINKING = 2.0
"""Stillness after a question and its options have been read, before the answer."""
WORDS_A_SECOND, CHARACTERS_A_SECOND = 2.5, 16.5
"""A beat lasts until its caption can have been read. Subtitles promise at most 17 characters a
second; a little less is asked for here, because motions are rounded to frames."""


def clips(
    timeline: Timeline,
    canvas: Canvas,
    theme: Theme,
    rate: int,
    speed: float = 1.0,
    faces: Typefaces = FIRA,
) -> tuple[Clip, ...]:
    """Every beat's clip, painted, in order. `speed` 2 halves every motion and every rest."""
    composed = compose_beats(timeline, canvas, faces)
    painted = ([paint(picture, theme) for picture in pictures] for pictures in composed)
    return tuple(_joined(timeline, painted, rate, speed))


def frame_count(timeline: Timeline, composed: Iterable[Sequence[Picture]], rate: int) -> int:
    """Frames of the whole video at normal speed, from every beat's pictures, of any colours."""
    return sum(clip.frames for clip in timed(timeline, composed, rate))


def timed(timeline: Timeline, composed: Iterable[Sequence[Picture]], rate: int) -> Iterator[Clip]:
    """Every beat's clip at normal speed, from its pictures, of any colours."""
    return _joined(timeline, composed, rate, 1.0)


def _joined(
    timeline: Timeline, beats: Iterable[Sequence[Picture]], rate: int, speed: float
) -> Iterator[Clip]:
    """Each beat's clip opens with the last picture of the one before."""
    before: Picture | None = None
    for played, pictures in zip(timeline.beats, beats, strict=True):
        yield _clip(before or pictures[0], pictures, played, rate, speed)
        before = pictures[-1]


def _clip(
    opening: Picture, pictures: Sequence[Picture], played: PlayedBeat, rate: int, speed: float
) -> Clip:
    def frames(time: float) -> int:
        return max(1, round(time * rate / speed))

    legs: list[Leg] = []
    before, after_question = opening, False
    utterances = played.said
    for said, words in enumerate(utterances):
        own = [picture for picture in pictures if picture.said == said]
        changed = [(a, b) for a, b in zip([before, *own], own, strict=False) if differ(a, b)]
        seconds = [_motion_seconds(a, b) for a, b in changed]
        rests = [_pause(*pair) for pair in pairwise(picture for _, picture in changed)]
        # The caption comes with a question's answer: none of its time has passed till then.
        seen = 0 if after_question else sum(seconds) + sum(rests)
        least = STILL if words is utterances[-1] else BETWEEN
        if words.asks:
            rests.append(reading(words.words) + THINKING)
        else:
            rests.append(max(least, reading(words.words) - seen))
            rests = _shared(rests, [picture.is_stage for _, picture in changed], least)
        moved = [
            Leg(after, frames(motion), frames(rest))
            for (_, after), motion, rest in zip(changed, seconds, rests, strict=False)
        ]
        legs += moved or [Leg(replace(before, said=said), 0, frames(rests[-1]))]
        before, after_question = legs[-1].picture, words.asks
    return Clip(opening, tuple(legs), rate)


def _shared(rests: list[float], are_stages: list[bool], least: float) -> list[float]:
    """What the last picture's stillness has over the least, shared with the stages before it."""
    spare = (rests[-1] - least) / (sum(are_stages) + 1)
    if not any(are_stages):
        return rests
    found = [rest + spare * stage for rest, stage in zip(rests, are_stages, strict=True)]
    return [*found[:-1], least + spare]


def reading(text: str) -> float:
    """Seconds that it takes to read a text."""
    return max(len(text.split()) / WORDS_A_SECOND, len(text) / CHARACTERS_A_SECOND)


def differ(before: Picture, after: Picture) -> bool:
    """Whether two pictures look different."""
    return before.shapes != after.shapes or before.background != after.background


def _pause(picture: Picture, following: Picture) -> float:
    """Seconds of stillness after a picture inside a beat; a time lapse runs through."""
    if picture.is_lapse and following.is_lapse:
        return 0
    return LOOK if picture.is_stage else PAUSE


def _motion_seconds(before: Picture, after: Picture) -> float:
    if after.is_lapse:
        return LAPSE_MOTION
    here = {shape.key for shape in before.shapes}
    there = {shape.key for shape in after.shapes}
    new, lost = there - here, here - there
    flying = {origin for key, origin in after.origins if key in new}
    flying |= {key for key, _ in after.departures if key in lost}
    places = {place.removesuffix("/word") for place in flying}
    read = len({share for _, share in after.waves})
    dives = Cause.CARD in after.causes and places
    slow = {Cause.CAMERA, Cause.STAGE} & after.causes or dives
    least = TRAVEL if slow else MOTION
    return min(least + FLIGHT * max(len(places) - 1, 0) + READ * read, LONGEST)
