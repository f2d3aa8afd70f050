"""Where every slot of a lane's memory is: stored, reserved, wasted inside or outside, or free."""

from __future__ import annotations

from dataclasses import dataclass

from model.contiguous.placement import holes
from model.state import ContiguousMemory, LaneState, PagedMemory, RequestState


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a lane's capacity, in token slots. They add up to it exactly."""

    stored: int
    """Slots that hold a token's K/V which some request can still use (token states)."""
    reserved: int
    """Held for tokens that the request will have later."""
    internal: int
    """Held, and never to be used by the request that holds them."""
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
    lookahead's. The null block is nobody's; slots behind a window's edge stay stored until their
    whole block is dropped.
    """
    filled: dict[int, int] = {}
    computed = {request.id: request.computed for request in state.requests}
    for table in memory.tables:
        entries = computed[table.request]
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
    """Reserved slots will be used in the end; what lies beyond the request's end never will.

    A hole serves as many reservations of size `ask` as fit into it; the rest of it is external.
    """
    requests = {request.id: request for request in state.requests}
    parts = [_split_region(region.size, requests[region.request]) for region in memory.regions]
    stored, reserved, internal = (sum(part[i] for part in parts) for i in range(3))
    sizes = [hole.size for hole in holes(memory.regions, state.capacity)]
    external = sum(size % memory.ask for size in sizes) if memory.ask else 0
    return Split(stored, reserved, internal, external, 0, sum(sizes) - external)


def _split_region(size: int, request: RequestState) -> tuple[int, int, int]:
    return request.computed, request.final - request.computed, size - request.final
