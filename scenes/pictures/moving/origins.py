"""Where shapes enter from and leave to: entries, from the words or slots that they come from."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.core.events import (
    BlockCopied,
    BlockSwappedIn,
    BlockSwappedOut,
    EntriesWritten,
    Event,
    Preempted,
    Recovery,
    RegionCopied,
)
from pagereel.model.core.state import PagedMemory
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.scenes.pictures.above.beams import sprouts
from pagereel.scenes.pictures.cards.race import drops
from pagereel.scenes.pictures.lanes.blocktable import debt_key
from pagereel.scenes.pictures.lanes.cells import in_block, in_region, token_key
from pagereel.scenes.pictures.lanes.swap import in_cpu_block
from pagereel.scenes.pictures.moment import Moment

Origin = tuple[str, str]
"""(the key of a shape, the key it enters from)."""


def origins(moment: Moment) -> tuple[Origin, ...]:
    """Where every lane's new entries come from, in the order in which it happened.

    K/V that was computed flies from the token's word above the lanes; copied K/V from the slots
    that it was copied from; swapped K/V from the other pool. What is
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


def departures(moment: Moment) -> tuple[Origin, ...]:
    """Where lost entries go: (key of the entry, key of the count that it adds to).

    K/V of a request that is preempted, to what it must compute again. What keeps its place, in
    another's table or as a cached prefix, does not leave, and so does not go there.
    """
    if len(moment.past) < 2:
        return ()
    found: list[Origin] = []
    for before, step in zip(moment.past[-2].lanes, moment.step.lanes, strict=True):
        for event in step.events:
            if isinstance(event, Preempted) and event.recovery is Recovery.RECOMPUTE:
                goal = debt_key(step.lane, event.request)
                positions = range(before.state.request(event.request).computed)
                for _, key in keys(moment, before, event.request, positions):
                    found += ((key, goal), (f"{key}/word", goal))
    return tuple(found)


def _of(moment: Moment, step: LaneStep, event: Event) -> Iterator[Origin]:
    match event:
        case EntriesWritten(name, start, count):
            for position, key in keys(moment, step, name, range(start, start + count)):
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
        case BlockSwappedOut(name, source, target):
            for offset, word in _there(moment, step, name, target, _pool(step).swap):
                key = token_key(step.lane, in_cpu_block(target, offset), word)
                yield key, token_key(step.lane, in_block(source, offset), word)
        case BlockSwappedIn(name, source, target):
            for offset, word in _there(moment, step, name, target, _pool(step)):
                key = token_key(step.lane, in_block(target, offset), word)
                yield key, token_key(step.lane, in_cpu_block(source, offset), word)


def _pool(step: LaneStep) -> PagedMemory:
    memory = step.state.memory
    assert isinstance(memory, PagedMemory), "only pools have blocks"
    return memory


def _there(
    moment: Moment, step: LaneStep, name: str, target: int, pool: PagedMemory | None
) -> Iterator[tuple[int, str]]:
    """(offset, word) of the entries that came with a block, if it is still its sequence's."""
    for table in pool.tables if pool else ():
        if table.request == name and target in table.blocks:
            yield from _before(moment, step, name, table.blocks.index(target))


def keys(moment: Moment, step: LaneStep, name: str, positions: range) -> Iterator[tuple[int, str]]:
    """The positions of these whose entry its holder still has, with the entry's key.

    Where there are several groups of layers, there is an entry in the table of each.
    """
    memory, holder = step.state.memory, step.state.holder(name)
    if not isinstance(memory, PagedMemory):
        for position in positions:
            word = moment.word(holder, position)
            yield position, token_key(step.lane, in_region(name, position), word)
        return
    for table in memory.tables if positions else ():
        if table.request != name:
            continue
        for position in positions:
            index, offset = divmod(position, memory.block_size)
            if index < len(table.blocks) and table.blocks[index] != memory.null_block:
                place = in_block(table.blocks[index], offset)
                yield position, token_key(step.lane, place, moment.word(holder, position))


def _before(moment: Moment, step: LaneStep, name: str, index: int) -> Iterator[tuple[int, str]]:
    """(offset, word) of the entries in a logical block that were there before the step's writes."""
    memory, holder = _pool(step), step.state.holder(name)
    writes = [e for e in step.events if isinstance(e, EntriesWritten) and e.request == name]
    end = min((event.start for event in writes), default=holder.computed)
    for offset in range(memory.block_size):
        position = index * memory.block_size + offset
        if position < end:
            yield offset, moment.word(holder, position)
