"""Which blocks left the free queue in this step and which entered it, and what cached ones hold."""

from __future__ import annotations

from model.events import BlockFreed
from model.state import LaneState, PagedMemory
from model.timeline import Half, LaneStep
from scenes.pictures.moment import Moment
from scenes.style import SIZE_LABEL

Named = tuple[tuple[int, str], ...]
"""(block, request or sequence) pairs."""


def taken_by(moment: Moment, step: LaneStep) -> Named:
    """Blocks that were free before this engine step and are held now, in the old queue's order."""
    was, now = before(moment, step.lane), step.state
    if not isinstance(was.memory, PagedMemory) or not isinstance(now.memory, PagedMemory):
        return ()
    free, holders = set(now.memory.free), _holders(now.memory)
    return tuple((b, holders[b]) for b in was.memory.free if b not in free and b in holders)


def freed_by(moment: Moment, step: LaneStep) -> Named:
    """Blocks that were held before this engine step and are free now, head first."""
    was, now = before(moment, step.lane), step.state
    if not isinstance(was.memory, PagedMemory) or not isinstance(now.memory, PagedMemory):
        return ()
    held = _holders(was.memory)
    last = [e for e in moment.events(step.lane) if isinstance(e, BlockFreed) and not e.references]
    held.update((event.block, event.request) for event in last)
    free = set(was.memory.free)
    return tuple((b, held[b]) for b in now.memory.free if b not in free and b in held)


def before(moment: Moment, lane: str) -> LaneState:
    """The lane before the moment's engine step, or before what a verb has just done."""
    back = 1 if moment.is_asking else 2
    now = moment.past[-1]
    if now.half is Half.SAMPLED and len(moment.past) > 1:
        back += moment.past[-2].half is Half.SCHEDULED
    return moment.past[-min(back, len(moment.past))].lane(lane).state


def _holders(memory: PagedMemory) -> dict[int, str]:
    """The first table that holds each held block."""
    found: dict[int, str] = {}
    for table in memory.tables:
        for block in table.blocks:
            found.setdefault(block, table.request)
    return found


def contents(moment: Moment, step: LaneStep, room: float) -> dict[int, str]:
    """The words whose K/V each cached block of the free queue still holds.

    If those of some block need more than `room` pixels, the first and the last word of each.
    """
    memory = step.state.memory
    if not isinstance(memory, PagedMemory):
        return {}
    cached = {block for block, _ in memory.cached}
    held = {block: _words(moment, step.lane, block) for block in memory.free if block in cached}
    text = moment.faces.measures("text")
    whole = {block: " ".join(words) for block, words in held.items()}
    if all(text.width(words, SIZE_LABEL) <= room for words in whole.values()):
        return whole
    ends = {b: " … ".join(dict.fromkeys((w[0], w[-1]))) for b, w in held.items() if w}
    return {b: words for b, words in ends.items() if text.width(words, SIZE_LABEL) <= room}


def _words(moment: Moment, lane: str, block: int) -> list[str]:
    """What was written into a block when a table held it for the last time."""
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
