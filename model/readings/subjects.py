"""What a number can be read of: a lane, a request or a sequence in it, a block, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pagereel.model.core.state import (
    BlockTable,
    Holder,
    LaneState,
    PagedMemory,
    Phase,
    RequestState,
    SequenceState,
)
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.counters import NO_WORK, Work
from pagereel.model.usage.occupancy import (
    Split,
    filled_blocks,
    next_need,
    split,
    stored_positions,
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Gains and costs of one lane; the first two are gains."""

    utilisation: float | None
    """Percent of the held slots that store K/V, now; None if nothing is held."""
    running: int
    """Requests that run, now."""
    wasted: int
    """Slots that are kept from others and store nothing yet or ever, now."""
    refused: int
    """Engine steps so far at which the head of the queue did not fit."""
    table_entries: int
    """Entries of all block tables, now: each is kept, and read at every decode step."""
    copied: int
    """Slots so far whose K/V was copied: into another region or block, or to the CPU and back."""
    recomputed: int
    """Tokens so far whose K/V was computed again after a preemption."""


def ledger(step: LaneStep) -> Ledger:
    """Read the state at this moment, and the work that led there."""
    now, work = InLane(step.state, 0, step.work), step.work
    block_size = now.paged.block_size if now.paged else 0
    return Ledger(
        utilisation=now.utilisation if now.held else None,
        running=len(step.state.running),
        wasted=now.wasted,
        refused=work.refused_steps,
        table_entries=now.table_entries,
        copied=work.copied_entries + (work.copied_blocks + work.swapped_blocks) * block_size,
        recomputed=work.recomputed,
    )


@dataclass(frozen=True)  # not slots: cached_property keeps the split in the instance
class InLane:
    """A lane's state, what it has cost, and what a byte count needs."""

    state: LaneState
    token_bytes: int
    work: Work = NO_WORK

    @cached_property
    def parts(self) -> Split:
        """The lane's capacity, split."""
        return split(self.state)

    @property
    def paged(self) -> PagedMemory | None:
        """The block pool, if the lane has one."""
        return self.state.memory if isinstance(self.state.memory, PagedMemory) else None

    def count(self, phase: Phase) -> int:
        """Requests in that phase."""
        return sum(request.phase is phase for request in self.state.requests)

    @property
    def held(self) -> int:
        """Slots that requests hold."""
        return self.parts.held

    @property
    def needed(self) -> int:
        """Slots that the head of the queue needs; 0 if nobody waits."""
        need = next_need(self.state)
        return need.slots if need else 0

    @property
    def wasted(self) -> int:
        """Slots that are taken from others and store nothing now."""
        return self.parts.reserved + self.parts.internal + self.parts.external

    @property
    def utilisation(self) -> float:
        """Percent of the held slots that store K/V; 0 if nothing is held."""
        return round(100 * self.parts.utilisation, 1)

    @property
    def table_entries(self) -> int:
        """Entries of all block tables; none if contiguous."""
        return sum(len(table.blocks) for table in self.paged.tables) if self.paged else 0

    @property
    def swapped_bytes(self) -> int:
        """Bytes of K/V that were copied to the CPU or back, whole blocks."""
        slots = self.work.swapped_blocks * self.paged.block_size if self.paged else 0
        return slots * self.token_bytes


@dataclass(frozen=True, slots=True)
class InRequest:
    """One request in a lane, or one sequence of a group."""

    request: Holder
    names: tuple[str, ...]
    """Whose tables and regions are its own: its id, or those of its sequences."""
    state: LaneState
    token_bytes: int
    work: Work = NO_WORK

    @property
    def hits(self) -> int:
        """Tokens of it that the prefix cache had, at all its admissions."""
        return sum(one.hits for one in self.work.by_name if one.name in self.names)

    @property
    def recomputed(self) -> int:
        """Tokens of it that were computed again."""
        return sum(one.recomputed for one in self.work.by_name if one.name in self.names)

    @property
    def refusals(self) -> int:
        """Steps at which its request did not fit."""
        return self._owner.refusals

    @property
    def _owner(self) -> RequestState:
        """The request itself, or the one that the sequence belongs to."""
        if isinstance(self.request, SequenceState):
            return self.state.request(self.request.request)
        return self.request

    @property
    def score(self) -> float:
        """The best cumulative log-probability among its beams; 0 without beam search."""
        beams = (s for s in self.state.sequences if s.id in self.names)
        return round(max((beam.score for beam in beams if beam.score is not None), default=0.0), 4)

    @property
    def table(self) -> tuple[int, ...]:
        """Its block table; of a group, each of its blocks once. Empty in a contiguous lane."""
        tables = self._tables
        if len(tables) == 1:
            return tables[0].blocks
        return tuple(dict.fromkeys(block for table in tables for block in table.blocks))

    @property
    def stored(self) -> int:
        """Slots in which its K/V is; fewer than it computed once a window has passed.

        A block that a group shares counts once.
        """
        memory, entries = self.state.memory, 0
        if isinstance(memory, PagedMemory) and len(self.names) > 1:
            return sum(filled_blocks(self.state, memory, self._tables).values())
        for name in self.names:
            holder = self.state.holders().get(name)
            entries += sum(len(span) for span in stored_positions(memory, holder)) if holder else 0
        return entries

    @property
    def _tables(self) -> tuple[BlockTable, ...]:
        memory = self.state.memory
        tables = memory.tables if isinstance(memory, PagedMemory) else ()
        return tuple(table for table in tables if table.request in self.names)

    @property
    def readable(self) -> int:
        """Positions that its next token may attend to, itself not counted."""
        if self._owner.readable is None:
            return self.request.computed
        return sum(len(span) for span in self._owner.readable)

    @property
    def held(self) -> int:
        """Slots it holds, its own and shared."""
        memory = self.state.memory
        if isinstance(memory, PagedMemory):
            held = sum(block != memory.null_block for block in self.table)
            return held * memory.block_size
        return sum(r.size for r in memory.regions if r.request in self.names)


@dataclass(frozen=True, slots=True)
class InBlock:
    """One block of a pool."""

    references: int
    filled: int
