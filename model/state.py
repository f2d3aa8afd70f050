"""The frozen state of one lane at one moment: all that a picture, a metric or a law looks at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Where a request is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    PREEMPTED = "preempted"
    SWAPPED = "swapped"
    FINISHED = "finished"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class RequestState:
    """One request that has arrived."""

    id: str
    phase: Phase
    prompt: int
    """Tokens in its prompt."""
    sampled: int
    """Output tokens it has so far."""
    computed: int
    """Tokens whose K/V is stored, counted from position 0."""
    final: int
    """K/V entries it will hold when it ends (`Request.final_entries`)."""
    refusals: int = 0
    """Steps at which it was the head of the queue and did not fit."""


@dataclass(frozen=True, slots=True)
class Region:
    """Slots [start, start + size) of a contiguous lane, owned by one request."""

    request: str
    start: int
    size: int
    """Slots taken from the pool (the chunk; a buddy allocator rounds it up)."""
    asked: int
    """Slots the reservation policy asked for; at most `size`."""


@dataclass(frozen=True, slots=True)
class ContiguousMemory:
    """Slots 0 to capacity - 1, some of them inside regions."""

    regions: tuple[Region, ...]
    """In address order."""
    ask: int | None = None
    """Slots of the smallest reservation that could come next; None if any size could."""


@dataclass(frozen=True, slots=True)
class BlockTable:
    """A sequence's blocks in logical order: token position p lives in blocks[p // block_size]."""

    request: str
    blocks: tuple[int, ...]
    """Physical block ids; the null block stands for entries outside a sliding window."""


@dataclass(frozen=True, slots=True)
class PagedMemory:
    """A pool of equal blocks, the tables into it, and the free queue in its order."""

    block_size: int
    """Token slots a block."""
    blocks: tuple[int, ...]
    """Usable physical block ids, ascending (vLLM's start at 1: block 0 is its null block)."""
    tables: tuple[BlockTable, ...]
    free: tuple[int, ...]
    """Head first: the next block to be handed out is free[0]."""
    references: tuple[tuple[int, int], ...] = ()
    """(block id, tables that hold it) for every held block, ascending."""
    cached: tuple[tuple[int, str], ...] = ()
    """(block id, prefix key) for every block that can be hit, held or free, ascending."""
    null_block: int | None = None
    """Stands in tables for entries outside a sliding window; never held, never free."""
    duplicates: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """(prefix key, its blocks) for keys that several blocks hold, by key; the first one is hit."""


Memory = ContiguousMemory | PagedMemory


@dataclass(frozen=True, slots=True)
class LaneState:
    """One lane, frozen. Equal states compare equal; nothing in it can be computed from the rest."""

    capacity: int
    """Token slots in the pool."""
    requests: tuple[RequestState, ...]
    """All that have arrived, in order of arrival."""
    running: tuple[str, ...]
    """In the engine's order."""
    waiting: tuple[str, ...]
    """Head first."""
    memory: Memory

    def request(self, request_id: str) -> RequestState:
        """The state of one request. Raises KeyError if it has not arrived."""
        for request in self.requests:
            if request.id == request_id:
                return request
        raise KeyError(request_id)
