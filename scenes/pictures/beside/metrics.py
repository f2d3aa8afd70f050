"""The numbers of the lanes: each capacity as a bar and its parts, and what their looks mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import Split, split
from pagereel.scenes.pictures.beside.splitbar import bar, parts, swatch
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.extents import text_box
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_LABEL

PADDING, GAP, LEGEND = 20, 12, 120
"""Inside a card, between cards; height of the legend that compact cards share."""


def metrics(moment: Moment, box: Box) -> Iterator[Shape]:
    """A card for each lane, in the lanes' order: one below the other, or low and side by side."""
    steps = moment.step.lanes
    if box.w > box.h:
        width = (box.w - GAP * (len(steps) - 1)) / len(steps)
        for i, step in enumerate(steps):
            card = Box(box.x + i * (width + GAP), box.y, width, box.h)
            yield from strip(moment, step, card)
    elif len(steps) <= 2:
        height = (box.h - 24 * (len(steps) - 1)) / len(steps)
        for i, step in enumerate(steps):
            yield from _full(moment, step, Box(box.x, box.y + i * (height + 24), box.w, height))
    else:
        height = (box.h - LEGEND - GAP * len(steps)) / len(steps)
        for i, step in enumerate(steps):
            card = Box(box.x, box.y + i * (height + GAP), box.w, height)
            yield from _compact(moment, step, card)
        yield from _legend(moment, steps, Box(box.x, box.bottom - LEGEND, box.w, LEGEND))


def _full(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """Name and bar, then one row a part, which is also the legend."""
    key, tags, inner = f"metrics/{step.lane}", _tags(step), box.inset(PADDING, 14)
    yield Rect(key, box, "card", "edge", 1.5, radius=16)
    yield _title(moment, step, Box(inner.x, inner.y, inner.w - 72, 34))
    line, faces = baseline(inner.y + 17, SIZE_LABEL), moment.faces
    yield Text(f"{key}/slots", inner.right, line, "slots", SIZE_LABEL, "muted", faces.text,
               Anchor.END, tags=tags)  # fmt: skip
    divided = split(step.state)
    yield from bar(f"{key}/bar", divided, Box(inner.x, inner.y + 42, inner.w, 30), tags)
    shown, top = parts(divided), inner.y + 86
    pitch = min(36, (inner.bottom - top) / len(shown))
    for row, part in enumerate(shown):
        middle = top + pitch * (row + 0.5)
        line, here = baseline(middle, SIZE_LABEL), f"{key}/{part.name}"
        ink = "text" if part.slots else "muted"
        yield swatch(f"{here}/swatch", part, Box(inner.x, middle - 11, 28, 22), tags)
        yield Text(here, inner.x + 42, line, part.name, SIZE_LABEL, ink, faces.text, tags=tags)
        yield Text(f"{here}/value", inner.right, line, f"{part.slots:,}", SIZE_LABEL, ink,
                   faces.mono, Anchor.END, tags=tags)  # fmt: skip


def _compact(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """Name and bar, then the parts' numbers beside their swatches, three a row."""
    key, tags, inner = f"metrics/{step.lane}", _tags(step), box.inset(PADDING, 7)
    yield Rect(key, box, "card", "edge", 1.5, radius=16)
    yield _title(moment, step, Box(inner.x, inner.y, inner.w, 28))
    divided = split(step.state)
    bar_height = max(14, min(24, inner.h - 88))
    yield from bar(f"{key}/bar", divided, Box(inner.x, inner.y + 30, inner.w, bar_height), tags)
    top = inner.y + 30 + bar_height + 4
    pitch = min(32, (inner.bottom - top) / 2)
    for i, part in enumerate(parts(divided)):
        x, middle = inner.x + inner.w / 3 * (i % 3), top + pitch * (i // 3 + 0.5)
        line, here = baseline(middle, SIZE_LABEL), f"{key}/{part.name}"
        ink = "text" if part.slots else "muted"
        yield swatch(f"{here}/swatch", part, Box(x, middle - 9, 22, 18), tags)
        yield Text(f"{here}/value", x + 29, line, f"{part.slots:,}", SIZE_LABEL, ink,
                   moment.faces.mono, tags=tags)  # fmt: skip


ROOMY = 140
"""Inside a strip higher than this the bar has a line of its own."""


def strip(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The lowest card: name beside the bar, and under it what is not nothing, named.

    With more room the bar lies below the name, and is higher.
    """
    key, tags, inner = f"metrics/{step.lane}", _tags(step), box.inset(16, 8)
    yield Rect(key, box, "card", "edge", 1.5, radius=12)
    title = _title(moment, step, Box(inner.x, inner.y, inner.w * 0.4, 28))
    yield title
    x = text_box(title).right + 16
    divided = split(step.state)
    bar_box, line = Box(x, inner.y + 4, inner.right - x, 20), inner.bottom - 8
    if inner.h > ROOMY:
        bar_box = Box(inner.x, inner.y + 44, inner.w, min(120, inner.h - 92))
        line = bar_box.bottom + 40
    yield from bar(f"{key}/bar", divided, bar_box, tags)
    x = inner.x
    for part in parts(divided):
        label = f"{part.slots:,} {part.name}"
        width = moment.faces.measures("text").width(label, SIZE_LABEL)
        if not part.slots or x + 28 + width > inner.right:
            continue
        yield swatch(f"{key}/{part.name}/swatch", part, Box(x, line - 16, 20, 18), tags)
        yield Text(f"{key}/{part.name}/value", x + 27, line, label, SIZE_LABEL, "text",
                   moment.faces.text, tags=tags)  # fmt: skip
        x += 27 + width + 18


def _legend(moment: Moment, steps: Sequence[LaneStep], box: Box) -> Iterator[Shape]:
    """What the swatches mean, once for all lanes."""
    everything = Split(1, 1, 1, 1, any(split(step.state).cached for step in steps), 1)
    tags, inner = frozenset({"metrics"}), box.inset(PADDING, 6)
    yield Rect("metrics/legend", box, "card", "edge", 1.5, radius=16)
    for i, part in enumerate(parts(everything)):
        x, middle = inner.x + inner.w / 2 * (i % 2), inner.y + 36 * (i // 2 + 0.5)
        key = f"metrics/legend/{part.name}"
        yield swatch(f"{key}/swatch", part, Box(x, middle - 9, 22, 18), tags)
        yield Text(key, x + 30, baseline(middle, SIZE_LABEL), part.name, SIZE_LABEL, "muted",
                   moment.faces.text, tags=tags)  # fmt: skip


def _title(moment: Moment, step: LaneStep, room: Box) -> Text:
    measures = moment.faces.measures("bold")
    title = shorten(visible(_spec(moment, step).title), room.w, SIZE_LABEL, measures)
    line = baseline(room.centre[1], SIZE_LABEL)
    key, bold = f"metrics/{step.lane}/title", moment.faces.bold
    return Text(key, room.x, line, title, SIZE_LABEL, "text", bold, tags=_tags(step))


def _spec(moment: Moment, step: LaneStep) -> LaneSpec:
    return next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)


def _tags(step: LaneStep) -> frozenset[str]:
    return frozenset({"metrics", f"lane {step.lane}"})
