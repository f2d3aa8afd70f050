"""Arrows from the rows of block tables to their blocks. Of more than a few tables each has a trunk
that its arrows share: lines that meet at right angles can be told apart, a bundle of curves not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pagereel.scenes.shapes.picture import Path

FEW = 2
"""Sequences in a video; where there are no more, arrows curve straight to their blocks."""
OUT, INTO, APART = -5, 5, 2.5
"""An arrow of a trunk leaves its row above the middle and arrives below a block's, and what runs
across keeps apart: so no line lies on another table's."""
TRUNK, NEAR, TIP, HEAD = 7, 5, 14, 9
"""Between two trunks at most; from the table to the first and from the last to the arrows' ends, at
least; length of an arrow's head."""

Point = tuple[float, float]


class Target(NamedTuple):
    """Where an arrow to a block ends, left of its id."""

    x: float
    y: float
    height: float
    """Of the block's first row."""
    over: Point | None = None
    """For a block that stands beside another: the corner from which its arrow comes down, at the
    height of the gap over the block before it."""


class Arrow(NamedTuple):
    """One arrow, ready to be laid."""

    key: str
    start: Point
    target: Target
    place: int
    """Of its table among the lane's, from 0 at the top."""
    sharer: int
    sharers: int
    """Which of how many owners of the block its table is."""
    ink: str
    is_fresh: bool
    """Whether this step has written its row."""
    tags: frozenset[str]


def lay(arrows: Sequence[Arrow], tables: int, sequences: int) -> Iterator[Path]:
    """The arrows of a lane with so many tables, in a video with so many sequences."""
    taken = [arrow.target.over[1] for arrow in arrows if arrow.target.over is not None]
    outs = [_clear(arrow.start[1] + OUT, taken) for arrow in arrows]
    taken += outs
    for arrow, out in zip(arrows, outs, strict=True):
        if sequences <= FEW and arrow.target.over is None:
            yield _path(arrow, _curved(arrow), smooth=True)
            continue
        into = _clear(arrow.target.y + _arrival(arrow), taken)
        taken.append(into)
        yield _path(arrow, _through_trunk(arrow, tables, out, into), smooth=False)


def _path(arrow: Arrow, points: tuple[Point, ...], *, smooth: bool) -> Path:
    line = 3 if arrow.is_fresh else 2
    return Path(arrow.key, points, arrow.ink, line, HEAD, smooth, tags=arrow.tags)


def _clear(height: float, taken: Sequence[float]) -> float:
    """The height, or the nearest one at which no other line runs."""
    ways = (height + way for way in (0, 4, -4, 7, -7, 10, -10))
    return next((y for y in ways if all(abs(y - other) >= APART for other in taken)), height)


def _curved(arrow: Arrow) -> tuple[Point, ...]:
    (x0, y0), (x1, y1) = arrow.start, (arrow.target.x, arrow.target.y)
    bend = (x1 - x0) * 0.55
    return (x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)


def _through_trunk(arrow: Arrow, tables: int, out: float, into: float) -> tuple[Point, ...]:
    """Out of the row, along the trunk, and in; the trunk of the table on top is the rightmost."""
    x0, end = arrow.start[0], arrow.target.x
    nearest = x0 + NEAR
    left = (end if arrow.target.over is None else nearest + TRUNK * tables) - TIP - nearest
    apart = min(TRUNK, left / max(tables - 1, 1))
    x = nearest + apart * (tables - 1 - arrow.place)
    if arrow.target.over is None:
        return (x0, out), (x, out), (x, into), (end, into)
    corner, gap = arrow.target.over
    return (x0, out), (x, out), (x, gap), (corner, gap), (corner, into), (end, into)


def _arrival(arrow: Arrow) -> float:
    """How far below the middle of the block's first row: at the owner's part of what is shared."""
    if arrow.sharers < 2:
        return INTO
    return arrow.target.height * ((arrow.sharer + 0.5) / arrow.sharers - 0.5)
