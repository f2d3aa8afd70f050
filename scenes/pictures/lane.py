"""One lane: its card, its name, what came of the step, and its memory with whoever holds it."""

from __future__ import annotations

from collections.abc import Iterator

from model.lanes import KINDS, LaneSpec
from model.state import PagedMemory
from model.timeline import LaneStep
from scenes.pictures.chip import chip, chip_width
from scenes.pictures.contiguous import contiguous_memory
from scenes.pictures.moment import Moment
from scenes.pictures.outcome import outcome
from scenes.pictures.paged import paged_memory
from scenes.shapes import Anchor, Box, Rect, Shape, Text
from scenes.style import SIZE_BODY, SIZE_LABEL
from scenes.typeface import shorten, visible

PADDING, HEAD = 20, 88
"""Inside a card; height of its two head lines."""


def lane(moment: Moment, step: LaneStep, box: Box) -> tuple[Shape, ...]:
    """The whole panel of one lane."""
    spec = next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)
    inner = box.inset(PADDING)
    body = Box(inner.x, inner.y + HEAD, inner.w, inner.h - HEAD)
    note = f"{spec.title}: {KINDS[spec.kind].summary}"
    card = Rect(f"lane/{step.lane}", box, "card", "edge", 1.5, radius=16, note=note)
    memory = (
        paged_memory(moment, step, step.state.memory, body)
        if isinstance(step.state.memory, PagedMemory)
        else contiguous_memory(moment, step, step.state.memory, body)
    )
    first, second = inner.y + 30, inner.y + 68
    queue = tuple(_queue(moment, step, inner, second))
    left_edges = [shape.box.x for shape in queue if isinstance(shape, Rect)]
    room = (min(left_edges) - _WAITING if left_edges else inner.right) - inner.x
    return (
        card,
        *_name(moment, spec, inner, first),
        *queue,
        _outcome(moment, step, inner.x, second, room),
        *memory,
    )


def _name(moment: Moment, spec: LaneSpec, inner: Box, line: float) -> Iterator[Shape]:
    """The lane's title, and the system it models."""
    key, tags, faces = f"lane/{spec.name}", frozenset({f"lane {spec.name}"}), moment.faces
    title = shorten(visible(spec.title), inner.w * 0.62, SIZE_BODY, faces.measures("bold"))
    yield Text(f"{key}/title", inner.x, line, title, SIZE_BODY, "text", faces.bold, tags=tags)
    left = inner.w - faces.measures("bold").width(title, SIZE_BODY) - 20
    system = shorten(KINDS[spec.kind].system, left, SIZE_LABEL, faces.measures("text"))
    yield Text(
        key=f"{key}/system",
        x=inner.right,
        y=line,
        text=system,
        size=SIZE_LABEL,
        ink="muted",
        face=faces.text,
        anchor=Anchor.END,
        tags=tags,
    )


_WAITING = 108
"""Room for the word "waiting" and its gaps."""


def _queue(moment: Moment, step: LaneStep, inner: Box, line: float) -> Iterator[Shape]:
    """The waiting queue, its head nearest to the word."""
    if not step.state.waiting:
        return
    key, x = f"lane/{step.lane}/waiting", inner.right
    tags = frozenset({f"lane {step.lane}", "queue"})
    for request in reversed(step.state.waiting):
        x -= chip_width(moment, request)
        yield from chip(moment, f"{key}/{request}", request, x, line - 7.6, tags)
        x -= 8
    yield Text(
        key=key,
        x=x - 4,
        y=line,
        text="waiting",
        size=SIZE_LABEL,
        ink="muted",
        face=moment.faces.text,
        anchor=Anchor.END,
        tags=tags,
    )


def _outcome(moment: Moment, step: LaneStep, x: float, line: float, room: float) -> Text:
    told = outcome(moment.events(step.lane))
    return Text(
        key=f"lane/{step.lane}/outcome",
        x=x,
        y=line,
        text=shorten(visible(told.text), room, SIZE_LABEL, moment.faces.measures("text")),
        size=SIZE_LABEL,
        ink=told.ink,
        face=moment.faces.text,
        tags=frozenset({f"lane {step.lane}", *(f"request {r}" for r in told.requests)}),
    )
