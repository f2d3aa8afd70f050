"""What one decode step of one request reads: which blocks, in which order, how many entries.

From the step's events and the block table; the weights from the storyboard's record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pagereel.model.core.events import EntriesRead, EntriesWritten
from pagereel.model.core.state import Holder, PagedMemory
from pagereel.model.storyboard.attention import Attend, softmax
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import Half, LaneStep, Step


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the block table, and what the step has to do with its block."""

    index: int
    block: int | None
    """The physical block; None where a window has dropped it."""
    positions: range
    """The token positions whose entries it has room for and that there are."""
    reads: tuple[int, ...]
    """Those whose keys and values are read from the block, ascending."""


@dataclass(frozen=True)  # not slots: it remembers its rows
class DecodeStep:
    """One decode step of one request."""

    lane: LaneStep
    """The moment at which the step's memory was allotted and its entry written."""
    memory: PagedMemory
    holder: Holder
    number: int
    """The engine step's."""
    position: int
    """Of the token that is fed: its query asks, and its key and value are written."""
    cached: tuple[int, ...]
    """The positions that are read from the cache, ascending."""
    scores: tuple[float, ...] | None
    """One for each of `reads`; None where no record knows them."""
    answer: str
    """The word that the step samples; empty in a beam search, which has several."""

    @property
    def size(self) -> int:
        """Slots of a block."""
        return self.memory.block_size

    @property
    def reads(self) -> tuple[int, ...]:
        """All positions that the query asks: those cached, and its own."""
        return (*self.cached, self.position)

    @cached_property
    def weights(self) -> dict[int, float]:
        """The weight of each position that is read; without a record all are alike."""
        scores = self.scores or (0.0,) * len(self.reads)
        return dict(zip(self.reads, softmax(scores), strict=True))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The block table, first row first."""
        size, rows = self.size, []
        for index, block in enumerate(_table(self.memory, self.holder.id)):
            first = index * size
            if first > self.position:
                break
            positions = range(first, min(first + size, self.position + 1))
            known = None if block == self.memory.null_block else block
            reads = tuple(place for place in self.cached if place in positions)
            rows.append(Row(index, known, positions, reads))
        return tuple(rows)


def decode_step(storyboard: Storyboard, steps: Sequence[Step], about: Attend) -> DecodeStep | None:
    """The latest decode step that the request took in these steps; None before its first.

    The lane must be a paged one, as the reader of storyboards sees to.
    """
    for step in reversed(steps):
        if step.half is Half.SCHEDULED:
            found = _decode(storyboard, step, about)
            if found:
                return found
    return None


def _decode(storyboard: Storyboard, step: Step, about: Attend) -> DecodeStep | None:
    at, name, read, written = step.lane(about.lane), about.request, None, None
    for event in at.events:
        if isinstance(event, EntriesRead) and event.request == name:
            read = event
        elif isinstance(event, EntriesWritten) and event.request == name:
            written = event
    memory = at.state.memory
    if read is None or written is None or written.count != 1:
        return None
    assert isinstance(memory, PagedMemory), "the reader takes paged lanes alone"
    holder, position = at.state.holder(name), written.start
    if position < holder.prompt or not _table(memory, name):
        return None
    spans = read.positions or (range(position - read.count, position),)
    cached = tuple(place for span in spans for place in span)
    words = [storyboard.word(holder, place) for place in range(position + 1)]
    record = storyboard.attention
    look = record.look(words, (*cached, position)) if record else None
    is_searching = storyboard.owner(name).beam is not None
    answer = "" if is_searching else storyboard.word(holder, position + 1)
    scores = look.scores if look else None
    return DecodeStep(at, memory, holder, step.number, position, cached, scores, answer)


def _table(memory: PagedMemory, name: str) -> tuple[int, ...]:
    return next((table.blocks for table in memory.tables if table.request == name), ())
