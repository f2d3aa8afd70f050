"""Horizontal bars from zero: one row a method, its quartiles and the model's word on the bar."""

from __future__ import annotations

from collections.abc import Iterator

from model.chart import BarPair, BarRow, Bars
from scenes.pictures.axis import Axis, across, plain, tick_words
from scenes.pictures.chip import baseline
from scenes.pictures.moment import Typefaces
from scenes.shapes import Anchor, Box, Path, Rect, Shape, Text
from scenes.style import SIZE_BODY, SIZE_LABEL

GAP = 24
TOP, FOOT = 44, 44
"""Above the rows: the meaning; below: the axis' numbers."""


def bars(key: str, body: Bars, box: Box, hue: int, faces: Typefaces) -> Iterator[Shape]:
    """Rows with their titles left of the axis and their numbers at the bars' ends."""
    measures = faces.measures("text")
    titles = max(measures.width(row.title, SIZE_BODY) for row in body.rows) + GAP
    labels = max(measures.width(row.label, SIZE_LABEL) for row in body.rows) + GAP
    plot = Box(box.x + titles, box.y + TOP, box.w - titles - labels, box.h - TOP - FOOT)
    yield from _plot(key, body, plot, hue, faces)
    for row, strip in zip(body.rows, _strips(plot, len(body.rows)), strict=True):
        yield Text(f"{key}/{row.title}", box.x, baseline(strip.centre[1], SIZE_BODY), row.title,
                   SIZE_BODY, "text", faces.text)  # fmt: skip


def bar_pair(body: BarPair, box: Box, hue: int, faces: Typefaces) -> Iterator[Shape]:
    """Two plots that share the titles of their rows."""
    titles = max(faces.measures("text").width(r.title, SIZE_BODY) for r in body.left.rows) + GAP
    width = (box.w - titles - 2 * GAP) / 2
    for i, half in enumerate((body.left, body.right)):
        labels = max(faces.measures("text").width(r.label, SIZE_LABEL) for r in half.rows) + GAP
        x = box.x + titles + i * (width + 2 * GAP)
        plot = Box(x, box.y + TOP, width - labels, box.h - TOP - FOOT)
        yield from _plot(f"chart/{'right' if i else 'left'}", half, plot, hue, faces)
        if i == 0:
            for row, strip in zip(half.rows, _strips(plot, len(half.rows)), strict=True):
                yield Text(f"chart/{row.title}", box.x, baseline(strip.centre[1], SIZE_BODY),
                           row.title, SIZE_BODY, "text", faces.text)  # fmt: skip


def _plot(key: str, body: Bars, plot: Box, hue: int, faces: Typefaces) -> Iterator[Shape]:
    tops = (max(row.high, row.value, row.modelled or 0) for row in body.rows)
    scale = across(plot, max(tops), body.unit, 4)
    yield Text(f"{key}/meaning", plot.x, plot.y - 22, body.meaning, SIZE_LABEL, "muted", faces.text)
    yield from grid(key, scale, plot, body.unit, faces)
    for row, strip in zip(body.rows, _strips(plot, len(body.rows)), strict=True):
        yield from _row(f"{key}/{row.title}", row, strip, scale, hue, faces)


def grid(key: str, scale: Axis, plot: Box, unit: str, faces: Typefaces) -> Iterator[Shape]:
    """Thin lines at the ticks, and their numbers below; the unit stands at the last one."""
    for i, tick in enumerate(scale.ticks):
        x = round(scale.at(tick))
        ink = "muted" if i == 0 else "edge"
        yield Path(f"{key}/tick/{i}", ((x, plot.y), (x, plot.bottom)), ink, 1.5)
        last = i == len(scale.ticks) - 1
        number = tick_words(scale, tick)
        text = f"{number} {unit}".strip() if last else number
        yield Text(f"{key}/tick/{i}/value", x, plot.bottom + 32, text, SIZE_LABEL, "muted",
                   faces.text, Anchor.MIDDLE)  # fmt: skip


def _row(
    key: str, row: BarRow, strip: Box, scale: Axis, hue: int, faces: Typefaces
) -> Iterator[Shape]:
    height = min(44, strip.h * 0.5)
    bar = Box(strip.x, strip.centre[1] - height / 2, max(scale.span(row.value), 2), height)
    yield Rect(
        f"{key}/bar", bar, f"request {hue} solid", radius=4, note=f"{row.title}: {row.label}"
    )
    end = bar.right
    if row.high > row.low:
        yield from _quartiles(f"{key}/quartiles", row, strip, scale)
        end = max(end, scale.at(row.high))
    if row.modelled is not None:
        x = scale.at(row.modelled)
        reach = height / 2 + 8
        points = ((x, strip.centre[1] - reach), (x, strip.centre[1] + reach))
        yield Path(f"{key}/modelled", points, "text", 4, note=f"modelled: {plain(row.modelled)}")
        end = max(end, x)
    y = baseline(strip.centre[1], SIZE_LABEL)
    width = faces.measures("text").width(row.label, SIZE_LABEL)
    behind = Box(end + 8, strip.centre[1] - 16, width + 16, 32)
    yield Rect(f"{key}/label/behind", behind, "card")  # no line of the grid runs through words
    yield Text(f"{key}/label", end + 16, y, row.label, SIZE_LABEL, "text", faces.text)


def _quartiles(key: str, row: BarRow, strip: Box, scale: Axis) -> Iterator[Shape]:
    """A whisker from the first to the third quartile."""
    low, high, y = scale.at(row.low), scale.at(row.high), strip.centre[1]
    yield Path(key, ((low, y), (high, y)), "text", 3, note="first to third quartile")
    for name, x in (("q1", low), ("q3", high)):
        yield Path(f"{key}/{name}", ((x, y - 9), (x, y + 9)), "text", 3)


def _strips(plot: Box, count: int) -> list[Box]:
    height = plot.h / count
    return [Box(plot.x, plot.y + i * height, plot.w, height) for i in range(count)]
