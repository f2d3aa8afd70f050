"""Where every slot of a lane's memory is: stored, reserved, wasted inside or outside, or free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from model.contiguous.placement import holes
from model.state import ContiguousMemory, Holder, LaneState, PagedMemory, Phase, Region


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
    filled: dict[int, int] = {}
    holders = state.holders()
    for table in memory.tables:
        entries = holders[table.request].computed
        for index, block in enumerate(table.blocks):
            here = min(max(entries - index * memory.block_size, 0), memory.block_size)
            filled[block] = max(filled.get(block, 0), here)
    filled.pop(-1 if memory.null_block is None else memory.null_block, None)
    stored = sum(filled.values())
    held = len(filled) * memory.block_size
    keyed = {block for block, _ in memory.cached}
    cached = sum(block in keyed for block in memory.free) * memory.block_size
    free = len(memory.free) * memory.block_size - cached
    return Split(stored, 0, held - stored, 0, cached, free)


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
