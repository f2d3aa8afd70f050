"""Free memory as the next request meets it: its holes, and what the head of the queue needs."""

from __future__ import annotations

from dataclasses import dataclass

from model.contiguous.placement import Hole
from model.state import LaneState, PagedMemory
from model.waste import free_runs


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
