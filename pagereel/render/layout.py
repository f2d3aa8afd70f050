"""Look at every picture of a storyboard without drawing it: its length, its faults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pagereel.model.storyboard.timeline import Timeline
from pagereel.scenes.clips import frame_count
from pagereel.scenes.lint import Fault, lint_colours, lint_layout
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.pictures.moment import FIRA, Typefaces
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.style import CANVASES, THEMES

RATE = 60
"""Frames a second that lengths are counted in."""
LENGTHS = next(iter(CANVASES))
"""The aspect whose pictures say how long a video is."""


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to say of a storyboard's pictures."""

    seconds: float
    """How long the video is at normal speed."""
    faults: tuple[str, ...]
    """Every fault of every picture; each is named once."""


def seconds(timeline: Timeline) -> float:
    """How long the video is at normal speed."""
    return frame_count(timeline, compose_beats(timeline, CANVASES[LENGTHS]), RATE) / RATE


def look(
    timeline: Timeline,
    faces: Typefaces = FIRA,
    aspects: Sequence[str] = tuple(CANVASES),
    themes: Sequence[str] = tuple(THEMES),
) -> Look:
    """Compose every picture once an aspect, and lint it in these aspects and themes."""
    length, found = 0.0, list[str]()
    for aspect in dict.fromkeys((LENGTHS, *aspects)):
        composed = tuple(compose_beats(timeline, CANVASES[aspect], faces))
        if aspect == LENGTHS:
            length = frame_count(timeline, composed, RATE) / RATE
        if aspect in aspects:
            found += faults(composed, aspect, themes)
    return Look(length, tuple(found))


def faults(
    beats: Iterable[Sequence[Picture]], aspect: str, themes: Sequence[str], first: int = 1
) -> list[str]:
    """Every fault of the pictures of some beats, the first of which has this number."""
    return [
        f"beat {number}, {aspect}{_where(having, themes)}: {fault}"
        for number, pictures in enumerate(beats, first)
        for fault, having in _faults(pictures, themes).items()
    ]


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
        for fault in lint_layout(picture):
            found[fault] = list(themes)
    return found
