"""A lane's memory as rows of text, one character a slot; rows that repeat are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from pagereel.model.core.state import ContiguousMemory, LaneState, PagedMemory
from pagereel.model.usage.occupancy import filled_slots, free_runs, split_region

SHARED, RESERVED, INTERNAL, EXTERNAL, CACHED, FREE = "&/.x:_"
_ROW = 64
"""Slots in a row of a contiguous map, in groups of eight."""
_LONGEST = 16
"""Slots of a block that are drawn one by one; in larger ones runs are counted."""
_MOST, _MARKS = 2**14, 1280
"""Slots that are drawn one by one; characters for the slots of a larger contiguous memory."""


class _MapRow(NamedTuple):
    """One line of the map, and the part of it that makes two lines alike."""

    text: str
    slots: str


def memory_map(state: LaneState, letters: dict[str, str], columns: int) -> list[str]:
    """The rows of the map; `letters` has one character for each request."""
    if state.capacity > _MOST:
        return _overview(state, letters)
    if isinstance(state.memory, PagedMemory):
        return block_map(state, state.memory, letters, columns)
    return list(_folded(_slot_rows(_slots(state, state.memory, letters))))


def _overview(state: LaneState, letters: dict[str, str]) -> list[str]:
    """A large memory: one character for many slots, what most of them are."""
    if isinstance(state.memory, PagedMemory):
        drawn = _drawn(state, state.memory, letters).values()
        many, marks = state.memory.block_size, [slots.split(" ")[0][-1] for slots in drawn]
    else:
        slots = _slots(state, state.memory, letters)
        many = -(-len(slots) // _MARKS)
        pieces = (slots[at : at + many] for at in range(0, len(slots), many))
        marks = [Counter(piece).most_common(1)[0][0] for piece in pieces]
    rows = _slot_rows("".join(marks), many)
    return [f"one character is {many} slots", *_folded(rows)]


def block_map(
    state: LaneState, memory: PagedMemory, letters: dict[str, str], columns: int
) -> list[str]:
    """The rows of one pool of blocks: the lane's own, or the CPU's."""
    return list(_folded(_block_rows(state, memory, letters, columns)))


def _slot_rows(slots: str, many: int = 1) -> Iterator[_MapRow]:
    """Rows of slots in groups of eight, each after its first address; a character is `many`."""
    for start in range(0, len(slots), _ROW):
        row = slots[start : start + _ROW]
        groups = " ".join(row[at : at + 8] for at in range(0, len(row), 8))
        yield _MapRow(f"{start * many:>5}  {groups}", groups)


def _slots(state: LaneState, memory: ContiguousMemory, letters: dict[str, str]) -> str:
    """Every slot in address order. The end of a hole, too small for the next, is external."""
    pieces: dict[int, str] = {}
    holders = state.holders()
    for region in memory.regions:
        parts = split_region(region, holders[region.request])
        marks = (letters.get(region.request, "*"), RESERVED, INTERNAL, EXTERNAL)
        pieces[region.start] = "".join(m * n for m, n in zip(marks, parts, strict=True))
    for run in free_runs(memory, state.capacity):
        pieces[run.start] = FREE * (run.size - run.unusable) + EXTERNAL * run.unusable
    return "".join(pieces[start] for start in sorted(pieces))


def _block_rows(
    state: LaneState, memory: PagedMemory, letters: dict[str, str], columns: int
) -> Iterator[_MapRow]:
    """Rows of blocks in order of their ids, each after its id."""
    drawn = _drawn(state, memory, letters)
    digits = max((len(str(block)) for block in drawn), default=1)
    room = (columns - 2) // (max((len(slots) for slots in drawn.values()), default=0) + digits + 4)
    count = next((even for even in (16, 8, 4, 2) if even <= room), 1)
    for start in range(0, len(memory.blocks), count):
        row = memory.blocks[start : start + count]
        cells = "  ".join(f"{block:>{digits}}[{drawn[block]}]" for block in row)
        yield _MapRow(f"  {cells}", " ".join(drawn[block] for block in row))


def _drawn(state: LaneState, memory: PagedMemory, letters: dict[str, str]) -> dict[int, str]:
    """The slots of every block. Empty ones of a held block are internal fragmentation."""
    keyed = {block for block, _ in memory.cached}
    size = memory.block_size
    drawn = {block: (CACHED if block in keyed else FREE) * size for block in memory.blocks}
    uses, holders = dict(memory.references), state.holders()
    for table in memory.tables:
        own, entries = letters.get(table.request, "*"), holders[table.request].computed
        for index, block in enumerate(table.blocks):
            if block == memory.null_block:
                continue
            letter = SHARED if uses.get(block, 1) > 1 else own
            filled = filled_slots(entries, index, size)
            before = drawn[block].count(SHARED) if letter == SHARED else 0
            drawn[block] = (letter * max(filled, before)).ljust(size, INTERNAL)
    return {block: _runs(slots) for block, slots in drawn.items()}


def _runs(slots: str) -> str:
    if len(slots) <= _LONGEST:
        return slots
    return " ".join(f"{len(list(run))}{slot}" for slot, run in groupby(slots))


def _folded(rows: Iterable[_MapRow]) -> Iterator[str]:
    """The lines; where rows repeat the one before more than once, how many do."""
    for _, run in groupby(rows, key=lambda row: row.slots):
        first, *others = run
        yield first.text
        if len(others) == 1:
            yield others[0].text
        elif others:
            yield f"       … {len(others)} more rows alike"
