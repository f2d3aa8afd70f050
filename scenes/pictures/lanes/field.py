"""Memory too large to draw slot by slot: one cell a block, or one bar a region; no words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pagereel.model.core.state import ContiguousMemory, LaneState, PagedMemory, Region
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import filled_blocks, free_runs, split_region
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Box, Ink, Pattern, Rect, Shape
from pagereel.scenes.style import SUNK

LARGE = 1024
"""Slots; a lane with more of them is drawn as a field."""
CELL_MOST, ROW_LEAST, ROW_BEST = 56, 14, 44
"""Pixels: a cell is no larger; a row of a contiguous field is no lower, and best so high."""


def is_large(state: LaneState) -> bool:
    """Whether single slots could not be told apart."""
    return state.capacity > LARGE


def block_field(moment: Moment, step: LaneStep, memory: PagedMemory, box: Box) -> Iterator[Shape]:
    """A cell for every block, in the order of their ids, filled as far as it stores entries."""
    empty = _empty_blocks(step.lane, memory.blocks, *box)
    held, size = _held(step.state, memory), memory.block_size
    keyed = {block for block, _ in memory.cached}
    shared = {block for block, count in memory.references if count > 1}
    fresh = _fresh(moment, step, memory)
    looks = {table.request: _FieldLook.of(moment, step, table.request) for table in memory.tables}
    for block, (free, cached) in zip(memory.blocks, empty, strict=True):
        if block not in held:
            yield cached if block in keyed else free
            continue
        name, filled = held[block]
        look, ring = looks[name], cached.line if block in shared else 0
        ink = look.bright if (name, block) in fresh else look.ink
        if filled == size:
            yield _full_block(free, ink, ring, look.tags, name, size)
        else:
            yield from _part_of_block(free, ink, ring, look.tags, name, filled, size)


@lru_cache(maxsize=2**13)  # most blocks look as they did at the step before
def _full_block(
    free: Rect, ink: Ink, ring: float, tags: frozenset[str], name: str, size: int
) -> Rect:
    """A block that is full, where it looks like this when it is free."""
    edge = "text" if ring else CLEAR
    return Rect(free.key, free.box, ink, edge, ring, free.radius, tags=tags,
                note=f"a block of {name}, {size} of {size}")  # fmt: skip


def _part_of_block(
    free: Rect, ink: Ink, ring: float, tags: frozenset[str], name: str, filled: int, size: int
) -> Iterator[Rect]:
    """A block that stores fewer entries than it could."""
    key, cell, edge = free.key, free.box, "text" if ring else CLEAR
    yield Rect(key, cell, "slot", edge, ring, free.radius, tags=tags,
               note=f"a block of {name}, {filled} of {size}")  # fmt: skip
    if filled:
        part = Box(cell.x, cell.y, cell.w * filled / size, cell.h)
        yield Rect(f"{key}/filled", part, ink, radius=min(free.radius, part.w / 2), tags=tags)


@lru_cache(maxsize=4, typed=True)  # 8 and 8.0 are one number, and two in a picture's digest
def _empty_blocks(
    lane: str, blocks: tuple[int, ...], x: float, y: float, w: float, h: float
) -> tuple[tuple[Rect, Rect], ...]:
    """Every block as it looks free, and free but still holding a prefix: alike at every step."""
    cells, tags = _cells(Box(x, y, w, h), len(blocks)), frozenset({f"lane {lane}", "free"})
    ring, radius = cells.ring, cells.radius
    found = []
    for index, block in enumerate(blocks):
        key, cell = f"lane/{lane}/block/{block}", cells.cell(index)
        free = Rect(key, cell, "slot", radius=radius, tags=tags, note="free")
        cached = Rect(key, cell.inset(ring / 2), CLEAR, "muted", ring, radius, opacity=cells.faint,
                      tags=tags, note="free, still holding a prefix")  # fmt: skip
        found.append((free, cached))
    return tuple(found)


class _FieldLook(NamedTuple):
    """How the blocks or the region of one request look."""

    ink: Ink
    bright: Ink
    tags: frozenset[str]

    @classmethod
    def of(cls, moment: Moment, step: LaneStep, name: str) -> _FieldLook:
        """Of a request or sequence; asked once, not once a block."""
        solid = moment.ink(name, "solid")
        return cls(moment.ink(name, "edge"), solid, moment.tags(step.lane, name))


class _Cells(NamedTuple):
    """Equal cells in rows."""

    x: float
    y: float
    columns: int
    pitch_x: float
    pitch_y: float

    @property
    def radius(self) -> float:
        """Of a cell's corners."""
        return min(6.0, round(self.pitch_y * 0.16, 1))

    @property
    def ring(self) -> float:
        """The width of an outline."""
        return 2.0 if self.pitch_y >= 20 else 1.0

    @property
    def faint(self) -> float:
        """The opacity of a cached block's ring: many small ones must not look like a grey area."""
        return 1.0 if self.pitch_y >= 12 else 0.5

    def cell(self, index: int) -> Box:
        """The cell at a place in drawing order."""
        down, right = divmod(index, self.columns)
        gap = max(1.0, self.pitch_y * 0.14)
        x, y = self.x + right * self.pitch_x, self.y + down * self.pitch_y
        return Box(x, y, self.pitch_x - gap, self.pitch_y - gap)


def _cells(box: Box, count: int) -> _Cells:
    """The largest cells, nearly square, of which so many fill the box's width."""
    side = math.sqrt(box.w * box.h / count)
    while (box.w // side) * (box.h // side) < count:
        side *= 0.995
    columns = int(box.w // min(side, CELL_MOST))
    pitch = box.w / columns
    return _Cells(box.x, box.y, columns, pitch, min(pitch, box.h / math.ceil(count / columns)))


def _held(state: LaneState, memory: PagedMemory) -> dict[int, tuple[str, int]]:
    """For each held block the name on its first table, and how many entries it stores."""
    fills = filled_blocks(state, memory, memory.tables)
    names: dict[int, str] = {}
    for table in reversed(memory.tables):
        names.update(dict.fromkeys(table.blocks, table.request))
    return {block: (names[block], filled) for block, filled in fills.items()}


def _fresh(moment: Moment, step: LaneStep, memory: PagedMemory) -> set[tuple[str, int]]:
    """(table, block) of the blocks that the latest engine step wrote into."""
    places = {(name, at // memory.block_size) for lane, name, at in moment.written
              if lane == step.lane}  # fmt: skip
    blocks = {table.request: table.blocks for table in memory.tables}
    return {
        (name, blocks[name][place])
        for name, place in places
        if name in blocks and place < len(blocks[name])
    }


def region_field(
    moment: Moment, step: LaneStep, memory: ContiguousMemory, box: Box
) -> Iterator[Shape]:
    """Every region with its parts, along rows that wrap; holes as plain rows."""
    rows = _rows(box, step.state.capacity, memory)
    for region in memory.regions:
        yield from _region(moment, step, region, rows)
    tags = frozenset({f"lane {step.lane}", "free"})
    for run in free_runs(memory, step.state.capacity):
        key = f"lane/{step.lane}/hole/{run.start}"
        usable = run.size - run.unusable
        for part, piece in enumerate(rows.pieces(run.start, usable)):
            yield Rect(f"{key}/{part}", piece, "slot", radius=4, tags=tags, note="free")
        for part, piece in enumerate(rows.pieces(run.start + usable, run.unusable)):
            yield Rect(f"{key}/lost/{part}", piece.inset(1), CLEAR, "muted", 2, 4, tags=tags,
                       note="free, but too small for the next request")  # fmt: skip


class _Rows(NamedTuple):
    """Slots along rows."""

    box: Box
    slots: int
    """Slots a row."""
    pitch: float
    """From row to row."""

    def pieces(self, start: int, size: int) -> Iterator[Box]:
        """Boxes of the slots `start` to `start + size - 1`, one a row."""
        gap = 4 if self.pitch >= 24 else 2
        end = start + size
        while start < end:
            row, column = divmod(start, self.slots)
            here = min(end - start, self.slots - column)
            x = self.box.x + self.box.w * column / self.slots
            width = self.box.w * here / self.slots
            yield Box(round(x, 2), round(self.box.y + row * self.pitch, 2),
                      round(max(width - 1, 0.5), 2), round(self.pitch - gap, 2))  # fmt: skip
            start += here


def _rows(box: Box, capacity: int, memory: ContiguousMemory) -> _Rows:
    """Rows of a whole number of reservations, or of a part of one, near the best height."""
    unit = memory.ask or max((region.size for region in memory.regions), default=capacity)
    powers = [2**power for power in range(12)]
    lengths = [unit * power for power in powers] + [unit // power for power in powers]
    fitting = [
        length
        for length in lengths
        if 0 < length <= capacity and box.h / math.ceil(capacity / length) >= ROW_LEAST
    ]
    best = min(
        fitting or [capacity],
        key=lambda length: abs(math.log(box.h / math.ceil(capacity / length) / ROW_BEST)),
    )
    return _Rows(box, best, min(box.h / math.ceil(capacity / best), 1.5 * ROW_BEST))


def _region(moment: Moment, step: LaneStep, region: Region, rows: _Rows) -> Iterator[Shape]:
    """The parts of a region in address order, then its outline."""
    name, holder = region.request, step.state.holder(region.request)
    look, start = _FieldLook.of(moment, step, name), region.start
    key = f"lane/{step.lane}/region/{name}"
    fills = {"stored": look.ink, "reserved": moment.ink(name, "kept"), "internal": SUNK,
             "external": CLEAR}  # fmt: skip
    for (part, pattern), size in zip(_PARTS, split_region(region, holder), strict=True):
        for row, piece in enumerate(rows.pieces(start, size)):
            yield Rect(f"{key}/{part}/{row}", piece, fills[part], radius=min(4, piece.w / 2),
                       pattern=pattern, pattern_ink=look.ink if pattern else CLEAR,
                       tags=look.tags, note=f"{part}: {size} slots of {name}")  # fmt: skip
        start += size
    for row, piece in enumerate(rows.pieces(region.start, region.size)):
        yield Rect(f"{key}/{row}", piece, CLEAR, moment.ink(name, "line"), 2, radius=4,
                   tags=look.tags)  # fmt: skip


_PARTS = (
    ("stored", Pattern.NONE),
    ("reserved", Pattern.HATCH),
    ("internal", Pattern.DOTS),
    ("external", Pattern.NONE),
)
