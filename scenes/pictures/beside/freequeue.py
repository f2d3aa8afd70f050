"""The free queue of each paged lane in its order, the next block to be handed out first.

Of a contiguous lane the holes by address. What the step took is shown over the queue it came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.state import ContiguousMemory, PagedMemory
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import free_runs
from pagereel.scenes.pictures.beside.tiles import (
    Item,
    contents,
    draw_item,
    fold,
    freed_by,
    item_width,
    place,
    taken_by,
)
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import break_lines, shorten, visible
from pagereel.scenes.style import SIZE_LABEL

GAP, PITCH, HIGH = 12, 35, 105
"""Between cards; from one row to the next, and where words stand under the tiles."""
ENOUGH = 9
"""Tiles that have to fit, so that marks take no room from them."""
LINE = 32
"""From one line of a lane's name to the next."""
NARROW = 200
"""A card no wider has room for ids alone."""


def free_queue(moment: Moment, box: Box) -> Iterator[Shape]:
    """A card for each lane: columns where the box is high, strips where it is low."""
    steps, is_low = moment.step.lanes, box.w > box.h
    across = 1 if len(steps) == 1 or (is_low and len(steps) == 2) else 2
    down = -(-len(steps) // across)
    width = (box.w - GAP * (across - 1)) / across
    height = (box.h - GAP * (down - 1)) / down
    for i, step in enumerate(steps):
        x, y = box.x + i % across * (width + GAP), box.y + i // across * (height + GAP)
        card = Box(x, y, width, height)
        yield Rect(f"free-queue/{step.lane}", card, "card", "edge", 1.5, radius=16)
        room, side = card.inset(0, 6 if is_low else 14), 24 if across == 1 or is_low else 14
        ends = 24 if (i + 1) % across == 0 else side
        inner = Box(room.x + side, room.y, room.w - side - ends, room.h)
        yield from (_strip if is_low else _column)(moment, step, inner)


def _column(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The lane's name, what was taken, and the queue from top to bottom."""
    titles = [_title(moment, lane, box.w) for lane in moment.step.lanes]
    yield from _name(moment, step, _title(moment, step, box.w), box)
    y = box.y + LINE * max(len(lines) for lines in titles) + 4
    height = 2 * PITCH
    yield from _taken(moment, step, Box(box.x, y, box.w, height))
    rest = Box(box.x, y + height + 8, box.w, box.bottom - y - height - 8)
    yield from _list(moment, step, rest, "column")


def _strip(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The lane's name with what was taken beside it, and the queue from left to right."""
    lines = _title(moment, step, box.w * 0.5)[:1]
    yield from _name(moment, step, lines, Box(box.x, box.y + 3, box.w, box.h))
    used = moment.faces.measures("bold").width(lines[0], SIZE_LABEL) + 28
    yield from _taken(moment, step, Box(box.x + used, box.y, box.w - used, PITCH))
    rest = Box(box.x, box.y + PITCH, box.w, box.h - PITCH)
    yield from _list(moment, step, rest, "rows")


def _title(moment: Moment, step: LaneStep, width: float) -> list[str]:
    """In two lines at most, three where they are short; a word too long for a line is cut."""
    title, bold = visible(_spec(moment, step).title), moment.faces.measures("bold")
    words = [shorten(word, width, SIZE_LABEL, bold) for word in title.split(" ")]
    return break_lines(" ".join(words), width, SIZE_LABEL, bold)[: 2 if width > NARROW else 3]


def _name(moment: Moment, step: LaneStep, lines: Sequence[str], box: Box) -> Iterator[Shape]:
    for i, line in enumerate(lines):
        y = baseline(box.y + 16 + LINE * i, SIZE_LABEL)
        yield Text(f"free-queue/{step.lane}/title/{i}", box.x, y, line, SIZE_LABEL, "text",
                   moment.faces.bold, tags=_tags(step))  # fmt: skip


def _taken(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The blocks that left the queue in this step, in their takers' colours."""
    taken = taken_by(moment, step)
    items = [
        _block(moment, step, block, name, fill=moment.ink(name, "solid"),
               ink=moment.ink(name, "on"), note=f"block {block}: taken by {name} in this step")
        for block, name in taken
    ]  # fmt: skip
    if not items:
        return
    if box.w > NARROW:
        items.insert(0, _tagged(step, Item("taken", words="taken", ink="muted")))
    yield from _flow(moment, step, items, box, "rows", "taken")


def _list(moment: Moment, step: LaneStep, box: Box, way: str) -> Iterator[Shape]:
    memory = step.state.memory
    if isinstance(memory, PagedMemory):
        first, last = _marks(_spec(moment, step), box, way)
        has_words = box.w > NARROW and len(moment.step.lanes) == 1
        blocks = _blocks(moment, step, memory, box.w - 64 if has_words else 0)
    else:
        first, last, blocks = (), (), _holes(step, memory)
    nothing = Item("none", words="none is free", ink="muted")
    items = [*first, *(blocks or [nothing]), *last]
    tagged = [_tagged(step, item) for item in items]
    yield from _flow(moment, step, tagged, box, way, "queue")


def _tagged(step: LaneStep, item: Item) -> Item:
    """Marks and holes belong to the lane alone; blocks know already whose they are."""
    if item.tags:
        return item
    return replace(item, key=f"free-queue/{step.lane}/{item.key}", tags=_tags(step))


def _marks(spec: LaneSpec, box: Box, way: str) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Where blocks leave the queue and where freed ones enter it, by the rules of the lane's kind.

    vLLM 0.32 puts blocks with a hash at the tail, those without at the head; the paper's system
    has a stack; the teaching lane a plain queue. Where few tiles fit, only the head is marked.
    """
    out = Item(
        "out", words="next" if box.w <= NARROW and way == "column" else "next out", arrow="out"
    )
    if box.h // PITCH * (1 if way == "column" else box.w // 80) < ENOUGH:
        return (out,), ()
    paging = kind_of(spec).paging
    assert paging, "its memory is paged"
    freed_to, said = paging.freed_to(spec), "" if box.w <= NARROW else "freed, "
    head, tail = (word if word in ("", "freed") else f"{said}{word}" for word in freed_to)
    entry = Item("in/head", words=head, ink="muted", arrow="in")
    end = Item("in/tail", words=tail, ink="muted", arrow="back")
    return (out, entry) if head else (out,), (end,) if tail else ()


def _blocks(moment: Moment, step: LaneStep, memory: PagedMemory, room: float) -> list[Item]:
    """The queue's blocks, head first; with `room` for words, what the cached ones hold."""
    cached, freed = {block for block, _ in memory.cached}, dict(freed_by(moment, step))
    held = contents(moment, step, room) if room else {}
    items = []
    for place_, block in enumerate(memory.free):
        by = freed.get(block)
        note = f"block {block}: number {place_ + 1} in the free queue"
        items.append(
            _block(
                moment,
                step,
                block,
                by or "",
                words=held.get(block, ""),
                fill=moment.ink(by, "pale") if by else "slot",
                stroke="muted" if block in cached else CLEAR,
                note=f"{note}, freed by {by} in this step" if by else note,
            )
        )
    return items


def _block(moment: Moment, step: LaneStep, block: int, name: str, **look: str) -> Item:
    """The same tile in the queue and over it, so that it is seen to move; `name` moved it."""
    tags = _tags(step) | {f"block {block}"}
    tags |= moment.tags(step.lane, name) if name else frozenset()
    return Item(f"free-queue/{step.lane}/block/{block}", str(block), tags=tags, **look)


def _holes(step: LaneStep, memory: ContiguousMemory) -> list[Item]:
    """The holes by address; one that no reservation fits into has an outline alone."""
    items = []
    for run in free_runs(memory, step.state.capacity):
        lost = run.unusable == run.size
        address = f"{run.start}–{run.start + run.size - 1}"
        items.append(
            Item(
                f"hole/{run.start}",
                address,
                f"{run.size} slots",
                fill=CLEAR if lost else "slot",
                stroke="muted" if lost else CLEAR,
                note=f"free slots {address}",
            )
        )
    return items


def _flow(
    moment: Moment, step: LaneStep, items: Sequence[Item], box: Box, way: str, part: str
) -> Iterator[Shape]:
    """The items in their order; of too many, those near both ends, and how many lie between."""
    narrow = box.w <= NARROW
    shown = [replace(i, words="") if narrow and i.tile else i for i in items]
    widths = [item_width(moment, item, way) for item in shown]
    pitch = HIGH if way == "rows" and any(i.tile and i.words for i in shown) else PITCH
    if pitch > PITCH and place(widths, box, pitch, way) is None:
        shown, pitch = [replace(i, words="") if i.tile else i for i in items], PITCH
        widths = [item_width(moment, item, way) for item in shown]
    word = moment.faces.measures("text").width(f"{len(items):,} more", SIZE_LABEL)
    kept, hidden = fold(widths, word * (0.5 if narrow else 1), box, pitch, way)
    if hidden:
        told = f"+{hidden:,}" if narrow and way == "rows" else f"{hidden:,} more"
        more = _tagged(step, Item(f"{part}/more", words=told, ink="muted"))
        shown = [shown[i] if i is not None else more for i in kept]
        widths = [item_width(moment, item, way) for item in shown]
    for item, at in zip(shown, place(widths, box, pitch, way) or (), strict=False):
        yield from draw_item(moment, item, at, way)


def _spec(moment: Moment, step: LaneStep) -> LaneSpec:
    return next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)


def _tags(step: LaneStep) -> frozenset[str]:
    return frozenset({"free-queue", f"lane {step.lane}"})
