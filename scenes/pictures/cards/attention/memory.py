"""The pool as the attention card shows it: every block in its place, a key and a value a slot."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.core.state import BlockTable
from pagereel.model.readings.attention import DecodeStep, Row
from pagereel.scenes.pictures.cards.attention.places import Places
from pagereel.scenes.pictures.cards.attention.reading import stops
from pagereel.scenes.pictures.cards.attention.stages import Stage, here
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.lanes.cells import Holds, Slot, draw, in_block, token_key
from pagereel.scenes.pictures.lanes.grid import SIZES
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten
from pagereel.scenes.style import SIZE_CELL, SIZE_LABEL

STRIP, EDGE, THIN = 9, 5, (4, 1)
"""Height of the strip that stands for a key or a value, and its distance from the edges; both in a
slot that is lower than `ROOMY`."""
ROOMY, LOW = 44, 24
FINE = 512
"""Slots of a pool up to which each is drawn; of a larger one a block is one piece."""
OTHERS = 0.45
"""How much is seen of blocks that are not this request's."""


def strip(part: str, cell: Box) -> Box:
    """The key's or the value's strip, at the foot of a slot or of a token."""
    height, foot = (STRIP, EDGE) if cell.h >= ROOMY else THIN if cell.h >= LOW else (2, 0)
    width = (cell.w - 3 * EDGE) / 2 if cell.w > 6 * EDGE else cell.w / 2
    edge = EDGE if cell.w > 6 * EDGE else 0.0
    x = cell.x + edge + (width + edge if part == "V" else 0)
    return Box(x, cell.bottom - height - foot, max(width, 1), height)


def above_strips(cell: Box) -> float:
    """The middle of what its strips leave free for the word."""
    return (cell.y + strip("K", cell).y) / 2 - (0 if cell.h >= ROOMY else 1 if cell.h >= LOW else 2)


def pool(moment: Moment, found: DecodeStep, places: Places, stage: Stage) -> Iterator[Shape]:
    """All blocks; a glow is on the one that the query's row names."""
    own = {row.block: row for row in found.rows if row.block is not None}
    holders = {block: table for table in found.memory.tables for block in table.blocks}
    is_fine = len(found.memory.blocks) * found.size <= FINE
    for block in found.memory.blocks:
        yield from _outline(moment, found, places, block, own.get(block))
        table = holders.get(block)
        if not is_fine:
            yield _piece(moment, found, places, block, table)
        if block in own:
            yield from _own(moment, found, places, stage, own[block], is_fine)
        elif is_fine:
            yield from _other(moment, found, places, block, table)
    rows = here(found, stage)
    for row in rows:
        if row.block is not None:
            yield from _glow(found, places, row, len(rows) == 1)


def _span(found: DecodeStep, places: Places, block: int) -> Box:
    return places.grid.span(places.blocks[block], found.size)


def _glow(found: DecodeStep, places: Places, row: Row, is_alone: bool) -> Iterator[Shape]:
    assert row.block is not None, "only a block can glow"
    key = "attend/glow" if is_alone else f"attend/glow/{row.block}"
    yield Rect(key, _span(found, places, row.block).inset(-6), CLEAR, "accent", 5, 12,
               note=f"block {row.block} is looked up")  # fmt: skip


def _outline(
    moment: Moment, found: DecodeStep, places: Places, block: int, row: Row | None
) -> Iterator[Shape]:
    name, lane = found.holder.id, found.lane.lane
    key, tags = f"lane/{lane}/block/{block}", frozenset({f"lane {lane}", f"block {block}"})
    span = _span(found, places, block)
    is_read = row is not None and any(place in found.weights for place in row.positions)
    stroke = moment.ink(name, "line") if is_read else CLEAR
    yield Rect(key, span.inset(-2), CLEAR, stroke, 2 if is_read else 0, 8, tags=tags,
               note=f"physical block {block}")  # fmt: skip
    size = places.grid.id_size
    if not size:
        return
    first = places.slot(block, 0)
    yield Text(f"{key}/id", first.x - 16, baseline(first.centre[1], size), str(block),
               size, "text" if is_read else "muted", moment.faces.mono, Anchor.END,
               tags=tags)  # fmt: skip


def _other(
    moment: Moment, found: DecodeStep, places: Places, block: int, table: BlockTable | None
) -> Iterator[Shape]:
    """A block of somebody else, or of nobody: there, and no more."""
    lane = found.lane
    for offset in range(found.size):
        box = places.slot(block, offset)
        key = f"lane/{lane.lane}/block/{block}/{offset}"
        yield from draw(moment, Slot(lane.lane, key, box, Holds.FREE), places.grid)
        if table is None:
            continue
        holder = lane.state.holder(table.request)
        position = table.blocks.index(block) * found.size + offset
        if position < holder.computed:
            token = token_key(lane.lane, in_block(block, offset), moment.word(holder, position))
            fill = moment.ink(holder.id, "pale")
            tags = moment.tags(lane.lane, holder.id)
            yield Rect(token, box, fill, radius=min(6, box.h / 5), opacity=OTHERS, tags=tags)
            if offset == 0 and places.grid.has_words:
                yield Text(f"lane/{lane.lane}/block/{block}/owner", box.centre[0],
                           baseline(box.centre[1], SIZE_LABEL), holder.id, SIZE_LABEL, "text",
                           moment.faces.bold, Anchor.MIDDLE, box, tags=tags)  # fmt: skip


def _piece(
    moment: Moment, found: DecodeStep, places: Places, block: int, table: BlockTable | None
) -> Rect:
    """A block of a large pool, in the colour of who holds it."""
    fill = moment.ink(table.request, "pale") if table else "slot"
    is_own = table is None or table.request == found.holder.id
    return Rect(f"lane/{found.lane.lane}/block/{block}/all", _span(found, places, block), fill,
                radius=2, opacity=1 if is_own else OTHERS)  # fmt: skip


def _own(
    moment: Moment, found: DecodeStep, places: Places, stage: Stage, row: Row, is_fine: bool
) -> Iterator[Shape]:
    """A block of this request: its slots, and in them what is stored already. Of a large pool only
    the tokens that have lines."""
    is_asked = stage.at is not None and row in stops(found)[stage.at]
    assert row.block is not None, "a row without a block has no slots"
    for offset in range(found.size):
        position, box = row.index * found.size + offset, places.slot(row.block, offset)
        if not is_fine and position not in places.lines:
            continue
        key = f"lane/{found.lane.lane}/block/{row.block}/{offset}"
        is_stored = position in row.positions
        if position == found.position:
            is_stored = stage.is_written
        holds = Holds.STORED if is_stored else Holds.INTERNAL
        cell, *_ = draw(moment, Slot(found.lane.lane, key, box, holds, found.holder, position),
                        places.grid)  # fmt: skip
        yield cell
        if is_stored:
            is_lit = is_asked or position == found.position
            yield from _entry(moment, found, places, row, position, is_lit)


def _size(most: int, room: float) -> int:
    """Of a word over its strips: descenders come no lower than where they begin."""
    return next((size for size in SIZES if size <= most and size * 1.02 <= room), SIZE_CELL)


def _entry(
    moment: Moment, found: DecodeStep, places: Places, row: Row, position: int, is_lit: bool
) -> Iterator[Shape]:
    """A stored token over its slot, with the strips of its key and its value."""
    assert row.block is not None, "what is stored lies in a block"
    name, lane, offset = found.holder.id, found.lane.lane, position % found.size
    box, word = places.slot(row.block, offset), moment.word(found.holder, position)
    key, tags = token_key(lane, in_block(row.block, offset), word), moment.tags(lane, name)
    is_read = position in found.weights
    fill = moment.ink(name, "solid" if is_lit else "pale") if is_read else "slot"
    stroke = CLEAR if is_read else moment.ink(name, "edge")
    yield Rect(key, box if is_read else box.inset(1), fill, stroke, 0 if is_read else 2,
               min(6, box.h / 5), tags=tags)  # fmt: skip
    for part, kind in (("K", "solid"), ("V", "line")):
        ink = moment.ink(name, "on" if is_lit else kind) if is_read else "edge"
        yield Rect(f"{key}/{part}", strip(part, box), ink, radius=3, tags=tags,
                   note=f"{part} of token {position} of {name}")  # fmt: skip
    grid = places.grid
    if not grid.has_words:
        return
    size = _size(grid.word_size, strip("K", box).y - box.y)
    told = shorten(word, box.w - 8, size, moment.faces.measures("text"))
    ink = (moment.ink(name, "on") if is_lit else "text") if is_read else "muted"
    yield Text(f"{key}/word", box.centre[0], baseline(above_strips(box), size), told, size, ink,
               moment.faces.text, Anchor.MIDDLE, box, tags=tags)  # fmt: skip
