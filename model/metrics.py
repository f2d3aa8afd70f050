"""Every metric that captions, claims and panels can read from a state, with its unit and meaning.

Slots, entries and tokens count one token position each. Percentages have one decimal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from model.geometry import Geometry
from model.sharing import sharing
from model.state import (
    BlockTable,
    Holder,
    LaneState,
    PagedMemory,
    Phase,
    RequestState,
    SequenceState,
)
from model.stored import stored_positions
from model.waste import Split, split
from model.work import NO_WORK, Work

Value = int | float | str | tuple[int, ...]
T = TypeVar("T")


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
        return self.parts.stored + self.parts.reserved + self.parts.internal

    @property
    def wasted(self) -> int:
        """Slots that are taken from others and store nothing now."""
        return self.parts.reserved + self.parts.internal + self.parts.external

    @property
    def utilisation(self) -> float:
        """Percent of the held slots that store K/V; 0 if nothing is held."""
        return round(100 * self.parts.stored / self.held, 1) if self.held else 0

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
    def table(self) -> tuple[int, ...]:
        """Its block table; of a group, each of its blocks once. Empty in a contiguous lane."""
        tables = self._tables
        if len(tables) == 1:
            return tables[0].blocks
        return tuple(dict.fromkeys(block for table in tables for block in table.blocks))

    @property
    def stored(self) -> int:
        """Slots in which its K/V is; fewer than it computed once a window has passed."""
        memory, entries = self.state.memory, 0
        if isinstance(memory, PagedMemory) and len(self.names) > 1:
            return self._filled(memory)
        for name in self.names:
            holder = self.state.holders().get(name)
            entries += sum(len(span) for span in stored_positions(memory, holder)) if holder else 0
        return entries

    def _filled(self, memory: PagedMemory) -> int:
        """Filled slots of a group's blocks; a shared one counts once."""
        filled: dict[int, int] = {}
        size = memory.block_size
        for table in self._tables:
            entries = self.state.holder(table.request).computed
            for index, block in enumerate(table.blocks):
                here = min(max(entries - index * size, 0), size)
                if block != memory.null_block:
                    filled[block] = max(filled.get(block, 0), here)
        return sum(filled.values())

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


@dataclass(frozen=True, slots=True)
class Metric(Generic[T]):
    """How to read one number, and what it means."""

    unit: str
    meaning: str
    measure: Callable[[T], Value]


LANE: dict[str, Metric[InLane]] = {
    "capacity": Metric("slots", "token slots in the pool", lambda at: at.state.capacity),
    "stored": Metric("slots", "slots that hold a token's K/V", lambda at: at.parts.stored),
    "reserved": Metric("slots", "held for tokens still to come", lambda at: at.parts.reserved),
    "internal": Metric("slots", "held and not used", lambda at: at.parts.internal),
    "external": Metric("slots", "free, but in holes too small", lambda at: at.parts.external),
    "cached": Metric("slots", "free, still holding a prefix", lambda at: at.parts.cached),
    "free": Metric("slots", "free and empty", lambda at: at.parts.free),
    "held": Metric("slots", "held by requests", lambda at: at.held),
    "wasted": Metric("slots", "reserved, internal and external", lambda at: at.wasted),
    "utilisation": Metric(
        "percent",
        "share of the held slots that store K/V",
        lambda at: at.utilisation,
    ),
    "running": Metric("requests", "requests that run", lambda at: len(at.state.running)),
    "waiting": Metric("requests", "requests that wait", lambda at: len(at.state.waiting)),
    "swapped": Metric("requests", "requests on the CPU", lambda at: len(at.state.swapped)),
    "finished": Metric("requests", "requests that are done", lambda at: at.count(Phase.FINISHED)),
    "refusals": Metric(
        "steps",
        "steps at which the head of the queue did not fit",
        lambda at: sum(request.refusals for request in at.state.requests),
    ),
    "block_size": Metric(
        "slots", "slots a block; 0 if contiguous", lambda at: at.paged.block_size if at.paged else 0
    ),
    "blocks": Metric(
        "blocks", "usable blocks in the pool", lambda at: len(at.paged.blocks) if at.paged else 0
    ),
    "blocks_free": Metric(
        "blocks", "blocks in the free queue", lambda at: len(at.paged.free) if at.paged else 0
    ),
    "table_entries": Metric("entries", "entries in all block tables", lambda at: at.table_entries),
    "next_block": Metric(
        "block",
        "head of the free queue",
        lambda at: at.paged.free[:1] if at.paged else (),
    ),
    "free_queue": Metric(
        "blocks", "the free queue, head first", lambda at: at.paged.free if at.paged else ()
    ),
    "saving": Metric(
        "percent",
        "blocks saved by sharing / blocks without sharing",
        lambda at: round(100 * sharing(at.paged).saving, 1) if at.paged else 0,
    ),
    "step_tokens": Metric(
        "tokens", "tokens computed in the latest step", lambda at: at.work.step_tokens
    ),
    "recomputed": Metric(
        "tokens", "tokens computed again after a preemption", lambda at: at.work.recomputed
    ),
    "swapped_bytes": Metric(
        "bytes", "bytes copied to the CPU and back so far", lambda at: at.swapped_bytes
    ),
    "stored_bytes": Metric(
        "bytes", "bytes of stored K/V", lambda at: at.parts.stored * at.token_bytes
    ),
    "held_bytes": Metric("bytes", "bytes that requests hold", lambda at: at.held * at.token_bytes),
    "wasted_bytes": Metric("bytes", "bytes wasted", lambda at: at.wasted * at.token_bytes),
}

REQUEST: dict[str, Metric[InRequest]] = {
    "phase": Metric("", "waiting, running, finished, ...", lambda at: at.request.phase.value),
    "prompt": Metric("tokens", "tokens in its prompt", lambda at: at.request.prompt),
    "sampled": Metric("tokens", "output tokens so far", lambda at: at.request.sampled),
    "computed": Metric("tokens", "tokens computed so far", lambda at: at.request.computed),
    "stored": Metric("slots", "tokens whose K/V is stored", lambda at: at.stored),
    "readable": Metric("tokens", "cached tokens its next one may read", lambda at: at.readable),
    "held": Metric("slots", "slots it holds", lambda at: at.held),
    "empty": Metric("slots", "slots it holds that are empty", lambda at: at.held - at.stored),
    "blocks": Metric("blocks", "blocks in its table", lambda at: len(at.table)),
    "table": Metric("blocks", "its block table, in order", lambda at: at.table),
    "refusals": Metric("steps", "steps at which it did not fit", lambda at: at.refusals),
    "stored_bytes": Metric(
        "bytes", "bytes of its stored K/V", lambda at: at.stored * at.token_bytes
    ),
    "held_bytes": Metric("bytes", "bytes it holds", lambda at: at.held * at.token_bytes),
}

BLOCK: dict[str, Metric[InBlock]] = {
    "filled": Metric("slots", "slots that hold K/V", lambda at: at.filled),
    "references": Metric("tables", "tables that hold it", lambda at: at.references),
}

GEOMETRY: dict[str, Metric[Geometry]] = {
    "name": Metric("", "the model", lambda at: at.title or at.name),
    "layers": Metric("layers", "layers", lambda at: at.layers),
    "kv_heads": Metric("heads", "heads with K and V of their own", lambda at: at.kv_heads),
    "head_dim": Metric("elements", "elements a head", lambda at: at.head_dim),
    "dtype": Metric("", "element type of the cache", lambda at: at.dtype),
    "bytes_per_token": Metric(
        "bytes", "bytes of one token's K/V, all layers", lambda at: at.bytes_per_token
    ),
    "bytes_per_layer": Metric(
        "bytes", "bytes of one token's K/V, one layer", lambda at: at.bytes_per_layer
    ),
}
