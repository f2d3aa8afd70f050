"""Where every slot of a lane's memory is: stored, reserved, wasted inside or outside, or free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, repeat
from typing import NamedTuple

from pagereel.model.core.once import once
from pagereel.model.core.state import (
    BlockTable,
    ContiguousMemory,
    Holder,
    LaneState,
    Memory,
    PagedMemory,
    Phase,
    Region,
)


class Hole(NamedTuple):
    """Free slots [start, start + size) between two regions."""

    start: int
    size: int


def holes(regions: Iterable[Region], capacity: int) -> tuple[Hole, ...]:
    """The holes that regions, given in address order, leave in `capacity` slots."""
    found: list[Hole] = []
    end = 0
    for region in regions:
        if region.start > end:
            found.append(Hole(end, region.start - end))
        end = region.start + region.size
    if capacity > end:
        found.append(Hole(end, capacity - end))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a lane's capacity, in token slots. They add up to it exactly."""

    stored: int
    """Slots that hold a token's K/V which some request can still use (token states)."""
    reserved: int
    """Held for tokens that the request will have later."""
    internal: int
    """Held without use: beyond the request's end, or empty slots of a block that it holds."""
    external: int
    """Not held by any request, and yet of no use to the next one: holes that are too small."""
    cached: int
    """In no table, but still holding a prefix that a request could hit; free to be taken."""
    free: int
    """Free to be taken, and empty."""

    @property
    def total(self) -> int:
        """All parts together: the lane's capacity."""
        return self.stored + self.reserved + self.internal + self.external + self.cached + self.free

    @property
    def held(self) -> int:
        """What requests hold of it."""
        return self.stored + self.reserved + self.internal

    @property
    def occupancy(self) -> float:
        """Part of the capacity that stores K/V, 0 to 1."""
        return self.stored / self.total

    @property
    def utilisation(self) -> float:
        """Part of what is held that stores K/V, 0 to 1."""
        return utilisation(self.stored, self.held)


def utilisation(stored: float, held: float) -> float:
    """Part of the held slots that store K/V (the paper's figure 2), 0 to 1; 0 if none is held."""
    return stored / held if held else 0.0


@once
def split(state: LaneState) -> Split:
    """Split a lane's capacity into its parts."""
    if isinstance(state.memory, PagedMemory):
        return _split_paged(state, state.memory)
    return _split_contiguous(state, state.memory)


def _split_paged(state: LaneState, memory: PagedMemory) -> Split:
    """A block serves one prefix however many tables hold it, so shared slots count once.

    Empty slots of a held block are internal fragmentation: at most one block a sequence, and the
    lookahead's. Under a window the oldest block counts whole until it is freed; the null block is
    nobody's. CPU blocks are not of this capacity.
    """
    filled = filled_blocks(state, memory, memory.tables)
    stored = sum(filled.values())
    held = len(filled) * memory.block_size
    keyed = {block for block, _ in memory.cached}
    cached = len(keyed.intersection(memory.free)) * memory.block_size
    free = len(memory.free) * memory.block_size - cached
    return Split(stored, 0, held - stored, 0, cached, free)


def filled_blocks(
    state: LaneState, memory: PagedMemory, tables: Iterable[BlockTable]
) -> dict[int, int]:
    """Each block that these tables hold, and how many of its slots store K/V: its fill."""
    found: dict[int, int] = {}
    holders, size = state.holders(), memory.block_size
    for table in tables:
        full, rest = divmod(holders[table.request].computed, size)
        fills = chain(repeat(size, full), (rest,), repeat(0))  # as `filled_slots` has them
        for block, fill in zip(table.blocks, fills, strict=False):
            if fill > found.get(block, -1):
                found[block] = fill
    found.pop(-1 if memory.null_block is None else memory.null_block, None)
    return found


def filled_slots(entries: int, index: int, block_size: int) -> int:
    """Slots with K/V in block `index` of a table, if its owner has so many entries."""
    here = entries - index * block_size
    if here >= block_size:
        return block_size
    return here if here > 0 else 0


def _split_contiguous(state: LaneState, memory: ContiguousMemory) -> Split:
    """What O8 of the paper's baselines splits, by entries really stored.

    Orca's accounting ends at prompt + output; the last token's K/V is never computed, so here a
    sequence ends one entry earlier, and that one slot a sequence is internal, not reserved.

    Free runs that the next reservation cannot use are external too.
    """
    holders = state.holders()
    parts = [split_region(region, holders[region.request]) for region in memory.regions]
    stored, reserved, internal, rounding = (sum(part[i] for part in parts) for i in range(4))
    runs = free_runs(memory, state.capacity)
    free = sum(run.size for run in runs)
    unusable = sum(run.unusable for run in runs)
    return Split(stored, reserved, internal, rounding + unusable, 0, free - unusable)


class FreeRun(NamedTuple):
    """Free slots [start, start + size); the last `unusable` of them are external."""

    start: int
    size: int
    unusable: int


def free_runs(memory: ContiguousMemory, capacity: int) -> tuple[FreeRun, ...]:
    """The holes, or a buddy allocator's free chunks, in address order.

    A run that is smaller than `ask` is unusable. Where all reservations are alike, a larger one
    serves as many of them as fit into it, and the rest of it is unusable too.
    """
    found = holes(memory.regions, capacity) if memory.chunks is None else memory.chunks
    return tuple(FreeRun(start, size, _unusable(size, memory)) for start, size in found)


def _unusable(size: int, memory: ContiguousMemory) -> int:
    if not memory.ask:
        return 0
    return size % memory.ask if memory.alike or size < memory.ask else 0


class RegionSplit(NamedTuple):
    """The parts of a region, in the order in which they stand in it."""

    stored: int
    reserved: int
    internal: int
    external: int


def split_region(region: Region, owner: Holder) -> RegionSplit:
    """Split one region. Reserved slots will be used in the end.

    What was asked beyond the end never will (internal); what a buddy allocator gave beyond the
    asked was lost from the start (external). A tensor that grows may be smaller than its end. A
    batch may keep the region of one that has ended.
    """
    rounding = region.size - region.asked
    if owner.phase in (Phase.FINISHED, Phase.ABORTED):
        return RegionSplit(0, 0, region.asked, rounding)
    end = min(owner.final, region.asked)
    return RegionSplit(owner.computed, end - owner.computed, region.asked - end, rounding)


def free_holes(state: LaneState) -> tuple[Hole, ...]:
    """Free slots that lie together, in address order.

    Those of a buddy allocator are its free chunks, even where two lie side by side: a reservation
    goes into one. Those of a paged lane are its free blocks, one by one.
    """
    if isinstance(state.memory, PagedMemory):
        size = state.memory.block_size
        return tuple(Hole(block * size, size) for block in sorted(state.memory.free))
    return tuple(Hole(run.start, run.size) for run in free_runs(state.memory, state.capacity))


def largest_room(state: LaneState) -> int:
    """Slots of the largest reservation that fits now; of a paged lane any free blocks will do."""
    sizes = [hole.size for hole in free_holes(state)]
    return sum(sizes) if isinstance(state.memory, PagedMemory) else max(sizes, default=0)


@dataclass(frozen=True, slots=True)
class Need:
    """What a waiting request needs to be admitted."""

    request: str
    slots: int
    """In one piece if the lane is contiguous (of a group: its largest piece), else in blocks."""


def next_need(state: LaneState) -> Need | None:
    """What the head of the queue needs; None if nobody waits.

    In a paged lane that is room for its tokens so far, before what it may share.
    """
    if not state.waiting:
        return None
    head = state.request(state.waiting[0])
    tokens, memory = head.prompt + head.sampled, state.memory
    if isinstance(memory, PagedMemory):
        return Need(head.id, -(-tokens // memory.block_size) * memory.block_size)
    return Need(head.id, memory.ask or tokens)


def stored_positions(memory: Memory, holder: Holder) -> tuple[range, ...]:
    """Positions of a request or sequence whose K/V this memory holds, ascending.

    Under a sliding window those in blocks not freed yet; none while it waits or is on the CPU.
    """
    name, entries = holder.id, holder.computed
    if not isinstance(memory, PagedMemory):
        held = any(region.request == name for region in memory.regions)
        return (range(entries),) if held and entries else ()
    table = next((table.blocks for table in memory.tables if table.request == name), ())
    spans: list[range] = []
    for index, block in enumerate(table):
        start = index * memory.block_size
        stop = min(start + memory.block_size, entries)
        if block == memory.null_block or start >= stop:
            continue
        if spans and spans[-1].stop == start:
            start = spans.pop().start
        spans.append(range(start, stop))
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class Sharing:
    """Blocks in use, with and without sharing."""

    held: int
    """Distinct blocks that the tables hold."""
    unshared: int
    """Blocks that they would hold if each table had its own."""

    @property
    def saved(self) -> int:
        """Blocks that sharing saves."""
        return self.unshared - self.held

    @property
    def saving(self) -> float:
        """Blocks saved / blocks without sharing: the paper's measure (section 6.3). 0 if empty."""
        return self.saved / self.unshared if self.unshared else 0.0


def sharing(memory: PagedMemory) -> Sharing:
    """Count the blocks of a paged memory both ways."""
    references = dict(memory.references)
    return Sharing(held=len(references), unshared=sum(references.values()))
