"""Memory over time, lane by lane on the same two axes: a whole frame, or beside the lanes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.state import ContiguousMemory
from pagereel.model.readings.history import Trouble
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import Split, split
from pagereel.scenes.pictures.beside.area import (
    ROW,
    SIGNS,
    Story,
    areas,
    common_axes,
    marks_row,
    running_row,
    story,
)
from pagereel.scenes.pictures.beside.splitbar import BarPart, parts, swatch
from pagereel.scenes.pictures.charts.axis import plot_frame, size_numbers, time_numbers
from pagereel.scenes.pictures.charts.rows import flow
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

TAGS = frozenset({"history"})
LINE = 36
"""From line to line of a card."""


class Entry(NamedTuple):
    """A part's look, or a sign, and what stands beside it."""

    look: BarPart | Trouble
    label: str


def seen(stories: Sequence[Story]) -> tuple[list[BarPart], list[Trouble]]:
    """The parts that held a slot so far in some lane, and the troubles that there were."""
    splits = [period.split for told in stories for period in told.periods]
    most = {name: max((getattr(s, name) for s in splits), default=0) for name in _NAMES}
    troubles = {mark.trouble for told in stories for mark in told.marks}
    shown = [part for part in parts(Split(**most, free=0)) if part.slots]
    return shown, [trouble for trouble in Trouble if trouble in troubles]


_NAMES = ("stored", "reserved", "internal", "external", "cached")


def possible(moment: Moment, stories: Sequence[Story]) -> tuple[list[BarPart], list[Trouble]]:
    """What can come in these lanes: known from the start, so that nothing has to make room."""
    states = [step.state for step in moment.step.lanes]
    reserves = int(any(isinstance(state.memory, ContiguousMemory) for state in states))
    caches = int(any(part.name == "cached" for part in seen(stories)[0]))
    looks = parts(Split(1, reserves, 1, reserves, caches, 0))
    return [part for part in looks if part.slots], list(Trouble)


def named(looks: Sequence[BarPart], troubles: Sequence[Trouble]) -> tuple[Entry, ...]:
    """Entries that say what a look is called."""
    return (*(Entry(p, p.name) for p in looks), *(Entry(t, t.value) for t in troubles))


def numbered(step: LaneStep, stories: Sequence[Story]) -> tuple[Entry, ...]:
    """Entries that say how many slots of a lane are of a part now."""
    looks, troubles = seen(stories)
    now = {part.name: part.slots for part in parts(split(step.state))}
    counted = (Entry(part, f"{now.get(part.name, 0)} {part.name}") for part in looks)
    return (*counted, *(Entry(trouble, trouble.value) for trouble in troubles))


def legend_lines(
    moment: Moment, entries: Sequence[Entry], box: Box
) -> tuple[tuple[Shape, ...], float]:
    """Entries one after the other from the top of a box; and how high they are."""
    measures = moment.faces.measures("text")
    places, height = flow([44 + measures.width(e.label, SIZE_LABEL) for e in entries], box)
    drawn = [
        _entry(moment, f"history/legend/{entry.label}", entry, Box(x, y, 32, 28), TAGS)
        for entry, (x, y) in zip(entries, places, strict=True)
    ]
    return tuple(shape for shapes in drawn for shape in shapes), height


def legend_height(entries: Sequence[Entry]) -> float:
    """How high a card with entries in two columns is."""
    return LINE * -(-len(entries) // 2) + 16


def legend_card(moment: Moment, entries: Sequence[Entry], card: Box) -> Iterator[Shape]:
    """Entries in two columns, on a card."""
    yield Rect("history/legend", card, "card", "edge", 1.5, radius=16)
    for i, entry in enumerate(entries):
        place = Box(card.x + 8 + (i % 2) * 136, card.y + 8 + LINE * (i // 2), 20, 28)
        yield from _entry(moment, f"history/legend/{entry.label}", entry, place, TAGS)


def legend_column(
    moment: Moment, told: Story, entries: Sequence[Entry], box: Box
) -> Iterator[Shape]:
    """Entries one below the other; what fits."""
    pitch = min(38, max(32, box.h / max(len(entries), 1)))
    for i, entry in enumerate(entries[: int(box.h // pitch)]):
        name = entry.look.name if isinstance(entry.look, BarPart) else entry.label
        place = Box(box.x, box.y + pitch * i, 20, 28)
        yield from _entry(moment, f"{told.key}/{name}", entry, place, told.tags)


def _entry(
    moment: Moment, key: str, entry: Entry, box: Box, tags: frozenset[str]
) -> Iterator[Shape]:
    """A swatch or a sign, and its label to the right."""
    if isinstance(entry.look, Trouble):
        yield from SIGNS[entry.look](f"{key}/sign", box.centre, tags)
    else:
        yield swatch(f"{key}/swatch", entry.look, box.inset(0, 3), tags)
    yield Text(key, box.right + 8, baseline(box.centre[1], SIZE_LABEL), entry.label, SIZE_LABEL,
               "text", moment.faces.text, tags=tags)  # fmt: skip


LEFT, HEAD, FOOT, GAP = 180, 48, 48, 16
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


SPACE, WIDE, SIDE = 12, 430, 190
"""Between small cards; one wider than this has the parts' numbers beside it; their width."""
SMALL_HEAD, TIMES = 40, 36
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
            place = Box(card.right - 24 - side, card.y + 44, side, card.h - 54)
            yield from legend_column(moment, told, numbered(step, stories), place)


def _small(moment: Moment, step: LaneStep, told: Story, card: Box, side: float) -> Iterator[Shape]:
    """Name, how many run, and the chart; `side` pixels at its right stay free."""
    inner, faces = card.inset(24, 10), moment.faces
    yield Rect(told.key, card, "card", "edge", 1.5, radius=16)
    title, running = visible(_spec(moment, step).title), f"{len(step.state.running)} running"
    left = inner.w - faces.measures("text").width(running, SIZE_LABEL) - 16
    has_both = faces.measures("bold").width(title, SIZE_LABEL) <= left
    title = shorten(title, left if has_both else inner.w, SIZE_LABEL, faces.measures("bold"))
    line = baseline(inner.y + 14, SIZE_LABEL)
    yield Text(f"{told.key}/title", inner.x, line, title, SIZE_LABEL, "text", faces.bold,
               tags=told.tags)  # fmt: skip
    if has_both:
        yield Text(f"{told.key}/running", inner.right, line, running, SIZE_LABEL, "muted",
                   faces.text, Anchor.END, tags=told.tags)  # fmt: skip
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
