"""A buddy allocator: chunks are powers of two, split in halves and joined with their buddies."""

from __future__ import annotations

from collections.abc import Sequence


def power_of_two(count: int) -> int:
    """The smallest power of two that is at least `count`."""
    return 1 << (count - 1).bit_length()


class BuddyAllocator:
    """Hands out chunks of `block_count` blocks; the largest is `largest`, a power of two.

    Source: the Orca baselines of the SOSP 2023 paper (section 6.1), rules O2, O4 and O5.
    Ask `can_allocate` before `allocate`.
    """

    def __init__(self, block_count: int, largest: int) -> None:
        assert largest == power_of_two(largest), f"{largest} is no power of two"
        self._largest = largest
        self._free: dict[int, list[int]] = {}
        start, size = 0, largest
        while size:  # O2: carve the largest chunks from address 0, then smaller ones
            count = (block_count - start) // size
            self._free[size] = [start + place * size for place in range(count)]
            start, size = start + count * size, size // 2

    @property
    def chunks(self) -> tuple[tuple[int, int], ...]:
        """(start, size) of the free chunks in address order, in blocks."""
        return tuple(sorted((start, s) for s, starts in self._free.items() for start in starts))

    @property
    def free_count(self) -> int:
        """Free blocks in all."""
        return sum(size * len(starts) for size, starts in self._free.items())

    @property
    def largest_free(self) -> int:
        """Blocks of the largest free chunk; 0 if nothing is free."""
        return max((size for size, starts in self._free.items() if starts), default=0)

    def remainder(self, ask: int) -> int:
        """Free blocks that chunks of `ask` blocks, cut from the free ones, would leave."""
        return sum(size % ask * len(starts) for size, starts in self._free.items())

    def can_allocate(self, sizes: Sequence[int]) -> bool:
        """Whether chunks of all these sizes can be had at once."""
        counts = {size: len(starts) for size, starts in self._free.items()}
        for size in sizes:
            source = min((s for s, count in counts.items() if s >= size and count), default=None)
            if source is None:
                return False
            counts[source] -= 1
            while source > size:
                source //= 2
                counts[source] += 1
        return True

    def allocate(self, size: int) -> int:
        """O4: the last of the smallest chunks that fit, halved to size; its first block."""
        source = min(s for s, starts in self._free.items() if s >= size and starts)
        start = self._free[source].pop()
        while source > size:
            source //= 2
            self._free[source].append(start + source)
        return start

    def free(self, start: int, size: int) -> None:
        """O5: join the chunk with its buddy as long as that is free at the same size."""
        while size < self._largest and (start ^ size) in self._free[size]:
            self._free[size].remove(start ^ size)
            start, size = min(start, start ^ size), size * 2
        self._free[size].append(start)
