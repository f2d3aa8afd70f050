"""What attention still needs of a request: everything, or a sliding window. Rules H and W.

Mirrors the differences between the managers of vLLM 0.32's
v1/core/single_type_kv_cache_manager.py. What they have in common is in `kv_cache_manager`, because
there is one group of layers here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

from pagereel.model.allocators.vllm.block_hash import HashList
from pagereel.model.allocators.vllm.block_pool import NULL_BLOCK, BlockPool
from pagereel.model.allocators.vllm.config import VllmConfig


class SingleTypeKVCacheManager(Protocol):
    """The part of the rules that depends on the attention."""

    def get_num_skipped_tokens(self, num_computed_tokens: int) -> int:
        """Leading tokens that the next one after so many does not see."""
        ...

    def next_skip(self, num_skipped_blocks: int) -> int:
        """Tokens computed when another block than these first falls out of sight.

        For replays that leap; vLLM has no use for it.
        """
        ...

    def find_longest_cache_hit(
        self, block_hashes: HashList, max_num_blocks: int, block_pool: BlockPool
    ) -> list[int]:
        """The longest usable hit among the first blocks; nulls for those that are not needed."""
        ...

    def reachable_blocks(
        self, start_block: int, end_block: int, num_prompt_tokens: int, junction: int = 0
    ) -> Sequence[int]:
        """Indices of the full blocks, of these, that are cached: vLLM's `reachable_block_mask`.

        `junction` is where a longer hit of other groups ended, in blocks (G2).
        """
        ...

    def apply_admission_cap(self, num_blocks: int) -> int:
        """Blocks that a sequence of so many blocks will ever need at once."""
        ...


class FullAttentionManager:
    """Every token sees all before it."""

    def get_num_skipped_tokens(self, num_computed_tokens: int) -> int:
        """None is ever out of sight."""
        return 0

    def next_skip(self, num_skipped_blocks: int) -> int:
        """Never."""
        return sys.maxsize

    def find_longest_cache_hit(
        self, block_hashes: HashList, max_num_blocks: int, block_pool: BlockPool
    ) -> list[int]:
        """H3: the longest run of cached blocks from block 0."""
        computed_blocks: list[int] = []
        for index in range(max_num_blocks):
            block = block_pool.get_cached_block(block_hashes[index])
            if block is None:
                break
            computed_blocks.append(block)
        return computed_blocks

    def reachable_blocks(
        self, start_block: int, end_block: int, num_prompt_tokens: int, junction: int = 0
    ) -> Sequence[int]:
        """All."""
        return range(start_block, end_block)

    def apply_admission_cap(self, num_blocks: int) -> int:
        """All of them."""
        return num_blocks


class SlidingWindowManager:
    """Every token sees `sliding_window` tokens, itself included."""

    def __init__(self, config: VllmConfig, sliding_window: int) -> None:
        size, interval = config.block_size, config.retention_interval
        self._window, self._size, self._interval = sliding_window, size, interval
        self._contiguous_blocks = -(-(sliding_window - 1) // size)  # W2: what a hit must end with
        max_num_tokens = sliding_window - 1 + config.max_in_flight_tokens
        most = min(max_num_tokens, config.length_limit)
        self._max_admission_blocks_per_request = -(-most // size) + 1  # A4

    def get_num_skipped_tokens(self, num_computed_tokens: int) -> int:
        """W1: what lies before the window."""
        skipped = num_computed_tokens - self._window + 1
        return skipped if skipped > 0 else 0

    def next_skip(self, num_skipped_blocks: int) -> int:
        """W1 turned round."""
        return (num_skipped_blocks + 1) * self._size + self._window - 1

    def find_longest_cache_hit(
        self, block_hashes: HashList, max_num_blocks: int, block_pool: BlockPool
    ) -> list[int]:
        """W3: the rightmost run of W2's length, or what run there is at block 0."""
        run: list[int] = []  # right to left
        for index in range(max_num_blocks - 1, -1, -1):
            block = block_pool.get_cached_block(block_hashes[index])
            if block is None:
                run.clear()
                continue
            run.append(block)
            if len(run) >= self._contiguous_blocks:
                return [NULL_BLOCK] * index + run[::-1]
        return run[::-1]

    def reachable_blocks(
        self, start_block: int, end_block: int, num_prompt_tokens: int, junction: int = 0
    ) -> Sequence[int]:
        """W5: by retention interval, in blocks `group`, and before the junction."""
        need, interval = self._contiguous_blocks, self._interval
        if interval is None:
            return range(start_block, end_block) if need >= 1 else ()
        group = interval // self._size
        prompt_end = (num_prompt_tokens - 1) // self._size
        return [
            index
            for index in range(start_block, end_block)
            if (group and index % group >= group - need)
            or prompt_end - need <= index < prompt_end
            or junction - need <= index < junction
        ]

    def apply_admission_cap(self, num_blocks: int) -> int:
        """A4: never more than the window and one step's tokens need."""
        return min(num_blocks, self._max_admission_blocks_per_request)


def get_manager_for_kv_cache_spec(
    config: VllmConfig, sliding_window: int | None
) -> SingleTypeKVCacheManager:
    """The one for a group of layers with this window; None: full attention."""
    if sliding_window is None:
        return FullAttentionManager()
    return SlidingWindowManager(config, sliding_window)
