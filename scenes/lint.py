"""Faults that a picture must not have, found by arithmetic: before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from pagereel.scenes.shapes.colours import contrast, mix
from pagereel.scenes.shapes.extents import extent, text_box
from pagereel.scenes.shapes.picture import CLEAR, Box, Picture, Rect, Rgba, Shape, Text
from pagereel.scenes.style import SIZE_LABEL, THEMES, Theme, colour

LEAST_CONTRAST, LEAST_DIMMED = 4.5, 2.0
"""WCAG AA for text; what is dimmed does not act, and only has to be seen."""
MARGIN = 0.05
"""Of the frame: no text comes nearer to its edge."""


class Kind(StrEnum):
    """What can be wrong."""

    OUTSIDE = "outside the frame"
    OVERLAP = "text over text"
    COVERED = "text covered"
    WIDE = "text wider than its box"
    SMALL = "text too small"
    FAINT = "text too faint"
    TWICE = "a key stands twice"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and the key of the shape that has it."""

    kind: Kind
    key: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.detail} ({self.key})"


def lint(picture: Picture, theme: Theme = THEMES["dark"]) -> tuple[Fault, ...]:
    """All faults of a picture in a theme; one that is painted already looks as it is painted."""
    return (*lint_layout(picture), *lint_colours(picture, theme))


def lint_layout(picture: Picture) -> tuple[Fault, ...]:
    """The faults that are the same in every theme, in drawing order."""
    return tuple(
        fault
        for find in (_twice, _outside, _wide, _small, _overlaps, _covered)
        for fault in find(picture)
    )


def lint_colours(picture: Picture, theme: Theme) -> tuple[Fault, ...]:
    """The faults that depend on the theme."""
    return tuple(_faint(picture, theme))


def _texts(picture: Picture) -> list[Text]:
    return [shape for shape in picture.shapes if isinstance(shape, Text) and shape.text]


def _twice(picture: Picture) -> Iterator[Fault]:
    keys = sorted(shape.key for shape in picture.shapes)
    for first, second in pairwise(keys):
        if first == second:
            yield Fault(Kind.TWICE, first, "motion could not tell the two apart")


def _outside(picture: Picture) -> Iterator[Fault]:
    frame = Box(0, 0, picture.width, picture.height)
    safe = frame.inset(picture.width * MARGIN - 1, picture.height * MARGIN - 1)
    for shape in picture.shapes:
        allowed = safe if isinstance(shape, Text) else frame
        if not allowed.contains(extent(shape)):
            yield Fault(Kind.OUTSIDE, shape.key, _say(shape))


def _wide(picture: Picture) -> Iterator[Fault]:
    for text in _texts(picture):
        box = text_box(text)
        if text.room and (box.x < text.room.x - 0.5 or box.right > text.room.right + 0.5):
            yield Fault(Kind.WIDE, text.key, f"{_say(text)} needs {box.w:.0f} px")
        elif text.room and (box.y < text.room.y - 0.5 or text.y > text.room.bottom + 0.5):
            yield Fault(Kind.WIDE, text.key, f"{_say(text)} leaves its box above or below")


def _small(picture: Picture) -> Iterator[Fault]:
    for text in _texts(picture):
        if text.size < SIZE_LABEL:
            yield Fault(Kind.SMALL, text.key, f"{_say(text)} has {text.size:g} px")


def _faint(picture: Picture, theme: Theme) -> Iterator[Fault]:
    below: list[tuple[Box, Rgba, float]] = []
    ground = colour(picture.background, theme)
    for shape in picture.shapes:
        if isinstance(shape, Rect) and shape.fill != CLEAR:
            below.append((shape.box, colour(shape.fill, theme), shape.opacity))
        if not isinstance(shape, Text) or not shape.text:
            continue
        behind = _behind(ground, below, text_box(shape))
        found = contrast(_over(colour(shape.ink, theme), shape.opacity, behind), behind)
        least = LEAST_CONTRAST if shape.opacity == 1 else LEAST_DIMMED
        if found < least:
            yield Fault(Kind.FAINT, shape.key, f"{_say(shape)} has contrast {found:.1f}")


def _behind(ground: Rgba, below: Sequence[tuple[Box, Rgba, float]], box: Box) -> Rgba:
    """The colour under a text: every rectangle below its middle, one over the other."""
    x, y = box.centre
    found = ground
    for (left, top, width, height), fill, opacity in below:
        if left <= x <= left + width and top <= y <= top + height:
            found = _over(fill, opacity, found)
    return found


def _over(ink: Rgba, opacity: float, behind: Rgba) -> Rgba:
    return mix(behind, ink._replace(a=1), ink.a * opacity)


def _overlaps(picture: Picture) -> Iterator[Fault]:
    boxes = sorted(((text_box(t).inset(0.5, 1), t) for t in _texts(picture)), key=lambda b: b[0].y)
    for i, (box, text) in enumerate(boxes):
        for other_box, other in boxes[i + 1 :]:
            if other_box.y >= box.bottom:
                break
            if box.overlaps(other_box):
                yield Fault(Kind.OVERLAP, text.key, f"{_say(text)} and {_say(other)}")


def _covered(picture: Picture) -> Iterator[Fault]:
    lids: list[tuple[float, float, float, float]] = []
    for shape in reversed(picture.shapes):
        if isinstance(shape, Rect) and _hides(shape):
            lids.append((shape.box.x, shape.box.y, shape.box.right, shape.box.bottom))
        elif isinstance(shape, Text) and shape.text:
            box = text_box(shape).inset(1)
            x, y, end, foot = box.x, box.y, box.right, box.bottom  # many lids: plain arithmetic
            if any(x < r and a < end and y < d and b < foot for a, b, r, d in lids):
                yield Fault(Kind.COVERED, shape.key, _say(shape))


def _hides(lid: Rect) -> bool:
    """Whether what lies under a rectangle cannot be read through it."""
    alpha = lid.fill.a if isinstance(lid.fill, Rgba) else float(lid.fill != CLEAR)
    return alpha * lid.opacity > 0.5


def _say(shape: Shape) -> str:
    if not isinstance(shape, Text):
        return type(shape).__name__.lower()
    return f"“{shape.text[:_SAID]}…”" if len(shape.text) > _SAID else f"“{shape.text}”"


_SAID = 60
"""Characters of a text that a fault quotes."""
