"""A paged lane's memory: physical blocks, and who has stored what in their slots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.core.state import BlockTable, Holder, PagedMemory
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.lanes.arrows import Target
from pagereel.scenes.pictures.lanes.blocktable import (
    FLAT,
    LARGE,
    NONE,
    SMALL,
    TableSize,
    block_tables,
    table_size,
)
from pagereel.scenes.pictures.lanes.cells import Holds, Slot, draw, in_block, longest_word, unread
from pagereel.scenes.pictures.lanes.ghosts import ghost_words
from pagereel.scenes.pictures.lanes.grid import ROW_MAX, Grid, lay_out
from pagereel.scenes.pictures.lanes.swap import cpu_pool, divide, has_cpu_pool
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Rect, Shape, Text

ARROWS, ID, COUNT = 34, 52, 38
"""Room for the tables' arrows, for a block's id, and for its reference count."""
SMALL_ID, DIGIT = 44, 17
"""Between blocks side by side: room for an arrow and an id's ends, and for each of its figures."""
TRUNKS = 4
"""Sequences in a video; for each one more there is `WIDER` more room for arrows, up to `MOST`."""
WIDER, MOST = 3, 12


ROOM = {SMALL: ARROWS, LARGE: 2 * ARROWS, FLAT: 0, NONE: 0}
"""Between tables and ids: arrows, where there are any."""


def _room(moment: Moment, size: TableSize) -> float:
    """Between tables and ids, for the arrows of all of the video's sequences."""
    more = min(max(len(moment.storyboard.owners) - TRUNKS, 0) * WIDER, MOST)
    return ROOM[size] + (more if ROOM[size] else 0)


class _Block(NamedTuple):
    """One physical block, and the first table that holds it."""

    id: int
    start: int
    """Its first slot, in drawing order."""
    table: BlockTable | None
    row: int
    """Its index in that table."""
    owners: tuple[str, ...]
    """Whose tables hold it, in the tables' order."""
    is_cached: bool
    """Whether it holds a prefix that can be found."""
    tags: frozenset[str]
    """Its lane, its id, and everyone whose table holds it."""


def paged_memory(moment: Moment, step: LaneStep, memory: PagedMemory, box: Box) -> Iterator[Shape]:
    """Tables with their arrows, then the blocks; under them the CPU's, where blocks go there."""
    swap, below = memory.swap if has_cpu_pool(moment, step) else None, box
    if swap:
        box, below = divide(box, swap)
    spec = next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)
    size = table_size(box, len(memory.blocks))
    left = size.width + _room(moment, size) + ID
    paging = kind_of(spec).paging
    right = COUNT if paging and paging.is_sharing else 0
    cells = Box(box.x + left, box.y, box.w - left - right, box.h)
    slots = len(memory.blocks) * memory.block_size
    gutter = SMALL_ID + DIGIT * len(str(memory.blocks[-1])) + right
    grid = lay_out(cells, slots, memory.block_size, gutter, longest_word(moment))
    places = {block: index * memory.block_size for index, block in enumerate(memory.blocks)}
    rows = grid.block_pitch if grid.block_pitch <= ROW_MAX else 0.0
    yield from block_tables(moment, step, memory, box, _targets(grid, places, size), rows)
    for block in _blocks(moment, step, memory, places):
        yield from _draw(moment, step, memory, grid, block)
        for slot in _slots(moment, step, memory, grid, block):
            yield from draw(moment, slot, grid)
    if swap:  # last: what flies there crosses the others
        yield from cpu_pool(moment, step, swap, below)


def _targets(grid: Grid, places: dict[int, int], size: TableSize) -> dict[int, Target]:
    """Where arrows end: left of the ids. They cross no cell: to a block beside another they run
    through the gap over that one, if there is a gap."""
    if not ROOM[size]:
        return {}
    found, gap = dict[int, Target](), grid.pitch - grid.cell_h
    figures = len(str(max(places)))
    for block, start in places.items():
        cell = grid.slot(start)
        if cell.x == grid.x:
            found[block] = Target(cell.x - ID, cell.centre[1], cell.h)
        elif gap >= GAP:
            end = cell.x - 20 - DIGIT * figures
            corner = (end - CORNER, cell.y - gap / 2)
            found[block] = Target(end, cell.centre[1], cell.h, corner)
    return found


GAP, CORNER = 8, 14
"""Between blocks, so that an arrow can run there; and from where it comes down to its end."""


def _blocks(
    moment: Moment, step: LaneStep, memory: PagedMemory, places: dict[int, int]
) -> Iterator[_Block]:
    holders: dict[int, tuple[BlockTable, int]] = {}
    for table in memory.tables:
        for index, block in enumerate(table.blocks):
            holders.setdefault(block, (table, index))
    keyed = {block for block, _ in memory.cached}
    for block, start in places.items():
        table_of, index = holders.get(block, (None, 0))
        names = tuple(table.request for table in memory.tables if block in table.blocks)
        tags = {f"lane {step.lane}", f"block {block}"}
        tags.update(*(moment.tags(step.lane, name) for name in names), () if names else ("free",))
        yield _Block(block, start, table_of, index, names, block in keyed, frozenset(tags))


def _draw(
    moment: Moment, step: LaneStep, memory: PagedMemory, grid: Grid, block: _Block
) -> Iterator[Shape]:
    """The block's outline, its id, and whose tables hold it where that is more than one."""
    span = grid.span(block.start, memory.block_size)
    key, tags = f"lane/{step.lane}/block/{block.id}", block.tags
    held = block.table is not None
    ink = moment.ink(block.table.request, "line", block.table.group) if block.table else CLEAR
    note = f"physical block {block.id}"
    yield Rect(key, span.inset(-2), CLEAR, ink, 2 if held else 0, radius=8, tags=tags, note=note)
    size = grid.id_size
    if not size:
        return
    first = grid.slot(block.start) if grid.pitch >= size + 4 else span
    line, mono = baseline(first.centre[1], size), moment.faces.mono
    yield Text(f"{key}/id", first.x - 20, line, str(block.id), size,
               "text" if held else "muted", mono, Anchor.END, tags=tags)  # fmt: skip
    if len(block.owners) > 1:
        yield from _shared(moment, block, key, span)
        count = f"×{len(block.owners)}"
        yield Text(f"{key}/references", span.right + 4, line, count, size, "text", mono,
                   tags=tags, note=f"in {len(block.owners)} block tables")  # fmt: skip


SHARE = 13
"""Width of the stripes of a block's owners."""


def _shared(moment: Moment, block: _Block, key: str, span: Box) -> Iterator[Rect]:
    """Beside a block that several tables hold, a stripe in the colour of each of them."""
    height = span.h / len(block.owners)
    for i, name in enumerate(block.owners):
        stripe = Box(span.x - 4 - SHARE, span.y + i * height, SHARE, height - 2)
        yield Rect(f"{key}/owner/{name}", stripe, moment.ink(name, "solid"), radius=2,
                   tags=block.tags, note=f"in the block table of {name}")  # fmt: skip


def _slots(
    moment: Moment, step: LaneStep, memory: PagedMemory, grid: Grid, block: _Block
) -> Iterator[Slot]:
    tags, holder = block.tags, step.state.holder(block.table.request) if block.table else None
    kept = ghost_words(moment, step.lane, block.id) if holder is None and block.is_cached else []
    for offset in range(memory.block_size):
        key = f"lane/{step.lane}/block/{block.id}/{offset}"
        box = grid.slot(block.start + offset)
        if holder is None:
            holds = Holds.CACHED if block.is_cached else Holds.FREE
            ghost = kept[offset] if offset < len(kept) else ""
            yield Slot(step.lane, key, box, holds, tags=tags, ghost=ghost)
            continue
        position = block.row * memory.block_size + offset
        holds = Holds.INTERNAL
        if position < holder.computed:
            holds = _stored(moment, step, holder, position)
        place = in_block(block.id, offset)
        others, group = block.owners[1:], block.table.group if block.table else 0
        yield Slot(
            step.lane, key, box, holds, holder, position, place, tags, sharers=others, group=group
        )


def _stored(moment: Moment, step: LaneStep, holder: Holder, position: int) -> Holds:
    if (step.lane, holder.id, position) in moment.written:
        return Holds.NEWEST
    return Holds.UNREAD if unread(holder, position) else Holds.STORED
