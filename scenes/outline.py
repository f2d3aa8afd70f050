"""Shapes as curves: what a painter of any kind fills and strokes. Numpy, no Manim.

Everything is in pixels of the 1080p canvas, y down; curves are cubic, shape (n, 4, 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scenes.extents import text_box
from scenes.glyphs import outline as glyph_outline
from scenes.shapes import Box, Formula, Path, Pattern, Rect, Rgba, Shape, Text
from scenes.typeface import face

Curves = NDArray[np.float64]
NOTHING = Rgba(0, 0, 0, 0)
HATCH_STEP, HATCH_LINE = 9.0, 2.0
DOT_STEP, DOT_RADIUS = 10.0, 1.8
_ARC = 4 / 3 * (math.sqrt(2) - 1)
"""How far a quarter circle's handles reach."""


@dataclass(frozen=True, slots=True)
class Part:
    """Curves with one fill and one stroke. The same array stands for the same curves."""

    curves: Curves
    x: float = 0
    """How far to the right the curves are moved."""
    y: float = 0
    """How far down the curves are moved."""
    fill: Rgba = NOTHING
    stroke: Rgba = NOTHING
    line: float = 0


FormulaCurves = Callable[[Formula], Curves]
"""Typesets a formula into its box; the stage brings it, because only Manim can."""


def outline(shape: Shape, typeset: FormulaCurves) -> Iterator[Part]:
    """The parts of a painted shape, in drawing order."""
    if shape.opacity <= 0:
        return
    match shape:
        case Rect():
            yield from _rect(shape)
        case Text():
            curves = _line_of_text(shape.text, shape.size, shape.face)
            left = text_box(shape).x
            yield Part(curves, left, shape.y, _faded(shape.ink, shape.opacity))
        case Path():
            yield from _path(shape)
        case Formula():
            yield Part(typeset(shape), fill=_faded(shape.ink, shape.opacity))


def _faded(ink: object, opacity: float) -> Rgba:
    assert isinstance(ink, Rgba), "only painted pictures are drawn"
    return ink._replace(a=ink.a * opacity)


def _rect(shape: Rect) -> Iterator[Part]:
    box = shape.box
    if box.w <= 0 or box.h <= 0:
        return
    fill, stroke = _faded(shape.fill, shape.opacity), _faded(shape.stroke, shape.opacity)
    curves = rounded(box.w, box.h, min(shape.radius, box.w / 2, box.h / 2))
    if fill.a or (stroke.a and shape.line):
        yield Part(curves, box.x, box.y, fill, stroke, shape.line)
    ink = _faded(shape.pattern_ink, shape.opacity)
    if shape.pattern is Pattern.HATCH:
        yield Part(_hatch(box.inset(1)), stroke=ink, line=HATCH_LINE)
    elif shape.pattern is Pattern.DOTS:
        yield Part(_dots(box.inset(2)), fill=ink)


@lru_cache(maxsize=4096)
def rounded(width: float, height: float, radius: float) -> Curves:
    """A rectangle from (0, 0), clockwise on screen, with round corners."""
    w, h, r = width, height, radius
    k = r * (1 - _ARC)
    corners = [
        ((r, 0), (w - r, 0), (w - k, 0), (w, k), (w, r)),
        ((w, r), (w, h - r), (w, h - k), (w - k, h), (w - r, h)),
        ((w - r, h), (r, h), (k, h), (0, h - k), (0, h - r)),
        ((0, h - r), (0, r), (0, k), (k, 0), (r, 0)),
    ]
    curves = []
    for start, end, handle, other, corner in corners:
        curves.append(_straight(start, end))
        if r > 0:
            curves.append(np.array([end, handle, other, corner], dtype=np.float64))
    return np.array(curves)


def _straight(start: tuple[float, float], end: tuple[float, float]) -> Curves:
    a, b = np.array(start, dtype=np.float64), np.array(end, dtype=np.float64)
    return np.array([a, a + (b - a) / 3, a + (b - a) * 2 / 3, b])


@lru_cache(maxsize=4096)
def _hatch(box: Box) -> Curves:
    """Diagonal lines, in step all over the canvas so that they run on from cell to cell."""
    first = math.floor((box.x + box.y) / HATCH_STEP)
    last = math.ceil((box.right + box.bottom) / HATCH_STEP)
    lines = []
    for number in range(first, last + 1):
        total = number * HATCH_STEP  # the line x + y = total
        x0, x1 = max(box.x, total - box.bottom), min(box.right, total - box.y)
        if x1 - x0 > 0.5:
            lines.append(_straight((x0, total - x0), (x1, total - x1)))
    return np.array(lines).reshape(-1, 4, 2)


@lru_cache(maxsize=4096)
def _dots(box: Box) -> Curves:
    """Dots in rows, the grid centred in the box."""
    columns, rows = (max(1, int(side // DOT_STEP)) for side in (box.w, box.h))
    circle = rounded(2 * DOT_RADIUS, 2 * DOT_RADIUS, DOT_RADIUS)[1::2] - DOT_RADIUS
    x0 = box.centre[0] - (columns - 1) * DOT_STEP / 2
    y0 = box.centre[1] - (rows - 1) * DOT_STEP / 2
    return np.concatenate(
        [
            circle + (x0 + column * DOT_STEP, y0 + row * DOT_STEP)
            for row in range(rows)
            for column in range(columns)
        ]
    )


@lru_cache(maxsize=8192)
def _line_of_text(text: str, size: float, face_name: str) -> Curves:
    """The glyphs of one line, from (0, 0) on the baseline."""
    offsets = face(face_name).offsets(text, size)
    glyphs = [
        glyph_outline(face_name, character) * (size, -size) + (x, 0)
        for character, x in zip(text, offsets, strict=False)
        if character != " "
    ]
    return np.concatenate(glyphs) if glyphs else np.empty((0, 4, 2))


def _path(shape: Path) -> Iterator[Part]:
    ink = _faded(shape.ink, shape.opacity)
    points = np.array(shape.points, dtype=np.float64)
    towards = points[-1] - points[-2]
    length = float(np.hypot(*towards))
    if shape.head and length > 0:
        direction = towards / length
        tip, across = points[-1].copy(), np.array([-direction[1], direction[0]])
        points[-1] = tip - direction * shape.head * 0.8
        base, half = tip - direction * shape.head, across * shape.head * 0.5
        triangle = [tip, base + half, base - half, tip]
        sides = pairwise(triangle)
        yield Part(np.array([_straight(tuple(a), tuple(b)) for a, b in sides]), fill=ink)
    if shape.smooth:
        curves = points.reshape(1, 4, 2)
    else:
        pairs = pairwise(points)
        curves = np.array([_straight(tuple(a), tuple(b)) for a, b in pairs])
    yield Part(curves, stroke=ink, line=shape.line)
