"""Block tables: for each sequence the physical blocks of its tokens, with arrows to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from model.events import BlockCopied, BlockShared, BlockTaken
from model.state import BlockTable, PagedMemory
from model.timeline import LaneStep
from scenes.pictures.chip import CHIP, baseline, chip, chip_width
from scenes.pictures.moment import Moment
from scenes.shapes import Anchor, Box, Path, Rect, Shape, Text
from scenes.style import SIZE_LABEL

TABLE_WIDTH = 112
"""A chip and one column of block ids."""
ROW, LOW_ROW, BETWEEN = 34, 26, 10
"""Height of a table row, at most and at least, and the gap between two tables."""
STRUCK = 10
"""Between a block id that is crossed out and the one that replaces it."""


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
    fresh, copied = _changed(moment, step), _copied(moment, step)
    names = [table.request for table in memory.tables]
    left = max((chip_width(moment, name) for name in names), default=CHIP) + 6
    row_h, shown = _rows(memory, box.h)
    y = box.y
    for table in _in_group_order(moment, memory.tables):
        name = table.request
        tags = moment.tags(step.lane, name) | {"table"}
        key = f"lane/{step.lane}/table/{name}"
        if y + row_h > box.bottom + 1:
            return
        yield from chip(moment, f"{key}/chip", name, box.x, y + row_h / 2, tags)
        rows = list(enumerate(table.blocks))[-shown:]
        for row, (index, block) in enumerate(rows):
            cell = Box(box.x + left, y + row * row_h, TABLE_WIDTH - left, row_h - 4)
            look = "solid" if (name, index) in fresh else "pale"
            null = block == memory.null_block
            labels = [*copied.get((name, index), ()), "–" if null else str(block)]
            yield from _entry(moment, f"{key}/{index}", name, labels, cell, look, tags)
            if block in edges:
                yield _arrow(moment, f"{key}/{index}/arrow", name, cell, edges[block], look, tags)
        y += max(len(rows), 1) * row_h + BETWEEN


def _changed(moment: Moment, step: LaneStep) -> set[tuple[str, int]]:
    """Rows that this engine step has written."""
    return {
        (event.request, event.index)
        for event in moment.events(step.lane)
        if isinstance(event, BlockTaken | BlockShared | BlockCopied)
    }


def _copied(moment: Moment, step: LaneStep) -> dict[tuple[str, int], tuple[str]]:
    """The block that a row named before this engine step copied it."""
    return {
        (event.request, event.index): (str(event.source),)
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


def _rows(memory: PagedMemory, height: float) -> tuple[float, int]:
    """How high rows are, and the most that a table may show so that all tables fit; at least one.

    Rows are lower only where more of them can be shown then.
    """
    longest = max((len(table.blocks) for table in memory.tables), default=0)
    for rows in range(longest, 1, -1):
        for row_h in (ROW, LOW_ROW):
            used = sum(max(min(len(t.blocks), rows), 1) * row_h + BETWEEN for t in memory.tables)
            if used - BETWEEN <= height:
                return row_h, rows
    return ROW, 1


def _entry(
    moment: Moment,
    key: str,
    name: str,
    labels: Sequence[str],
    cell: Box,
    look: str,
    tags: frozenset[str],
) -> Iterator[Shape]:
    """One row: the physical block that this logical block stands in; bright when it is new.

    Of two labels the first is crossed out: the block that the row named before it was copied.
    """
    ink = moment.ink(name, "on") if look == "solid" else "text"
    note = f"block table entry: block {labels[-1]}"
    yield Rect(key, cell, moment.ink(name, look), radius=6, tags=tags, note=note)
    digits = moment.faces.measures("mono").width("0", SIZE_LABEL)
    widths = [len(label) * digits for label in labels]
    if sum(widths) + STRUCK * len(widths[1:]) > cell.w - 4:
        labels, widths = labels[-1:], widths[-1:]
    x, y = cell.centre[0] - (sum(widths) + STRUCK * len(widths[1:])) / 2, cell.centre[1]
    for label, width in zip(labels, widths, strict=True):
        struck = label is not labels[-1]
        yield Text(
            key=f"{key}/id/{label}",
            x=x + width / 2,
            y=baseline(y, SIZE_LABEL),
            text=label,
            size=SIZE_LABEL,
            ink=ink,
            face=moment.faces.mono,
            anchor=Anchor.MIDDLE,
            room=cell,
            opacity=0.6 if struck else 1,
            tags=tags,
        )
        if struck:
            line = ((x - 4, y + 4), (x + width + 4, y - 4))
            yield Path(f"{key}/struck", line, ink, tags=tags, note="before the copy")
        x += width + STRUCK


def _arrow(
    moment: Moment,
    key: str,
    name: str,
    cell: Box,
    end: tuple[float, float],
    look: str,
    tags: frozenset[str],
) -> Path:
    x0, y0 = cell.right + 2, cell.centre[1]
    x1, y1 = end
    bend = (x1 - x0) * 0.55
    return Path(
        key=key,
        points=((x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)),
        ink=moment.ink(name, "line"),
        line=3 if look == "solid" else 2,
        head=9,
        smooth=True,
        tags=tags,
    )
