"""Allocation: block tables over the pool, prefix hits, publication, window drops. Rules C, H, A, W.

Mirrors vLLM 0.32's v1/core/kv_cache_manager.py and single_type_kv_cache_manager.py.
"""

from __future__ import annotations

from collections.abc import Sequence as Sequence_

from pagereel.model.allocators.vllm.attention import attention
from pagereel.model.allocators.vllm.block_pool import NULL_BLOCK, BlockPool
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.request import Sequence
from pagereel.model.core.events import BlockFreed, BlockPublished, BlockShared, BlockTaken
from pagereel.model.core.journal import Journal
from pagereel.model.core.lane import NoRoom


class KvCache:
    """The block pool and the tables into it."""

    def __init__(
        self, config: VllmConfig, journal: Journal, free_order: Sequence_[int] = ()
    ) -> None:
        self._size = config.block_size
        self._limit = config.length_limit
        self._lookahead = config.num_lookahead_tokens
        self._caching = config.enable_prefix_caching
        self._gated = config.reserve_full_isl
        self._watermark = int(config.watermark * config.num_blocks)  # A5
        self._windowed = config.sliding_window is not None
        self._journal = journal
        self.attention = attention(config)
        self.pool = BlockPool(config.num_blocks, free_order)
        self.stored = 0
        """Token slots of held blocks with K/V in them; a shared block counts once."""

    def hits(self, sequence: Sequence) -> list[int]:
        """The blocks at which a waiting request can start; changes nothing (H1).

        At least one token is left to compute, because sampling needs its logits (H2).
        """
        if not self._caching:
            return []
        keys, find = sequence.keys, self.pool.find
        most = (sequence.tokens - 1) // self._size
        return self.attention.hits(lambda index: find(keys.key(index)), most)

    def ask(self, sequence: Sequence, count: int, hits: Sequence_[int], others: int) -> None:
        """Raise `NoRoom` unless `count` tokens of a waiting request fit after its hits.

        `others` is the number of requests that run already: the watermark is for them (A5).
        """
        skip = self.attention.skip(len(hits) * self._size)
        present = max(skip, len(hits))
        extra = self._revived(hits, skip) + (self._watermark if others else 0)
        if self._gated:  # A4
            whole = -(-min(sequence.tokens, self._limit) // self._size)
            self._ask(self.attention.gate(whole) - present, extra)
        needed = self._blocks(len(hits) * self._size + count)
        self._ask(needed - present, extra)  # A3, A6

    def admit(self, sequence: Sequence, count: int, hits: Sequence_[int]) -> None:
        """Make the room that was asked for. Nothing is computed before, so A1 is the hits alone."""
        start = len(hits) * self._size
        self._adopt(sequence, hits, self.attention.skip(start))
        self._extend(sequence, self._blocks(start + count))
        self._publish(sequence, min(start + count, sequence.tokens) // self._size)

    def grow(self, sequence: Sequence, count: int) -> None:
        """Make room for `count` more tokens of a running request. Raises `NoRoom`.

        What fell out of the window is dropped first, and stays dropped if there is no room (A6).
        """
        if self._windowed:
            self._drop(sequence)
        computed, table = sequence.computed, sequence.table
        needed = self._blocks(computed + count)
        if needed > len(table):
            self._ask(needed - len(table), 0)
            self._extend(sequence, needed)
        full = min(computed + count, sequence.tokens) // self._size
        if full > sequence.published:
            self._publish(sequence, full)

    def missing(self, sequence: Sequence, count: int) -> int:
        """Blocks that `grow` would take."""
        needed = self._blocks(sequence.computed + count)
        return max(0, needed - len(sequence.table))

    def free(self, sequence: Sequence) -> None:
        """Drop every reference, from the last block to the first (P7), and start the table anew."""
        table = sequence.table
        unfilled = len(table) * self._size - sequence.computed
        self._release(sequence, table[::-1], unfilled)
        table.clear()
        sequence.frozen_table = None
        sequence.published = sequence.skipped = 0

    def quiet_steps(self, sequence: Sequence) -> int:
        """Decode steps from now on in which a request neither takes, publishes, drops nor ends."""
        computed, size = sequence.computed, self._size
        steps, slots = sequence.end - sequence.tokens - 1, len(sequence.table) * size
        if self._caching and size - 1 - computed % size < steps:
            steps = size - 1 - computed % size
        if slots < self._limit and slots - computed - self._lookahead < steps:
            steps = max(0, slots - computed - self._lookahead)
        if self._windowed:
            steps = max(0, min(steps, self.attention.last_sight(sequence.skipped) - computed))
        return steps

    def _blocks(self, tokens: int) -> int:
        """Blocks for so many tokens and the lookahead, but never beyond the length limit (A2)."""
        return -(-min(tokens + self._lookahead, self._limit) // self._size)

    def _revived(self, hits: Sequence_[int], skip: int) -> int:
        """A3: hit blocks that leave the free queue when they are touched."""
        references = self.pool.references
        return sum(block != NULL_BLOCK and references[block] == 0 for block in hits[skip:])

    def _ask(self, blocks: int, extra: int) -> None:
        needed, free = max(0, blocks) + extra, self.pool.free_count
        if needed > free:
            raise NoRoom(needed * self._size, free * self._size, free * self._size)

    def _adopt(self, sequence: Sequence, hits: Sequence_[int], skip: int) -> None:
        """A7: the table starts with the hits; those out of sight are null."""
        name, pool, note = sequence.request.id, self.pool, self._journal.note
        for index, block in enumerate(hits):
            if index < skip or block == NULL_BLOCK:
                sequence.table.append(NULL_BLOCK)
                continue
            references = pool.touch(block)
            self.stored += self._size if references == 1 else 0
            sequence.table.append(block)
            note(BlockShared, name, index, block, references)
        sequence.published, sequence.skipped, sequence.frozen_table = len(hits), skip, None

    def _extend(self, sequence: Sequence, length: int) -> None:
        """A8: take blocks from the head of the free queue until the table is `length` long."""
        name, pool, note, table = sequence.request.id, self.pool, self._journal.note, sequence.table
        sequence.frozen_table = None
        for index in range(len(table), length):
            evicted = pool.must_evict
            block = pool.take()
            table.append(block)
            note(BlockTaken, name, index, block, evicted)

    def _publish(self, sequence: Sequence, full: int) -> None:
        """C3: blocks below `full` become findable now, before they are computed, or never (W5)."""
        if self._caching:
            for index in range(sequence.published, full):
                if self.attention.publishes(index, sequence.prompt):
                    block = sequence.table[index]
                    self.pool.publish(block, sequence.keys.key(index))
                    self._journal.note(BlockPublished, sequence.request.id, index, block)
        sequence.published = max(sequence.published, full)

    def _drop(self, sequence: Sequence) -> None:
        """W4: null what the step's own tokens cannot see, from the newest such block down."""
        table = sequence.table
        end = min(self.attention.skip(sequence.computed), len(table))
        if end <= sequence.skipped:
            return
        dropped = table[sequence.skipped : end]
        table[sequence.skipped : end] = [NULL_BLOCK] * len(dropped)
        self._release(sequence, dropped[::-1], 0)
        sequence.skipped, sequence.frozen_table = end, None

    def _release(self, sequence: Sequence, blocks: Sequence_[int], unfilled: int) -> None:
        """Drop references in this order and queue what reaches 0.

        `unfilled` slots at the end of the table hold nothing; the blocks come last block first.
        """
        name, pool, note, queued = sequence.request.id, self.pool, self._journal.note, []
        for block in blocks:
            filled = self._size
            if unfilled:
                filled = max(0, filled - unfilled)
                unfilled = max(0, unfilled - self._size)
            if block == NULL_BLOCK:
                continue
            references = pool.drop(block)
            if references == 0:
                queued.append(block)
                self.stored -= filled
            note(BlockFreed, name, block, references, pool.keys[block] is not None)
        pool.queue(queued)
