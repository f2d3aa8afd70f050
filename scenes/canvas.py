"""The frame of each aspect, and where each panel stands in it.

The same place for the same thing, all through a video.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from pagereel.scenes.shapes.picture import Box

GAP = 24
"""Between cards."""


class Parts(NamedTuple):
    """What there is to arrange between headline and caption."""

    lanes: int
    """How many."""
    above: bool = True
    """Whether there is a panel above the lanes."""
    beside: str = "metrics"
    """The panel beside the lanes; empty: none."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The boxes of one aspect's panels, in pixels; what is absent leaves its room to the lanes."""

    header: Box
    above: Box
    lanes: tuple[Box, ...]
    beside: Box
    caption: Box


@dataclass(frozen=True, slots=True)
class Canvas:
    """The frame of one aspect, in 1080p pixels."""

    name: str
    width: int
    height: int
    layout: Callable[[Box, Parts], Arrangement]
    """Where panels stand: from the safe frame, and what there is."""

    @property
    def frame(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)

    @property
    def safe(self) -> Box:
        """Inside the 5 % margins."""
        return self.frame.inset(self.width * 0.05, self.height * 0.05)


def arrange(canvas: Canvas, parts: Parts) -> Arrangement:
    """The boxes for these parts: lanes side by side where it is wide, else one below the other.

    There the panel beside the lanes stands below them: metrics as a low strip, others higher.
    """
    return canvas.layout(canvas.safe, parts)


def _wide(safe: Box, parts: Parts) -> Arrangement:
    width_beside, top, foot = 304, 292, 904
    if not parts.above:
        top = 136
    area = Box(safe.x, top, safe.w - (width_beside + GAP if parts.beside else 0), foot - top)
    lane_count = parts.lanes
    width = (area.w - GAP * (lane_count - 1)) / max(lane_count, 1)
    return Arrangement(
        header=Box(safe.x, safe.y, safe.w, 64),
        above=Box(safe.x, 136, safe.w, 138),
        lanes=tuple(
            Box(area.x + i * (width + GAP), area.y, width, area.h) for i in range(lane_count)
        ),
        beside=Box(safe.right - width_beside, area.y, width_beside, area.h),
        caption=Box(safe.x, 928, safe.w, 98),
    )


STRIP = 76
"""Height of the metrics where they stand below the lanes."""


def _tall(safe: Box, parts: Parts) -> Arrangement:
    foot, gap = STRIP if parts.beside == "metrics" else 284, 16
    top, below = 400 if parts.above else 248, foot + gap if parts.beside else 0
    return Arrangement(
        header=Box(safe.x, safe.y, safe.w, 136),
        above=Box(safe.x, 248, safe.w, 138),
        lanes=_stack(Box(safe.x, top, safe.w, 1632 - below - top), parts.lanes, 20),
        beside=Box(safe.x, 1632 - foot, safe.w, foot),
        caption=Box(safe.x, 1652, safe.w, 172),
    )


def _square(safe: Box, parts: Parts) -> Arrangement:
    foot, gap = STRIP if parts.beside == "metrics" else 180, 12
    top, below = 248 if parts.above else 146, foot + gap if parts.beside else 0
    return Arrangement(
        header=Box(safe.x, safe.y, safe.w, 84),
        above=Box(safe.x, 146, safe.w, 92),
        lanes=_packed(Box(safe.x, top, safe.w, 882 - below - top), parts.lanes, 12),
        beside=Box(safe.x, 882 - foot, safe.w, foot),
        caption=Box(safe.x, 894, safe.w, 132),
    )


def _packed(area: Box, count: int, gap: float) -> tuple[Box, ...]:
    """One below the other; four of them two by two, where each would be too low."""
    if count < 4:
        return _stack(area, count, gap)
    width = (area.w - gap) / 2
    columns = (_stack(Box(x, area.y, width, area.h), 2, gap) for x in (area.x, area.right - width))
    left, right = columns
    return left[0], right[0], left[1], right[1]


def _stack(area: Box, count: int, gap: float) -> tuple[Box, ...]:
    height = (area.h - gap * (count - 1)) / max(count, 1)
    return tuple(Box(area.x, area.y + i * (height + gap), area.w, height) for i in range(count))


CANVASES = {
    canvas.name: canvas
    for canvas in (
        Canvas("16:9", 1920, 1080, _wide),
        Canvas("9:16", 1080, 1920, _tall),
        Canvas("1:1", 1080, 1080, _square),
    )
}
"""The aspects. Each has its own arrangement: re-flowed, never letterboxed."""
