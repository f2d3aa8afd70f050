"""The block pool: reference counts, the free queue in its exact order, and the prefix index."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

SEGMENT = 128
"""Most blocks that one segment ever holds: what one removal from an end may have to skip."""


class Segment(dict[int, None]):
    """A short stretch of the queue, in order; remembers its frozen copy until it changes."""

    __slots__ = ("frozen", "number", "room")

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.room = SEGMENT
        self.frozen: tuple[int, ...] | None = None


class FreeQueue:
    """Block ids in order. Every operation on one block takes constant time.

    The queue is cut into segments, each a dict (which keeps its order) of at most `SEGMENT`
    blocks, and every block knows its segment. A frozen copy joins the segments' frozen copies, so
    only those that changed since the last one are copied block by block.
    """

    __slots__ = ("_segments", "_tail", "_where")

    def __init__(self) -> None:
        self._tail = Segment(0)
        self._segments: OrderedDict[int, Segment] = OrderedDict({0: self._tail})
        self._where: dict[int, Segment] = {}

    def __len__(self) -> int:
        return len(self._where)

    def append(self, block: int) -> None:
        """Add a block at the tail."""
        tail = self._tail
        if not tail.room:
            if not tail:
                del self._segments[tail.number]
            tail = self._tail = Segment(tail.number + 1)
            self._segments[tail.number] = tail
        tail.room -= 1
        tail.frozen = None
        tail[block] = None
        self._where[block] = tail

    def popleft(self) -> int:
        """Take the head out. Raises IndexError if there is none."""
        head = next(iter(self._segments.values()))
        if not head:  # the tail, the only segment that may be empty
            raise IndexError("the queue is empty")
        block = next(iter(head))
        self.remove(block)
        return block

    def remove(self, block: int) -> None:
        """Take a block out, wherever it stands. Raises KeyError if it is not in the queue."""
        segment = self._where.pop(block)
        del segment[block]
        segment.frozen = None
        if not segment and segment is not self._tail:
            del self._segments[segment.number]

    def freeze(self) -> tuple[int, ...]:
        """All blocks, head first."""
        order: list[int] = []
        for segment in self._segments.values():
            if segment.frozen is None:
                segment.frozen = tuple(segment)
            order += segment.frozen
        return tuple(order)


NULL_BLOCK = 0
"""P1: a placeholder in tables; never free, never handed out, never cached."""


class BlockPool:
    """Blocks 0 to count - 1, block 0 being the null block (vLLM 0.32 v1/core/block_pool.py).

    Freed blocks without a key go to the head of the free queue and those with a key to its tail
    (P8), and a key is only lost when its block is handed out (P5). So every keyless block stands
    before every keyed one: the free queue is a stack, then a queue. Only keyed blocks are ever
    taken from the middle (P6).
    """

    __slots__ = (
        "_findable",
        "_later",
        "_oldest",
        "_spare",
        "changed",
        "count",
        "keys",
        "references",
    )

    def __init__(self, count: int, free_order: Sequence[int] = ()) -> None:
        self.count = count
        self.references = [0] * count
        """Tables that hold the block, by block id; meaningless for the null block (P3)."""
        self.keys: list[str | None] = [None] * count
        """The prefix key under which the block can be found, by block id (C1)."""
        self.changed: set[int] = set()
        """Blocks whose references or key changed; whoever looks empties it."""
        order = free_order or range(NULL_BLOCK + 1, count)  # P2
        self._spare = list(reversed(order))  # its end is the queue's head
        self._findable = FreeQueue()  # free, and still cached
        self._oldest: dict[str, int] = {}  # key -> the block that a lookup returns (C5)
        self._later: dict[str, OrderedDict[int, None]] = {}  # key -> its other blocks, by age (C4)

    @property
    def free_count(self) -> int:
        """Blocks in the free queue."""
        return len(self._spare) + len(self._findable)

    @property
    def cached_count(self) -> int:
        """Blocks in the free queue that still hold a prefix."""
        return len(self._findable)

    @property
    def must_evict(self) -> bool:
        """Whether the next block to be taken still holds a prefix."""
        return not self._spare

    def take(self) -> int:
        """Hand out the head of the free queue (P4). A prefix it holds is lost (P5)."""
        if self._spare:
            block = self._spare.pop()
        else:
            block = self._findable.popleft()
            self._evict(block)
        self.references[block] = 1
        self.changed.add(block)
        return block

    def touch(self, block: int) -> int:
        """Add a reference to a cached block (P6); returns how many it has now."""
        references = self.references[block]
        if references == 0:
            self._findable.remove(block)
        self.references[block] = references + 1
        self.changed.add(block)
        return references + 1

    def drop(self, block: int) -> int:
        """Take one reference away; returns how many are left. The caller queues it at 0."""
        references = self.references[block] = self.references[block] - 1
        self.changed.add(block)
        return references

    def queue(self, dropped: Iterable[int]) -> None:
        """Put blocks without references into the free queue (P8), in the order they were dropped.

        Keyed blocks go to the tail one by one; keyless ones to the head as one batch that keeps
        its order.
        """
        keyless = []
        for block in dropped:
            if self.keys[block] is None:
                keyless.append(block)
            else:
                self._findable.append(block)
        self._spare.extend(reversed(keyless))

    def publish(self, block: int, key: str) -> None:
        """Make a held block findable, also if another has the same key already (C4)."""
        self.keys[block] = key
        self.changed.add(block)
        if self._oldest.setdefault(key, block) != block:
            self._later.setdefault(key, OrderedDict())[block] = None

    def find(self, key: str) -> int | None:
        """The oldest block that holds this prefix (C5)."""
        return self._oldest.get(key)

    def free_order(self) -> tuple[int, ...]:
        """The free queue, head first."""
        findable = self._findable.freeze()
        return (*reversed(self._spare), *findable) if self._spare else findable

    def duplicates(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """(key, its blocks in publication order) for keys that several blocks hold, by key."""
        keys = sorted(self._later)
        return tuple((key, (self._oldest[key], *self._later[key])) for key in keys)

    def _evict(self, block: int) -> None:
        key = self.keys[block]
        assert key is not None, f"block {block} is findable without a key"
        self.keys[block] = None
        later = self._later.get(key)
        if later is None:
            del self._oldest[key]
            return
        if self._oldest[key] == block:
            self._oldest[key], _ = later.popitem(last=False)
        else:
            del later[block]
        if not later:
            del self._later[key]
