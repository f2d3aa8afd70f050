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
    markers: int = 0
    """Of lanes that are there, and not drawn: where one is drawn at a time."""
    are_fields: bool = False
    """Whether memories are too large for single slots, and their counts are long."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The boxes of one aspect's panels, in pixels; what is absent leaves its room to the lanes."""

    header: Box
    above: Box
    lanes: tuple[Box, ...]
    beside: Box
    caption: Box
    markers: tuple[Box, ...] = ()
    """Under the lane that is drawn, of each of the others; none where a panel tells of them."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The frame of one aspect, in units: pixels of a wide frame with 1080 lines.

    A film that is 1080 pixels wide and upright, or square, is looked at on a smaller screen. So it
    has fewer units than pixels, and everything in it is larger: type of 28 units has 28 pixels in
    16:9, 34 in 9:16, 32 in 1:1.
    """

    name: str
    width: int
    height: int
    layout: Callable[[Parts], Arrangement]
    """Where panels stand, from what there is."""
    is_one_at_a_time: bool = False
    """Whether one lane is drawn, and of each other a marker."""
    leading: str = ""
    """Which one that is, where it is there; empty: the one that acts."""
    smaller: float = 1
    """By which panels are drawn smaller that have labels alone: those stay larger than words in
    cells may be."""

    @property
    def rows(self) -> int:
        """Pixels of its height at 1080p: 1,080 on the shorter side."""
        return round(self.height * 1080 / min(self.width, self.height))

    @property
    def frame(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)

    @property
    def safe(self) -> Box:
        """Inside the 5 % margins."""
        return self.frame.inset(self.width * 0.05, self.height * 0.05)


def arrange(canvas: Canvas, parts: Parts) -> Arrangement:
    """The boxes for these parts: lanes side by side where it is wide, else one and its markers.

    There the panel beside the lanes stands below them: metrics as a low strip, others higher.
    Words keep to the safe frame; cards reach beyond it by their padding, so that the words on them
    stand in line with those outside.
    """
    return canvas.layout(parts)


BEYOND = 24
"""By which cards reach beyond the safe frame on each side."""


def _wide(parts: Parts) -> Arrangement:
    x, width, gap = 96, 1728, 16
    width_beside = 268 if parts.beside == "metrics" and not parts.are_fields else 336
    top, foot = 244 if parts.above else 124, 936
    beside = width_beside + gap if parts.beside else 0
    area = Box(x - BEYOND, top, width + 2 * BEYOND - beside, foot - top)
    lane = (area.w - gap * (parts.lanes - 1)) / max(parts.lanes, 1)
    return Arrangement(
        header=Box(x, 52, width, 60),
        above=Box(x, 110, width, 132),
        lanes=tuple(Box(area.x + i * (lane + gap), top, lane, area.h) for i in range(parts.lanes)),
        beside=Box(x + width + BEYOND - width_beside, top, width_beside, area.h),
        caption=Box(x, 949, width, 78),
    )


LOW_STRIP, STRIP, NAMED_STRIP = 48, 96, 140
"""Height of the metrics where they stand below the lanes: in one line, without the parts' names,
and with."""


MARKER, LOW_MARKER = 92, 48
"""Height of one marker where there is room, else; and of each of several."""


class _Upright(NamedTuple):
    """Where things stand in a frame that shows one lane at a time, one thing under the other."""

    x: float
    width: float
    beyond: float
    """By which cards reach beyond that on each side."""
    header: tuple[float, float]
    above: tuple[float, float]
    caption: tuple[float, float]
    """Each: its top and its height."""
    top: tuple[float, float]
    """Where lanes begin: without a panel above them, and with one."""
    end: float
    """Where the lowest card ends."""
    gap: float
    caption_width: float
    marker: float = MARKER
    """Height of the only one."""
    markers_across: int = 1
    """How many stand side by side."""


def _upright(where: _Upright, parts: Parts, foot: float) -> Arrangement:
    """`foot` is the height of the panel below the lanes."""
    x, width, gap = where.x, where.width, where.gap
    top = where.top[parts.above]
    across, wide = x - where.beyond, width + 2 * where.beyond
    column = _Column(Box(across, top, wide, where.end - top), gap)
    beside = column.take(foot) if parts.beside else Box(across, where.end - foot, wide, foot)
    return Arrangement(
        header=Box(x, where.header[0], width, where.header[1]),
        above=Box(x, where.above[0], width, where.above[1]),
        markers=column.markers(parts.markers, where.marker, where.markers_across),
        lanes=_stack(column.left, parts.lanes, gap),
        beside=beside,
        caption=Box(x, where.caption[0], where.caption_width, where.caption[1]),
    )


def _tall(parts: Parts) -> Arrangement:
    """Apps for upright films lay their buttons over the lowest 15 % and the right edge of what is
    above: there is nothing below, and captions keep away from the edge."""
    where = _Upright(
        45, 792, BEYOND, header=(80, 112), above=(196, 150), caption=(1225, 107), top=(202, 348),
        end=1221, gap=10, caption_width=722,
    )  # fmt: skip
    return _upright(where, parts, NAMED_STRIP if parts.beside == "metrics" else 290)


TELLING = ("gauges", "history", "holes")
"""Panels that tell of all lanes: markers beside them would say it twice."""


def _square(parts: Parts) -> Arrangement:
    where = _Upright(
        48, 849, BEYOND, header=(48, 78), above=(127, 104), caption=(785, 112), top=(132, 236),
        end=776, gap=8, caption_width=849, marker=LOW_MARKER,
        markers_across=2,
    )  # fmt: skip
    told = parts.lanes + parts.markers
    if parts.beside in TELLING:
        parts = parts._replace(markers=0)
    if parts.beside == "metrics":
        strips = {1: LOW_STRIP, 2: STRIP}
        return _upright(where, parts, strips.get(parts.lanes, 120))
    feet = {"free-queue": 140, "holes": 170}
    foot = 226 if told > 3 else feet.get(parts.beside, 178)
    return _upright(where, parts, foot)


def _phone(parts: Parts) -> Arrangement:
    """As high as a phone leaves room for above what a page says and its controls; out to the edges,
    for a page has margins of its own."""
    where = _Upright(
        22, 608, 12, header=(40, 84), above=(130, 150), caption=(988, 140), top=(130, 286),
        end=980, gap=10, caption_width=608,
    )  # fmt: skip
    return _upright(where, parts, NAMED_STRIP if parts.beside == "metrics" else 290)


class _Column:
    """A box from whose end parts are taken."""

    def __init__(self, box: Box, gap: float) -> None:
        self.left = box
        self._gap = gap

    def take(self, height: float) -> Box:
        """The lowest part that is left, so high."""
        box, gap = self.left, self._gap
        self.left = Box(box.x, box.y, box.w, box.h - height - gap)
        return Box(box.x, box.bottom - height, box.w, height)

    def markers(self, count: int, only: float, across: int) -> tuple[Box, ...]:
        """In rows of so many, in order; the only one is `only` high."""
        height = only if count == 1 else LOW_MARKER
        firsts = range(0, count, across)
        rows = [(self.take(height), min(across, count - first)) for first in reversed(firsts)]
        return tuple(
            Box(row.x + i * (row.w + self._gap) / n, row.y, (row.w + self._gap) / n - self._gap,
                row.h)
            for row, n in reversed(rows) for i in range(n)
        )  # fmt: skip


def _stack(area: Box, count: int, gap: float) -> tuple[Box, ...]:
    height = (area.h - gap * (count - 1)) / max(count, 1)
    return tuple(Box(area.x, area.y + i * (height + gap), area.w, height) for i in range(count))


CANVASES = {
    canvas.name: canvas
    for canvas in (
        Canvas("16:9", 1920, 1080, _wide),
        Canvas("9:16", 882, 1568, _tall, is_one_at_a_time=True),
        Canvas("1:1", 945, 945, _square, is_one_at_a_time=True),
    )
}
"""The aspects. Each has its own arrangement: re-flowed, never letterboxed."""
PHONE = Canvas("phone", 652, 1130, _phone, is_one_at_a_time=True, smaller=0.72)
"""A page's on a phone that is 390 pixels wide. Its 652 units are 720 pixels: the smallest words
have 22 of them, and 11.5 on the phone, within the page's margins. Headline and caption have little
room: a page says both in its own text."""
