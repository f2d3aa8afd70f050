"""Where each panel stands: the same place for the same thing, all through a video."""

from __future__ import annotations

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
    """The boxes for so many lanes side by side. One branch an aspect."""
    assert canvas.name == "16:9", "9:16 and 1:1 are arranged here, next to this one"
    safe = canvas.safe
    metrics_width = 304
    lanes_area = Box(safe.x, 292, safe.w - metrics_width - GAP, 612)
    lane_width = (lanes_area.w - GAP * (lane_count - 1)) / lane_count
    return Arrangement(
        header=Box(safe.x, safe.y, safe.w, 64),
        prompt=Box(safe.x, 136, safe.w, 138),
        lanes=tuple(
            Box(lanes_area.x + i * (lane_width + GAP), lanes_area.y, lane_width, lanes_area.h)
            for i in range(lane_count)
        ),
        metrics=Box(safe.right - metrics_width, lanes_area.y, metrics_width, lanes_area.h),
        caption=Box(safe.x, 928, safe.w, 98),
    )
