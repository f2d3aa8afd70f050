"""What came of an engine step in one lane, in a few words: the most telling of its events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from model.events import (
    Admitted,
    Arrived,
    BlockCopied,
    BlockFreed,
    BlockTaken,
    EntriesWritten,
    Event,
    Finished,
    Preempted,
    Refused,
    RegionFreed,
    RegionReserved,
)

E = TypeVar("E")


def outcome(events: Sequence[Event]) -> tuple[str, str]:
    """A short sentence and the colour role it is said in."""
    for tell, ink in _TELLERS:
        sentence = tell(events)
        if sentence:
            return sentence, ink
    return "", "muted"


def _refused(events: Sequence[Event]) -> str:
    for event in _of(events, Refused):
        return (
            f"{event.request} refused: needs {event.needed} slots, "
            f"largest hole {event.largest_hole}"
        )
    return ""


def _preempted(events: Sequence[Event]) -> str:
    for event in _of(events, Preempted):
        return f"{event.request} preempted: {event.recovery.value}"
    return ""


def _finished(events: Sequence[Event]) -> str:
    for event in _of(events, Finished):
        freed = [block.block for block in _of(events, BlockFreed) if block.request == event.request]
        size = sum(r.size for r in _of(events, RegionFreed) if r.request == event.request)
        what = _blocks(freed) if freed else f"{size} slots"
        return f"{event.request} is done: {what} freed"
    return ""


def _copied(events: Sequence[Event]) -> str:
    for event in _of(events, BlockCopied):
        return f"{event.request} copies block {event.source} to {event.target}"
    return ""


def _reserved(events: Sequence[Event]) -> str:
    for event in _of(events, RegionReserved):
        last = event.start + event.size - 1
        return f"{event.request} reserves slots {event.start} to {last}"
    return ""


def _taken(events: Sequence[Event]) -> str:
    said = []
    for request in dict.fromkeys(event.request for event in _of(events, BlockTaken)):
        blocks = [event.block for event in _of(events, BlockTaken) if event.request == request]
        said.append(f"{request} takes {_blocks(blocks)}")
    return ", ".join(said)


def _written(events: Sequence[Event]) -> str:
    written = _of(events, EntriesWritten)
    if not written:
        return ""
    if all(event.count == 1 for event in written):
        return f"one entry written for {_names([event.request for event in written])}"
    event = max(written, key=lambda event: event.count)
    return f"{event.count} entries written for {event.request}"


def _arrived(events: Sequence[Event]) -> str:
    admitted = {event.request for event in _of(events, Admitted)}
    waiting = [event.request for event in _of(events, Arrived) if event.request not in admitted]
    return f"{_names(waiting)} arrives" if waiting else ""


_TELLERS: tuple[tuple[Callable[[Sequence[Event]], str], str], ...] = (
    (_refused, "warning"),
    (_preempted, "warning"),
    (_finished, "muted"),
    (_copied, "muted"),
    (_reserved, "muted"),
    (_taken, "muted"),
    (_written, "muted"),
    (_arrived, "muted"),
)


def _of(events: Sequence[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def _blocks(blocks: Sequence[int]) -> str:
    ids = ", ".join(str(block) for block in blocks)
    return f"block {ids}" if len(blocks) == 1 else f"blocks {ids}"


def _names(names: Sequence[str]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1)) if len(names) > 1 else "".join(names)
