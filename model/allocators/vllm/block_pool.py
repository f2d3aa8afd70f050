"""The block pool: reference counts, the free queue in its exact order, and the prefix cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import islice

from pagereel.model.allocators.vllm.block_hash import HashList

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


class FreeKVCacheBlockQueue:
    """Block ids in order, as in vLLM. Every operation on one block takes constant time.

    vLLM links its blocks. Here the queue is cut into segments, each a dict (which keeps its order)
    of at most `SEGMENT` blocks, and every block knows its segment. A copy of the whole joins copies
    of the segments, so only those that changed since the last one are copied block by block.
    """

    __slots__ = ("_segments", "_tail", "_where")

    def __init__(self) -> None:
        self._tail = Segment(0)
        self._segments: OrderedDict[int, Segment] = OrderedDict({0: self._tail})
        self._where: dict[int, Segment] = {}

    def __len__(self) -> int:
        return len(self._where)

    def append_n(self, blocks: Sequence[int]) -> None:
        """Add blocks at the tail, in this order."""
        place = 0
        while place < len(blocks):
            tail = self._tail
            if not tail.room:
                if not tail:
                    del self._segments[tail.number]
                tail = self._tail = Segment(tail.number + 1)
                self._segments[tail.number] = tail
            part = blocks[place : place + tail.room]
            place += len(part)
            tail.room -= len(part)
            tail.frozen = None
            tail.update(dict.fromkeys(part))
            self._where.update(dict.fromkeys(part, tail))

    def popleft_n(self, count: int) -> list[int]:
        """Take so many out from the head. Raises IndexError if there are fewer."""
        if count > len(self):
            raise IndexError("the queue has fewer blocks")
        taken: list[int] = []
        while len(taken) < count:
            head = next(iter(self._segments.values()))
            blocks = list(islice(head, count - len(taken)))
            for block in blocks:
                del head[block], self._where[block]
            head.frozen = None
            taken += blocks
            if not head and head is not self._tail:
                del self._segments[head.number]
        return taken

    def remove(self, block: int) -> None:
        """Take a block out, wherever it stands. Raises KeyError if it is not in the queue."""
        segment = self._where.pop(block)
        del segment[block]
        segment.frozen = None
        if not segment and segment is not self._tail:
            del self._segments[segment.number]

    def get_all_free_blocks(self) -> tuple[int, ...]:
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
    """Blocks 0 to num_gpu_blocks - 1, block 0 being the null block (vLLM 0.32 core/block_pool.py).

    What vLLM writes into each `KVCacheBlock` stands here in lists by block id.

    Freed blocks without a hash go to the head of the free queue and cached ones to its tail (P8),
    and a hash is only lost when its block is handed out (P5). So every uncached block stands before
    every cached one: vLLM's one `free_block_queue` is a stack here, then a queue. Only cached
    blocks are ever taken from the middle (P6).
    """

    __slots__ = (
        "_cached_free_blocks",
        "_duplicates",
        "_uncached_free_blocks",
        "block_hash",
        "cached_block_hash_to_block",
        "changed",
        "num_gpu_blocks",
        "ref_cnt",
    )

    def __init__(self, num_gpu_blocks: int, free_order: Sequence[int] = ()) -> None:
        self.num_gpu_blocks = num_gpu_blocks
        self.ref_cnt = [0] * num_gpu_blocks
        """Tables that hold the block, by block id; meaningless for the null block (P3)."""
        self.block_hash: list[str | None] = [None] * num_gpu_blocks
        """The hash under which the block is cached, by block id (C1)."""
        self.cached_block_hash_to_block: dict[str, int] = {}
        """Of each hash the block that a lookup returns: its oldest (C5)."""
        self.changed: set[int] = set()
        """Blocks whose count or hash changed; whoever looks empties it."""
        order = free_order or range(NULL_BLOCK + 1, num_gpu_blocks)  # P2
        self._uncached_free_blocks = list(reversed(order))  # its end is the queue's head
        self._cached_free_blocks = FreeKVCacheBlockQueue()
        self._duplicates: dict[str, OrderedDict[int, None]] = {}  # hash -> others, by age (C4)

    @property
    def free_block_queue(self) -> tuple[int, ...]:
        """All free blocks, head first."""
        cached = self._cached_free_blocks.get_all_free_blocks()
        uncached = self._uncached_free_blocks
        return (*reversed(uncached), *cached) if uncached else cached

    def get_num_free_blocks(self) -> int:
        """Blocks in the free queue."""
        return len(self._uncached_free_blocks) + len(self._cached_free_blocks)

    def get_num_evictable_blocks(self) -> int:
        """Blocks in the free queue that are still cached."""
        return len(self._cached_free_blocks)

    def get_new_blocks(self, num_blocks: int) -> tuple[list[int], int]:
        """Hand out at least one block, from the head of the free queue (P4).

        Also returns how many of them, the last, were cached: these are evicted (P5).
        """
        free = self._uncached_free_blocks
        blocks = free[: -num_blocks - 1 : -1]
        del free[-num_blocks:]
        num_evicted = num_blocks - len(blocks)
        if num_evicted:
            evicted = self._cached_free_blocks.popleft_n(num_evicted)
            self._evict_cached_blocks(evicted)
            blocks += evicted
        for block in blocks:
            self.ref_cnt[block] = 1
        self.changed.update(blocks)
        return blocks, num_evicted

    def touch(self, blocks: Sequence[int]) -> None:
        """Add a reference to each of these cached blocks (P6)."""
        ref_cnt = self.ref_cnt
        for block in blocks:
            if ref_cnt[block] == 0:
                self._cached_free_blocks.remove(block)
            ref_cnt[block] += 1
        self.changed.update(blocks)

    def free_blocks(self, ordered_blocks: Sequence[int]) -> None:
        """Take a reference from each; those without one join the free queue, in this order (P8).

        Cached blocks go to the tail one by one; the others to the head as one batch that keeps its
        order.
        """
        ref_cnt, hashes = self.ref_cnt, self.block_hash
        batch: list[int] = []
        cached: list[int] = []
        for block in ordered_blocks:
            ref_cnt[block] -= 1
            if ref_cnt[block]:
                continue
            (batch if hashes[block] is None else cached).append(block)
        self._cached_free_blocks.append_n(cached)
        self._uncached_free_blocks.extend(reversed(batch))
        self.changed.update(ordered_blocks)

    def cache_full_blocks(
        self, block_table: Sequence[int], block_hashes: HashList, indices: Iterable[int]
    ) -> None:
        """Make held blocks findable, also where another has the same hash already (C4)."""
        oldest, hashes, changed = self.cached_block_hash_to_block, self.block_hash, self.changed
        for index in indices:
            block, block_hash = block_table[index], block_hashes[index]
            hashes[block] = block_hash
            changed.add(block)
            if oldest.setdefault(block_hash, block) != block:
                self._duplicates.setdefault(block_hash, OrderedDict())[block] = None

    def get_cached_block(self, block_hash: str) -> int | None:
        """The oldest block with this hash (C5)."""
        return self.cached_block_hash_to_block.get(block_hash)

    def duplicates(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """(hash, its blocks, oldest first) for hashes that several blocks have, by hash."""
        oldest = self.cached_block_hash_to_block
        several = sorted(self._duplicates.items())
        return tuple((name, (oldest[name], *others)) for name, others in several)

    def _evict_cached_blocks(self, blocks: Iterable[int]) -> None:
        """vLLM's `_maybe_evict_cached_block`, for blocks that are cached."""
        hashes, oldest = self.block_hash, self.cached_block_hash_to_block
        for block in blocks:
            block_hash = hashes[block]
            assert block_hash is not None, f"block {block} is cached without a hash"
            hashes[block] = None
            others = self._duplicates.get(block_hash)
            if others is None:
                del oldest[block_hash]
                continue
            if oldest[block_hash] == block:
                oldest[block_hash], _ = others.popitem(last=False)
            else:
                del others[block]
            if not others:
                del self._duplicates[block_hash]
