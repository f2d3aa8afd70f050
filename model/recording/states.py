"""Reads the states of a recorded lane; each must be one that a lane can be in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pagereel.model.core.state import (
    BlockTable,
    ContiguousMemory,
    LaneState,
    PagedMemory,
    Phase,
    Region,
    RequestState,
)
from pagereel.model.recording.data import BadRecording, RecordedRequest
from pagereel.model.recording.line import Line
from pagereel.model.usage.laws import LawBroken, uphold

T = TypeVar("T")
MOST_REQUESTS, MOST_BLOCKS, MOST_SLOTS = 4_096, 2**14, 2**24


class LaneReader:
    """What never changes in a lane, and with it the states that follow."""

    def __init__(self, head: Line, requests: tuple[RecordedRequest, ...]) -> None:
        self._requests, self._last = requests, len(requests) - 1
        self.capacity = head.whole("capacity", least=1, most=MOST_SLOTS)
        turned = head.wholes("turned_away", MOST_REQUESTS, largest=self._last)
        self._turned = frozenset(turned)
        self._pool = PoolReader(head.under("pool"), requests) if head.has("pool") else None
        self.block_size = self._pool.block_size if self._pool else 0
        self._ended = {
            number: RequestState(
                r.id, Phase.FINISHED, r.prompt, r.output, 0, r.prompt + r.output - 1
            )
            for number, r in enumerate(requests)
        }
        """Who has been answered; one for all states."""

    def state(self, line: Line, step: int) -> LaneState:
        """One state, which obeys the laws."""
        queues = [self._names(line, key) for key in ("running", "waiting", "swapped")]
        ids = [tuple(self._requests[i].id for i in queue) for queue in queues]
        state = LaneState(
            capacity=self.capacity,
            requests=tuple(self._known(line, step, *queues)),
            running=ids[0],
            waiting=ids[1],
            memory=self._pool.memory(line) if self._pool else self._slots(line),
            swapped=ids[2],
        )
        try:
            uphold(state)
        except (LawBroken, KeyError) as breach:
            message = f"no lane can be in this state: {str(breach)[:160]}"
            raise BadRecording(line.number, message) from None
        return state

    def _names(self, line: Line, key: str) -> list[int]:
        found = line.wholes(key, MOST_REQUESTS, largest=self._last)
        line.once(key, found)
        return found

    def _known(
        self, line: Line, step: int, running: list[int], waiting: list[int], swapped: list[int]
    ) -> Iterator[RequestState]:
        """Everybody who has come, in order of arrival; who is nowhere has been answered."""
        phases = dict.fromkeys(waiting, Phase.WAITING)
        phases |= dict.fromkeys(self._names(line, "preempted"), Phase.PREEMPTED)
        phases |= dict.fromkeys(running, Phase.RUNNING) | dict.fromkeys(swapped, Phase.SWAPPED)
        rows = line.rows("progress", MOST_REQUESTS, 4)
        line.once("progress", [row[0] for row in rows])
        progress = {
            number: (sampled, computed, refused) for number, sampled, computed, refused in rows
        }
        if not progress.keys() <= phases.keys():
            raise line.wrong("progress", "names a request that is not there")
        for number, request in enumerate(self._requests):
            if number in phases and request.arrival >= max(step, 1):
                raise line.wrong("waiting", f"or `running` names {request.id} before it came")
            if request.arrival >= step or number in self._turned:
                continue
            if number not in phases:
                yield self._ended[number]
                continue
            final = request.prompt + request.output - 1
            sampled, computed, refused = progress.get(number, (0, 0, 0))
            if sampled > request.output or computed > final:
                raise line.wrong("progress", f"has {request.id} beyond its end")
            yield RequestState(
                request.id, phases[number], request.prompt, sampled, computed, final, refused
            )

    def _slots(self, line: Line) -> ContiguousMemory:
        regions = line.rows("regions", MOST_REQUESTS, 4)
        if any(row[0] > self._last or row[2] < 1 for row in regions):
            raise line.wrong("regions", "must name requests, each with a slot or more")
        chunks = None
        if line.has("chunks"):
            chunks = tuple((start, size) for start, size in line.rows("chunks", MOST_BLOCKS, 2))
        return ContiguousMemory(
            tuple(
                Region(self._requests[n].id, start, size, asked)
                for n, start, size, asked in regions
            ),
            line.maybe("ask"),
            chunks,
            alike=not line.has("unlike"),
            peak=line.maybe("peak"),
        )


class PoolReader:
    """A pool of blocks."""

    def __init__(self, line: Line, requests: tuple[RecordedRequest, ...]) -> None:
        self._requests = requests
        self.block_size = line.whole("block_size", least=1, most=2**16)
        spans = line.rows("blocks", MOST_BLOCKS, 2)
        if sum(max(last - first + 1, 0) for first, last in spans) > MOST_BLOCKS:
            raise line.wrong("blocks", f"are more than {MOST_BLOCKS:,}")
        self._blocks = _spread(spans)
        self._same: dict[Any, Any] = {block: block for block in self._blocks}
        self._null = line.maybe("null")
        self._swap = PoolReader(line.under("swap"), requests) if line.has("swap") else None

    def memory(self, line: Line) -> PagedMemory:
        """The pool in one state."""
        rows = line.rows("tables", MOST_REQUESTS, 0)
        if any(row[0] >= len(self._requests) for row in rows):
            raise line.wrong("tables", "names a request that is not there")
        line.once("tables", [row[0] for row in rows])
        tables = tuple(BlockTable(self._requests[n].id, self._known(b)) for n, *b in rows)
        uses = Counter(block for table in tables for block in table.blocks if block != self._null)
        same = {
            f"like block {blocks[0]}": tuple(blocks) for blocks in line.rows("same", MOST_BLOCKS, 0)
        }
        keys = {block: key for key, blocks in same.items() for block in blocks}
        spans = line.rows("cached", MOST_BLOCKS, 2)
        if sum(max(last - first + 1, 0) for first, last in spans) > MOST_BLOCKS:
            raise line.wrong("cached", "names more blocks than there can be")
        return PagedMemory(
            block_size=self.block_size,
            blocks=self._blocks,
            tables=tables,
            free=self._known(line.wholes("free", MOST_BLOCKS)),
            references=self._known(sorted(uses.items())),
            swap=self._swap.memory(line.under("swap")) if self._swap else None,
            cached=self._known((b, keys.get(b, f"block {b}")) for b in _spread(spans)),
            null_block=self._null,
            duplicates=tuple(same.items()),
        )

    def _known(self, values: Iterable[T]) -> tuple[T, ...]:
        """Equal values as one and the same: thousands of states have each of them."""
        given = tuple(values)
        return tuple(map(self._same.setdefault, given, given))


def entries(memory: PagedMemory | ContiguousMemory) -> int:
    """What is in the lists of a memory, all together."""
    if isinstance(memory, ContiguousMemory):
        return len(memory.regions) + len(memory.chunks or ())
    held = sum(len(table.blocks) for table in memory.tables)
    swapped = entries(memory.swap) if memory.swap else 0
    alike = sum(8 + len(blocks) for _, blocks in memory.duplicates)  # each with a key of its own
    return held + len(memory.free) + len(memory.cached) + alike + swapped


def _spread(spans: list[list[int]]) -> tuple[int, ...]:
    return tuple(number for first, last in spans for number in range(first, last + 1))
