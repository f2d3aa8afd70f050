"""The laws that hold in every lane after every step; a breach is our mistake."""

from __future__ import annotations

from collections import Counter

from pagereel.model.core.once import once
from pagereel.model.core.state import ContiguousMemory, LaneState, PagedMemory, Phase, Region
from pagereel.model.usage.occupancy import split


class LawBroken(AssertionError):
    """A state that no allocator may reach; the message names the law and the numbers."""


@once
def uphold(state: LaneState) -> None:
    """Raise `LawBroken` unless every law holds in this state."""
    parts = split(state)
    _must(parts.total == state.capacity, f"{parts} does not add up to {state.capacity} slots")
    counts = (
        parts.stored,
        parts.reserved,
        parts.internal,
        parts.external,
        parts.cached,
        parts.free,
    )
    _must(min(counts) >= 0, f"a negative part in {parts}")
    _uphold_queues(state)
    if isinstance(state.memory, PagedMemory):
        _uphold_paged(state.memory, state)
        if state.memory.swap:
            _uphold_paged(state.memory.swap, state)
    else:
        _uphold_contiguous(state.memory, state)


def _uphold_queues(state: LaneState) -> None:
    running = {r.id for r in state.requests if r.phase is Phase.RUNNING}
    waiting = {r.id for r in state.requests if r.phase in (Phase.WAITING, Phase.PREEMPTED)}
    _must(set(state.running) == running, f"running {state.running}, phases say {running}")
    _must(set(state.waiting) == waiting, f"waiting {state.waiting}, phases say {waiting}")
    swapped = {r.id for r in state.requests if r.phase is Phase.SWAPPED}
    _must(set(state.swapped) == swapped, f"swapped {state.swapped}, phases say {swapped}")
    for queue in (state.running, state.waiting, state.swapped):
        _must(len(set(queue)) == len(queue), f"a request stands twice in {queue}")


def _uphold_paged(memory: PagedMemory, state: LaneState) -> None:
    """Pools are large, so a breach is put into words only when there is one."""
    uses: Counter[int] = Counter()
    holders = state.holders()
    for table in memory.tables:
        held = [block for block in table.blocks if block != memory.null_block]
        if len(set(held)) != len(held):
            raise LawBroken(f"{table.request} holds a block twice: {held}")
        slots = len(table.blocks) * memory.block_size
        entries = holders[table.request].computed
        _must(entries <= slots, f"{table.request} has {entries} entries in {slots} slots")
        uses.update(held)
    references, used = dict(memory.references), dict(uses)
    if references != used:
        raise LawBroken(f"reference counts {references}, tables hold {used}")
    free, blocks = set(memory.free), set(used)
    if len(free) != len(memory.free):
        raise LawBroken(f"a block stands twice in the free queue {memory.free}")
    _must(free.isdisjoint(blocks), f"blocks {free & blocks} are free and held")
    _must(free | blocks == set(memory.blocks), "a block is neither free nor held")
    _uphold_prefix_index(memory)


def _uphold_prefix_index(memory: PagedMemory) -> None:
    cached = [block for block, _ in memory.cached]
    if cached != sorted(set(cached)):
        raise LawBroken(f"cached blocks are not in order: {cached}")
    _must(set(cached) <= set(memory.blocks), "a block is cached that no request can use")
    shared = {key for key, count in Counter(key for _, key in memory.cached).items() if count > 1}
    several: dict[str, set[int]] = {}
    for block, key in memory.cached if shared else ():
        if key in shared:
            several.setdefault(key, set()).add(block)
    duplicates = {key: set(blocks) for key, blocks in memory.duplicates}
    _must(several == duplicates, f"{several} share keys, {duplicates} are listed")


def _uphold_contiguous(memory: ContiguousMemory, state: LaneState) -> None:
    end = 0
    holders = state.holders()
    for region in memory.regions:
        _must(region.start >= end, f"{region} overlaps the region before it")
        _must(region.asked <= region.size, f"{region} is smaller than what was asked")
        end = region.start + region.size
        entries = holders[region.request].computed
        _must(entries <= region.size, f"{entries} entries in {region}")
    _must(end <= state.capacity, f"a region ends at {end}, beyond {state.capacity} slots")
    if memory.chunks is not None:
        _uphold_chunks(memory.regions, memory.chunks, state.capacity)


def _uphold_chunks(
    regions: tuple[Region, ...], chunks: tuple[tuple[int, int], ...], capacity: int
) -> None:
    """Regions and free chunks tile the memory: no slot lost, none given twice."""
    end = 0
    for start, size in sorted([(r.start, r.size) for r in regions] + list(chunks)):
        _must(start == end, f"a chunk starts at {start}, the one before it ends at {end}")
        end = start + size
    _must(end == capacity, f"chunks end at {end}, the pool at {capacity}")


def _must(law: bool, breach: str) -> None:
    if not law:
        raise LawBroken(breach)
