"""The marker of a lane that is there and not drawn: its name, what it uses, and who waits."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import split
from pagereel.scenes.pictures.beside.splitbar import bar
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.lanes.lane import PADDING, queues
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.extents import text_box
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_LABEL

LINE, HIGH, BAR, NARROWEST = 38, 80, 22, 60
"""Of text; a marker at least so high has two lines; height and least width of the bar."""


def marker(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The lane's card, as low as a strip: when the lane is drawn, the card grows to hold it.

    Name and verdict; in a second line, if there is one, the bar of its memory and who waits. In
    one line these stand between them.
    """
    spec = next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)
    key, tags, faces = f"lane/{step.lane}", frozenset({f"lane {step.lane}"}), moment.faces
    inner, divided = box.inset(PADDING, 6), split(step.state)
    yield Rect(key, box, "card", "edge", 1.5, radius=16, note=spec.title)
    is_high = box.h >= HIGH
    middle = inner.y + LINE / 2 if is_high else box.centre[1]
    said = f"{divided.stored:,} of {divided.total:,} used"
    line, width = baseline(middle, SIZE_LABEL), faces.measures("text").width(said, SIZE_LABEL)
    title = visible(spec.title)
    if faces.measures("bold").width(title, SIZE_LABEL) + 20 + width > inner.w:
        said = f"{divided.stored:,} used"
        width = faces.measures("text").width(said, SIZE_LABEL)
    title = shorten(title, inner.w - width - 20, SIZE_LABEL, faces.measures("bold"))
    yield Text(f"{key}/title", inner.x, line, title, SIZE_LABEL, "text", faces.bold, tags=tags)
    yield Text(f"{key}/verdict", inner.right, line, said, SIZE_LABEL, "text", faces.text,
               Anchor.END, tags=tags)  # fmt: skip
    lower = inner.bottom - LINE / 2 if is_high else middle
    room = inner if is_high else Box(inner.x, inner.y, inner.w - width - 24, inner.h)
    waiting = queues(moment, step, room, baseline(lower, SIZE_LABEL))
    if is_high:
        yield from waiting
        end = min((text_box(s).x - 24 for s in waiting if isinstance(s, Text)), default=room.right)
        size = Box(inner.x, lower - BAR / 2, max(end - inner.x, NARROWEST), BAR)
        yield from bar(f"{key}/bar", divided, size, tags)
        return
    start = inner.x + faces.measures("bold").width(title, SIZE_LABEL) + 24
    if any(text_box(s).x < start for s in waiting if isinstance(s, Text)):
        return
    yield from waiting
    end = min((text_box(s).x for s in waiting if isinstance(s, Text)), default=room.right) - 24
    if end - start >= NARROWEST:
        size = Box(start, middle - BAR / 2, end - start, BAR)
        yield from bar(f"{key}/bar", divided, size, tags)
