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

from pagereel.scenes.drawing.glyphs import outline as glyph_outline
from pagereel.scenes.shapes.extents import text_box
from pagereel.scenes.shapes.lines import DOT_RADIUS, HATCH_LINE, arrow, dots, hatch
from pagereel.scenes.shapes.picture import Box, Formula, Path, Pattern, Rect, Rgba, Shape, Text
from pagereel.scenes.shapes.typeface import face

Curves = NDArray[np.float64]
NOTHING = Rgba(0, 0, 0, 0)
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
"""Typesets a formula into its box; see `scenes.drawing.formulas`."""


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
    return np.array([_straight(*line) for line in hatch(box)]).reshape(-1, 4, 2)


@lru_cache(maxsize=4096)
def _dots(box: Box) -> Curves:
    circle = rounded(2 * DOT_RADIUS, 2 * DOT_RADIUS, DOT_RADIUS)[1::2] - DOT_RADIUS
    return np.concatenate([circle + centre for centre in dots(box)])


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
    points, head = arrow(shape)
    if head:
        yield Part(np.array([_straight(*side) for side in pairwise((*head, head[0]))]), fill=ink)
    if shape.smooth:
        curves = np.array(points, dtype=np.float64).reshape(1, 4, 2)
    else:
        curves = np.array([_straight(*side) for side in pairwise(points)])
    yield Part(curves, stroke=ink, line=shape.line)
