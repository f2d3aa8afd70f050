"""Where each token slot of a lane lies: rows of cells, gathered into blocks."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.shapes import Box

SLOT_GAP = 4
ROW_MAX = 48
"""No row is higher than this, however few there are."""
READABLE = 32
"""The lowest row that a word fits into."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in rows of `columns`; every `group` slots are one block, set apart by a wider gap."""

    box: Box
    columns: int
    group: int
    cell: Box
    """Position of slot 0, and the size of every slot."""
    pitch: float
    """From one row to the next inside a block."""
    group_gap: float
    """What is added after each block."""

    @property
    def has_words(self) -> bool:
        """Whether a cell is large enough for a word."""
        return self.cell.h >= READABLE - 2 and self.cell.w >= 56

    def slot(self, index: int) -> Box:
        """The cell of the slot at `index` in drawing order."""
        row, column = divmod(index, self.columns)
        y = self.cell.y + row * self.pitch + self._groups_before(index) * self.group_gap
        return Box(self.cell.x + column * (self.cell.w + SLOT_GAP), y, self.cell.w, self.cell.h)

    def span(self, start: int, size: int) -> Box:
        """The rows from slot `start` to slot `start + size - 1`, at full width."""
        first, last = self.slot(start), self.slot(start + size - 1)
        columns = min(size, self.columns)
        width = columns * (self.cell.w + SLOT_GAP) - SLOT_GAP
        x = self.cell.x if size >= self.columns else first.x
        return Box(x, first.y, width, last.bottom - first.y)

    def _groups_before(self, index: int) -> int:
        return index // self.group


def lay_out(box: Box, slots: int, group: int) -> Grid:
    """The grid for `slots` slots in blocks of `group`: the widest cells whose rows all fit."""
    columns = _columns(box, slots, group)
    rows, groups = -(-slots // columns), -(-slots // group)
    rows_a_group = -(-group // columns)
    pitch = min(ROW_MAX, box.h / rows)
    group_gap = 0.0
    if rows_a_group > 1:
        pitch = min(ROW_MAX, box.h / (rows + 0.25 * groups))
        group_gap = 0.25 * pitch
    width = (box.w + SLOT_GAP) / columns - SLOT_GAP
    gap = 6 if pitch >= READABLE else max(1.0, pitch * 0.12)
    cell = Box(box.x, box.y, round(width, 2), round(pitch - gap, 2))
    return Grid(box, columns, group, cell, pitch, group_gap)


def _columns(box: Box, slots: int, group: int) -> int:
    """Columns that divide a block, as few as leave every row readable; else as many as it takes."""
    fitting = [c for c in range(1, group + 1) if group % c == 0 and (box.w / c >= 60 or c == 1)]
    for columns in fitting:
        rows = -(-slots // columns) + 0.25 * (slots // group if columns < group else 0)
        if box.h / rows >= READABLE and box.w / columns <= 132:
            return columns
    narrow = [c for c in _counts(slots, group) if box.h / -(-slots // c) >= min(12, box.w / c)]
    return narrow[0] if narrow else slots


def _counts(slots: int, group: int) -> list[int]:
    """Column counts that keep blocks whole: divisors of a block, then whole blocks a row."""
    divisors = [c for c in range(1, group) if group % c == 0]
    return divisors + [group * blocks for blocks in range(1, -(-slots // group) + 1)]
