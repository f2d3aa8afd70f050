"""Several groups of layers over one pool: a table a group. Rules G.

Mirrors vLLM 0.32's v1/core/kv_cache_coordinator.py (`HybridKVCacheCoordinator`), as far as all
groups have full attention or a sliding window, and blocks of one size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pagereel.model.allocators.vllm.block_hash import HashList
from pagereel.model.allocators.vllm.block_pool import NULL_BLOCK
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.kv_cache_manager import KVCacheManager
from pagereel.model.allocators.vllm.request import GroupTable, VllmRequest
from pagereel.model.allocators.vllm.single_type_kv_cache_manager import SingleTypeKVCacheManager
from pagereel.model.core.events import BlockPublished, BlockShared, BlockTaken
from pagereel.model.core.journal import Journal

GROUP_MARK = "/"
"""Stands between a block hash and its group: equal contents of two groups are two (G1)."""


class GroupHashes:
    """The block hashes of one request for one group."""

    __slots__ = ("_base", "_suffix")

    def __init__(self, base: HashList, group: int) -> None:
        self._base, self._suffix = base, f"{GROUP_MARK}{group}"

    def __getitem__(self, index: int) -> str:
        """The hash of block `index`."""
        return self._base[index] + self._suffix


class GroupHits(list[int]):
    """What a waiting request can start with: as a list, the first group's blocks.

    Those of every group are `by_group`, as many in each, with nulls where a group needs none.
    `junction` is the length, in blocks, of the longest hit that a spec had found, if that is
    longer; else 0 (G2).
    """

    def __init__(self, by_group: Sequence[Sequence[int]], junction: int = 0) -> None:
        super().__init__(by_group[0])
        self.by_group, self.junction = by_group, junction


class HybridKVCacheManager(KVCacheManager):
    """The block pool, and a table into it for each group of each request."""

    def __init__(
        self, config: VllmConfig, journal: Journal, free_order: Sequence[int] = ()
    ) -> None:
        super().__init__(config, journal, free_order)
        self.num_groups = len(config.windows)
        specs: dict[int | None, list[int]] = {}
        for group, window in enumerate(config.windows):
            specs.setdefault(window, []).append(group)
        self._attention_groups = sorted(specs.items(), key=lambda spec: spec[0] is not None)
        self._is_simple_hybrid = len(specs) == 2 and None in specs

    def get_computed_blocks(self, request: VllmRequest) -> GroupHits:
        """G1: the longest hit that every spec has, found by lowering it until none objects."""
        if not self.enable_caching:
            return GroupHits([[] for _ in self.single_type_managers])
        hit = (request.num_tokens - 1) // self.block_size  # H2
        found: dict[int, list[int]] = {}
        longest = 0
        while True:
            current = hit
            for window, groups in self._attention_groups:
                first = groups[0]
                if window is None and first in found:
                    current = min(current, len(found[first]))
                    continue
                blocks = self._find(request, groups, current)
                found.update(zip(groups, blocks, strict=True))
                current = len(blocks[0])
                longest = max(longest, current)
            lowered = current < hit
            hit = current
            if not lowered or self._is_simple_hybrid:
                break
        by_group = [found[group][:hit] for group in range(self.num_groups)]
        return GroupHits(by_group, longest if longest > hit else 0)

    def check_slots(
        self,
        request: VllmRequest,
        num_new_tokens: int,
        new_computed_blocks: Sequence[int],
        num_running: int,
    ) -> None:
        """Raise `NoRoom` unless these tokens of a waiting request fit, in all groups (G3)."""
        assert isinstance(new_computed_blocks, GroupHits)
        size, hits = self.block_size, len(new_computed_blocks)
        request.shared_prefix_boundary = new_computed_blocks.junction
        extra, present = self.watermark_blocks if num_running else 0, []
        for manager, blocks in self._each(new_computed_blocks):
            skipped = manager.get_num_skipped_tokens(hits * size) // size
            present.append(max(skipped, len(blocks)))
            extra += self._get_num_evictable_blocks(blocks[skipped:])
        if self.full_sequence_must_fit:  # A4
            whole = -(-min(request.num_tokens, self.max_model_len) // size)
            caps = [m.apply_admission_cap(whole) for m in self.single_type_managers]
            self._require(_missing(caps, present), extra)
        needed = self._get_num_required_blocks(hits * size + num_new_tokens)
        self._require(_missing([needed] * self.num_groups, present), extra)  # A3, A6

    def allocate_slots(
        self,
        request: VllmRequest,
        num_new_tokens: int,
        new_computed_blocks: Sequence[int] | None = None,
    ) -> None:
        """Make room for so many tokens more, in all groups or in none. Raises `NoRoom` (G3)."""
        computed = request.num_computed_tokens
        if new_computed_blocks is not None:
            computed = len(new_computed_blocks) * self.block_size
            self.allocate_new_computed_blocks(request, new_computed_blocks)
        else:
            self.remove_skipped_blocks(request)
        num_tokens = computed + num_new_tokens
        required = self._get_num_required_blocks(num_tokens)
        held = [len(table.blocks) for table in request.group_tables]
        missing = [max(0, required - count) for count in held]
        if any(missing):
            self._require(sum(missing), 0)
            for group, count in enumerate(missing):
                if count:
                    self._take(request, group, count)
        self.cache_blocks(request, min(num_tokens, request.num_tokens))

    def get_num_blocks_to_allocate(self, request: VllmRequest, num_new_tokens: int) -> int:
        """Blocks that `allocate_slots` would take for a running request (A3)."""
        required = self._get_num_required_blocks(request.num_computed_tokens + num_new_tokens)
        return sum(max(0, required - len(table.blocks)) for table in request.group_tables)

    def allocate_new_computed_blocks(
        self, request: VllmRequest, new_computed_blocks: Sequence[int]
    ) -> None:
        """A7 in every group, before the first block is taken (G3)."""
        assert isinstance(new_computed_blocks, GroupHits)
        request.group_tables = [GroupTable() for _ in self.single_type_managers]
        computed = len(new_computed_blocks) * self.block_size
        for group, (manager, blocks) in enumerate(self._each(new_computed_blocks)):
            table, pool = request.group_tables[group], self.block_pool
            skipped = manager.get_num_skipped_tokens(computed) // self.block_size
            table.blocks = [NULL_BLOCK] * skipped + list(blocks[skipped:])
            pool.touch([block for block in table.blocks if block != NULL_BLOCK])
            for index, block in enumerate(table.blocks):
                if block != NULL_BLOCK:
                    count = pool.ref_cnt[block]
                    self.stored += self.block_size if count == 1 else 0
                    self._journal.note(BlockShared, request.request_id, index, block, count, group)
            table.num_cached_blocks, table.num_skipped_blocks = len(table.blocks), skipped

    def cache_blocks(self, request: VllmRequest, num_tokens: int) -> None:
        """C3 in every group, for so many tokens whose ids are known."""
        end = num_tokens // self.block_size
        for group, table in enumerate(request.group_tables):
            start = table.num_cached_blocks
            if end <= start:
                continue
            if self.enable_caching:
                self._publish(request, group, start, end)
            table.num_cached_blocks = end

    def remove_skipped_blocks(self, request: VllmRequest) -> None:
        """W4 group by group (G3)."""
        computed = request.num_computed_tokens - request.num_in_flight_tokens
        for group, manager in enumerate(self.single_type_managers):
            table = request.group_tables[group]
            first = table.num_skipped_blocks
            end = manager.get_num_skipped_tokens(computed) // self.block_size
            if end <= first:
                continue
            removed = table.blocks[first:end]
            table.blocks[first:end] = [NULL_BLOCK] * len(removed)
            self._give_back(request, group, removed[::-1], 0)
            table.num_skipped_blocks, table.frozen = first + len(removed), None

    def free(self, request: VllmRequest) -> None:
        """P7 group by group, each from its last block to its first (G3)."""
        for group, table in enumerate(request.group_tables):
            empty = len(table.blocks) * self.block_size - request.num_computed_tokens
            self._give_back(request, group, table.blocks[::-1], empty)
        request.group_tables = []

    def get_num_held_blocks(self, request: VllmRequest) -> int:
        """Blocks in the request's tables."""
        return sum(b != NULL_BLOCK for table in request.group_tables for b in table.blocks)

    def get_num_read_tokens(self, num_computed_tokens: int) -> Iterable[tuple[int, int]]:
        """What the next token reads in each group: (group, tokens)."""
        for group, manager in enumerate(self.single_type_managers):
            skipped = manager.get_num_skipped_tokens(num_computed_tokens)
            yield group, num_computed_tokens - skipped

    def quiet_steps(self, request: VllmRequest) -> int:
        """Decode steps from now on in which no group takes, caches or drops a block."""
        computed, size = request.num_computed_tokens, self.block_size
        steps, slots = request.end - request.num_tokens - 1, len(request.group_tables[0].blocks)
        slots *= size
        if self.enable_caching:
            steps = min(steps, size - 1 - computed % size)
        if slots < self.max_model_len:
            steps = min(steps, slots - computed - self.num_lookahead_tokens)
        for group, manager in enumerate(self.single_type_managers):
            skipped = request.group_tables[group].num_skipped_blocks
            steps = min(steps, manager.next_skip(skipped) - computed)
        return max(0, steps)

    def _each(self, hits: GroupHits) -> Iterable[tuple[SingleTypeKVCacheManager, Sequence[int]]]:
        return zip(self.single_type_managers, hits.by_group, strict=True)

    def _find(
        self, request: VllmRequest, groups: Sequence[int], max_num_blocks: int
    ) -> list[list[int]]:
        """The hit of one spec: every block must be found in all of its groups."""
        hashes = [GroupHashes(request.block_hashes, group) for group in groups]
        manager, pool = self.single_type_managers[groups[0]], self.block_pool
        if len(groups) == 1:
            return [manager.find_longest_cache_hit(hashes[0], max_num_blocks, pool)]
        common = _Common(self, hashes)
        first = manager.find_longest_cache_hit(common, max_num_blocks, pool)
        return [
            first if hash_ is hashes[0] else self._same_places(first, hash_) for hash_ in hashes
        ]

    def _same_places(self, first: Sequence[int], hashes: GroupHashes) -> list[int]:
        found = []
        for index, block in enumerate(first):
            other = NULL_BLOCK if block == NULL_BLOCK else self._cached(hashes[index])
            found.append(other)
        return found

    def _cached(self, block_hash: str) -> int:
        block = self.block_pool.get_cached_block(block_hash)
        assert block is not None, "every group of the spec has it"
        return block

    def _take(self, request: VllmRequest, group: int, count: int) -> None:
        """A8 in one group."""
        table, note = request.group_tables[group], self._journal.note
        blocks, num_evicted = self.block_pool.get_new_blocks(count)
        for place, block in enumerate(blocks):
            is_evicted = place >= count - num_evicted
            index = len(table.blocks)
            note(BlockTaken, request.request_id, index, block, is_evicted, group)
            table.blocks.append(block)
        table.frozen = None

    def _publish(self, request: VllmRequest, group: int, start: int, end: int) -> None:
        """C3 and W5 in one group, with the junction's blocks (G2)."""
        table, manager = request.group_tables[group], self.single_type_managers[group]
        indices = manager.reachable_blocks(
            start, end, request.num_prompt_tokens, request.shared_prefix_boundary
        )
        hashes = GroupHashes(request.block_hashes, group)
        self.block_pool.cache_full_blocks(table.blocks, hashes, indices)
        for index in indices:
            block = table.blocks[index]
            self._journal.note(BlockPublished, request.request_id, index, block, group)

    def _give_back(
        self, request: VllmRequest, group: int, ordered_blocks: Sequence[int], num_empty_slots: int
    ) -> None:
        """Drop one group's references in this order, and tell."""
        self._free_blocks(request, ordered_blocks, num_empty_slots, group)


class _Common:
    """Hashes of several groups as one: those that all have, and else one that nobody has."""

    __slots__ = ("_hashes", "_manager")

    def __init__(self, manager: HybridKVCacheManager, hashes: Sequence[GroupHashes]) -> None:
        self._manager, self._hashes = manager, hashes

    def __getitem__(self, index: int) -> str:
        """The first group's hash of block `index`, if all groups have the block."""
        names = [hashes[index] for hashes in self._hashes]
        pool = self._manager.block_pool
        if all(pool.get_cached_block(name) is not None for name in names):
            return names[0]
        return ""


def _missing(needed: Sequence[int], present: Sequence[int]) -> int:
    """Blocks that are not there yet, over all groups."""
    return sum(max(0, want - have) for want, have in zip(needed, present, strict=True))
