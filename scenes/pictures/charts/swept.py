"""What comes of one setting varied, on its own: panels below each other, a line a lane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagereel.scenes.canvas import Canvas
from pagereel.scenes.pictures.charts.axis import (
    Axes,
    Axis,
    axis,
    plot_frame,
    size_numbers,
)
from pagereel.scenes.pictures.charts.rows import flow
from pagereel.scenes.pictures.moment import FIRA, Typefaces
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Picture, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE

MOST_LINES = 6
"""More cannot be told apart."""
_LEFT, _GAP = 150, 96
"""Room for the numbers beside a panel, and between two."""


@dataclass(frozen=True, slots=True)
class SweptLine:
    """One line in every panel."""

    name: str
    values: tuple[tuple[float, ...], ...]
    """For each panel, one at each place."""
    places: tuple[float, ...]
    """Where its points stand on the axis, from left to right."""


@dataclass(frozen=True, slots=True)
class SweptPanel:
    """One quantity."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class SweptChart:
    """What the picture shows."""

    title: str
    setting: str
    """What is varied."""
    ticks: tuple[tuple[float, str], ...]
    """Places on its axis, and their words."""
    panels: tuple[SweptPanel, ...]
    lines: tuple[SweptLine, ...]
    facts: str
    """What the log is and what was assumed."""


def swept_chart(shown: SweptChart, canvas: Canvas, faces: Typefaces = FIRA) -> Picture:
    """The chart as a picture of its own. At most `MOST_LINES` lines."""
    assert 0 < len(shown.lines) <= MOST_LINES
    safe = canvas.safe
    title, facts = (
        shorten(visible(text), safe.w, size, faces.measures(face))
        for text, size, face in (
            (shown.title, SIZE_TITLE, "bold"),
            (shown.facts, SIZE_LABEL, "text"),
        )
    )
    legend, foot = _legend(shown, Box(safe.x, safe.y + 80, safe.w, 200), faces)
    plots = Box(safe.x + _LEFT, foot + 30, safe.w - _LEFT, safe.bottom - 40 - foot)
    shapes = (
        Text("swept/title", safe.x, safe.y + 46, title, SIZE_TITLE, "text", faces.bold),
        *legend,
        *_panels(shown, plots, faces),
        Text("swept/facts", safe.x, safe.bottom - 8, facts, SIZE_LABEL, "muted", faces.text),
    )
    names = ", ".join(line.name for line in shown.lines)
    what = " and ".join(panel.name for panel in shown.panels)
    alt = f"{title}. {what} by {shown.setting}: {names}. {facts}"
    return Picture(canvas.width, canvas.height, "background", shapes, alt=alt)


def _legend(shown: SweptChart, box: Box, faces: Typefaces) -> tuple[list[Shape], float]:
    """A stroke and a name for each line, and where they end."""
    measures = faces.measures("text")
    widths = [68 + measures.width(line.name, SIZE_LABEL) for line in shown.lines]
    places, height = flow(widths, box)
    shapes: list[Shape] = []
    for number, (line, (x, y)) in enumerate(zip(shown.lines, places, strict=True)):
        key = f"swept/legend/{number}"
        width = _width(number, len(shown.lines))
        shapes.append(Path(key, ((x, y + 14), (x + 44, y + 14)), _ink(number), width))
        shapes.append(_dot(f"{key}/dot", x + 22, y + 14, number, width))
        shapes.append(Text(f"{key}/told", x + 60, y + 24, line.name, SIZE_LABEL, "text",
                           faces.text))  # fmt: skip
    return shapes, box.y + height


def _panels(shown: SweptChart, box: Box, faces: Typefaces) -> Iterator[Shape]:
    count = len(shown.panels)
    height = (box.h - _GAP * count) / count
    first, last = shown.ticks[0][0], shown.ticks[-1][0]
    across = Axis(box.x + 24, box.w - 120, (last - first) or 1, 1)
    for number, panel in enumerate(shown.panels):
        key = f"swept/{number}"
        plot = Box(box.x, box.y + 48 + number * (height + _GAP), box.w, height - 48)
        most = max(value for line in shown.lines for value in line.values[number])
        up = axis(0, plot.h, most, panel.unit)
        yield Text(f"{key}/name", plot.x - _LEFT, plot.y - 18, panel.name, SIZE_BODY, "text",
                   faces.text)  # fmt: skip
        yield from plot_frame(key, plot)
        yield from size_numbers(key, plot, Axes(across, up, "", panel.unit), faces)
        for place, line in enumerate(shown.lines):
            points = [
                (across.at(at - first), plot.bottom - up.span(value))
                for at, value in zip(line.places, line.values[number], strict=True)
            ]
            yield from _line(f"{key}/{place}", points, place, len(shown.lines))
        yield from _ticks(key, plot, across, shown, faces)


def _line(
    key: str, points: Sequence[tuple[float, float]], number: int, count: int
) -> Iterator[Shape]:
    """Each is thinner than those below it, so that lines on each other are all seen."""
    width = _width(number, count)
    if len(points) > 1:
        yield Path(key, tuple(points), _ink(number), width)
    for place, (x, y) in enumerate(points):
        yield _dot(f"{key}/{place}", x, y, number, width)


def _width(number: int, count: int) -> float:
    return 3 + 3 * (count - 1 - number)


def _dot(key: str, x: float, y: float, number: int, width: float) -> Rect:
    size = width + 9
    return Rect(key, Box(x - size / 2, y - size / 2, size, size), _ink(number), radius=size / 2)


def _ink(number: int) -> str:
    return f"request {number} line"


def _ticks(
    key: str, plot: Box, across: Axis, shown: SweptChart, faces: Typefaces
) -> Iterator[Shape]:
    """The values below the panel: those for which there is room."""
    measures, end = faces.measures("text"), 0.0
    first = shown.ticks[0][0]
    for number, (place, words) in enumerate(shown.ticks):
        x, width = across.at(place - first), measures.width(words, SIZE_LABEL)
        if x - width / 2 < end:
            continue
        end = x + width / 2 + 24
        yield Path(f"{key}/tick/{number}", ((x, plot.bottom), (x, plot.bottom + 8)), "edge", 1.5)
        yield Text(f"{key}/x/{number}", x, plot.bottom + 36, words, SIZE_LABEL, "muted",
                   faces.text, Anchor.MIDDLE)  # fmt: skip
