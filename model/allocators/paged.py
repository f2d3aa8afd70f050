"""A plain paged pool: blocks are taken from the head of a free queue and returned to its tail."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from pagereel.model.allocators.fcfs import FcfsEngine
from pagereel.model.allocators.lane_kind import FreedTo, LaneKind, LaneSpec, Paging, stepped
from pagereel.model.allocators.options import EngineOption, OptionReader
from pagereel.model.core.events import BlockFreed, BlockTaken, Event
from pagereel.model.core.lane import NoRoom, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.retention import (
    KeepAll,
    PinnedPrefix,
    RecentOnly,
    Retention,
    SlidingWindow,
    dropped_blocks,
)
from pagereel.model.core.state import BlockTable, PagedMemory


class PagedPool:
    """Equal blocks of `block_size` slots, taken one by one as tokens need them; nothing is shared.

    Implements `Pool`. `free_order` is the free queue at the start, head first: a pool
    that has served requests before hands its blocks out in no particular order. Blocks in which
    `retention` keeps nothing are freed, and the null block stands in the table for them: the first
    id after the pool's own.
    """

    def __init__(
        self, block_size: int, free_order: Sequence[int], retention: Retention | None = None
    ) -> None:
        self._block_size, self._retention = block_size, retention
        self._null = max(free_order, default=-1) + 1
        self._blocks = tuple(sorted(free_order))
        self._free = deque(free_order)
        self._tables: dict[str, list[int]] = {}

    @property
    def capacity(self) -> int:
        """Token slots in all."""
        return len(self._blocks) * self._block_size

    def check(self, request: Request) -> None:
        """Raise `TooLarge` if an empty pool could not hold the request."""
        needed = self._blocks_for(request.final_entries) * self._block_size
        if needed > self.capacity:
            raise TooLarge(request.id, needed, self.capacity)

    def admit(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Take the blocks that `entries` tokens need, and no more. Raises `NoRoom`."""
        self._ask(self._blocks_for(entries))
        self._tables[request.id] = []
        return self.grow(request, entries)

    def grow(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Take a block if `entries` tokens need one more. Raises `NoRoom`.

        What the newest token will not read is dropped first. A decode needs one block at most, so
        nothing was dropped where it is refused.
        """
        table = self._tables[request.id]
        events = self._drop(request.id, entries - 1) if table else []
        missing = self._blocks_for(entries) - len(table)
        self._ask(missing)
        for _ in range(missing):
            block = self._free.popleft()
            events.append(BlockTaken(request.id, len(table), block))
            table.append(block)
        return tuple(events)

    def free(self, request: Request) -> tuple[Event, ...]:
        """Return every block to the tail of the free queue, in table order."""
        table = [block for block in self._tables.pop(request.id) if block != self._null]
        self._free.extend(table)
        return tuple(BlockFreed(request.id, block, references=0) for block in table)

    def memory(self, head: Request | None = None) -> PagedMemory:
        """The tables, the references and the free queue in its order."""
        tables = self._tables.values()
        held = sorted(block for table in tables for block in table if block != self._null)
        return PagedMemory(
            block_size=self._block_size,
            blocks=self._blocks,
            tables=tuple(BlockTable(r, tuple(table)) for r, table in self._tables.items()),
            free=tuple(self._free),
            references=tuple((block, 1) for block in held),
            null_block=self._null if self._retention else None,
        )

    def _drop(self, request: str, position: int) -> list[Event]:
        """Free the blocks in which nothing is kept while the token at `position` is computed."""
        if self._retention is None:
            return []
        events: list[Event] = []
        table = self._tables[request]
        for index in dropped_blocks(self._retention, position, self._block_size):
            block = table[index]
            if block != self._null:
                table[index] = self._null
                self._free.append(block)
                events.append(BlockFreed(request, block, references=0))
        return events

    def _blocks_for(self, entries: int) -> int:
        return -(-entries // self._block_size)

    def _ask(self, blocks: int) -> None:
        if blocks > len(self._free):
            free = len(self._free) * self._block_size
            raise NoRoom(blocks * self._block_size, free, free)


def _build(spec: LaneSpec, options: OptionReader) -> FcfsEngine:
    retention = _retention(options)
    options.close()
    order = spec.free_order or tuple(range(spec.slots // spec.block_size))
    return FcfsEngine(PagedPool(spec.block_size, order, retention), retention)


POLICIES: dict[str, Callable[[int, int], Retention]] = {
    "all": lambda window, sinks: KeepAll(),
    "sliding-window": lambda window, sinks: SlidingWindow(window),
    "pinned-prefix": lambda window, sinks: PinnedPrefix(sinks, window),
    "recent-n": lambda window, sinks: RecentOnly(window),
}
"""Retention policies by name, each made from `window` and `sinks`."""
SINKS = 4
"""First tokens that `pinned-prefix` keeps where nobody says otherwise."""
_FREES = {
    "sliding-window": "frees blocks behind it",
    "pinned-prefix": "frees the middle",
    "recent-n": "frees nothing",
}
"""What each policy does with memory, as told under a lane."""


def _retention(options: OptionReader) -> Retention | None:
    """The policy that the options name; None for full attention, of which nothing is dropped."""
    name = options.word("retention", "all", POLICIES)
    window = options.whole("window", 1 if name == "all" else 0, least=1)
    sinks = options.whole("sinks", SINKS)
    return None if name == "all" else POLICIES[name](window, sinks)


PAGED = LaneKind(
    name="paged",
    system="teaching model",
    summary="Blocks taken one by one from a free queue, returned to its tail; nothing shared.",
    build=_build,
    takes=("slots", "block_size", "free_order"),
    options={
        "retention": EngineOption(
            " or ".join([", ".join([*POLICIES][:-1]), [*POLICIES][-1]]), "all", "{}", words=_FREES
        ),
        "window": EngineOption(
            "tokens that a token attends to, itself included",
            None,
            "window of {:,}",
            otherwise="needed but for all",
        ),
        "sinks": EngineOption("first tokens that pinned-prefix keeps", SINKS, "pins {:,}"),
    },
    obeys=("preempt",),
    paging=Paging(freed_to=lambda spec: FreedTo(tail="freed")),
    build_for_replay=stepped(_build),
)
