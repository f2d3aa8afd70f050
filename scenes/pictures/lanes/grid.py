"""Where each token slot of a lane lies: rows of cells, gathered into blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pagereel.scenes.shapes.picture import Box
from pagereel.scenes.style import SIZE_BODY, SIZE_CELL, SIZE_LABEL

SLOT_GAP = 4
WORD_GAP = 6
"""What a word leaves of its cell's width."""
ROW_MAX, ROW_TALL = 72, 96
"""No row is higher than this, however few there are; in a box that is higher than wide."""
WIDE_GAP = 10
"""Between rows of blocks that stand side by side, where words leave room for it: for arrows."""
READABLE = 20
"""Rows lower than this have less between them."""
CELL_LEAST, CELL_MIN, CELL_MAX = 4, 62, 260
"""No cell is narrower; one with a word is no narrower than that, and none is wider."""
WIDE, WIDEST = 1200, 360
"""Where a lane stands alone in a wide frame, its cells may be wider."""
SIZES = (SIZE_BODY, SIZE_LABEL, 26, 24, 22, SIZE_CELL)
"""Sizes of words and ids, the largest first."""
FILLED = 0.9
"""Of a cell's height, what its words may have as their size: so their descenders stay inside."""
BLOCK_GAP = 0.18
"""What is added after a block of several rows, in rows."""


@dataclass(frozen=True)  # not slots: it remembers its cells
class Grid:
    """Cells in rows. A block takes part of a row (several side by side), a row, or several."""

    x: float
    y: float
    group: int
    """Slots a block."""
    columns: int
    """Cells of a block that stand side by side."""
    across: int
    """Blocks side by side."""
    gutter: float
    """Room left of each block, for its id."""
    cell_w: float
    cell_h: float
    pitch: float
    """From one row to the next inside a block."""
    longest: float
    """Width of the longest word at a size of 1."""

    @property
    def has_words(self) -> bool:
        """Whether cells are large enough for words, the longest included."""
        return self.word_size > 0

    @cached_property
    def word_size(self) -> int:
        """How large words are: the largest of `SIZES` at which cells hold the longest; 0: none."""
        room = self.cell_w - WORD_GAP if self.cell_w >= CELL_MIN - SLOT_GAP else 0
        fitting = (s for s in SIZES if s <= self.cell_h * FILLED and s * self.longest <= room)
        return next(fitting, 0)

    @property
    def id_size(self) -> int:
        """How large the ids of blocks are, and addresses; 0 where blocks are too near."""
        room = max(self.pitch, self.block_pitch) - 1
        return next((size for size in SIZES[1:] if size <= room), 0)

    @property
    def block_pitch(self) -> float:
        """From one block to the next below it."""
        rows = -(-self.group // self.columns)
        return rows * self.pitch + (BLOCK_GAP * self.pitch if rows > 1 else 0)

    def slot(self, index: int) -> Box:
        """The cell of the slot at `index` in drawing order."""
        found = self._cells.get(index)
        if found is None:
            found = self._cells[index] = self._slot(index)
        return found

    @cached_property
    def _cells(self) -> dict[int, Box]:
        return {}

    def _slot(self, index: int) -> Box:
        block, inside = divmod(index, self.group)
        row, column = divmod(inside, self.columns)
        down, right = divmod(block, self.across)
        width = self.columns * (self.cell_w + SLOT_GAP)
        x = self.x + right * (width + self.gutter) + column * (self.cell_w + SLOT_GAP)
        y = self.y + down * self.block_pitch + row * self.pitch
        return Box(x, y, self.cell_w, self.cell_h)

    def span(self, start: int, size: int) -> Box:
        """The smallest box around slots `start` to `start + size - 1`."""
        ends = [self.slot(start), self.slot(start + size - 1)]
        if size >= self.columns:
            ends.append(self.slot(start - start % self.columns + self.columns - 1))
            ends.append(self.slot(start - start % self.columns))
        if size > self.group and self.across > 1:
            row = self.group * self.across
            ends += [self.slot(start - start % row), self.slot(start - start % row + row - 1)]
        left, right = min(box.x for box in ends), max(box.right for box in ends)
        return Box(left, ends[0].y, right - left, ends[1].bottom - ends[0].y)

    def labelled(self, slots: int) -> Iterator[int]:
        """First slots of rows, as many as have room for a label beside them."""
        row = self.columns * self.across
        last = float("-inf")
        for start in range(0, slots, row):
            if self.slot(start).y - last >= (self.id_size or SIZE_CELL) + 2:
                last = self.slot(start).y
                yield start


def lay_out(box: Box, slots: int, group: int, gutter: float, longest: float) -> Grid:
    """The grid for `slots` slots in blocks of `group`: readable words if there is any way.

    `longest` is the width of the longest word at a size of 1. Where no word fits, blocks still
    have room for their ids.
    """
    return _lay_out(*box, slots, group, gutter, longest)


@lru_cache(maxsize=64, typed=True)  # 8 and 8.0 are one number, and two in a picture's digest
def _lay_out(
    x: float, y: float, w: float, h: float, slots: int, group: int, gutter: float, longest: float
) -> Grid:
    """A lane has the same grid at every step."""
    box = Box(x, y, w, h)
    grids = [_grid(box, slots, group, *way, gutter, longest) for way in _arrangements(slots, group)]
    return max(grids, key=_merit)


def _arrangements(slots: int, group: int) -> Iterator[tuple[int, int]]:
    """(cells side by side in a block, blocks side by side): a block in one row first."""
    blocks = -(-slots // group)
    for columns in (c for c in range(group, 0, -1) if group % c == 0):
        yield columns, 1
    for across in range(2, min(blocks, 64) + 1):
        yield group, across


def _grid(
    box: Box, slots: int, group: int, columns: int, across: int, gutter: float, longest: float
) -> Grid:
    blocks_down = math.ceil(math.ceil(slots / group) / across)
    rows = -(-group // columns)
    rows_high = blocks_down * (rows + (BLOCK_GAP if rows > 1 else 0))
    pitch = min(ROW_TALL if box.h > box.w else ROW_MAX, box.h / rows_high)
    gap = 4 if pitch >= 44 else 3 if pitch >= 28 else 2 if pitch >= READABLE else pitch * 0.1
    if across > 1 and pitch - WIDE_GAP >= SIZE_LABEL / FILLED:
        gap = WIDE_GAP
    room = box.w - gutter * (across - 1)
    most = CELL_MAX if box.w < WIDE else WIDEST
    width = min(room / (columns * across), most) - SLOT_GAP
    return Grid(
        box.x,
        box.y,
        group,
        columns,
        across,
        gutter,
        cell_w=max(round(width, 2), 0.5),
        cell_h=round(pitch - gap, 2),
        pitch=pitch,
        longest=longest,
    )


def _merit(grid: Grid) -> tuple[bool, int, bool, float]:
    """Cells at all, words up to a label's size, ids, and how well a cell can be seen: the shorter
    of its sides."""
    seen = min(grid.cell_w, 2 * grid.cell_h)
    there, size = grid.cell_w >= CELL_LEAST, min(grid.word_size, SIZE_LABEL)
    return there, size, grid.id_size > 0, 0 if size else seen
