"""A lane's capacity as one stacked bar: stored, reserved, internal, external, cached, free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pagereel.model.usage.occupancy import Split
from pagereel.scenes.shapes.picture import CLEAR, Box, Ink, Pattern, Rect, Shape
from pagereel.scenes.style import SUNK


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of a split: its name, its slots, and how it is drawn everywhere."""

    name: str
    slots: int
    fill: Ink
    pattern: Pattern = Pattern.NONE
    stroke: Ink = CLEAR


def parts(split: Split) -> tuple[BarPart, ...]:
    """The parts in the order of the bar; `cached` only where a lane caches."""
    found = (
        BarPart("stored", split.stored, "text"),
        BarPart("reserved", split.reserved, "slot", Pattern.HATCH),
        BarPart("internal", split.internal, SUNK, Pattern.DOTS),
        BarPart("external", split.external, CLEAR, Pattern.NONE, "muted"),
        BarPart("cached", split.cached, "slot", Pattern.NONE, "muted"),
        BarPart("free", split.free, "slot"),
    )
    return tuple(part for part in found if part.name != "cached" or part.slots)


def swatch(key: str, part: BarPart, box: Box, tags: frozenset[str]) -> Rect:
    """A rectangle that looks like the part."""
    return Rect(
        key=key,
        box=box,
        fill=part.fill,
        stroke=part.stroke,
        line=2 if part.stroke != CLEAR else 0,
        radius=min(6, box.w / 2, box.h / 2),
        pattern=part.pattern,
        pattern_ink="muted" if part.pattern else CLEAR,
        tags=tags,
        note=f"{part.name}: {part.slots} slots",
    )


def bar(key: str, split: Split, box: Box, tags: frozenset[str]) -> Iterator[Shape]:
    """The parts side by side, to scale; a part that is there is never thinner than its outline."""
    x = box.x
    for part in parts(split):
        width = box.w * part.slots / split.total
        inside = Box(x, box.y, max(width - 2, 0), box.h)
        yield swatch(f"{key}/{part.name}", part, inside, tags)
        x += width
