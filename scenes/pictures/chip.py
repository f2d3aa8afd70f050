"""The letter of a request on its colour: how requests are named everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_CELL, SIZE_LABEL

CHIP = 36
"""Width and height of a chip with one letter."""
PRIMES = ("", "′", "″", "‴")
"""What stands after a name, by group of layers; from the fourth on they look alike."""
LOW = 26
"""A chip that is lower, in low rows, has a smaller letter."""


def chip(
    moment: Moment,
    key: str,
    name: str,
    x: float,
    middle: float,
    tags: frozenset[str],
    *,
    look: str = "solid",
    height: float = CHIP,
    group: int = 0,
) -> tuple[Shape, ...]:
    """The name of a request or sequence on its colour: left edge at x, centred on `middle`.

    `look` is `solid`, `pale`, or `open`: pale with an outline. On tables of groups of layers the
    name has a prime for each group before: A, A′, A″.
    """
    box = Box(x, middle - height / 2, chip_width(moment, name, group), height)
    size = SIZE_LABEL if height >= LOW else SIZE_CELL
    label = Text(
        key=f"{key}/word",
        x=box.centre[0],
        y=baseline(middle, size),
        text=_label(moment, name, group),
        size=size,
        ink=moment.ink(name, "on", group) if look == "solid" else "text",
        face=moment.faces.bold,
        anchor=Anchor.MIDDLE,
        room=box,
        tags=tags,
    )
    fill = moment.ink(name, "solid" if look == "solid" else "pale", group)
    stroke, line = (moment.ink(name, "edge", group), 2) if look == "open" else (CLEAR, 0)
    return Rect(key, box, fill, stroke, line, radius=height / 2, tags=tags), label


def chip_width(moment: Moment, name: str, group: int = 0) -> float:
    """How wide the chip of a request or sequence is."""
    label = _label(moment, name, group)
    return max(CHIP, moment.faces.measures("bold").width(label, SIZE_LABEL) + 16)


def _label(moment: Moment, name: str, group: int) -> str:
    said = visible(name) + PRIMES[min(group, len(PRIMES) - 1)]
    return shorten(said, 58, SIZE_LABEL, moment.faces.measures("bold"))


MOST_NAMED = 12
"""Names in a sentence; of more only the number is told."""


def named_or_counted(names: Sequence[str]) -> str:
    """`A, B`, or `57 requests` where they are many."""
    if len(names) > MOST_NAMED:
        return f"{len(names):,} requests"
    return ", ".join(names) or "none"


def baseline(middle: float, size: float) -> float:
    """The baseline at which capitals of that size are centred on `middle`."""
    return round(middle + size * 0.345, 2)
