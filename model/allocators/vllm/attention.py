"""What attention still needs of a sequence: everything, or a sliding window. Rules H and W."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from pagereel.model.allocators.vllm.block_pool import NULL_BLOCK
from pagereel.model.allocators.vllm.config import VllmConfig

Lookup = Callable[[int], "int | None"]
"""Block index in the sequence -> the block that holds this prefix, if any does."""


class Attention(Protocol):
    """The part of the rules that differs between full attention and a sliding window."""

    def skip(self, computed: int) -> int:
        """Leading blocks that the next token after `computed` ones cannot see."""
        ...

    def visible(self, computed: int) -> int:
        """Cached tokens that the next token after `computed` ones reads."""
        ...

    def last_sight(self, skipped: int) -> int:
        """Tokens computed when another block than the first `skipped` falls out of sight."""
        ...

    def hits(self, lookup: Lookup, most: int) -> list[int]:
        """The longest usable hit among the first `most` blocks; nulls for unneeded ones."""
        ...

    def publishes(self, index: int, prompt: int) -> bool:
        """Whether full block `index` becomes findable, in a request with a prompt so long."""
        ...

    def gate(self, blocks: int) -> int:
        """Blocks a whole sequence of `blocks` blocks will ever need at once."""
        ...


class FullAttention:
    """Every token sees all before it."""

    def skip(self, computed: int) -> int:
        """None is ever out of sight."""
        return 0

    def visible(self, computed: int) -> int:
        """All of them."""
        return computed

    def last_sight(self, skipped: int) -> int:
        """Never."""
        return sys.maxsize

    def hits(self, lookup: Lookup, most: int) -> list[int]:
        """H3: the longest run of found blocks from block 0."""
        found: list[int] = []
        while len(found) < most:
            block = lookup(len(found))
            if block is None:
                break
            found.append(block)
        return found

    def publishes(self, index: int, prompt: int) -> bool:
        """Every full block."""
        return True

    def gate(self, blocks: int) -> int:
        """All of them."""
        return blocks


class SlidingWindow:
    """Every token sees `window` tokens, itself included."""

    def __init__(self, config: VllmConfig, window: int) -> None:
        size, interval = config.block_size, config.retention_interval
        self._window, self._size, self._interval = window, size, interval
        self._need = -(-(window - 1) // size)  # W2: blocks that a hit must end with
        budget = config.max_num_batched_tokens
        most = min(window - 1 + budget, config.length_limit)
        self._cap = -(-most // size) + 1  # A4

    def skip(self, computed: int) -> int:
        """W1: blocks wholly outside the window."""
        return max(0, computed - self._window + 1) // self._size

    def visible(self, computed: int) -> int:
        """The window without the token itself."""
        return min(computed, self._window - 1)

    def last_sight(self, skipped: int) -> int:
        """W1 turned round."""
        return (skipped + 1) * self._size + self._window - 1

    def hits(self, lookup: Lookup, most: int) -> list[int]:
        """W3: the rightmost run of W2's length, or what run there is at block 0."""
        run: list[int] = []  # right to left
        for index in range(most - 1, -1, -1):
            block = lookup(index)
            if block is None:
                run.clear()
                continue
            run.append(block)
            if len(run) >= self._need:
                return [NULL_BLOCK] * index + run[::-1]
        return run[::-1]

    def publishes(self, index: int, prompt: int) -> bool:
        """W5: by retention interval, in blocks `group`."""
        need, interval = self._need, self._interval
        if interval is None:
            return need >= 1
        group = interval // self._size
        if group and (need >= group or index % group >= group - need):
            return True
        end = (prompt - 1) // self._size
        return end - need <= index < end

    def gate(self, blocks: int) -> int:
        """A4: never more than the window and one step's tokens need."""
        return min(blocks, self._cap)


def attention(config: VllmConfig) -> Attention:
    """The kind that the configuration asks for."""
    if config.sliding_window is None:
        return FullAttention()
    return SlidingWindow(config, config.sliding_window)
