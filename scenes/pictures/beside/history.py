"""Memory over time, lane by lane on the same two axes: a whole frame, or beside the lanes."""

from __future__ import annotations

from collections.abc import Iterator

from model.lanes import LaneSpec, kind_of
from model.timeline import LaneStep
from scenes.pictures.beside.area import (
    ROW,
    Story,
    areas,
    common_axes,
    marks_row,
    running_row,
    story,
)
from scenes.pictures.beside.history_legend import (
    legend_card,
    legend_column,
    legend_height,
    legend_lines,
    named,
    numbered,
    possible,
    seen,
)
from scenes.pictures.charts.plot import plot_frame, size_numbers, time_numbers
from scenes.pictures.chip import baseline
from scenes.pictures.moment import Moment
from scenes.shapes import Anchor, Box, Rect, Shape, Text
from scenes.style import SIZE_BODY, SIZE_LABEL
from scenes.typeface import shorten, visible

LEFT, HEAD, FOOT, GAP = 116, 44, 44, 20
"""Of the card: left of the plots, over each, under the last, between lanes."""
LEAST = 56
"""A plot lower than this gives up rows under it."""


def history_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """One chart a lane, one under the other, so that a moment is one column through all of them."""
    yield Rect("history", box, "card", "edge", 1.5, radius=16)
    inner = box.inset(40 if box.w > 1200 else 24, 20)
    stories = [story(moment, step) for step in moment.step.lanes]
    needed = len(stories) * (HEAD + LEAST + 2 * ROW + GAP) + FOOT + 2 * ROW
    looks, troubles = seen(stories)
    has_marks = needed <= inner.h
    legend, used = legend_lines(moment, named(looks, troubles if has_marks else ()), inner)
    yield from legend
    top = inner.y + used + 8
    height = (inner.bottom - FOOT - top + GAP) / len(stories) - GAP
    rows = 2 * ROW if has_marks else ROW
    for i, (step, told) in enumerate(zip(moment.step.lanes, stories, strict=True)):
        y = top + i * (height + GAP)
        yield from _title(moment, step, Box(inner.x, y, inner.w, HEAD), told)
        plot = Box(inner.x + LEFT, y + HEAD, inner.w - LEFT, height - HEAD - rows)
        yield from _lane(moment, told, plot)
        if has_marks:
            row = Box(plot.x, plot.bottom + 4 + ROW, plot.w, ROW)
            yield from marks_row(moment, told, row, common_axes(moment, plot, 8).time)
    last = Box(plot.x, plot.y, plot.w, inner.bottom - FOOT - plot.y)
    axes = common_axes(moment, last, 8 if last.w > 1000 else 5)
    yield from time_numbers("history/time", last, axes, moment.faces)


def _lane(moment: Moment, told: Story, plot: Box) -> Iterator[Shape]:
    """The areas of one lane, its axes, and who ran."""
    axes, faces = common_axes(moment, plot, 8), moment.faces
    yield from areas(told, plot, axes)
    yield from plot_frame(told.key, plot, told.tags)
    yield from size_numbers(told.key, plot, axes, faces, told.tags)
    row = Box(plot.x, plot.bottom + 4, plot.w, ROW)
    yield from running_row(moment, told, row, axes.time)
    yield Text(f"{told.key}/running", plot.x - 12, baseline(row.y + 20, SIZE_LABEL), "running",
               SIZE_LABEL, "muted", faces.text, Anchor.END, tags=told.tags)  # fmt: skip


def _title(moment: Moment, step: LaneStep, box: Box, told: Story) -> Iterator[Shape]:
    """The lane's name, and the system that it models."""
    spec, faces, line = _spec(moment, step), moment.faces, box.y + 28
    title = shorten(visible(spec.title), box.w * 0.6, SIZE_BODY, faces.measures("bold"))
    yield Text(f"{told.key}/title", box.x, line, title, SIZE_BODY, "text", faces.bold,
               tags=told.tags)  # fmt: skip
    yield Text(f"{told.key}/system", box.right, line, kind_of(spec).system, SIZE_LABEL, "muted",
               faces.text, Anchor.END, tags=told.tags)  # fmt: skip


SPACE, WIDE, SIDE = 12, 430, 152
"""Between small cards; one wider than this has the parts' numbers beside it; their width."""
SMALL_HEAD, TIMES = 36, 30
"""Of a small card: its name's line, and the numbers of its steps."""


def history(moment: Moment, box: Box) -> Iterator[Shape]:
    """A small chart a lane: one below the other, or side by side where the box is low."""
    yield from (_beside if box.w > box.h else _stacked)(moment, box)


def _stacked(moment: Moment, box: Box) -> Iterator[Shape]:
    """With one legend for all."""
    steps, stories = moment.step.lanes, [story(moment, step) for step in moment.step.lanes]
    looks, troubles = possible(moment, stories)
    entries = named(looks, troubles if len(steps) < 4 else ())
    foot = legend_height(entries)
    height = (box.h - foot) / len(steps) - SPACE
    for i, (step, told) in enumerate(zip(steps, stories, strict=True)):
        card = Box(box.x, box.y + i * (height + SPACE), box.w, height)
        yield from _small(moment, step, told, card, 0)
    yield from legend_card(moment, entries, Box(box.x, box.bottom - foot, box.w, foot))


def _beside(moment: Moment, box: Box) -> Iterator[Shape]:
    """Each with the numbers of now, which are its legend too."""
    steps, stories = moment.step.lanes, [story(moment, step) for step in moment.step.lanes]
    width = (box.w - SPACE * (len(steps) - 1)) / len(steps)
    side = SIDE if width > WIDE else 0
    for i, (step, told) in enumerate(zip(steps, stories, strict=True)):
        card = Box(box.x + i * (width + SPACE), box.y, width, box.h)
        yield from _small(moment, step, told, card, side)
        if side:
            place = Box(card.right - 16 - side, card.y + 44, side, card.h - 54)
            yield from legend_column(moment, told, numbered(step, stories), place)


def _small(moment: Moment, step: LaneStep, told: Story, card: Box, side: float) -> Iterator[Shape]:
    """Name, how many run, and the chart; `side` pixels at its right stay free."""
    inner, faces = card.inset(16, 10), moment.faces
    yield Rect(told.key, card, "card", "edge", 1.5, radius=16)
    title = visible(_spec(moment, step).title)
    title = shorten(title, inner.w - 120, SIZE_LABEL, faces.measures("bold"))
    line = baseline(inner.y + 14, SIZE_LABEL)
    yield Text(f"{told.key}/title", inner.x, line, title, SIZE_LABEL, "text", faces.bold,
               tags=told.tags)  # fmt: skip
    yield Text(f"{told.key}/running", inner.right, line, f"{len(step.state.running)} running",
               SIZE_LABEL, "muted", faces.text, Anchor.END, tags=told.tags)  # fmt: skip
    room = inner.h - SMALL_HEAD
    has_marks, has_times = room - ROW >= LEAST, room - ROW - TIMES >= LEAST
    height = room - ROW * has_marks - TIMES * has_times
    width = inner.w - (side + 20 if side else 0)
    plot = Box(inner.x, inner.y + SMALL_HEAD, width, height)
    axes = common_axes(moment, plot, 3)
    yield from areas(told, plot, axes)
    yield from plot_frame(told.key, plot, told.tags)
    if has_marks:
        yield from marks_row(moment, told, Box(plot.x, plot.bottom, plot.w, ROW), axes.time)
    if has_times:
        under = Box(plot.x, plot.y, plot.w, plot.h + ROW - 4)
        yield from time_numbers(f"{told.key}/time", under, axes, faces, told.tags)


def _spec(moment: Moment, step: LaneStep) -> LaneSpec:
    return next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)
