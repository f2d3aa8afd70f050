"""Look at every picture of a storyboard without drawing it: its length, its faults."""

from __future__ import annotations

from collections.abc import Sequence

from pagereel.model.storyboard.timeline import Timeline
from pagereel.scenes.clips import frame_count
from pagereel.scenes.lint import Fault, lint_colours, lint_layout
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.pictures.moment import FIRA, Typefaces
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.style import CANVASES, THEMES

RATE = 60
"""Frames a second that lengths are counted in."""


def seconds(timeline: Timeline) -> float:
    """How long the video is at normal speed."""
    canvas = next(iter(CANVASES.values()))
    return frame_count(timeline, canvas, RATE) / RATE


def layout_faults(
    timeline: Timeline,
    faces: Typefaces = FIRA,
    aspects: Sequence[str] = tuple(CANVASES),
    themes: Sequence[str] = tuple(THEMES),
) -> list[str]:
    """Every fault of every picture, in these aspects and themes; each is named once."""
    found: list[str] = []
    for canvas in (CANVASES[aspect] for aspect in aspects):
        for index in range(len(timeline.beats)):
            pictures = compose_beat(timeline, index, canvas, faces)
            for fault, having in _faults(pictures, themes).items():
                where = "" if len(having) == len(themes) else f" {', '.join(having)}"
                found.append(f"beat {index + 1}, {canvas.name}{where}: {fault}")
    return found


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
