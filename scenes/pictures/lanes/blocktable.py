"""Block tables: for each sequence the physical blocks of its tokens, with arrows to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.events import BlockCopied, BlockShared, BlockTaken
from model.state import BlockTable, PagedMemory
from model.timeline import LaneStep
from scenes.pictures.chip import CHIP, chip, chip_width
from scenes.pictures.lanes.tablerow import Row, arrow, heads, row
from scenes.pictures.moment import Moment
from scenes.shapes import Box, Shape


@dataclass(frozen=True, slots=True)
class TableSize:
    """How large tables are drawn, and which columns they have."""

    width: float
    """A chip and the columns."""
    rows: tuple[float, float]
    """Height of a row, at most and at least."""
    between: float
    """Gap between two tables."""
    columns: tuple[str, ...]
    """Left to right; the physical block is always there."""

    @property
    def head(self) -> float:
        """Height of the line that names the columns; 0 where there is only one."""
        return 40 if len(self.columns) > 1 else 0


SMALL = TableSize(112, (34, 26), 10, ("physical",))
LARGE = TableSize(348, (44, 30), 20, ("logical", "physical", "filled"))
ROOMY = 1100
"""A lane at least so wide has large tables."""


def table_size(box: Box) -> TableSize:
    """The size of tables in a lane of that room."""
    return LARGE if box.w >= ROOMY else SMALL


def block_tables(
    moment: Moment,
    step: LaneStep,
    memory: PagedMemory,
    box: Box,
    edges: Mapping[int, tuple[float, float]],
) -> Iterator[Shape]:
    """The tables one under the other; where they do not all fit, each shows its last rows.

    `edges` says where the arrow to a block ends; blocks without an edge get none.
    """
    size, fresh, copied = table_size(box), _changed(moment, step), _copied(moment, step)
    names = [table.request for table in memory.tables]
    left = max((chip_width(moment, name) for name in names), default=CHIP) + 6
    height, shown = _rows(memory, box.h - size.head, size)
    y = box.y
    if size.head and memory.tables:
        line = Box(box.x + left, y, size.width - left, size.head)
        yield from heads(moment, step, line, size.columns)
        y += size.head
    for table in _in_group_order(moment, memory.tables):
        name = table.request
        tags = moment.tags(step.lane, name) | {"table"}
        key = f"lane/{step.lane}/table/{name}"
        if y + height > box.bottom + 1:
            return
        yield from chip(moment, f"{key}/chip", name, box.x, y + height / 2, tags)
        rows = list(enumerate(table.blocks))[-shown:]
        for at, (index, block) in enumerate(rows):
            line = Box(box.x + left, y + at * height, size.width - left, height - 4)
            look = "solid" if (name, index) in fresh else "pale"
            texts = _texts(step, memory, table, index)
            before = copied.get((name, index), "")
            entry = Row(f"{key}/{index}", name, texts, before, look, tags)
            yield from row(moment, entry, line, size.columns)
            if block in edges:
                yield arrow(moment, entry, line, edges[block])
        y += max(len(rows), 1) * height + size.between


def _texts(step: LaneStep, memory: PagedMemory, table: BlockTable, index: int) -> Mapping[str, str]:
    """What each column says of a row."""
    block = table.blocks[index]
    if block == memory.null_block:
        return {"logical": str(index), "physical": "–", "filled": "0"}
    entries = step.state.holder(table.request).computed - index * memory.block_size
    filled = min(max(entries, 0), memory.block_size)
    return {"logical": str(index), "physical": str(block), "filled": str(filled)}


def _changed(moment: Moment, step: LaneStep) -> set[tuple[str, int]]:
    """Rows that this engine step has written."""
    return {
        (event.request, event.index)
        for event in moment.events(step.lane)
        if isinstance(event, BlockTaken | BlockShared | BlockCopied)
    }


def _copied(moment: Moment, step: LaneStep) -> dict[tuple[str, int], str]:
    """The block that a row named before this engine step copied it."""
    return {
        (event.request, event.index): str(event.source)
        for event in moment.events(step.lane)
        if isinstance(event, BlockCopied)
    }


def _in_group_order(moment: Moment, tables: Sequence[BlockTable]) -> list[BlockTable]:
    """Requests as they were admitted, each with its sequences in order: a name has one place."""
    owners = moment.storyboard.owners
    admitted = list(dict.fromkeys(owners[table.request][0] for table in tables))

    def place(table: BlockTable) -> tuple[int, int]:
        owner, number = owners[table.request]
        return admitted.index(owner), number

    return sorted(tables, key=place)


def _rows(memory: PagedMemory, height: float, size: TableSize) -> tuple[float, int]:
    """How high rows are, and the most that a table may show so that all tables fit; at least one.

    Rows are lower only where more of them can be shown then.
    """
    longest = max((len(table.blocks) for table in memory.tables), default=0)
    for rows in range(longest, 1, -1):
        for row_h in size.rows:
            shown = (max(min(len(table.blocks), rows), 1) for table in memory.tables)
            used = sum(count * row_h + size.between for count in shown)
            if used - size.between <= height:
                return row_h, rows
    return size.rows[0], 1
