"""Equal blocks on a stack, with a reference count each."""

from __future__ import annotations

from collections.abc import Sequence


class BlockStack:
    """The paper generation's block allocator: the block freed last is handed out next.

    B1: no null block; at first 0 to N-1, popped from the end, so N-1 comes first. `free_order`
    says otherwise, next block first, for a pool that has served requests before.
    """

    def __init__(self, free_order: Sequence[int]) -> None:
        self.blocks = tuple(sorted(free_order))
        self._stack = list(reversed(free_order))
        self._references: dict[int, int] = {}

    @property
    def free_count(self) -> int:
        """Blocks that can be taken now."""
        return len(self._stack)

    @property
    def free(self) -> tuple[int, ...]:
        """Free block ids; the next to be taken comes first."""
        return tuple(reversed(self._stack))

    @property
    def references(self) -> tuple[tuple[int, int], ...]:
        """(block id, tables that hold it) of every held block, ascending."""
        return tuple(sorted(self._references.items()))

    def take(self) -> int:
        """Pop a block; its reference count becomes 1."""
        block = self._stack.pop()
        self._references[block] = 1
        return block

    def share(self, block: int) -> int:
        """Count one more table that holds the block; the new count."""
        self._references[block] += 1
        return self._references[block]

    def drop(self, block: int) -> int:
        """Count one table less; at 0 push the block. The new count."""
        count = self._references[block] - 1
        if count:
            self._references[block] = count
        else:
            del self._references[block]
            self._stack.append(block)
        return count

    def shared(self, block: int) -> bool:
        """Whether more than one table holds the block."""
        return self._references[block] > 1
