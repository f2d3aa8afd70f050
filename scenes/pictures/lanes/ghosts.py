"""What free blocks still hold: the words that were in a block when a table last named it."""

from __future__ import annotations

from pagereel.model.core.state import PagedMemory
from pagereel.scenes.pictures.moment import Moment


def ghost_words(moment: Moment, lane: str, block: int) -> list[str]:
    """What was written into a block when a table held it for the last time, slot by slot."""
    for step in reversed(moment.past):
        state = step.lane(lane).state
        if not isinstance(state.memory, PagedMemory):
            return []
        for table in state.memory.tables:
            if block in table.blocks:
                holder, size = state.holder(table.request), state.memory.block_size
                start = table.blocks.index(block) * size
                end = min(start + size, holder.prompt + holder.sampled)
                return [moment.word(holder, position) for position in range(start, end)]
    return []
