"""One verdict a lane: how much of its memory is used, the rest by its patterns, and their names."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import split
from pagereel.scenes.pictures.beside.splitbar import BarPart, bar, parts, swatch
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_DISPLAY, SIZE_LABEL, SIZE_TITLE

GAP, ROW, LINE = 16, 40, 34
"""Between cards; from one part to the next; from one line of a name to the next."""
TALL, LOW = 300, 200
"""A card at least so high has the largest number; one lower than the other has a small one."""


def metrics(moment: Moment, box: Box) -> Iterator[Shape]:
    """A card for each lane, in the lanes' order: one below the other, or low and side by side."""
    steps = [step for step in moment.step.lanes if moment.is_visible(f"lane {step.lane}")]
    if box.w > box.h:
        width = (box.w - GAP * (len(steps) - 1)) / len(steps)
        for i, step in enumerate(steps):
            card = Box(box.x + i * (width + GAP), box.y, width, box.h)
            yield from strip(moment, step, card)
        return
    height = (box.h - GAP * (len(steps) - 1)) / len(steps)
    for i, step in enumerate(steps):
        yield from _card(moment, step, Box(box.x, box.y + i * (height + GAP), box.w, height))


def _card(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """Name, verdict, bar; then as many of the other parts, the largest first, as have room."""
    key, tags, inner = f"metrics/{step.lane}", _tags(step), box.inset(24, 14)
    yield Rect(key, box, "card", "edge", 1.5, radius=16)
    y, lines = inner.y, 1 if box.h < TALL else 2
    for shape in _title(moment, step, inner, lines):
        yield shape
        y += LINE
    size = SIZE_DISPLAY if box.h >= TALL else SIZE_TITLE if box.h >= LOW else SIZE_BODY
    y += 8 if box.h >= LOW else 0
    room = Box(inner.x, y, inner.w, size)
    yield from _verdict(moment, step, room, size)
    below = y + size * 0.72 + 16 + (0 if _fits(moment, step, room.w, size) else LINE)
    height = 56 if box.h >= TALL else 26
    yield from bar(f"{key}/bar", split(step.state), Box(inner.x, below, inner.w, height), tags)
    y = below + height + 12
    rows = int((inner.bottom - y + 6) // ROW)
    for part in _others(step)[:rows]:
        yield from _part(moment, step, part, Box(inner.x, y, inner.w, ROW - 4))
        y += ROW


def _verdict(moment: Moment, step: LaneStep, box: Box, size: int) -> Iterator[Shape]:
    """`17 of 48 used`, on two lines where it would not fit once the memory is full."""
    key, tags, faces = f"metrics/{step.lane}/verdict", _tags(step), moment.faces
    divided, bold = split(step.state), faces.measures("bold")
    rest = f"of {divided.total:,} used"
    line = box.y + size * 0.72
    used = f"{divided.stored:,}"
    yield Text(key, box.x, line, used, size, "text", faces.bold, tags=tags)
    if _fits(moment, step, box.w, size):
        x = box.x + bold.width(used, size) + 12
    else:
        x, line = box.x, line + LINE
    yield Text(f"{key}/of", x, line, rest, SIZE_LABEL, "muted", faces.text, tags=tags)


def _fits(moment: Moment, step: LaneStep, room: float, size: int) -> bool:
    """Whether the verdict stands on one line whatever is used: it never jumps."""
    total = f"{split(step.state).total:,}"
    number = moment.faces.measures("bold").width(total, size)
    return number + 12 + _width(moment, f"of {total} used") <= room


def _others(step: LaneStep) -> list[BarPart]:
    """What is not stored, the largest part first; nothing that is nothing."""
    found = [part for part in parts(split(step.state)) if part.slots and part.name != "stored"]
    return sorted(found, key=lambda part: -part.slots)


def _part(moment: Moment, step: LaneStep, part: BarPart, box: Box) -> Iterator[Shape]:
    key, tags, middle = f"metrics/{step.lane}/{part.name}", _tags(step), box.centre[1]
    line, faces = baseline(middle, SIZE_LABEL), moment.faces
    yield swatch(f"{key}/swatch", part, Box(box.x, middle - 13, 34, 26), tags)
    yield Text(key, box.x + 48, line, part.name, SIZE_LABEL, "text", faces.text, tags=tags)
    yield Text(f"{key}/value", box.right, line, f"{part.slots:,}", SIZE_LABEL, "text",
               faces.mono, Anchor.END, tags=tags)  # fmt: skip


HIGH, FLAT, SHORTEST = 120, 60, 60
"""A strip at least so high names the parts under its bar; one lower than that is one line; the
shortest bar on it."""


def strip(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The lowest card: name and verdict, the bar, and with room under it what is not stored.

    Where the name leaves no room for the verdict, that stands under it instead.
    """
    key, tags, inner = f"metrics/{step.lane}", _tags(step), box.inset(24, 10)
    yield Rect(key, box, "card", "edge", 1.5, radius=12)
    if box.h < FLAT:
        yield from _line(moment, step, inner)
        return
    divided, faces = split(step.state), moment.faces
    said = f"{divided.stored:,} of {divided.total:,} used"
    title = visible(_spec(moment, step).title)
    longest = faces.measures("bold").width(title, SIZE_LABEL) + 16 + _width(moment, said)
    is_low, fits = box.h < HIGH, longest <= inner.w
    said = said if fits or not is_low else f"{divided.stored:,} used"
    used = _width(moment, said) + 16 if fits or is_low else 0
    yield from _title(moment, step, Box(inner.x, inner.y, inner.w - used, 34), 1)
    below = 0 if fits or is_low else LINE
    line = baseline(inner.y + 16 + below, SIZE_LABEL)
    x, anchor = (inner.x, Anchor.START) if below else (inner.right, Anchor.END)
    yield Text(f"{key}/verdict", x, line, said, SIZE_LABEL, "text", faces.text, anchor, tags=tags)
    names = 0 if is_low or below else LINE + 6
    bar_box = Box(inner.x, inner.y + 42 + below, inner.w, inner.h - 42 - below - names)
    yield from bar(f"{key}/bar", divided, bar_box, tags)
    if names:
        yield from _named(moment, step, Box(inner.x, inner.bottom - LINE, inner.w, LINE))


def _line(moment: Moment, step: LaneStep, inner: Box) -> Iterator[Shape]:
    """Name, bar and verdict in one line."""
    key, tags, divided = f"metrics/{step.lane}", _tags(step), split(step.state)
    said = f"{divided.stored:,} of {divided.total:,} used"
    full = _width(moment, f"{divided.total:,} of {divided.total:,} used")
    yield from _title(moment, step, Box(inner.x, inner.centre[1] - 16, inner.w - full - 16, 34), 1)
    title = visible(_spec(moment, step).title)
    start = inner.x + moment.faces.measures("bold").width(title, SIZE_LABEL) + 24
    yield Text(f"{key}/verdict", inner.right, baseline(inner.centre[1], SIZE_LABEL), said,
               SIZE_LABEL, "text", moment.faces.text, Anchor.END, tags=tags)  # fmt: skip
    width = inner.right - full - 24 - start
    if width >= SHORTEST:
        yield from bar(f"{key}/bar", divided, Box(start, inner.y, width, inner.h), tags)


def _named(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The other parts side by side, as many as fit."""
    tags, x = _tags(step), box.x
    for part in _others(step):
        label, key = f"{part.slots:,} {part.name}", f"metrics/{step.lane}/{part.name}"
        width = _width(moment, label)
        if x + 32 + width > box.right:
            continue
        middle = box.centre[1]
        yield swatch(f"{key}/swatch", part, Box(x, middle - 11, 24, 22), tags)
        yield Text(f"{key}/value", x + 32, baseline(middle, SIZE_LABEL), label, SIZE_LABEL,
                   "text", moment.faces.text, tags=tags)  # fmt: skip
        x += 32 + width + 22


def _title(moment: Moment, step: LaneStep, room: Box, most: int) -> Iterator[Text]:
    """The lane's name, in as many lines as there may be."""
    measures, title = moment.faces.measures("bold"), visible(_spec(moment, step).title)
    lines = balance(title, room.w, SIZE_LABEL, measures) if most > 1 else [title]
    for i, text in enumerate(lines[:most]):
        yield Text(f"metrics/{step.lane}/title/{i}", room.x, baseline(room.y + 16, SIZE_LABEL)
                   + LINE * i, shorten(text, room.w, SIZE_LABEL, measures), SIZE_LABEL, "text",
                   moment.faces.bold, tags=_tags(step))  # fmt: skip


def _width(moment: Moment, text: str) -> float:
    return moment.faces.measures("text").width(text, SIZE_LABEL)


def _spec(moment: Moment, step: LaneStep) -> LaneSpec:
    return next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)


def _tags(step: LaneStep) -> frozenset[str]:
    return frozenset({"metrics", f"lane {step.lane}"})
