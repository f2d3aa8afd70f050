"""Which of a request's positions are in memory: beside what it may read, the other half."""

from __future__ import annotations

from model.state import Holder, Memory, PagedMemory


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
