"""Look at every picture of a storyboard without drawing it: its length, its faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pagereel.model.storyboard.timeline import Timeline
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import frame_count, timed
from pagereel.scenes.film import Film, film
from pagereel.scenes.lint import Fault, Kind, lint_colours, lint_composition, lint_layout
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.pictures.header import CAPTION
from pagereel.scenes.pictures.moment import FIRA, Typefaces
from pagereel.scenes.shapes.picture import Picture, Text
from pagereel.scenes.shapes.typeface import break_lines, face
from pagereel.scenes.style import THEMES

RATE = 60
"""Frames a second that lengths are counted in."""
LENGTHS = next(iter(CANVASES))
"""The aspect whose pictures say how long a video is."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong with the pictures of one beat."""

    beat: int
    """From 1."""
    aspects: str
    """Those in which it is wrong, each with the themes if not all have it."""
    message: str
    remedy: str = ""
    key: str = ""
    """The shot's key in its file, where the text that stands there is at fault."""
    said: int = 0
    """Which of the beat's utterances is at fault then."""

    def __str__(self) -> str:
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"beat {self.beat}, {self.aspects}: {self.message}{remedy}"


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to say of a storyboard's pictures."""

    seconds: float
    """How long the video is at normal speed."""
    faults: tuple[Misfit, ...]
    """Every fault of every picture; each is named once."""
    films: dict[str, Film] = field(default_factory=dict)
    """By aspect, how much moves and how large things are, where that was asked for."""


def seconds(timeline: Timeline) -> float:
    """How long the video is at normal speed."""
    return frame_count(timeline, compose_beats(timeline, CANVASES[LENGTHS]), RATE) / RATE


def look(
    timeline: Timeline,
    faces: Typefaces = FIRA,
    aspects: Sequence[str] = tuple(CANVASES),
    themes: Sequence[str] = tuple(THEMES),
    filmed: bool = False,
) -> Look:
    """Compose every picture once an aspect, and lint it in these aspects and themes."""
    length, found, films = 0.0, list[Misfit](), dict[str, Film]()
    for aspect in dict.fromkeys((LENGTHS, *aspects)):
        beats: Iterator[Sequence[Picture]] = compose_beats(timeline, CANVASES[aspect], faces)
        if aspect in aspects:
            beats = _linted(beats, aspect, themes, found)
        if filmed and aspect in aspects:
            clips = tuple(timed(timeline, beats, RATE))
            films[aspect] = film(timeline, clips)
            frames = sum(clip.frames for clip in clips)
        else:
            frames = frame_count(timeline, beats, RATE)
        if aspect == LENGTHS:
            length = frames / RATE
    return Look(length, _together(found), films)


def _linted(
    beats: Iterable[Sequence[Picture]], aspect: str, themes: Sequence[str], found: list[Misfit]
) -> Iterator[Sequence[Picture]]:
    """The same beats, one after the other: none is kept; what is wrong with them is noted."""
    for number, pictures in enumerate(beats, 1):
        found += _misfits(number, pictures, aspect, themes)
        yield pictures


def faults(
    beats: Iterable[Sequence[Picture]], aspect: str, themes: Sequence[str], first: int = 1
) -> list[Misfit]:
    """Every fault of the pictures of some beats, the first of which has this number."""
    return [
        misfit
        for number, pictures in enumerate(beats, first)
        for misfit in _misfits(number, pictures, aspect, themes)
    ]


def _misfits(
    number: int, pictures: Sequence[Picture], aspect: str, themes: Sequence[str]
) -> Iterator[Misfit]:
    """A caption that is too long is one fault, however many of its lines are out of place."""
    rooms = {picture.said: _room_for_caption(picture) for picture in pictures}
    room = any(rooms.values())
    for said, kept in rooms.items():
        if kept:
            remedy = f"{aspect} has room for {kept}"
            yield Misfit(number, aspect, "the caption is too long", remedy, "say", said)
    for fault, having in _faults(pictures, themes).items():
        if not room or not fault.key.startswith(CAPTION) or fault.kind not in _MISPLACED:
            yield Misfit(number, f"{aspect}{_where(having, themes)}", str(fault))


_MISPLACED = (Kind.OUTSIDE, Kind.WIDE, Kind.OVERLAP)


def _room_for_caption(picture: Picture) -> str:
    """How much of the picture's caption fits; empty if all of it does."""
    texts = (shape for shape in picture.shapes if isinstance(shape, Text))
    lines = [text for text in texts if text.key.startswith(CAPTION)]
    fitting = sum(line.room is None or line.y <= line.room.bottom for line in lines)
    if fitting == len(lines):
        return ""
    first, whole = lines[0], " ".join(line.text for line in lines)
    width = first.room.right - first.x if first.room else 0
    kept = break_lines(whole, width, first.size, face(first.face))[:fitting]
    return f"{fitting} lines, about {len(' '.join(kept))} characters"


def _together(found: Iterable[Misfit]) -> tuple[Misfit, ...]:
    """The same, but a text of the file that is at fault is named once for all aspects."""
    merged: dict[object, Misfit] = {}
    for misfit in found:
        place = (misfit.beat, misfit.said, misfit.key) if misfit.key else misfit
        before = merged.get(place)
        if before and misfit.key:
            aspects = f"{before.aspects}, {misfit.aspects}"
            remedy = f"{before.remedy}; {misfit.remedy}"
            misfit = replace(before, aspects=aspects, remedy=remedy)
        merged[place] = misfit
    return tuple(merged.values())


def _where(having: Sequence[str], themes: Sequence[str]) -> str:
    return "" if len(having) == len(themes) else f" {', '.join(having)}"


def _faults(pictures: Sequence[Picture], themes: Sequence[str]) -> dict[Fault, list[str]]:
    """The faults of one beat's pictures, and the themes that have them."""
    found: dict[Fault, list[str]] = {}
    before: Picture | None = None
    for picture in pictures:
        if before is not None and picture.shapes == before.shapes:
            continue
        before = picture
        for theme in map(THEMES.__getitem__, themes):
            for fault in lint_colours(picture, theme):
                if theme.name not in found.setdefault(fault, []):
                    found[fault].append(theme.name)
        for fault in (*lint_layout(picture), *lint_composition(picture)):
            found[fault] = list(themes)
    return found
