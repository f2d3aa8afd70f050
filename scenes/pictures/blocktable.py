"""Block tables: for each sequence the physical blocks of its tokens, with arrows to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from model.events import BlockCopied, BlockShared, BlockTaken
from model.state import PagedMemory
from model.timeline import LaneStep
from scenes.pictures.chip import CHIP, baseline, chip, chip_width
from scenes.pictures.moment import Moment
from scenes.shapes import Anchor, Box, Path, Rect, Shape, Text
from scenes.style import SIZE_LABEL


@dataclass(frozen=True, slots=True)
class TableSize:
    """How large tables are drawn, and which columns they have."""

    width: float
    """A chip and the columns."""
    row: float
    between: float
    """Gap between two tables."""
    columns: tuple[str, ...]
    """Left to right; the physical block is always there."""

    @property
    def head(self) -> float:
        """Height of the line that names the columns; 0 where there is only one."""
        return 40 if len(self.columns) > 1 else 0


SMALL = TableSize(112, 34, 10, ("physical",))
LARGE = TableSize(348, 44, 20, ("logical", "physical", "filled"))
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
    size, fresh = table_size(box), _changed(moment, step)
    names = [table.request for table in memory.tables]
    left = max((chip_width(moment, name) for name in names), default=CHIP) + 6
    shown = _rows_shown(memory, box.h - size.head, size)
    y = box.y
    if size.head and memory.tables:
        yield from _heads(moment, step, Box(box.x + left, y, size.width - left, size.head), size)
        y += size.head
    for table in memory.tables:
        name = table.request
        tags = moment.tags(step.lane, name) | {"table"}
        key = f"lane/{step.lane}/table/{name}"
        if y + size.row > box.bottom + 1:
            return
        yield from chip(moment, f"{key}/chip", name, box.x, y + size.row / 2, tags)
        rows = list(enumerate(table.blocks))[-shown:]
        for row, (index, block) in enumerate(rows):
            line = Box(box.x + left, y + row * size.row, size.width - left, size.row - 4)
            look = "solid" if (name, index) in fresh else "pale"
            entry = _Entry(f"{key}/{index}", name, index, block, look, tags)
            yield from _entry(moment, step, memory, entry, line, size)
            if block in edges:
                yield _arrow(moment, entry, line, edges[block])
        y += max(len(rows), 1) * size.row + size.between


def _changed(moment: Moment, step: LaneStep) -> set[tuple[str, int]]:
    """Rows that this engine step has written."""
    return {
        (event.request, event.index)
        for event in moment.events(step.lane)
        if isinstance(event, BlockTaken | BlockShared | BlockCopied)
    }


def _rows_shown(memory: PagedMemory, height: float, size: TableSize) -> int:
    """The most rows a table may show so that all tables fit; at least one."""
    longest = max((len(table.blocks) for table in memory.tables), default=0)
    for rows in range(longest, 1, -1):
        used = sum(min(len(t.blocks), rows) * size.row + size.between for t in memory.tables)
        if used - size.between <= height:
            return rows
    return 1


class _Entry(NamedTuple):
    """One row of a table: the physical block that a logical block stands in."""

    key: str
    name: str
    logical: int
    physical: int
    look: str
    """`solid` when this step has written it, else `pale`."""
    tags: frozenset[str]


def _heads(moment: Moment, step: LaneStep, box: Box, size: TableSize) -> Iterator[Text]:
    """The columns' names."""
    tags = frozenset({f"lane {step.lane}", "table"})
    for column, place in zip(size.columns, _cells(box, size), strict=True):
        yield Text(f"lane/{step.lane}/table/head/{column}", place.centre[0], box.y + 26, column,
                   SIZE_LABEL, "muted", moment.faces.text, Anchor.MIDDLE, tags=tags)  # fmt: skip


def _cells(line: Box, size: TableSize) -> Iterator[Box]:
    """The places of a row's columns."""
    width = line.w / len(size.columns)
    for column in range(len(size.columns)):
        yield Box(line.x + column * width, line.y, width, line.h)


def _entry(
    moment: Moment,
    step: LaneStep,
    memory: PagedMemory,
    entry: _Entry,
    line: Box,
    size: TableSize,
) -> Iterator[Shape]:
    """One row, bright when it is new."""
    fill, is_null = moment.ink(entry.name, entry.look), entry.physical == memory.null_block
    label = "–" if is_null else str(entry.physical)
    note = f"block table entry: block {label}"
    yield Rect(entry.key, line, fill, radius=6, tags=entry.tags, note=note)
    entries = step.state.holder(entry.name).computed - entry.logical * memory.block_size
    filled = 0 if is_null else min(max(entries, 0), memory.block_size)
    texts = {"logical": str(entry.logical), "physical": label, "filled": str(filled)}
    ink = moment.ink(entry.name, "on") if entry.look == "solid" else "text"
    for column, place in zip(size.columns, _cells(line, size), strict=True):
        yield Text(
            key=f"{entry.key}/id" if column == "physical" else f"{entry.key}/{column}",
            x=place.centre[0],
            y=baseline(place.centre[1], SIZE_LABEL),
            text=texts[column],
            size=SIZE_LABEL,
            ink=ink,
            face=moment.faces.mono,
            anchor=Anchor.MIDDLE,
            room=place,
            tags=entry.tags,
        )


def _arrow(moment: Moment, entry: _Entry, line: Box, end: tuple[float, float]) -> Path:
    x0, y0 = line.right + 2, line.centre[1]
    x1, y1 = end
    bend = (x1 - x0) * 0.55
    return Path(
        key=f"{entry.key}/arrow",
        points=((x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)),
        ink=moment.ink(entry.name, "line"),
        line=3 if entry.look == "solid" else 2,
        head=9,
        smooth=True,
        tags=entry.tags,
    )
