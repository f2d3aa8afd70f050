"""The frame of a chart over time: two axes from zero, and their numbers at the outer edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scenes.pictures.charts.axis import Axis, amount, tick_words
from scenes.pictures.moment import Typefaces
from scenes.shapes import Anchor, Box, Path, Shape, Text
from scenes.style import SIZE_LABEL

NO_TAGS: frozenset[str] = frozenset()


class Axes(NamedTuple):
    """Time to the right, size upwards, and what they are counted in."""

    time: Axis
    size: Axis
    time_unit: str
    size_unit: str
    time_scale: float = 1
    """What one step of the axis counts for in the unit."""


def plot_frame(key: str, plot: Box, tags: frozenset[str] = NO_TAGS) -> Iterator[Shape]:
    """The lines of both axes."""
    across, up = ((plot.x, plot.bottom), (plot.right, plot.bottom)), (plot.x, plot.y)
    yield Path(f"{key}/x", across, "edge", 1.5, tags=tags)
    yield Path(f"{key}/y", (up, (plot.x, plot.bottom)), "edge", 1.5, tags=tags)


def size_numbers(
    key: str, plot: Box, axes: Axes, faces: Typefaces, tags: frozenset[str] = NO_TAGS
) -> Iterator[Shape]:
    """The most and zero, left of the plot."""
    for name, value, y in (("most", axes.size.most, plot.y + 16), ("zero", 0.0, plot.bottom)):
        text = amount(value, axes.size_unit) if value else "0"
        yield Text(f"{key}/y/{name}", plot.x - 12, y, text, SIZE_LABEL, "muted", faces.text,
                   Anchor.END, tags=tags)  # fmt: skip


def time_numbers(
    key: str, plot: Box, axes: Axes, faces: Typefaces, tags: frozenset[str] = NO_TAGS
) -> Iterator[Shape]:
    """The ticks' numbers below the plot; the unit stands at the last one."""
    time, measures = axes.time, faces.measures("text")
    for i, tick in enumerate(time.ticks):
        number, x = tick_words(time, tick * axes.time_scale), time.at(tick)
        text = f"{number} {axes.time_unit}" if i == len(time.ticks) - 1 else number
        half = measures.width(text, SIZE_LABEL) / 2
        anchor = Anchor.START if i == 0 else Anchor.MIDDLE
        if x + half > plot.right:
            x, anchor = plot.right, Anchor.END
        yield Text(f"{key}/x/{i}", x, plot.bottom + 32, text, SIZE_LABEL, "muted", faces.text,
                   anchor, tags=tags)  # fmt: skip
