"""Where each panel stands: the same place for the same thing, all through a video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scenes.shapes import Box
from scenes.style import Canvas

GAP = 24
"""Between cards."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The boxes of one aspect's panels, in pixels."""

    header: Box
    prompt: Box
    lanes: tuple[Box, ...]
    metrics: Box
    caption: Box


def arrange(canvas: Canvas, lane_count: int) -> Arrangement:
    """The boxes for so many lanes: side by side where it is wide, one below the other elsewhere."""
    return _ARRANGEMENTS[canvas.name](canvas.safe, lane_count)


def _wide(safe: Box, lane_count: int) -> Arrangement:
    metrics_width = 304
    area = Box(safe.x, 292, safe.w - metrics_width - GAP, 612)
    width = (area.w - GAP * (lane_count - 1)) / lane_count
    return Arrangement(
        header=Box(safe.x, safe.y, safe.w, 64),
        prompt=Box(safe.x, 136, safe.w, 138),
        lanes=tuple(
            Box(area.x + i * (width + GAP), area.y, width, area.h) for i in range(lane_count)
        ),
        metrics=Box(safe.right - metrics_width, area.y, metrics_width, area.h),
        caption=Box(safe.x, 928, safe.w, 98),
    )


def _tall(safe: Box, lane_count: int) -> Arrangement:
    return Arrangement(
        header=Box(safe.x, safe.y, safe.w, 136),
        prompt=Box(safe.x, 248, safe.w, 138),
        lanes=_stack(Box(safe.x, 400, safe.w, 1140), lane_count, 20),
        metrics=Box(safe.x, 1556, safe.w, 76),
        caption=Box(safe.x, 1652, safe.w, 172),
    )


def _square(safe: Box, lane_count: int) -> Arrangement:
    return Arrangement(
        header=Box(safe.x, safe.y, safe.w, 84),
        prompt=Box(safe.x, 146, safe.w, 92),
        lanes=_stack(Box(safe.x, 248, safe.w, 546), lane_count, 12),
        metrics=Box(safe.x, 806, safe.w, 76),
        caption=Box(safe.x, 894, safe.w, 132),
    )


def _stack(area: Box, count: int, gap: float) -> tuple[Box, ...]:
    height = (area.h - gap * (count - 1)) / count
    return tuple(Box(area.x, area.y + i * (height + gap), area.w, height) for i in range(count))


_ARRANGEMENTS: dict[str, Callable[[Box, int], Arrangement]] = {
    "16:9": _wide,
    "9:16": _tall,
    "1:1": _square,
}
