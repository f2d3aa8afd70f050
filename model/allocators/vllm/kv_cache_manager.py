"""Allocation: block tables over the pool, prefix hits, caching, window drops. Rules C, H, A, W.

Mirrors vLLM 0.32's v1/core/kv_cache_manager.py, with the coordinator and the base class of
single_type_kv_cache_manager.py, which one group of layers has no use for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pagereel.model.allocators.vllm.block_pool import NULL_BLOCK, BlockPool
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.request import VllmRequest
from pagereel.model.allocators.vllm.single_type_kv_cache_manager import (
    get_manager_for_kv_cache_spec,
)
from pagereel.model.core.events import BlockFreed, BlockPublished, BlockShared, BlockTaken
from pagereel.model.core.journal import Journal
from pagereel.model.core.lane import NoRoom


class KVCacheManager:
    """The block pool and the tables into it."""

    def __init__(
        self, config: VllmConfig, journal: Journal, free_order: Sequence[int] = ()
    ) -> None:
        self._config = config
        self.block_size = config.block_size
        self.max_model_len = config.length_limit
        self.num_lookahead_tokens = config.num_lookahead_tokens
        self.enable_caching = config.enable_prefix_caching
        self.full_sequence_must_fit = config.reserve_full_isl
        self.watermark_blocks = int(config.watermark * config.num_blocks)  # A5
        self.single_type_managers = tuple(
            get_manager_for_kv_cache_spec(config, window) for window in config.windows
        )
        self.single_type_manager = self.single_type_managers[0]
        self.block_pool = BlockPool(config.num_blocks, free_order)
        self.num_groups = 1
        """Tables of a request; a token takes a slot in each."""
        self.stored = 0
        """Token slots of held blocks with K/V in them; a shared block counts once."""
        self._windowed = config.sliding_window is not None
        self._journal = journal

    def get_computed_blocks(self, request: VllmRequest) -> list[int]:
        """The blocks at which a waiting request can start; changes nothing (H1).

        At least one token is left to compute, because sampling needs its logits (H2).
        """
        if not self.enable_caching:
            return []
        max_num_blocks = (request.num_tokens - 1) // self.block_size
        return self.single_type_manager.find_longest_cache_hit(
            request.block_hashes, max_num_blocks, self.block_pool
        )

    def check_slots(
        self,
        request: VllmRequest,
        num_new_tokens: int,
        new_computed_blocks: Sequence[int],
        num_running: int,
    ) -> None:
        """Raise `NoRoom` unless these tokens of a waiting request fit after its hits.

        In vLLM `allocate_slots` does it and returns None. Here a request is `Admitted` before its
        blocks are told of, so it must be known first. The watermark is for those that run (A5).
        """
        manager = self.single_type_manager
        num_computed_tokens = len(new_computed_blocks) * self.block_size
        skipped = manager.get_num_skipped_tokens(num_computed_tokens) // self.block_size
        present = max(skipped, len(new_computed_blocks))
        extra = self._get_num_evictable_blocks(new_computed_blocks[skipped:])
        extra += self.watermark_blocks if num_running else 0
        if self.full_sequence_must_fit:  # A4
            whole = -(-min(request.num_tokens, self.max_model_len) // self.block_size)
            self._require(manager.apply_admission_cap(whole) - present, extra)
        needed = self._get_num_required_blocks(num_computed_tokens + num_new_tokens)
        self._require(needed - present, extra)  # A3, A6

    def allocate_slots(
        self,
        request: VllmRequest,
        num_new_tokens: int,
        new_computed_blocks: Sequence[int] | None = None,
    ) -> None:
        """Make room for so many tokens more. Raises `NoRoom`.

        `new_computed_blocks` are a waiting request's hits, which `check_slots` found room for.
        Nothing is computed before, so A1 is the hits alone. Of a running request, what fell out of
        the window is dropped first, and stays dropped if there is no room (A6).
        """
        num_computed_tokens = request.num_computed_tokens
        if new_computed_blocks is not None:
            num_computed_tokens = len(new_computed_blocks) * self.block_size
            self.allocate_new_computed_blocks(request, new_computed_blocks)
        elif self._windowed:
            self.remove_skipped_blocks(request)
        num_tokens = num_computed_tokens + num_new_tokens
        num_new_blocks = self._get_num_required_blocks(num_tokens) - len(request.block_table)
        if num_new_blocks > 0:
            self._require(num_new_blocks, 0)
            self.allocate_new_blocks(request, num_new_blocks)
        self.cache_blocks(request, min(num_tokens, request.num_tokens))

    def get_num_blocks_to_allocate(self, request: VllmRequest, num_new_tokens: int) -> int:
        """Blocks that `allocate_slots` would take for a running request (A3)."""
        num_tokens = request.num_computed_tokens + num_new_tokens
        return max(0, self._get_num_required_blocks(num_tokens) - len(request.block_table))

    def allocate_new_computed_blocks(
        self, request: VllmRequest, new_computed_blocks: Sequence[int]
    ) -> None:
        """A7: the table starts with the hits; those out of sight are null."""
        table, pool, note = request.block_table, self.block_pool, self._journal.note
        computed = len(new_computed_blocks) * self.block_size
        skipped = self.single_type_manager.get_num_skipped_tokens(computed) // self.block_size
        table += [NULL_BLOCK] * skipped
        table += new_computed_blocks[skipped:]
        pool.touch([block for block in table if block != NULL_BLOCK])
        for index, block in enumerate(table):
            if block != NULL_BLOCK:
                references = pool.ref_cnt[block]
                self.stored += self.block_size if references == 1 else 0
                note(BlockShared, request.request_id, index, block, references)
        request.num_cached_blocks, request.num_skipped_blocks = len(table), skipped
        request.frozen_table = None

    def allocate_new_blocks(self, request: VllmRequest, num_new_blocks: int) -> None:
        """A8: take blocks from the head of the free queue."""
        table, note = request.block_table, self._journal.note
        blocks, num_evicted = self.block_pool.get_new_blocks(num_new_blocks)
        if not self._journal.forgets:
            first, first_evicted = len(table), num_new_blocks - num_evicted
            for place, block in enumerate(blocks):
                note(BlockTaken, request.request_id, first + place, block, place >= first_evicted)
        table += blocks
        request.frozen_table = None

    def cache_blocks(self, request: VllmRequest, num_tokens: int) -> None:
        """C3, for so many tokens whose ids are known."""
        num_full_blocks = num_tokens // self.block_size
        if num_full_blocks > request.num_cached_blocks:
            self.cache_full_blocks(request, num_full_blocks)

    def cache_full_blocks(self, request: VllmRequest, num_full_blocks: int) -> None:
        """C3: blocks below become findable now, before they are computed, or never (W5)."""
        if self.enable_caching:
            table, note = request.block_table, self._journal.note
            indices = self.single_type_manager.reachable_blocks(
                request.num_cached_blocks, num_full_blocks, request.num_prompt_tokens
            )
            self.block_pool.cache_full_blocks(table, request.block_hashes, indices)
            for index in () if self._journal.forgets else indices:
                note(BlockPublished, request.request_id, index, table[index])
        request.num_cached_blocks = num_full_blocks

    def remove_skipped_blocks(self, request: VllmRequest) -> None:
        """W4: null what the step's own tokens cannot see, from the newest such block down.

        Nor what tokens in flight still see (Y4).
        """
        computed = request.num_computed_tokens - request.num_in_flight_tokens
        first = request.num_skipped_blocks
        end = self.single_type_manager.get_num_skipped_tokens(computed) // self.block_size
        if end <= first:
            return
        removed = request.block_table[first:end]
        request.block_table[first:end] = [NULL_BLOCK] * len(removed)
        self._free_blocks(request, removed[::-1], 0)
        request.num_skipped_blocks, request.frozen_table = first + len(removed), None

    def free(self, request: VllmRequest) -> None:
        """Drop every reference, from the last block to the first (P7), and start the table anew."""
        table = request.block_table
        num_empty_slots = len(table) * self.block_size - request.num_computed_tokens
        self._free_blocks(request, table[::-1], num_empty_slots)
        table.clear()
        request.frozen_table = None
        request.num_cached_blocks = request.num_skipped_blocks = 0

    def get_num_held_blocks(self, request: VllmRequest) -> int:
        """Blocks in the request's table."""
        return sum(block != NULL_BLOCK for block in request.block_table)

    def get_num_read_tokens(self, num_computed_tokens: int) -> Iterable[tuple[int, int]]:
        """What the next token reads: (group, tokens), group by group."""
        skipped = self.single_type_manager.get_num_skipped_tokens(num_computed_tokens)
        return ((0, num_computed_tokens - skipped),)

    def get_most_blocks(self, num_tokens: int) -> int:
        """Blocks, in all groups, that a sequence of so many tokens may need to go on alone.

        Those of A4's gate, and those of the step that needs most, wherever it starts.
        """
        config, size = self._config, self.block_size
        whole = -(-min(num_tokens, self.max_model_len) // size)
        managers = self.single_type_managers
        gate = sum(m.apply_admission_cap(whole) for m in managers) if config.reserve_full_isl else 0
        most = self._get_num_required_blocks(num_tokens)
        extra = -(-self.num_lookahead_tokens // size)
        bound = sum(min(most, m.apply_admission_cap(most) + extra) for m in managers)
        if bound < config.num_blocks:
            return max(gate, bound)
        return max(gate, *(self._get_step_blocks(start, num_tokens) for start in range(num_tokens)))

    def _get_step_blocks(self, start: int, num_tokens: int) -> int:
        """Blocks of a sequence in a step that computes what it can from `start` on."""
        config = self._config
        end = min(num_tokens, start + config.max_num_batched_tokens)
        under_way = config.max_in_flight_tokens - config.max_num_batched_tokens
        needed, seen = self._get_num_required_blocks(end), max(0, start - under_way)
        skipped = (m.get_num_skipped_tokens(seen) for m in self.single_type_managers)
        return sum(needed - tokens // self.block_size for tokens in skipped)

    def quiet_steps(self, request: VllmRequest) -> int:
        """Decode steps from now on in which a request neither takes, caches, drops nor ends.

        For replays that leap; vLLM has no use for it.
        """
        computed, size = request.num_computed_tokens, self.block_size
        steps, slots = request.end - request.num_tokens - 1, len(request.block_table) * size
        if self.enable_caching and size - 1 - computed % size < steps:
            steps = size - 1 - computed % size
        if slots < self.max_model_len and slots - computed - self.num_lookahead_tokens < steps:
            steps = max(0, slots - computed - self.num_lookahead_tokens)
        if self._windowed:
            next_skip = self.single_type_manager.next_skip(request.num_skipped_blocks)
            steps = max(0, min(steps, next_skip - computed))
        return steps

    def _get_num_required_blocks(self, num_tokens: int) -> int:
        """Blocks for so many tokens and the lookahead, but never beyond the length limit (A2)."""
        return -(
            -min(num_tokens + self.num_lookahead_tokens, self.max_model_len) // self.block_size
        )

    def _get_num_evictable_blocks(self, blocks: Sequence[int]) -> int:
        """A3: hit blocks that leave the free queue when they are touched."""
        ref_cnt = self.block_pool.ref_cnt
        return sum(block != NULL_BLOCK and ref_cnt[block] == 0 for block in blocks)

    def _require(self, num_blocks: int, extra: int) -> None:
        """Raise `NoRoom`, which counts in slots, unless so many blocks are free."""
        needed, free = max(0, num_blocks) + extra, self.block_pool.get_num_free_blocks()
        if needed > free:
            size = self.block_size
            raise NoRoom(needed * size, free * size, free * size)

    def _free_blocks(
        self,
        request: VllmRequest,
        ordered_blocks: Sequence[int],
        num_empty_slots: int,
        group: int = 0,
    ) -> None:
        """Drop references in this order, and tell.

        So many slots at the end of the table hold nothing; the blocks come last block first.
        """
        pool, note, name = self.block_pool, self._journal.note, request.request_id
        pool.free_blocks([block for block in ordered_blocks if block != NULL_BLOCK])
        for block in ordered_blocks:
            filled = self.block_size
            if num_empty_slots:
                filled = max(0, filled - num_empty_slots)
                num_empty_slots = max(0, num_empty_slots - self.block_size)
            if block == NULL_BLOCK:
                continue
            references = pool.ref_cnt[block]
            if references == 0:
                self.stored -= filled
            note(BlockFreed, name, block, references, pool.block_hash[block] is not None, group)
