"""Things in a row that breaks where it ends, or one below the other; of too many, both ends."""

from __future__ import annotations

from collections.abc import Sequence

from scenes.shapes import Box

GAP = 6
"""Between two things in a row."""
MOST = 120
"""No more are ever shown."""


def place(widths: Sequence[float], box: Box, pitch: float, way: str) -> list[Box] | None:
    """Boxes for things of these widths, in `rows` or in a `column`; None if they do not fit."""
    x, y = box.x, box.y
    found: list[Box] = []
    for width in widths:
        breaks = bool(found) and (way == "column" or x + width > box.right + 0.1)
        x, y = (box.x, y + pitch) if breaks else (x, y)
        if y + pitch > box.bottom + 0.1:
            return None
        found.append(Box(x, y, width, pitch))
        x += width + GAP
    return found


def fold(
    widths: Sequence[float], more: float, box: Box, pitch: float, way: str
) -> tuple[list[int | None], int]:
    """Which things are shown, by index, with None for the rest; and how many the rest are.

    `more` is the width of what stands for the rest.
    """
    everything: list[int | None] = [*range(len(widths))]
    if len(widths) <= MOST and place(widths, box, pitch, way) is not None:
        return everything, 0
    for shown in range(min(len(widths) - 1, MOST), 0, -1):
        last = shown // 3
        kept = [*everything[: shown - last], None, *everything[len(widths) - last :]]
        if place([more if i is None else widths[i] for i in kept], box, pitch, way) is not None:
            return kept, len(widths) - shown
    return [None], len(widths)
