"""Block tables over two pools, GPU and CPU: sharing, copy-on-write, swapping."""

from __future__ import annotations

from collections.abc import Sequence

from pagereel.model.core.events import (
    BlockCopied,
    BlockFreed,
    BlockShared,
    BlockSwappedIn,
    BlockSwappedOut,
    BlockTaken,
    Event,
)
from pagereel.model.core.state import BlockTable, PagedMemory
from pagereel.model.usage.occupancy import filled_slots


class BlockAllocator:
    """A pool of blocks, as in vLLM 0.1.0: the block freed last is handed out next.

    B1: no null block; at first 0 to N-1, popped from the end, so N-1 comes first. `free_order`
    says otherwise, next block first, for a pool that has served requests before.
    """

    def __init__(self, free_order: Sequence[int]) -> None:
        self.blocks = tuple(sorted(free_order))
        self._stack = list(reversed(free_order))
        self._references: dict[int, int] = {}

    def get_num_free_blocks(self) -> int:
        """Blocks that can be taken now."""
        return len(self._stack)

    @property
    def free_blocks(self) -> tuple[int, ...]:
        """Free block ids; the next to be taken comes first."""
        return tuple(reversed(self._stack))

    @property
    def references(self) -> tuple[tuple[int, int], ...]:
        """(block id, tables that hold it) of every held block, ascending."""
        return tuple(sorted(self._references.items()))

    def allocate(self) -> int:
        """Pop a block; its reference count becomes 1."""
        block = self._stack.pop()
        self._references[block] = 1
        return block

    def share(self, block: int) -> int:
        """Count one more table that holds the block; the new count."""
        self._references[block] += 1
        return self._references[block]

    def free(self, block: int) -> int:
        """Count one table less; at 0 push the block. The new count."""
        count = self._references[block] - 1
        if count:
            self._references[block] = count
        else:
            del self._references[block]
            self._stack.append(block)
        return count

    def is_shared(self, block: int) -> bool:
        """Whether more than one table holds the block."""
        return self._references[block] > 1


class BlockTables:
    """Who holds which block. Asks nothing: callers check `get_num_free_gpu_blocks` first.

    A name is a sequence's. Tables on the CPU are those of swapped sequences. In vLLM 0.1.0 the
    `BlockSpaceManager` keeps all this itself; ours knows groups, and these tables do not.
    """

    def __init__(self, block_size: int, free_order: Sequence[int], swap_blocks: int) -> None:
        self.block_size = block_size
        self.gpu_allocator = BlockAllocator(free_order)
        self.cpu_allocator = BlockAllocator(range(swap_blocks - 1, -1, -1))
        self.block_tables: dict[str, list[int]] = {}
        self._swapped_tables: dict[str, list[int]] = {}

    @property
    def num_gpu_blocks(self) -> int:
        """Blocks of the GPU pool."""
        return len(self.gpu_allocator.blocks)

    def get_num_free_gpu_blocks(self) -> int:
        """Free blocks of the GPU pool."""
        return self.gpu_allocator.get_num_free_blocks()

    def get_num_free_cpu_blocks(self) -> int:
        """Free blocks of the CPU pool."""
        return self.cpu_allocator.get_num_free_blocks()

    def blocks_for(self, tokens: int) -> int:
        """Blocks that a sequence of so many tokens needs (B2)."""
        return -(-tokens // self.block_size)

    def distinct(self, names: Sequence[str]) -> int:
        """Blocks that these sequences hold together, GPU or CPU; a shared one counts once."""
        held = [self.block_tables.get(name) or self._swapped_tables[name] for name in names]
        if len(held) == 1:
            return len(held[0])
        return len({block for table in held for block in table})

    def filled(self, names: Sequence[str], entries: int) -> int:
        """Slots with K/V in them, where each of these sequences has so many entries."""
        places = {block: i for name in names for i, block in enumerate(self.block_tables[name])}
        return sum(filled_slots(entries, index, self.block_size) for index in places.values())

    def allocate(self, names: Sequence[str], tokens: int) -> tuple[Event, ...]:
        """Take a prompt's blocks once (B4) and give each sequence a copy of the table."""
        first, *others = names
        table = [self.gpu_allocator.allocate() for _ in range(self.blocks_for(tokens))]
        self.block_tables[first] = table
        events: list[Event] = [BlockTaken(first, i, block) for i, block in enumerate(table)]
        for name in others:
            events += self.fork(first, name)
        return tuple(events)

    def fork(self, parent: str, child: str) -> tuple[Event, ...]:
        """B5: the child gets the parent's table; every block gains a reference. Cannot fail."""
        table = list(self.block_tables[parent])
        self.block_tables[child] = table
        return tuple(
            BlockShared(child, i, b, self.gpu_allocator.share(b)) for i, b in enumerate(table)
        )

    def append_slot(self, name: str, tokens: int) -> tuple[Event, ...]:
        """B7: make the sequence's newest slot its own to write: take, write in place, or copy."""
        table = self.block_tables[name]
        if len(table) < self.blocks_for(tokens):
            block = self.gpu_allocator.allocate()
            table.append(block)
            return (BlockTaken(name, len(table) - 1, block),)
        last = table[-1]
        if not self.gpu_allocator.is_shared(last):
            return ()  # the last sharer writes in place: k sharers cost k - 1 copies
        table[-1] = self.gpu_allocator.allocate()
        self.gpu_allocator.free(last)
        return (BlockCopied(name, len(table) - 1, last, table[-1]),)

    def free(self, name: str) -> tuple[Event, ...]:
        """B8: drop the table's references front to back, so its last block is taken next."""
        if name in self._swapped_tables:
            for block in self._swapped_tables.pop(name):
                self.cpu_allocator.free(block)
            return ()
        table = self.block_tables.pop(name)
        return tuple(BlockFreed(name, block, self.gpu_allocator.free(block)) for block in table)

    def swap_out(self, names: Sequence[str]) -> tuple[Event, ...]:
        """B15: move each distinct block once; sharing and reference counts stay as they are."""
        events: list[Event] = []
        moves = _move(
            names, self.block_tables, self.gpu_allocator, self._swapped_tables, self.cpu_allocator
        )
        for name, source, target in moves:
            events.append(BlockSwappedOut(name, source, target))
        return tuple(events)

    def swap_in(self, names: Sequence[str]) -> tuple[Event, ...]:
        """The way back, into whatever blocks are free then."""
        events: list[Event] = []
        moves = _move(
            names, self._swapped_tables, self.cpu_allocator, self.block_tables, self.gpu_allocator
        )
        for name, source, target in moves:
            events.append(BlockSwappedIn(name, source, target))
        return tuple(events)

    def memory(self) -> PagedMemory:
        """Both pools, frozen; the free order of a stack starts with its top."""
        swap = _freeze(self.block_size, self.cpu_allocator, self._swapped_tables, None)
        return _freeze(self.block_size, self.gpu_allocator, self.block_tables, swap)


def _move(
    names: Sequence[str],
    tables: dict[str, list[int]],
    pool: BlockAllocator,
    new_tables: dict[str, list[int]],
    new_pool: BlockAllocator,
) -> tuple[tuple[str, int, int], ...]:
    """Move tables from a pool to the other; (sequence, source, target) of each block's move."""
    targets: dict[int, int] = {}
    moves: list[tuple[str, int, int]] = []
    for name in names:
        new_table = new_tables[name] = []
        for block in tables.pop(name):
            if block in targets:
                new_pool.share(targets[block])
            else:
                targets[block] = new_pool.allocate()
                moves.append((name, block, targets[block]))
            new_table.append(targets[block])
            pool.free(block)
    return tuple(moves)


def _freeze(
    block_size: int, pool: BlockAllocator, tables: dict[str, list[int]], swap: PagedMemory | None
) -> PagedMemory:
    return PagedMemory(
        block_size=block_size,
        blocks=pool.blocks,
        tables=tuple(BlockTable(name, tuple(table)) for name, table in tables.items()),
        free=pool.free_blocks,
        references=pool.references,
        swap=swap,
    )
