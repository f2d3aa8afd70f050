"""Horizontal bars from zero: one row a method, its quartiles and the model's word on the bar."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.storyboard.chart import BarPair, BarRow, Bars
from pagereel.scenes.pictures.charts.axis import Axis, across, plain
from pagereel.scenes.pictures.charts.rows import (
    GAP,
    LINE,
    NARROW,
    Rows,
    grid,
    lay_rows,
    over_grid,
    words,
)
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Typefaces
from pagereel.scenes.shapes.picture import Box, Path, Rect, Shape, Text
from pagereel.scenes.style import SIZE_LABEL


def bars(body: Bars, box: Box, hue: int, faces: Typefaces, share: float = 1) -> Iterator[Shape]:
    """Rows with their titles left of the axis or above, and their numbers at the bars' ends.

    `share` says how many of the bars are drawn; what stands on a bar comes with it.
    """
    names = [row.title for row in body.rows]
    _, height = words("chart/meaning", body.meaning, box, faces)
    rows = lay_rows("chart/row", names, box, (height + 8, _labels(body, faces)), faces, None)
    yield from words("chart/meaning", body.meaning, _above(rows, box), faces)[0]
    yield from _plot("chart", body, rows, hue, faces, share)
    yield from _titles(rows, faces)


def bar_pair(
    body: BarPair, box: Box, hue: int, faces: Typefaces, share: float = 1
) -> Iterator[Shape]:
    """Two plots that share the titles of their rows."""
    names = [row.title for row in body.left.rows]
    trial = lay_rows("chart/row", names, box, (8 + 3 * LINE, 0), faces, None)
    left, width = trial.plot.x, (trial.plot.w - 2 * GAP) / 2
    halves = ((body.left, left), (body.right, left + width + 2 * GAP))
    above = 8 + max(words("", half.meaning, Box(0, 0, width, 0), faces)[1] for half, _ in halves)
    rows = lay_rows("chart/row", names, box, (above, 0), faces, not trial.are_above)
    for (half, x), side in zip(halves, ("left", "right"), strict=True):
        key, meant = f"chart/{side}", Box(x, box.y, width, 0)
        yield from words(f"{key}/meaning", half.meaning, meant, faces)[0]
        inner = width - _labels(half, faces)
        plot = Box(x, rows.plot.y, inner, rows.plot.h)
        strips = tuple(Box(x, strip.y, inner, strip.h) for strip in rows.strips)
        yield from _plot(key, half, Rows(plot, strips, ()), hue, faces, share)
    yield from _titles(rows, faces)


def _titles(rows: Rows, faces: Typefaces) -> Iterator[Shape]:
    """What each row is; where it stands above its bars, over the grid."""
    for title in rows.titles:
        yield from over_grid(title, faces) if rows.are_above else (title,)


def _labels(body: Bars, faces: Typefaces) -> float:
    return max(faces.measures("text").width(r.label, SIZE_LABEL) for r in body.rows) + GAP


def _above(rows: Rows, box: Box) -> Box:
    """What is over the rows, from the axis to the right."""
    x = box.x if box.w <= NARROW else rows.plot.x
    return Box(x, box.y, box.right - x, 0)


def _plot(
    key: str, body: Bars, rows: Rows, hue: int, faces: Typefaces, share: float
) -> Iterator[Shape]:
    tops = (max(row.high, row.value, row.modelled or 0) for row in body.rows)
    scale = across(rows.plot, max(tops), body.unit, 4 if rows.plot.w > 500 else 2)
    yield from grid(key, scale, rows.plot, body.unit, faces)
    drawn = share * len(body.rows)
    for i, (row, strip) in enumerate(zip(body.rows, rows.strips, strict=True)):
        yield from _row(f"{key}/{row.title}", row, strip, scale, hue, faces, i + 0.5 < drawn)


def _row(
    key: str, row: BarRow, strip: Box, scale: Axis, hue: int, faces: Typefaces, is_drawn: bool
) -> Iterator[Shape]:
    height, middle = min(44, strip.h * 0.6), strip.centre[1]
    bar = Box(strip.x, middle - height / 2, max(scale.span(row.value) * is_drawn, 2), height)
    note = f"{row.title}: {row.label}"
    yield Rect(f"{key}/bar", bar, f"request {hue} solid", radius=4, note=note)
    if not is_drawn:
        return
    end = bar.right
    if row.high > row.low:
        end = max(end, scale.at(row.high))
        yield from _quartiles(f"{key}/quartiles", row, middle, scale)
    if row.modelled is not None:
        x, reach = scale.at(row.modelled), height / 2 + 6
        end = max(end, x)
        points = ((x, middle - reach), (x, middle + reach))
        yield Path(f"{key}/modelled", points, "text", 4, note=f"modelled: {plain(row.modelled)}")
    width = faces.measures("text").width(row.label, SIZE_LABEL)
    # No line of the grid runs through words.
    yield Rect(f"{key}/label/behind", Box(end + 8, middle - 16, width + 16, 32), "card")
    y = baseline(middle, SIZE_LABEL)
    yield Text(f"{key}/label", end + 16, y, row.label, SIZE_LABEL, "text", faces.text)


def _quartiles(key: str, row: BarRow, y: float, scale: Axis) -> Iterator[Shape]:
    """A whisker from the first to the third quartile."""
    low, high = scale.at(row.low), scale.at(row.high)
    yield Path(key, ((low, y), (high, y)), "text", 3, note="first to third quartile")
    for name, x in (("q1", low), ("q3", high)):
        yield Path(f"{key}/{name}", ((x, y - 9), (x, y + 9)), "text", 3)
