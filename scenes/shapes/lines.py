"""Where the lines of patterns and arrows lie: the same for every painter. Arithmetic only."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pagereel.scenes.shapes.picture import Box, Path

HATCH_STEP, HATCH_LINE = 9.0, 2.0
DOT_STEP, DOT_RADIUS = 10.0, 1.8

Point = tuple[float, float]


def hatch(box: Box) -> Iterator[tuple[Point, Point]]:
    """Diagonal lines, in step all over the canvas so that they run on from cell to cell."""
    first = math.floor((box.x + box.y) / HATCH_STEP)
    last = math.ceil((box.right + box.bottom) / HATCH_STEP)
    for number in range(first, last + 1):
        total = number * HATCH_STEP  # the line x + y = total
        x0, x1 = max(box.x, total - box.bottom), min(box.right, total - box.y)
        if x1 - x0 > 0.5:
            yield (x0, total - x0), (x1, total - x1)


def dots(box: Box) -> Iterator[Point]:
    """The centres of dots in rows, the grid centred in the box."""
    columns, rows = (max(1, int(side // DOT_STEP)) for side in (box.w, box.h))
    x0 = box.centre[0] - (columns - 1) * DOT_STEP / 2
    y0 = box.centre[1] - (rows - 1) * DOT_STEP / 2
    for row in range(rows):
        for column in range(columns):
            yield x0 + column * DOT_STEP, y0 + row * DOT_STEP


def arrow(path: Path) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """The points of the line, shortened for the head, and the head's corners; none without one."""
    points = path.points
    (x0, y0), (x1, y1) = points[-2:]
    length = math.hypot(x1 - x0, y1 - y0)
    if not path.head or not length:
        return points, ()
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    end = (x1 - dx * path.head * 0.8, y1 - dy * path.head * 0.8)
    base, half = (x1 - dx * path.head, y1 - dy * path.head), path.head * 0.5
    one = (base[0] - dy * half, base[1] + dx * half)
    other = (base[0] + dy * half, base[1] - dx * half)
    return (*points[:-1], end), ((x1, y1), one, other)
