"""A paged lane's memory: physical blocks, and the block tables whose arrows find them."""

from __future__ import annotations

from collections.abc import Iterator

from model.events import BlockTaken
from model.state import BlockTable, PagedMemory
from model.timeline import LaneStep
from scenes.pictures.cells import Holds, Slot, draw, newest
from scenes.pictures.chip import CHIP, baseline, chip
from scenes.pictures.grid import Grid, lay_out
from scenes.pictures.moment import Moment
from scenes.shapes import CLEAR, Anchor, Box, Path, Rect, Shape, Text
from scenes.style import SIZE_LABEL

TABLE, GAP, ID = 112, 48, 48
"""Left of the cells: the block tables, room for their arrows, and the block ids."""
ROW, BETWEEN = 34, 10
"""Height of a table row, and the gap between two tables."""


def paged_memory(moment: Moment, step: LaneStep, memory: PagedMemory, box: Box) -> Iterator[Shape]:
    """Tables and their arrows, then the blocks, which lie over arrows that pass behind them."""
    left = TABLE + GAP + ID
    cells = Box(box.x + left, box.y, box.w - left, box.h)
    slots = len(memory.blocks) * memory.block_size
    grid = lay_out(cells, slots, memory.block_size, gutter=ID)
    places = {block: index * memory.block_size for index, block in enumerate(memory.blocks)}
    owners = _owners(memory)
    yield from _tables(moment, step, memory, box, grid, places)
    for block in memory.blocks:
        owner = owners.get(block)
        yield from _block(moment, step, memory, grid, block, places[block], owner)
        for slot in _slots(step, memory, grid, block, places[block], owner):
            yield from draw(moment, slot, grid)


def _owners(memory: PagedMemory) -> dict[int, tuple[BlockTable, int]]:
    """For each held block the first table that holds it, and its index there."""
    found: dict[int, tuple[BlockTable, int]] = {}
    for table in memory.tables:
        for index, block in enumerate(table.blocks):
            found.setdefault(block, (table, index))
    return found


def _tags(step: LaneStep, block: int, owner: tuple[BlockTable, int] | None) -> frozenset[str]:
    tags = {f"lane {step.lane}", f"block {block}"}
    return frozenset(tags | ({f"request {owner[0].request}"} if owner else {"free"}))


def _block(
    moment: Moment,
    step: LaneStep,
    memory: PagedMemory,
    grid: Grid,
    block: int,
    start: int,
    owner: tuple[BlockTable, int] | None,
) -> Iterator[Shape]:
    """The block's outline and its id."""
    span = grid.span(start, memory.block_size)
    key, tags = f"lane/{step.lane}/block/{block}", _tags(step, block, owner)
    ink = moment.ink(owner[0].request, "line") if owner else CLEAR
    outline = span.inset(-2)
    note = f"physical block {block}"
    yield Rect(key, outline, CLEAR, ink, 2 if owner else 0, radius=8, tags=tags, note=note)
    if grid.block_pitch < SIZE_LABEL + 4:
        return
    first = grid.slot(start) if grid.pitch >= SIZE_LABEL + 4 else span
    yield Text(
        key=f"{key}/id",
        x=first.x - 18,
        y=baseline(first.centre[1], SIZE_LABEL),
        text=str(block),
        size=SIZE_LABEL,
        ink="text" if owner else "muted",
        face=moment.faces.mono,
        anchor=Anchor.END,
        tags=tags,
    )


def _slots(
    step: LaneStep,
    memory: PagedMemory,
    grid: Grid,
    block: int,
    start: int,
    owner: tuple[BlockTable, int] | None,
) -> Iterator[Slot]:
    tags = _tags(step, block, owner)
    cached = block in dict(memory.cached)
    for offset in range(memory.block_size):
        key = f"lane/{step.lane}/block/{block}/{offset}"
        box = grid.slot(start + offset)
        if owner is None:
            yield Slot(step.lane, key, box, Holds.CACHED if cached else Holds.FREE, tags=tags)
            continue
        table, index = owner
        request = step.state.request(table.request)
        position = index * memory.block_size + offset
        stored = Holds.NEWEST if newest(request, position) else Holds.STORED
        holds = stored if position < request.computed else Holds.INTERNAL
        yield Slot(step.lane, key, box, holds, table.request, position, tags)


def _tables(
    moment: Moment,
    step: LaneStep,
    memory: PagedMemory,
    box: Box,
    grid: Grid,
    places: dict[int, int],
) -> Iterator[Shape]:
    """The tables one under the other; where they do not all fit, each shows its last rows."""
    fresh = {(e.request, e.index) for e in moment.events(step.lane) if isinstance(e, BlockTaken)}
    shown = _rows_shown(memory, box.h)
    y = box.y
    for table in memory.tables:
        rows = list(enumerate(table.blocks))[-shown:] if shown else []
        tags = frozenset({f"lane {step.lane}", "table", f"request {table.request}"})
        key = f"lane/{step.lane}/table/{table.request}"
        middle = y + ROW / 2
        yield from chip(moment, f"{key}/chip", table.request, box.x, middle, tags)
        for row, (index, block) in enumerate(rows):
            cell = Box(box.x + CHIP + 6, y + row * ROW, TABLE - CHIP - 6, ROW - 4)
            lit = (table.request, index) in fresh
            target = grid.span(places[block], 1) if block in places else None
            yield from _entry(moment, f"{key}/{index}", table, block, cell, lit, tags)
            if target is not None:
                yield _arrow(moment, f"{key}/{index}/arrow", table, cell, target, lit, tags)
        y += max(len(rows), 1) * ROW + BETWEEN


def _rows_shown(memory: PagedMemory, height: float) -> int:
    """The most rows a table may show so that all tables fit; at least one."""
    longest = max((len(table.blocks) for table in memory.tables), default=0)
    for rows in range(longest, 1, -1):
        used = sum(min(len(t.blocks), rows) * ROW + BETWEEN for t in memory.tables)
        if used - BETWEEN <= height:
            return rows
    return 1


def _entry(
    moment: Moment,
    key: str,
    table: BlockTable,
    block: int,
    cell: Box,
    lit: bool,  # one look or the other
    tags: frozenset[str],
) -> Iterator[Shape]:
    """One row: the physical block that this logical block stands in; bright when it is new."""
    ink = moment.ink
    fill = ink(table.request, "solid") if lit else ink(table.request, "pale")
    yield Rect(key, cell, fill, radius=6, tags=tags, note=f"block table entry: block {block}")
    yield Text(
        key=f"{key}/id",
        x=cell.centre[0],
        y=baseline(cell.centre[1], SIZE_LABEL),
        text=str(block),
        size=SIZE_LABEL,
        ink=ink(table.request, "on") if lit else "text",
        face=moment.faces.mono,
        anchor=Anchor.MIDDLE,
        room=cell,
        tags=tags,
    )


def _arrow(
    moment: Moment,
    key: str,
    table: BlockTable,
    cell: Box,
    target: Box,
    lit: bool,  # one look or the other
    tags: frozenset[str],
) -> Path:
    x0, y0 = cell.right + 2, cell.centre[1]
    x1, y1 = target.x - ID, target.centre[1]
    bend = (x1 - x0) * 0.55
    return Path(
        key=key,
        points=((x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)),
        ink=moment.ink(table.request, "line"),
        line=3 if lit else 2,
        head=9,
        smooth=True,
        tags=tags,
    )
