"""Axes of charts: from zero, at round numbers; and how amounts are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scenes.shapes import Box

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
