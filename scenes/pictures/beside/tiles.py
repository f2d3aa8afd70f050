"""The parts of a queue of blocks: tiles with an id, their words, and marks at the queue's ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagereel.model.core.events import BlockFreed
from pagereel.model.core.state import LaneState, PagedMemory
from pagereel.model.storyboard.timeline import Half, LaneStep
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.lanes.ghosts import ghost_words
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Ink, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance
from pagereel.scenes.style import SIZE_LABEL

GAP = 6
"""Between two things in a row."""
MOST = 120
"""No more are ever shown."""


def place(widths: Sequence[float], box: Box, pitch: float, way: str) -> list[Box] | None:
    """Boxes for things of these widths, in `rows` or in a `column`; None if they do not fit."""
    x, y = box.x, box.y
    found: list[Box] = []
    for width in widths:
        breaks = bool(found) and (way == "column" or x + width > box.right + 0.1)
        x, y = (box.x, y + pitch) if breaks else (x, y)
        if y + pitch > box.bottom + 0.1:
            return None
        found.append(Box(x, y, width, pitch))
        x += width + GAP
    return found


def fold(
    widths: Sequence[float], more: float, box: Box, pitch: float, way: str
) -> tuple[list[int | None], int]:
    """Which things are shown, by index, with None for the rest; and how many the rest are.

    `more` is the width of what stands for the rest.
    """
    everything: list[int | None] = [*range(len(widths))]
    if len(widths) <= MOST and place(widths, box, pitch, way) is not None:
        return everything, 0
    for shown in range(min(len(widths) - 1, MOST), 0, -1):
        last = shown // 3
        kept = [*everything[: shown - last], None, *everything[len(widths) - last :]]
        if place([more if i is None else widths[i] for i in kept], box, pitch, way) is not None:
            return kept, len(widths) - shown
    return [None], len(widths)


Named = tuple[tuple[int, str], ...]
"""(block, request or sequence) pairs."""


def taken_by(moment: Moment, step: LaneStep) -> Named:
    """Blocks that were free before this engine step and are held now, in the old queue's order."""
    was, now = before(moment, step.lane), step.state
    if not isinstance(was.memory, PagedMemory) or not isinstance(now.memory, PagedMemory):
        return ()
    free, holders = set(now.memory.free), _holders(now.memory)
    return tuple((b, holders[b]) for b in was.memory.free if b not in free and b in holders)


def freed_by(moment: Moment, step: LaneStep) -> Named:
    """Blocks that were held before this engine step and are free now, head first."""
    was, now = before(moment, step.lane), step.state
    if not isinstance(was.memory, PagedMemory) or not isinstance(now.memory, PagedMemory):
        return ()
    held = _holders(was.memory)
    last = [e for e in moment.events(step.lane) if isinstance(e, BlockFreed) and not e.references]
    held.update((event.block, event.request) for event in last)
    free = set(was.memory.free)
    return tuple((b, held[b]) for b in now.memory.free if b not in free and b in held)


def before(moment: Moment, lane: str) -> LaneState:
    """The lane before the moment's engine step, or before what a verb has just done."""
    back = 1 if moment.is_asking else 2
    now = moment.past[-1]
    if now.half is Half.SAMPLED and len(moment.past) > 1:
        back += moment.past[-2].half is Half.SCHEDULED
    return moment.past[-min(back, len(moment.past))].lane(lane).state


def _holders(memory: PagedMemory) -> dict[int, str]:
    """The first table that holds each held block."""
    found: dict[int, str] = {}
    for table in memory.tables:
        for block in table.blocks:
            found.setdefault(block, table.request)
    return found


def contents(moment: Moment, step: LaneStep, room: float) -> dict[int, str]:
    """The words whose K/V each cached block of the free queue still holds.

    If those of some block need more than `room` pixels, the first and the last word of each.
    """
    memory = step.state.memory
    if not isinstance(memory, PagedMemory):
        return {}
    cached = {block for block, _ in memory.cached}
    held = {
        block: ghost_words(moment, step.lane, block) for block in memory.free if block in cached
    }
    text = moment.faces.measures("text")
    whole = {block: " ".join(words) for block, words in held.items()}
    if all(text.width(words, SIZE_LABEL) <= room for words in whole.values()):
        return whole
    ends = {b: " … ".join(dict.fromkeys((w[0], w[-1]))) for b, w in held.items() if w}
    return {b: words for b, words in ends.items() if text.width(words, SIZE_LABEL) <= room}


TILE, LEAST = 34, 42
"""Height of a tile, and its least width."""
LINE, LONGEST = 32, 160
"""Of words under a tile: from one line to the next, and the longest."""
ARROW, AFTER = 28, 20
"""Room for a mark's arrow, and after a mark at the head of a row."""


@dataclass(frozen=True, slots=True)
class Item:
    """One part of the queue: a tile with an id or address, a mark, or words alone."""

    key: str
    tile: str = ""
    words: str = ""
    """Beside the tile in a column, under it in a row."""
    fill: Ink = "slot"
    stroke: Ink = CLEAR
    ink: Ink = "text"
    arrow: str = ""
    """Of a mark: `out` at the head, `in` at the head, or `back` at the tail."""
    tags: frozenset[str] = frozenset()
    note: str = ""


def item_width(moment: Moment, item: Item, way: str) -> float:
    """How wide an item is with its words, in a `column` or in `rows`."""
    measures, tile = moment.faces.measures("text"), _tile_width(moment, item)
    if item.tile and way == "rows":
        lines = _lines(moment, item)
        return max(tile, *(measures.width(line, SIZE_LABEL) + 8 for line in lines), 0)
    words = measures.width(item.words, SIZE_LABEL) if item.words else 0
    after = AFTER if way == "rows" and item.arrow != "back" else 0
    mark = ARROW + after if item.arrow else 0
    return tile + (10 if tile and words else 0) + words + mark


def draw_item(moment: Moment, item: Item, box: Box, way: str) -> Iterator[Shape]:
    """A tile with its words, or a mark: an arrow and its words."""
    middle, faces = box.y + TILE / 2 + 3, moment.faces
    line = baseline(middle, SIZE_LABEL)
    if item.tile:
        yield from _tile(moment, item, Box(box.x, box.y + 3, _tile_width(moment, item), TILE))
        lines = _lines(moment, item) if way == "rows" else [item.words] if item.words else []
        for i, words in enumerate(lines):
            x = box.x if way == "rows" else box.x + _tile_width(moment, item) + 10
            y = line + LINE * (i + 1) + 4 if way == "rows" else line
            yield Text(f"{item.key}/words/{i}", x, y, words, SIZE_LABEL, "muted", faces.text,
                       tags=item.tags)  # fmt: skip
        return
    x = box.x
    if item.arrow:
        yield _arrow(item, x + 10, middle, way)
        x += ARROW
    yield Text(f"{item.key}/words", x, line, item.words, SIZE_LABEL, item.ink, faces.text,
               tags=item.tags)  # fmt: skip


def _tile_width(moment: Moment, item: Item) -> float:
    mono = moment.faces.measures("mono")
    return max(LEAST, mono.width(item.tile, SIZE_LABEL) + 14) if item.tile else 0


def _lines(moment: Moment, item: Item) -> list[str]:
    """The words under a tile, in two lines at most."""
    measures, longest = moment.faces.measures("text"), LONGEST
    while len(lines := balance(item.words, longest, SIZE_LABEL, measures)) > 2:
        longest += LONGEST // 4
    return lines if item.words else []


def _tile(moment: Moment, item: Item, box: Box) -> Iterator[Shape]:
    outline = 2 if item.stroke != CLEAR else 0
    yield Rect(item.key, box, item.fill, item.stroke, outline, 6, tags=item.tags,
               note=item.note)  # fmt: skip
    line = baseline(box.centre[1], SIZE_LABEL)
    yield Text(f"{item.key}/id", box.centre[0], line, item.tile, SIZE_LABEL, item.ink,
               moment.faces.mono, Anchor.MIDDLE, box, tags=item.tags)  # fmt: skip


def _arrow(item: Item, x: float, middle: float, way: str) -> Path:
    """Towards the head, for what leaves there or comes in at the tail; else away from it."""
    reach = 11 if way == "column" else 9
    dx, dy = (0, reach) if way == "column" else (reach, 0)
    ends = ((x + dx, middle + dy), (x - dx, middle - dy))
    points = ends[::-1] if item.arrow == "in" else ends
    return Path(f"{item.key}/arrow", points, item.ink, 2, head=9, tags=item.tags)
