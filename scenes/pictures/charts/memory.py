"""K/V memory over time: a panel a method, all on the same two axes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pagereel.model.storyboard.chart import MemoryOverTime, MemoryPanel, MemoryPoint
from pagereel.scenes.pictures.charts.axis import (
    Axes,
    Axis,
    axis,
    plain,
    plot_frame,
    size_numbers,
    time_numbers,
)
from pagereel.scenes.pictures.charts.rows import NARROW
from pagereel.scenes.pictures.charts.split import MEANINGS, legend
from pagereel.scenes.pictures.moment import Typefaces
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.style import SIZE_LABEL

COLUMN = 6
"""Pixels of time that are drawn as one: the state at their middle."""
HEAD, FOOT, LEFT, GAP = 40, 40, 92, 40
PARTS = (MEANINGS[0], ("pale", MEANINGS[1][1]), ("line", "reserved"))


def memory_over_time(
    body: MemoryOverTime, box: Box, hue: int, faces: Typefaces, share: float = 1
) -> Iterator[Shape]:
    """Panels in two rows, or one where there are few; numbers stand at the outer axes alone.

    `share` says up to which part of the time axis they are drawn.
    """
    many = len(body.panels)
    columns = 1 if many == 1 else 3 if many > 4 and box.w > NARROW else 2
    rows = -(-many // columns)
    shapes, above = legend(Box(box.x + LEFT, box.y, box.w - LEFT, 0), hue, faces, PARTS)
    yield from shapes
    width = (box.w - LEFT - GAP * (columns - 1)) / columns
    above += 12
    height = (box.h - above - FOOT) / rows
    most = max(panel.points[-1].at for panel in body.panels)
    for i, panel in enumerate(body.panels):
        column, row = i % columns, i // columns
        x, y = box.x + LEFT + column * (width + GAP), box.y + above + row * height
        plot = Box(round(x), round(y + HEAD), round(width), round(height - HEAD - 12))
        time = axis(plot.x, plot.w, most, body.unit, 4 if width > 400 else 2)
        size = Axis(plot.bottom, -plot.h, body.budget, body.budget)
        key = f"chart/panel/{i}"
        axes = Axes(time, size, body.unit, "bytes")
        yield from _panel(key, panel, plot, axes, hue, faces, most * share)
        yield from plot_frame(key, plot)
        if column == 0:
            yield from size_numbers(key, plot, axes, faces)
        if i + columns >= len(body.panels):
            yield from time_numbers(key, plot, axes, faces)


def _panel(
    key: str,
    panel: MemoryPanel,
    plot: Box,
    axes: Axes,
    hue: int,
    faces: Typefaces,
    until: float,
) -> Iterator[Shape]:
    time, size, unit = axes.time, axes.size, axes.time_unit
    end = panel.points[-1].at
    yield Text(f"{key}/title", plot.x, plot.y - 14, panel.title, SIZE_LABEL, "text", faces.bold)
    room = plot.w - faces.measures("bold").width(panel.title, SIZE_LABEL) - 20
    measures = faces.measures("text")
    ways = (f"done after {plain(end)} {unit}", f"{plain(end)} {unit}", "")
    done = next(way for way in ways if measures.width(way, SIZE_LABEL) <= room or not way)
    if until >= end:
        yield Text(f"{key}/end", plot.right, plot.y - 14, done, SIZE_LABEL, "muted", faces.text,
                   Anchor.END)  # fmt: skip
    for name in ("held", "used"):
        for i, (x, width, value) in enumerate(_columns(panel, time, name, until)):
            tall = -size.span(value)
            box = Box(x, plot.bottom - tall, width, tall)
            if tall >= 0.5:
                yield Rect(f"{key}/{name}/{i}", box, _fill(name, hue), note=f"{name}")
    line = _reserved(panel, time, size, until)
    yield Path(f"{key}/reserved", line, "muted", 2, note="reserved")


def _fill(name: str, hue: int) -> str:
    return f"request {hue} {'solid' if name == 'used' else 'pale'}"


def _columns(
    panel: MemoryPanel, time: Axis, name: str, until: float
) -> Iterator[tuple[float, float, int]]:
    """(left edge, width, bytes) of columns; neighbours of one height are drawn as one."""
    stop = round(time.at(min(panel.points[-1].at, until)))
    edges = list(range(round(time.start), stop, COLUMN))
    values = []
    for x in edges:
        middle = min(x + COLUMN / 2, stop - 0.5)
        values.append(int(getattr(_at(panel, time, middle), name)))
    done = 0
    for value, group in groupby(values):
        count = len(list(group))
        left = edges[done]
        done += count
        right = edges[done] if done < len(edges) else stop
        yield left, right - left, value


def _at(panel: MemoryPanel, time: Axis, x: float) -> MemoryPoint:
    """The state that is drawn at a pixel."""
    moment = (x - time.start) / time.length * time.most
    found = panel.points[0]
    for point in panel.points:
        if point.at > moment:
            break
        found = point
    return found


def _reserved(
    panel: MemoryPanel, time: Axis, size: Axis, until: float
) -> tuple[tuple[float, float], ...]:
    """A line in steps, corners only."""
    points: list[tuple[float, float]] = []
    for point in panel.points:
        if point.at > until and points:
            break
        x, y = time.at(point.at), size.at(min(point.reserved, size.most))
        if points and points[-1][1] == y:
            continue
        if points:
            points.append((x, points[-1][1]))
        points.append((x, y))
    return (*points, (time.at(min(panel.points[-1].at, until)), points[-1][1]))
