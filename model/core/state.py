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
    """Tokens whose K/V was stored, counted from position 0 (a window may have dropped some)."""
    final: int
    """K/V entries it will hold when it ends (`Request.final_entries`)."""
    refusals: int = 0
    """Steps at which it was the head of the queue and did not fit."""
    readable: tuple[range, ...] | None = None
    """Positions its next token may attend to under a retention policy; None: all it computed."""


@dataclass(frozen=True, slots=True)
class SequenceState:
    """One sequence of a request that has several (parallel samples, beams)."""

    id: str
    """Its name on blocks, tables and regions: `Request.sequence_ids`."""
    request: str
    """The request it belongs to."""
    phase: Phase
    """Its request's phase, or FINISHED before the others of its group."""
    prompt: int
    """Tokens in the prompt that it shares with its group."""
    computed: int
    """Tokens whose K/V it can read, counted from position 0, its own or shared."""
    final: int
    """K/V entries it will hold when it ends."""
    output: tuple[int, ...]
    """Token ids it has sampled so far; a forked beam's include its parents'."""
    score: float | None = None
    """Cumulative log-probability; None without beam search."""

    @property
    def sampled(self) -> int:
        """Output tokens it has so far."""
        return len(self.output)


Holder = RequestState | SequenceState
"""What can own a block table or a region."""


@dataclass(frozen=True, slots=True)
class Region:
    """Slots [start, start + size) of a contiguous lane, owned by one request or sequence."""

    request: str
    """Who owns it: the request's id, or in a group the sequence's."""
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
    chunks: tuple[tuple[int, int], ...] | None = None
    """(start, size) of the free chunks that a buddy allocator keeps apart, in address order.

    A reservation goes into one chunk. None: every run of free slots is one hole."""
    alike: bool = True
    """Whether all reservations ask for the same: then what is left of a hole when as many as fit
    are in it is lost as well. Else only holes that are smaller than `ask` are."""
    peak: int | None = None
    """Slots held at the worst moment of the last step, where that is more than a state can show:
    a growing tensor and its copy together. None: what `regions` hold is all."""


@dataclass(frozen=True, slots=True)
class BlockTable:
    """A sequence's blocks in logical order: token position p lives in blocks[p // block_size]."""

    request: str
    """Whose table: the request's id, or in a group the sequence's."""
    blocks: tuple[int, ...]
    """Physical block ids; the null block stands for entries outside a sliding window."""
    group: int = 0
    """The group of layers whose K/V is there: its place in `kv_cache_groups`, as in vLLM."""


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
    swap: PagedMemory | None = None
    """The CPU pool that swapped requests' blocks went to; None if the lane never swaps."""
    cached: tuple[tuple[int, str], ...] = ()
    """(block id, prefix key) for every block that can be hit, held or free, ascending."""
    null_block: int | None = None
    """Stands in tables for entries outside a sliding window; never held, never free."""
    duplicates: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """(prefix key, its blocks) for keys that several blocks hold, by key; the first one is hit."""


Memory = ContiguousMemory | PagedMemory


@dataclass(frozen=True, slots=True, weakref_slot=True)
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
    swapped: tuple[str, ...] = ()
    """Requests whose K/V is on the CPU, oldest first."""
    sequences: tuple[SequenceState, ...] = ()
    """Of the requests that have several, in group order; any other request is its own one."""

    def request(self, request_id: str) -> RequestState:
        """The state of one request. Raises KeyError if it has not arrived."""
        for request in self.requests:
            if request.id == request_id:
                return request
        raise KeyError(request_id)

    def holder(self, name: str) -> Holder:
        """The request or sequence that a table or region names. Raises KeyError."""
        found = (sequence for sequence in self.sequences if sequence.id == name)
        return next(found, None) or self.request(name)

    def owner(self, name: str) -> RequestState:
        """The request that a table or region belongs to: A, for A as for A1. Raises KeyError."""
        holder = self.holder(name)
        return self.request(holder.request) if isinstance(holder, SequenceState) else holder

    def holders(self) -> dict[str, Holder]:
        """Everything that can own a table or a region, by name: requests and sequences."""
        held: dict[str, Holder] = {request.id: request for request in self.requests}
        held.update((sequence.id, sequence) for sequence in self.sequences)
        return held
