"""Chunks of a buddy allocator as regions of token slots: one a sequence, for its whole life."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Sequence

from pagereel.model.core.events import Event, RegionCopied, RegionFreed, RegionReserved
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import ContiguousMemory, Region
from pagereel.model.usage.occupancy import Split


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


Reservation = Callable[[int, int], int]
"""Output tokens to reserve, from (the true output length, the model's maximum length)."""


def longest(output: int, max_len: int) -> int:
    """O3, Orca (Max): the model's maximum."""
    return max_len


def rounded(output: int, max_len: int) -> int:
    """O3, Orca (Pow2): at most twice the true output (25 -> 32)."""
    return power_of_two(output)


def exact(output: int, max_len: int) -> int:
    """O3, Orca (Oracle): the true output."""
    return output


class NotHalved(ValueError):
    """Buddies cannot halve the largest chunk down to single blocks; carries the numbers."""

    def __init__(self, max_len: int, block_size: int) -> None:
        super().__init__(f"max_len {max_len} is no power of two of {block_size}-token blocks")
        self.max_len, self.block_size = max_len, block_size


class ChunkPool:
    """`slots` token slots in blocks of `block_size`; chunks hold at most `max_len` tokens.

    Raises `NotHalved` unless `max_len` is a power of two of blocks.
    """

    def __init__(self, slots: int, block_size: int, max_len: int, reserve: Reservation) -> None:
        self._block_size, self._max_len, self._reserve = block_size, max_len, reserve
        self._largest = max_len // block_size
        if self._largest * block_size != max_len or power_of_two(self._largest) != self._largest:
            raise NotHalved(max_len, block_size)
        self._block_count = slots // block_size
        self._buddies = BuddyAllocator(self._block_count, self._largest)
        self._regions: dict[str, Region] = {}
        self._used: dict[str, int] = {}  # slots of each region that hold K/V in the end
        self._given = self._asked_for = self._to_be_used = 0  # sums over the regions

    @property
    def capacity(self) -> int:
        """Token slots in all."""
        return self._block_count * self._block_size

    @property
    def free_slots(self) -> int:
        """Token slots in free chunks."""
        return self._buddies.free_count * self._block_size

    @property
    def largest_chunk(self) -> int:
        """Token slots of the largest free chunk."""
        return self._buddies.largest_free * self._block_size

    @property
    def least_ask(self) -> int:
        """Token slots of the smallest chunk that any request could ask for."""
        tokens = min(1 + self._reserve(1, self._max_len), self._max_len)
        return power_of_two(-(-tokens // self._block_size)) * self._block_size

    def check(self, request: Request) -> None:
        """Raise `TooLarge` if the request outgrows `max_len`, or its chunks an empty pool."""
        if request.final_entries > self._max_len:
            raise TooLarge(request.id, request.final_entries, self._max_len)
        empty = BuddyAllocator(self._block_count, self._largest)
        if not empty.can_allocate(self._blocks(request)):
            raise TooLarge(request.id, sum(self.chunks_for(request)), self.capacity)

    def chunks_for(self, request: Request) -> tuple[int, ...]:
        """Token slots of the chunk of each of the request's sequences."""
        return tuple(blocks * self._block_size for blocks in self._blocks(request))

    def can_allocate(self, request: Request) -> bool:
        """O6: whether all its sequences' chunks can be had at once."""
        return self._buddies.can_allocate(self._blocks(request))

    def allocate(self, request: Request) -> tuple[Event, ...]:
        """Reserve a chunk for every sequence."""
        events: list[Event] = []
        for place, (name, blocks) in enumerate(
            zip(request.sequence_ids, self._blocks(request), strict=True)
        ):
            start, size = (n * self._block_size for n in (self._buddies.allocate(blocks), blocks))
            region = self._regions[name] = Region(name, start, size, self._asked(request, place))
            final = len(request.prompt) + len(request.output_of(place)) - 1
            self._used[name] = min(final, region.asked)
            self._given += size
            self._asked_for += region.asked
            self._to_be_used += self._used[name]
            events.append(RegionReserved(name, start, size))
        return tuple(events)

    def copy(self, parent: str, child: str, entries: int) -> RegionCopied:
        """O7: nothing is shared, so a fork copies all that the parent has stored."""
        source, target = self._regions[parent].start, self._regions[child].start
        return RegionCopied(child, parent, source, target, entries)

    def free(self, names: Iterable[str]) -> tuple[Event, ...]:
        """Give these sequences' chunks back."""
        events: list[Event] = []
        for name in names:
            region = self._regions.pop(name)
            self._given -= region.size
            self._asked_for -= region.asked
            self._to_be_used -= self._used.pop(name)
            self._buddies.free(region.start // self._block_size, region.size // self._block_size)
            events.append(RegionFreed(name, region.start, region.size))
        return tuple(events)

    def memory(self, ask: int) -> ContiguousMemory:
        """The chunks in use, those that are free, and what the next reservation will ask."""
        regions: list[Region] = []
        for region in self._regions.values():
            insort(regions, region, key=lambda other: other.start)
        size = self._block_size
        chunks = tuple((start * size, count * size) for start, count in self._buddies.chunks)
        return ContiguousMemory(tuple(regions), ask=ask, chunks=chunks)

    def split(self, stored: int, ask: int) -> Split:
        """Where every slot is, `stored` of them with K/V: `split` of a state, from running sums."""
        given, asked, used = self._given, self._asked_for, self._to_be_used
        unusable = self._buddies.remainder(ask // self._block_size) * self._block_size
        free = self.free_slots - unusable
        return Split(stored, used - stored, asked - used, given - asked + unusable, 0, free)

    def _asked(self, request: Request, place: int) -> int:
        output = self._reserve(len(request.output_of(place)), self._max_len)
        return min(len(request.prompt) + output, self._max_len)

    def _blocks(self, request: Request) -> tuple[int, ...]:
        """O3: each sequence's tokens in blocks, rounded up to a power of two (O1)."""
        asked = (self._asked(request, place) for place in range(request.width))
        return tuple(power_of_two(-(-tokens // self._block_size)) for tokens in asked)
