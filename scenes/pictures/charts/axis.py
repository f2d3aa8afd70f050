"""The frame of a chart over time: two axes from zero, and their numbers at the outer edges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pagereel.scenes.pictures.moment import Typefaces
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Shape, Text
from pagereel.scenes.style import SIZE_LABEL

KIB, MIB, GIB = 2**10, 2**20, 2**30


@dataclass(frozen=True, slots=True)
class Axis:
    """Numbers from 0 to `most` along a length of pixels."""

    start: float
    length: float
    most: float
    step: float
    """Between two ticks."""

    def at(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + self.span(value)

    def span(self, value: float) -> float:
        """So many pixels long."""
        return self.length * value / self.most

    @property
    def ticks(self) -> tuple[float, ...]:
        """From zero up; never beyond the end."""
        count = math.floor(self.most / self.step + 1e-9)
        return tuple(self.step * i for i in range(count + 1))


def axis(start: float, length: float, most: float, unit: str, ticks: int = 5) -> Axis:
    """An axis that reaches `most`, with about so many ticks at round numbers.

    Bytes end where the largest bar does: that is the budget. Others end at a tick.
    """
    step = round_step(most / ticks if most > 0 else 1, unit)
    end = most if unit == "bytes" else step * max(1, math.ceil(most / step - 1e-9))
    return Axis(start, length, end, step)


def across(box: Box, most: float, unit: str, ticks: int = 5) -> Axis:
    """An axis along the width of a box."""
    return axis(box.x, box.w, most, unit, ticks)


def amount(value: float, unit: str) -> str:
    """A number with its unit, short: `24.8 MiB`, `1,430 tokens/s`, `0.8 ms`."""
    if unit == "bytes":
        return _bytes(value)
    return f"{plain(value)} {unit}".strip()


def plain(value: float) -> str:
    """Three digits that count, no more: `0.83`, `47.9`, `173`, `1,430`."""
    if value == int(value):
        return f"{value:,.0f}"
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2
    return f"{value:,.{decimals}f}"


def tick_words(axis: Axis, tick: float) -> str:
    """A tick's number, with as many decimals as the others need."""
    step = axis.step
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    return f"{tick:,.{decimals}f}" if tick else "0"


def _bytes(value: float) -> str:
    unit, name = (GIB, "GiB") if value >= GIB else (MIB, "MiB") if value >= MIB else (KIB, "KiB")
    return f"{plain(value / unit) if value else '0'} {name if value else 'MiB'}"


def round_step(about: float, unit: str) -> float:
    """The round number next above: 1, 2 or 5 with zeros; of bytes, a power of two."""
    if unit == "bytes":
        return float(2 ** math.ceil(math.log2(about)))
    power = 10.0 ** math.floor(math.log10(about))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= about * 0.999)
    return max(step, 1.0) if unit == "" else step


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
    """The most and zero, left of the plot; in a low one the most alone."""
    numbers = [("most", axes.size.most, plot.y + 16), ("zero", 0.0, plot.bottom)]
    for name, value, y in numbers[: 2 if plot.h > 16 + SIZE_LABEL else 1]:
        text = amount(value, axes.size_unit) if value else "0"
        yield Text(f"{key}/y/{name}", plot.x - 12, y, text, SIZE_LABEL, "muted", faces.text,
                   Anchor.END, tags=tags)  # fmt: skip


def time_numbers(
    key: str, plot: Box, axes: Axes, faces: Typefaces, tags: frozenset[str] = NO_TAGS
) -> Iterator[Shape]:
    """The ticks' numbers below the plot; the unit stands at the last one."""
    time, measures = axes.time, faces.measures("text")
    last = len(time.ticks) - 1
    unit = f"{tick_words(time, time.ticks[last] * axes.time_scale)} {axes.time_unit}"
    end = min(time.at(time.ticks[last]) + measures.width(unit, SIZE_LABEL) / 2, plot.right)
    start = end - measures.width(unit, SIZE_LABEL) - 12
    for i, tick in enumerate(time.ticks):
        number, x = tick_words(time, tick * axes.time_scale), time.at(tick)
        text = f"{number} {axes.time_unit}" if i == len(time.ticks) - 1 else number
        half = measures.width(text, SIZE_LABEL) / 2
        if 0 < i < last and x + half > start:
            continue  # the last one is there, with the unit
        anchor = Anchor.START if i == 0 else Anchor.MIDDLE
        if x + half > plot.right:
            x, anchor = plot.right, Anchor.END
        yield Text(f"{key}/x/{i}", x, plot.bottom + 32, text, SIZE_LABEL, "muted", faces.text,
                   anchor, tags=tags)  # fmt: skip
