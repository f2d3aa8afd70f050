"""Where the parts of the attention card lie: words and bars, the block table, the pool, the mix."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pagereel.model.readings.attention import DecodeStep
from pagereel.scenes.pictures.cards.attention.reading import shown
from pagereel.scenes.pictures.lanes.cells import longest_word
from pagereel.scenes.pictures.lanes.grid import SIZES, Grid, lay_out
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box
from pagereel.scenes.style import SIZE_BODY, SIZE_CELL, SIZE_LABEL

HEAD, FOOT, MIX, NAME, GAP = 52, 40, 60, 36, 20
"""Height of the headline, of a line of numbers, of the mix, of its name; between two parts."""
LINE_MAX = 84
"""A token's line is no higher."""
NARROW, SLIM = 1200, 640
"""In a box no wider, columns are narrow, and the numbers have more lines; in one no wider than a
phone, labels and bars are small too."""
BETWEEN, LINE_GAP, FILLED = 8, 3, 0.86
"""Between two rows of the table, and two lines; of a line's height, what its word may have as its
size."""
LOW = 800
"""A box no higher has a low headline and a low mix."""


@dataclass(frozen=True, slots=True)
class Places:
    """Boxes of one card; the same in all of its stages."""

    head: Box
    columns: Box
    """Names of the columns, over them."""
    lines: dict[int, Box]
    """Each shown token's line, by its position: its word, and its bar."""
    rows: dict[int, Box]
    """Each shown row of the table, by its index: as high as its tokens' lines."""
    gap: Box | None
    """The place of the tokens that are left out, if any are: a line, and a row of the table."""
    word: float
    """Width of a token's word."""
    gutter: float
    """Room for the query, left of the table."""
    table: float
    """Width of a row of the table."""
    grid: Grid
    blocks: dict[int, int]
    """The first slot of each block, in the grid's order."""
    mix: Box
    foot: tuple[Box, ...]
    has_scores: bool
    """Whether scores stand beside their bars as numbers; weights always do."""
    size: int
    """Of words and numbers in the lines, in pixels."""
    label: int
    """Of what is said in passing, in pixels."""

    def word_box(self, position: int) -> Box:
        """Where a token's word stands."""
        line = self.lines[position]
        return Box(line.x, line.y, self.word, line.h)

    def bar_box(self, position: int) -> Box:
        """Where a token's bar grows, and its number beside it."""
        line = self.lines[position]
        return Box(line.x + self.word + 12, line.y, line.w - self.word - 12, line.h)

    def slot(self, block: int, offset: int) -> Box:
        """A slot of the pool."""
        return self.grid.slot(self.blocks[block] + offset)


def places(moment: Moment, found: DecodeStep, box: Box) -> Places:
    """Lay the card out in a box."""
    is_narrow = box.w <= NARROW
    is_tall, is_slim = box.h > 1.2 * box.w, box.w <= SLIM
    label = SIZE_BODY if is_tall and not is_slim else SIZE_LABEL
    lines_below = 3 if is_tall else 2
    name = NAME + label - SIZE_LABEL
    less = 10 if box.h <= LOW and is_narrow else 0
    head = Box(box.x, box.y, box.w, HEAD - less)
    columns = Box(box.x, head.bottom, box.w, name)
    top = box.bottom - lines_below * FOOT
    foot = tuple(Box(box.x, top + i * FOOT, box.w, FOOT) for i in range(lines_below))
    mix = Box(box.x, top - 8 - MIX + less, box.w, MIX - less)
    main = Box(box.x, columns.bottom, box.w, mix.y - name - GAP - columns.bottom)
    height = _line_height(found, main.h)
    size = next((s for s in SIZES if s <= (height - LINE_GAP) * FILLED), SIZE_CELL)
    measures = moment.faces.measures("text")
    words = (moment.word(found.holder, position) for position in shown(found.position))
    widest = max(measures.width(word, size) for word in words) + 28
    word = min(max(widest, 96), main.w * (0.26 if is_slim else 0.2))
    gutter, table, arrows = (52, 72, 48) if is_narrow else (104, 132, 130)
    bar = main.w * (0.17 if is_slim else 0.23 if is_narrow else 0.25)
    lines, rows, gap = _stack(found, Box(main.x, main.y, word + bar, main.h), height, gutter, table)
    ids = moment.faces.measures("mono").width(str(max(found.memory.blocks)), SIZE_LABEL) + 30
    left = main.x + word + bar + gutter + table + arrows + ids
    pool = found.memory
    cells = Box(left, main.y, main.right - left, main.h)
    grid = lay_out(
        cells, len(pool.blocks) * pool.block_size, pool.block_size, ids, longest_word(moment)
    )
    blocks = {block: i * pool.block_size for i, block in enumerate(pool.blocks)}
    return Places(
        head,
        columns,
        lines,
        rows,
        gap,
        word,
        gutter,
        table,
        grid,
        blocks,
        mix,
        foot,
        not is_narrow,
        size,
        label,
    )


def _line_height(found: DecodeStep, room: float) -> float:
    """How high a token's line is, with the gaps between rows of the table."""
    is_short = len(shown(found.position)) <= found.position
    breaks = sum(
        now // found.size != then // found.size for now, then in pairwise(shown(found.position))
    )
    return min(
        (room - BETWEEN * (breaks + is_short)) / (len(shown(found.position)) + is_short), LINE_MAX
    )


def _stack(
    found: DecodeStep, column: Box, height: float, gutter: float, table: float
) -> tuple[dict[int, Box], dict[int, Box], Box | None]:
    """The tokens' lines one under the other, the rows of the table beside them, and the gap."""
    lines: dict[int, Box] = {}
    rows: dict[int, Box] = {}
    gap, y, before = None, column.y, 0
    for position in shown(found.position):
        index = position // found.size
        if position > before + 1:
            gap = Box(column.x, y, column.w + gutter + table, height - LINE_GAP)
            y += height
        if lines and index != before // found.size:
            y += BETWEEN
        line = lines[position] = Box(column.x, y, column.w, height - LINE_GAP)
        first = rows.get(index, line)
        rows[index] = Box(column.right + gutter, first.y, table, line.bottom - first.y)
        y, before = y + height, position
    return lines, rows, gap
