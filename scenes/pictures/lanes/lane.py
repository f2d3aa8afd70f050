"""One lane: its card, its name, what came of the step, and its memory with whoever holds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.state import PagedMemory
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.scenes.pictures.chip import chip, chip_width
from pagereel.scenes.pictures.lanes.contiguous import contiguous_memory
from pagereel.scenes.pictures.lanes.field import block_field, is_large, region_field
from pagereel.scenes.pictures.lanes.outcome import StepOutcome, outcome
from pagereel.scenes.pictures.lanes.paged import paged_memory
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.extents import text_box
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import Face, break_lines, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

PADDING, HEAD, LOW_HEAD, SETTINGS_LINE = 24, 92, 48, 34
"""Inside a card; height of its two head lines, of the one line of a low card, of settings."""
LOW, NARROW, NEAR_HEAD = 600, 640, 84
"""A card lower than this has one head line, unless it is narrow too: then two that are nearer."""


def lane(moment: Moment, step: LaneStep, box: Box) -> tuple[Shape, ...]:
    """The whole panel of one lane."""
    spec = next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)
    low = box.h < LOW and box.w >= NARROW
    inner = box.inset(PADDING, 10 if box.h < LOW else 14)
    extra = SETTINGS_LINE * settings_lines(moment, inner.w)
    head = (LOW_HEAD if low else NEAR_HEAD if box.h < LOW else HEAD) + extra
    body = Box(inner.x, inner.y + head, inner.w, inner.h - head)
    note = f"{spec.title}: {kind_of(spec).summary}"
    card = Rect(f"lane/{step.lane}", box, "card", "edge", 1.5, radius=16, note=note)
    first = inner.y + 26 if low else inner.y + head - extra - 58
    second = first if low else inner.y + head - 20
    queue = queues(moment, step, inner, second)
    end = min((text_box(s).x for s in queue if isinstance(s, Text)), default=inner.right + 20) - 20
    name = tuple(_name(moment, spec, inner, first, "row" if low else "ends"))
    start = max(text_box(text).right for text in name) + 28 if low else inner.x
    came = _outcome(moment, step, start, second, end - start)
    under = _settings(moment, spec, inner.w, inner.x, first + SETTINGS_LINE + 2)
    return (card, *name, *under, *queue, came, *_memory(moment, step, body))


def settings(spec: LaneSpec, room: float, moment: Moment) -> list[str]:
    """How the lane is set otherwise than its engine is by default, in as many lines as it takes."""
    told = kind_of(spec).unlike_defaults(spec)
    return break_lines(told, room, SIZE_LABEL, moment.faces.measures("text")) if told else []


def _below(spec: LaneSpec, room: float, moment: Moment) -> list[str]:
    """The system that a lane models, where that has no room beside the lane's name."""
    used = moment.faces.measures("bold").width(visible(spec.title), SIZE_BODY) + 20
    system = kind_of(spec).system
    return [] if _system(moment, system, room - used) else [system]


def settings_lines(moment: Moment, room: float) -> int:
    """Lines that every lane leaves under its name, so that memories side by side start alike."""
    lanes = moment.storyboard.lanes
    return max(len(_below(s, room, moment)) + len(settings(s, room, moment)) for s in lanes)


def _settings(
    moment: Moment, spec: LaneSpec, room: float, x: float, baseline: float
) -> Iterator[Text]:
    system, told = _below(spec, room, moment), settings(spec, room, moment)
    keys = [*("system" for _ in system), *(f"settings/{i}" for i in range(len(told)))]
    for i, (key, line) in enumerate(zip(keys, (*system, *told), strict=True)):
        yield Text(
            key=f"lane/{spec.name}/{key}",
            x=x,
            y=baseline + SETTINGS_LINE * i,
            text=line,
            size=SIZE_LABEL,
            ink="muted" if key == "system" else "text",
            face=moment.faces.text,
            tags=frozenset({f"lane {spec.name}"}),
            note="" if key == "system" else "set otherwise than the engine is by default",
        )


def _memory(moment: Moment, step: LaneStep, body: Box) -> Iterator[Shape]:
    """Slot by slot, or as a field where there are too many."""
    memory, large = step.state.memory, is_large(step.state)
    if isinstance(memory, PagedMemory):
        return (block_field if large else paged_memory)(moment, step, memory, body)
    return (region_field if large else contiguous_memory)(moment, step, memory, body)


def _name(moment: Moment, spec: LaneSpec, inner: Box, line: float, where: str) -> Iterator[Text]:
    """The lane's title, and the system it models: at both `ends` of the line, or in a `row`."""
    key, tags, faces = f"lane/{spec.name}", frozenset({f"lane {spec.name}"}), moment.faces
    most = inner.w * (1 if where == "ends" else 0.5)
    title = shorten(visible(spec.title), most, SIZE_BODY, faces.measures("bold"))
    yield Text(f"{key}/title", inner.x, line, title, SIZE_BODY, "text", faces.bold, tags=tags)
    used = faces.measures("bold").width(title, SIZE_BODY) + 20
    most = inner.w - used if where == "ends" else inner.w * 0.4
    system = _system(moment, kind_of(spec).system, most)
    if not system:
        return
    yield Text(
        key=f"{key}/system",
        x=inner.right if where == "ends" else inner.x + used,
        y=line,
        text=system,
        size=SIZE_LABEL,
        ink="muted",
        face=faces.text,
        anchor=Anchor.END if where == "ends" else Anchor.START,
        tags=tags,
    )


def _system(moment: Moment, system: str, room: float) -> str:
    """The system's name; in a narrow lane without where it is from: `Orca (Oracle), paper`.

    Empty where there is no room for it.
    """
    measures = moment.faces.measures("text")
    ways = (system, system.split(", ")[0])
    return next((way for way in ways if measures.width(way, SIZE_LABEL) <= room), "")


def queues(moment: Moment, step: LaneStep, inner: Box, line: float) -> tuple[Shape, ...]:
    """Who waits, and who was swapped out to the CPU, where no panel above the lanes says so.

    On the right of a line with this baseline; the head of each nearest to its word.
    """
    shot = moment.played.shot
    is_above = shot.above == "queue" and not shot.question
    return () if is_above else tuple(_queues(moment, step, inner, line))


def _queues(moment: Moment, step: LaneStep, inner: Box, line: float) -> Iterator[Shape]:
    x = inner.right
    for word, names in (("waiting", step.state.waiting), ("on CPU", step.state.swapped)):
        if not names:
            continue
        key, tags = f"lane/{step.lane}/{word}", frozenset({f"lane {step.lane}", "queue"})
        shown = _fitting(moment, names, inner.w * 0.4)
        if len(shown) < len(names):
            more, face = f"+{len(names) - len(shown):,}", moment.faces.text
            yield Text(f"{key}/more", x, line, more, SIZE_LABEL, "text", face, Anchor.END,
                       tags=tags)  # fmt: skip
            x -= moment.faces.measures("text").width(more, SIZE_LABEL) + 10
        for name in reversed(shown):
            x -= chip_width(moment, name)
            named = moment.tags(step.lane, name) | tags
            yield from chip(moment, f"{key}/{name}", name, x, line - SIZE_LABEL * 0.345, named)
            x -= 8
        face, end = moment.faces.text, Anchor.END
        yield Text(key, x - 4, line, word, SIZE_LABEL, "muted", face, end, tags=tags)
        x -= moment.faces.measures("text").width(word, SIZE_LABEL) + 24


def _fitting(moment: Moment, names: Sequence[str], room: float) -> Sequence[str]:
    """The head of a queue, as many chips as there is room for; of a long one only three."""
    widths = [chip_width(moment, name) + 8 for name in names[:32]]
    if len(names) == len(widths) and sum(widths) <= room:
        return names
    return names[:3]


def _outcome(moment: Moment, step: LaneStep, x: float, line: float, room: float) -> Text:
    told, measures = outcome(moment.events(step.lane)), moment.faces.measures("text")
    if is_large(step.state):
        told = StepOutcome(f"{len(step.state.running):,} running", (), "text")
    ways = [visible(text) for text in (told.text, *told.shorter)]
    fitting = [text for text in ways if measures.width(text, SIZE_LABEL) <= room]
    return Text(
        key=f"lane/{step.lane}/outcome",
        x=x,
        y=line,
        text=next(iter(fitting), _abridged(ways[-1], room, measures)),
        size=SIZE_LABEL,
        ink=told.ink,
        face=moment.faces.text,
        tags=frozenset({f"lane {step.lane}", *(f"request {r}" for r in told.requests)}),
    )


def _abridged(text: str, room: float, measures: Face) -> str:
    """As many of the text's clauses as fit: `C refused: needs 32 slots`, `C refused`; or none."""
    while measures.width(text, SIZE_LABEL) > room and (", " in text or ": " in text):
        text = text[: max(text.rfind(", "), text.rfind(": "))]
    return text if measures.width(text, SIZE_LABEL) <= room else ""
