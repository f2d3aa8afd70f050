"""Frozen memory, from what changed since the last time rather than from the whole pool."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from model.state import BlockTable, PagedMemory
from model.vllm.blocks import NULL_BLOCK, BlockPool
from model.vllm.sequence import Sequence

CHUNK = 128
"""Blocks that are frozen together: a compromise between few chunks and small ones."""

Value = TypeVar("Value", int, str)


class Column(Generic[Value]):
    """(block, value) pairs in block order, kept as frozen chunks of which few change at a time."""

    def __init__(self, count: int) -> None:
        self._pairs: list[tuple[int, Value] | None] = [None] * count
        self._chunks: list[tuple[tuple[int, Value], ...]] = [()] * (count // CHUNK + 1)
        self._stale: set[int] = set()

    def set(self, block: int, value: Value | None) -> None:
        """Give a block another value, or none."""
        self._pairs[block] = None if value is None else (block, value)
        self._stale.add(block // CHUNK)

    def freeze(self) -> tuple[tuple[int, Value], ...]:
        """All pairs now."""
        for chunk in self._stale:
            fresh = self._pairs[chunk * CHUNK : (chunk + 1) * CHUNK]
            self._chunks[chunk] = tuple(filter(None, fresh))
        self._stale.clear()
        frozen: list[tuple[int, Value]] = []
        for pairs in self._chunks:
            frozen += pairs
        return tuple(frozen)


class Freezer:
    """Makes a pool's frozen memory. It is the only one who empties `BlockPool.changed`."""

    def __init__(self, pool: BlockPool, block_size: int) -> None:
        self._pool, self._size = pool, block_size
        self._blocks = tuple(range(NULL_BLOCK + 1, pool.count))
        self._references: Column[int] = Column(pool.count)
        self._cached: Column[str] = Column(pool.count)

    def freeze(self, running: Iterable[Sequence]) -> PagedMemory:
        """The memory now, with the block tables of these requests."""
        pool = self._pool
        for block in pool.changed:
            self._references.set(block, pool.references[block] or None)
            self._cached.set(block, pool.keys[block])
        pool.changed.clear()
        tables: list[BlockTable] = [s.frozen_table or s.freeze_table() for s in running if s.table]
        return PagedMemory(
            block_size=self._size,
            blocks=self._blocks,
            tables=tuple(tables),
            free=pool.free_order(),
            references=self._references.freeze(),
            cached=self._cached.freeze(),
            null_block=NULL_BLOCK,
            duplicates=pool.duplicates(),
        )
