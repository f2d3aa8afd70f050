"""What came of an engine step in one lane, in a few words: the most telling of its events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from model.events import (
    Admitted,
    Arrived,
    BeamDropped,
    BlockCopied,
    BlockFreed,
    BlockShared,
    BlockTaken,
    EntriesWritten,
    Event,
    Finished,
    OutOfMemory,
    Preempted,
    Refused,
    RegionFreed,
    RegionMoved,
    RegionReserved,
    SequenceForked,
    SwappedIn,
)

E = TypeVar("E")


class Outcome(NamedTuple):
    """A short sentence, the requests it is about, and the colour role it is said in."""

    text: str
    requests: tuple[str, ...]
    ink: str = "muted"


def outcome(events: Sequence[Event]) -> Outcome:
    """The most telling event of a step; an empty sentence if nothing happened."""
    for tell in _TELLERS:
        told = tell(events)
        if told is not None:
            return told
    return Outcome("", ())


def _finished(events: Sequence[Event]) -> Outcome | None:
    for event in _of(events, Finished):
        dropped = [block for block in _of(events, BlockFreed) if block.request == event.request]
        freed = [block.block for block in dropped if block.references == 0]
        size = sum(r.size for r in _of(events, RegionFreed) if r.request == event.request)
        what = _blocks(freed) if freed else f"{size} slots" if size else "nothing"
        return Outcome(f"{event.request} is done: {what} freed", (event.request,))
    return None


def _refused(events: Sequence[Event]) -> Outcome | None:
    for event in _of(events, Refused):
        is_split = event.largest_hole < event.free
        room = f"largest hole {event.largest_hole}" if is_split else f"{event.free} free"
        text = f"{event.request} refused: needs {event.needed} slots, {room}"
        return Outcome(text, (event.request,), "warning")
    return None


def _preempted(events: Sequence[Event]) -> Outcome | None:
    for event in _of(events, Preempted):
        text = f"{event.request} preempted: {event.recovery.value}"
        return Outcome(text, (event.request,), "warning")
    return None


def _copied(events: Sequence[Event]) -> Outcome | None:
    for event in _of(events, BlockCopied):
        text = f"{event.request} copies block {event.source} to {event.target}"
        return Outcome(text, (event.request,))
    return None


def _reserved(events: Sequence[Event]) -> Outcome | None:
    for event in _of(events, RegionReserved):
        last = event.start + event.size - 1
        return Outcome(f"{event.request} reserves slots {event.start} to {last}", (event.request,))
    return None


def _taken(events: Sequence[Event]) -> Outcome | None:
    """Blocks that came into tables, shared ones first: `B shares block 1, takes block 4`."""
    said: dict[str, list[str]] = {}
    shared = [(event.request, event.block) for event in _of(events, BlockShared)]
    taken = [(event.request, event.block) for event in _of(events, BlockTaken)]
    for verb, found in (("shares", shared), ("takes", taken)):
        for request in dict.fromkeys(name for name, _ in found):
            blocks = [block for name, block in found if name == request]
            said.setdefault(request, []).append(f"{verb} {_blocks(blocks)}")
    clauses = [f"{request} {', '.join(parts)}" for request, parts in said.items()]
    return Outcome("; ".join(clauses), tuple(said)) if said else None


def _forked(events: Sequence[Event]) -> Outcome | None:
    """Beams that go on from another one: only where one of them was dropped for it."""
    dropped = {event.request for event in _of(events, BeamDropped)}
    forks = [event for event in _of(events, SequenceForked) if event.child in dropped]
    if not forks:
        return None
    said = ", ".join(f"{event.child} goes on from {event.request}" for event in forks)
    return Outcome(said, tuple(event.child for event in forks))


def _out_of_memory(events: Sequence[Event]) -> Outcome | None:
    for event in _of(events, OutOfMemory):
        return Outcome(f"out of memory: {event.request} ends", (event.request,), "warning")
    return None


def _swapped_in(events: Sequence[Event]) -> Outcome | None:
    for event in _of(events, SwappedIn):
        text = f"{event.request} comes back from the CPU: {event.blocks} blocks"
        return Outcome(text, (event.request,))
    return None


def _moved(events: Sequence[Event]) -> Outcome | None:
    for event in _of(events, RegionMoved):
        text = f"{event.request} is copied into a larger tensor: {event.entries} entries"
        return Outcome(text, (event.request,))
    return None


def _written(events: Sequence[Event]) -> Outcome | None:
    written = _of(events, EntriesWritten)
    if not written:
        return None
    if all(event.count == 1 for event in written):
        names = tuple(event.request for event in written)
        return Outcome(f"one entry written for {_names(names)}", names)
    event = max(written, key=lambda event: event.count)
    return Outcome(f"{event.count} entries written for {event.request}", (event.request,))


def _arrived(events: Sequence[Event]) -> Outcome | None:
    admitted = {event.request for event in _of(events, Admitted)}
    waiting = tuple(e.request for e in _of(events, Arrived) if e.request not in admitted)
    verb = "arrives" if len(waiting) == 1 else "arrive"
    return Outcome(f"{_names(waiting)} {verb}", waiting) if waiting else None


_TELLERS: tuple[Callable[[Sequence[Event]], Outcome | None], ...] = (
    _out_of_memory,
    _finished,
    _refused,
    _preempted,
    _swapped_in,
    _copied,
    _forked,
    _moved,
    _reserved,
    _taken,
    _written,
    _arrived,
)


def _of(events: Sequence[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def _blocks(blocks: Sequence[int]) -> str:
    ids = ", ".join(str(block) for block in blocks)
    return f"block {ids}" if len(blocks) == 1 else f"blocks {ids}"


def _names(names: Sequence[str]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1)) if len(names) > 1 else "".join(names)
