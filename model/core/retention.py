"""Which cached K/V a token may attend to, and which is kept: two questions, often confused.

A policy answers both for one position. Attention that reads less does not by itself store less:
memory falls only where a policy also says that no later token will read an entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Retention(Protocol):
    """A retention policy. To add one: a frozen dataclass with these two methods, and a line in
    `allocators.paged`. Positions are token positions from 0; ranges are ascending and disjoint.
    """

    def readable(self, position: int) -> tuple[range, ...]:
        """Positions before `position` that the token at `position` attends to."""
        ...

    def kept(self, position: int) -> tuple[range, ...]:
        """Positions before `position` that stay stored while the token there is computed.

        At least the readable ones; what is dropped once must not be kept later.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeepAll:
    """Full attention: every token reads all before it, so all is kept."""

    def readable(self, position: int) -> tuple[range, ...]:
        """All of them."""
        return _ranges(range(position))

    def kept(self, position: int) -> tuple[range, ...]:
        """All of them."""
        return self.readable(position)


@dataclass(frozen=True, slots=True)
class SlidingWindow:
    """Each token attends to the last `window` tokens, itself included; older ones are dropped.

    As in Mistral 7B (Jiang et al., 2023); the rule of which blocks go is vLLM's (W1).
    """

    window: int

    def readable(self, position: int) -> tuple[range, ...]:
        """The last window - 1 before it."""
        return _ranges(range(max(0, position - self.window + 1), position))

    def kept(self, position: int) -> tuple[range, ...]:
        """The same: no later token reads further back."""
        return self.readable(position)


@dataclass(frozen=True, slots=True)
class PinnedPrefix:
    """The first `sinks` tokens stay readable for ever, and a window slides over the rest.

    Attention sinks: StreamingLLM (Xiao et al., 2024) keeps about 4 and loses the middle. It does
    not extend the context. The window counts the token itself, as in `SlidingWindow`.
    """

    sinks: int
    window: int

    def readable(self, position: int) -> tuple[range, ...]:
        """The sinks, and the last window - 1."""
        start = max(0, position - self.window + 1)
        if start <= self.sinks:
            return _ranges(range(position))
        return _ranges(range(self.sinks), range(start, position))

    def kept(self, position: int) -> tuple[range, ...]:
        """The same; the middle is never read again."""
        return self.readable(position)


@dataclass(frozen=True, slots=True)
class RecentOnly:
    """Each token attends to the last `count` tokens, itself included, and everything is kept.

    The mask of a sliding window without a memory manager that knows of it: storage is not
    attention, and this one saves reads and no memory.
    """

    count: int

    def readable(self, position: int) -> tuple[range, ...]:
        """The last count - 1 before it."""
        return _ranges(range(max(0, position - self.count + 1), position))

    def kept(self, position: int) -> tuple[range, ...]:
        """All of them: nobody frees what is not read."""
        return _ranges(range(position))


def dropped_blocks(policy: Retention, position: int, block_size: int) -> tuple[int, ...]:
    """Indices of blocks, wholly before `position`, in which the policy keeps nothing."""
    kept = {
        index
        for span in policy.kept(position)
        for index in range(span.start // block_size, (span.stop - 1) // block_size + 1)
    }
    return tuple(index for index in range(position // block_size) if index not in kept)


def _ranges(*spans: range) -> tuple[range, ...]:
    return tuple(span for span in spans if span)
