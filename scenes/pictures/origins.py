"""Where shapes enter from: entries from the words or the slots that they come from."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.core.events import (
    BlockCopied,
    BlockSwappedIn,
    EntriesWritten,
    Event,
    RegionCopied,
)
from pagereel.model.core.state import PagedMemory
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.scenes.pictures.above.beams import sprouts
from pagereel.scenes.pictures.cards.race import drops
from pagereel.scenes.pictures.lanes.cells import in_block, in_region, token_key
from pagereel.scenes.pictures.moment import Moment

Origin = tuple[str, str]
"""(the key of a shape, the key it enters from)."""


def origins(moment: Moment) -> tuple[Origin, ...]:
    """Where every lane's new entries come from, in the order in which it happened.

    K/V that was computed flies from the token's word above the lanes; copied K/V from the slots
    that it was copied from; swapped K/V from its request's name among those on the CPU. What is
    copied from entries of this very step comes from where those come from. The words of a beam
    search grow out of the words before them; in a race, tokens fall from their rows.
    """
    found: dict[str, str] = {}
    for step in moment.step.lanes:
        for key, origin in (pair for event in step.events for pair in _of(moment, step, event)):
            found[key] = found.get(origin, origin)
    flights = [
        (f"{key}{part}", f"{origin}{part}")
        for key, origin in found.items()
        for part in ("", "/word")
    ]
    if moment.played.shot.card == "race":
        flights += drops(moment)
    return (*flights, *(sprouts(moment) if moment.played.shot.above == "beams" else ()))


def _of(moment: Moment, step: LaneStep, event: Event) -> Iterator[Origin]:
    match event:
        case EntriesWritten(name, start, count):
            for position, key in _keys(moment, step, name, range(start, start + count)):
                yield key, f"prompt/{name}/{position}"
        case RegionCopied(name, parent, _, _, count):
            for position in range(count):
                word = moment.word(step.state.holder(name), position)
                key = token_key(step.lane, in_region(name, position), word)
                yield key, token_key(step.lane, in_region(parent, position), word)
        case BlockCopied(name, index, source, target):
            for offset, word in _before(moment, step, name, index):
                key = token_key(step.lane, in_block(target, offset), word)
                yield key, token_key(step.lane, in_block(source, offset), word)
        case BlockSwappedIn(name, _, target):
            owner = moment.storyboard.owner(name).id
            for index in (i for i, block in enumerate(_table(step, name)) if block == target):
                for offset, word in _before(moment, step, name, index):
                    key = token_key(step.lane, in_block(target, offset), word)
                    yield key, f"lane/{step.lane}/on CPU/{owner}"


def _keys(moment: Moment, step: LaneStep, name: str, positions: range) -> Iterator[tuple[int, str]]:
    """The positions of these whose entry its holder still has, with the entry's key."""
    memory, table = step.state.memory, _table(step, name)
    pool = memory if isinstance(memory, PagedMemory) else None
    if pool and not table:
        return
    holder = step.state.holder(name)
    for position in positions:
        place = in_region(name, position)
        if pool:
            index, offset = divmod(position, pool.block_size)
            if index >= len(table):
                return
            place = in_block(table[index], offset)
        yield position, token_key(step.lane, place, moment.word(holder, position))


def _table(step: LaneStep, name: str) -> tuple[int, ...]:
    memory = step.state.memory
    tables = memory.tables if isinstance(memory, PagedMemory) else ()
    return next((table.blocks for table in tables if table.request == name), ())


def _before(moment: Moment, step: LaneStep, name: str, index: int) -> Iterator[tuple[int, str]]:
    """(offset, word) of the entries in a logical block that were there before the step's writes."""
    memory, holder = step.state.memory, step.state.holder(name)
    assert isinstance(memory, PagedMemory), "only pools have blocks"
    writes = [e for e in step.events if isinstance(e, EntriesWritten) and e.request == name]
    end = min((event.start for event in writes), default=holder.computed)
    for offset in range(memory.block_size):
        position = index * memory.block_size + offset
        if position < end:
            yield offset, moment.word(holder, position)
