"""What happened in a lane, in past tense and in order. Pictures derive motion and sound from these.

Every event names its request by id; where a sequence of a group acts, by the sequence's (A1).
Counts are in K/V entries (one per token position) unless the name says blocks or slots. `group` is
the group of layers whose table is meant (`BlockTable.group`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Recovery(StrEnum):
    """How a preempted request gets its K/V back."""

    RECOMPUTE = "recompute"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Arrived:
    """The request joined the waiting queue."""

    request: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """The request left the waiting queue and runs. `hit` entries came from the prefix cache."""

    request: str
    hit: int = 0
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The head of the waiting queue did not fit; it stays there. All counts in token slots."""

    request: str
    needed: int
    free: int
    largest_hole: int


@dataclass(frozen=True, slots=True)
class RegionReserved:
    """A contiguous lane set aside slots [start, start + size)."""

    request: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class RegionFreed:
    """A contiguous lane took the region back."""

    request: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class RegionMoved:
    """The entries were copied into a new region; both were alive during the copy."""

    request: str
    source: int
    target: int
    entries: int


@dataclass(frozen=True, slots=True)
class RegionCopied:
    """The parent's entries were copied into the request's own region: nothing is shared."""

    request: str
    parent: str
    source: int
    target: int
    entries: int


@dataclass(frozen=True, slots=True)
class RegionSlid:
    """Compaction: the region moved to the end of the one before it, with the entries in it."""

    request: str
    source: int
    target: int
    entries: int


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """A tensor could not grow and the request failed with it. All counts in token slots."""

    request: str
    needed: int
    free: int
    largest_hole: int


@dataclass(frozen=True, slots=True)
class BlockTaken:
    """A block left the free queue and became entry `index` of the request's block table.

    `evicted` says that it still held a cached prefix, which is lost now.
    """

    request: str
    index: int
    block: int
    evicted: bool = False
    group: int = 0


@dataclass(frozen=True, slots=True)
class BlockShared:
    """A block that already held these entries became entry `index` of the table as well."""

    request: str
    index: int
    block: int
    references: int
    group: int = 0


@dataclass(frozen=True, slots=True)
class BlockPublished:
    """A full block got its prefix key: from now on others can hit it."""

    request: str
    index: int
    block: int
    group: int = 0


@dataclass(frozen=True, slots=True)
class BlockCopied:
    """Copy-on-write: the request's entry `index` moved from a shared block to its own copy."""

    request: str
    index: int
    source: int
    target: int


@dataclass(frozen=True, slots=True)
class BlockFreed:
    """One reference was dropped; with `references` 0 the block is in the free queue again.

    `cached` says that it keeps its prefix key there.
    """

    request: str
    block: int
    references: int
    cached: bool = False
    group: int = 0


@dataclass(frozen=True, slots=True)
class BlockSwappedOut:
    """A block's contents moved to the CPU: from block `source` to CPU block `target`."""

    request: str
    source: int
    target: int


@dataclass(frozen=True, slots=True)
class BlockSwappedIn:
    """A block's contents came back: from CPU block `source` to block `target`."""

    request: str
    source: int
    target: int


@dataclass(frozen=True, slots=True)
class EntriesRead:
    """Attention of this step read the K/V of `count` cached tokens, in every layer.

    `positions` says which, where a retention policy leaves some out; else 0 to count - 1.
    """

    request: str
    count: int
    positions: tuple[range, ...] = ()
    group: int = 0


@dataclass(frozen=True, slots=True)
class EntriesWritten:
    """This step wrote K/V for token positions [start, start + count), in every layer."""

    request: str
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class TokenSampled:
    """The model returned output token number `index` (0-based)."""

    request: str
    index: int


@dataclass(frozen=True, slots=True)
class SequenceForked:
    """A child sequence started with its parent's block table; every block gained a reference."""

    request: str
    child: str


@dataclass(frozen=True, slots=True)
class BeamDropped:
    """No continuation of this beam was among the best; its name passes to a fork of another."""

    request: str


@dataclass(frozen=True, slots=True)
class SequenceFinished:
    """One sequence of the group has all its tokens and gave its memory back; others go on."""

    request: str


@dataclass(frozen=True, slots=True)
class Preempted:
    """The request lost its memory and waits again (recompute), or was moved to the CPU (swap)."""

    request: str
    recovery: Recovery
    blocks: int


@dataclass(frozen=True, slots=True)
class SwappedIn:
    """The request's blocks came back from the CPU."""

    request: str
    blocks: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The request has all its tokens; its memory is freed in the same step."""

    request: str


@dataclass(frozen=True, slots=True)
class Aborted:
    """The client gave up, or the lane lost the request (`OutOfMemory`); its memory is freed."""

    request: str


Event = (
    Arrived
    | Admitted
    | Refused
    | RegionReserved
    | RegionFreed
    | RegionMoved
    | RegionCopied
    | RegionSlid
    | OutOfMemory
    | BlockTaken
    | BlockShared
    | BlockPublished
    | BlockCopied
    | BlockFreed
    | BlockSwappedOut
    | BlockSwappedIn
    | EntriesRead
    | EntriesWritten
    | TokenSampled
    | SequenceForked
    | BeamDropped
    | SequenceFinished
    | Preempted
    | SwappedIn
    | Finished
    | Aborted
)
