"""Frozen memory, from what changed since the last time rather than from the whole pool."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Generic, TypeVar

from pagereel.model.allocators.vllm.block_pool import NULL_BLOCK, BlockPool
from pagereel.model.allocators.vllm.request import VllmRequest
from pagereel.model.core.state import BlockTable, PagedMemory

CHUNK = 1024
"""Blocks whose pairs are kept together: a change moves at most so many, a copy joins the chunks."""

Value = TypeVar("Value", int, str)


class BlockColumn(Generic[Value]):
    """(block, value) pairs in block order, of which few change between two copies."""

    def __init__(self, count: int) -> None:
        self._values: list[Value | None] = [None] * count
        self._chunks: list[list[tuple[int, Value]]] = [[] for _ in range(count // CHUNK + 1)]

    def set(self, block: int, value: Value | None) -> None:
        """Give a block another value, or none."""
        old = self._values[block]
        if old == value:
            return
        self._values[block] = value
        chunk = self._chunks[block // CHUNK]
        place = bisect_left(chunk, (block,))
        if value is None:
            del chunk[place]
        elif old is None:
            chunk.insert(place, (block, value))
        else:
            chunk[place] = (block, value)

    def freeze(self) -> tuple[tuple[int, Value], ...]:
        """All pairs now."""
        frozen: list[tuple[int, Value]] = []
        for chunk in self._chunks:
            frozen += chunk
        return tuple(frozen)


class Freezer:
    """Makes a pool's frozen memory. It is the only one who empties `BlockPool.changed`."""

    def __init__(self, pool: BlockPool, block_size: int) -> None:
        self._pool, self._size = pool, block_size
        self._blocks = tuple(range(NULL_BLOCK + 1, pool.num_gpu_blocks))
        self._references: BlockColumn[int] = BlockColumn(pool.num_gpu_blocks)
        self._cached: BlockColumn[str] = BlockColumn(pool.num_gpu_blocks)

    def freeze(self, running: Iterable[VllmRequest]) -> PagedMemory:
        """The memory now, with the block tables of these requests."""
        pool = self._pool
        for block in pool.changed:
            self._references.set(block, pool.ref_cnt[block] or None)
            self._cached.set(block, pool.block_hash[block])
        pool.changed.clear()
        tables: list[BlockTable] = []
        for request in running:
            if request.block_table:
                tables.append(request.frozen_table or request.freeze_table())
            for group, table in enumerate(request.group_tables):
                tables.append(table.freeze(request.request_id, group))
        return PagedMemory(
            block_size=self._size,
            blocks=self._blocks,
            tables=tuple(tables),
            free=pool.free_block_queue,
            references=self._references.freeze(),
            cached=self._cached.freeze(),
            null_block=NULL_BLOCK,
            duplicates=pool.duplicates(),
        )
