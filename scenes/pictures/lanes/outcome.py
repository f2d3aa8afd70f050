"""What came of an engine step in one lane, in a few words: the most telling of its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple, TypeVar

from pagereel.model.core.events import (
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
    RegionSlid,
    SequenceForked,
    SwappedIn,
)

E = TypeVar("E")


class StepOutcome(NamedTuple):
    """A short sentence, the requests it is about, and the colour role it is said in."""

    text: str
    requests: tuple[str, ...]
    ink: str = "muted"
    shorter: tuple[str, ...] = ()
    """The same in fewer and fewer words, for narrow lanes."""


def outcome(events: Sequence[Event]) -> StepOutcome:
    """The most telling event of a step; an empty sentence if nothing happened."""
    for tell in _TELLERS:
        told = tell(events)
        if told is not None:
            return told
    return StepOutcome("", ())


def _finished(events: Sequence[Event]) -> StepOutcome | None:
    for place, event in enumerate(events):
        if isinstance(event, Finished):
            own = [*_named(events[:place], event.request), *_right_after(events[place + 1 :])]
            blocks = [freed.block for freed in _of(own, BlockFreed) if not freed.references]
            size = sum(freed.size for freed in _of(own, RegionFreed))
            what = _blocks(blocks) if blocks else f"{size} slots" if size else "nothing"
            done = f"{event.request} is done"
            return StepOutcome(f"{done}: {what} freed", (event.request,), shorter=(done,))
    return None


def _named(events: Sequence[Event], request: str) -> list[Event]:
    """What was freed of a request by its own name."""
    freed = [event for event in events if isinstance(event, BlockFreed | RegionFreed)]
    return [event for event in freed if event.request == request]


def _right_after(events: Sequence[Event]) -> Iterator[Event]:
    """What was freed at once, whichever sequence of a group it belonged to."""
    return takewhile(lambda event: isinstance(event, BlockFreed | RegionFreed), events)


def _refused(events: Sequence[Event]) -> StepOutcome | None:
    for event in _of(events, Refused):
        is_split = event.largest_hole < event.free
        room = f"largest hole {event.largest_hole}" if is_split else f"{event.free} free"
        text = f"{event.request} refused: needs {event.needed} slots, {room}"
        names = (event.request,)
        shorter = f"{event.request} needs {event.needed}, {room.replace(' hole', '')}"
        return StepOutcome(text, names, "warning", (shorter, f"{event.request} refused"))
    return None


def _preempted(events: Sequence[Event]) -> StepOutcome | None:
    for event in _of(events, Preempted):
        text = f"{event.request} preempted: {event.recovery.value}"
        return StepOutcome(text, (event.request,), "warning")
    return None


def _copied(events: Sequence[Event]) -> StepOutcome | None:
    copies = _of(events, BlockCopied)
    if not copies:
        return None
    first, *others = copies
    said = [f"{first.request} copies block {first.source} to {first.target}"]
    for copy in others:
        source = "" if copy.source == first.source else f"{copy.source} "
        said.append(f"{copy.request} {source}to {copy.target}")
    return StepOutcome(", ".join(said), tuple(copy.request for copy in copies))


def _reserved(events: Sequence[Event]) -> StepOutcome | None:
    for event in _of(events, RegionReserved):
        last = event.start + event.size - 1
        return StepOutcome(
            f"{event.request} reserves slots {event.start} to {last}",
            (event.request,),
            shorter=(f"{event.request} reserves {event.size}", f"{event.request} enters"),
        )
    return None


def _taken(events: Sequence[Event]) -> StepOutcome | None:
    """Blocks that came into tables: `A shares block 1, takes block 4; B and C take block 2`."""
    found = [event for event in events if isinstance(event, BlockShared | BlockTaken)]
    requests = tuple(dict.fromkeys(event.request for event in found))
    alike: dict[tuple[str, str], list[str]] = {}
    for name in requests:
        own = [event for event in found if event.request == name]
        shared = _blocks([event.block for event in _of(own, BlockShared)])
        alike.setdefault((shared, _blocks([e.block for e in _of(own, BlockTaken)])), []).append(
            name
        )
    clauses = []
    for (shared, taken), names in alike.items():
        s = "s" if len(names) == 1 else ""
        parts = [f"share{s} {shared}"] * bool(shared) + [f"take{s} {taken}"] * bool(taken)
        clauses.append(f"{_names(names)} {', '.join(parts)}")
    if not clauses:
        return None
    count = len({event.block for event in found})
    verb, noun = "takes" if len(requests) == 1 else "take", "block" if count == 1 else "blocks"
    short = f"{_names(requests)} {verb} {count} {noun}"
    return StepOutcome("; ".join(clauses), requests, shorter=(short,))


def _forked(events: Sequence[Event]) -> StepOutcome | None:
    """Beams that go on from another one: only where one of them was dropped for it."""
    dropped = {event.request for event in _of(events, BeamDropped)}
    forks = [event for event in _of(events, SequenceForked) if event.child in dropped]
    if not forks:
        return None
    said = []
    for event in forks:
        own = _of(_named(events, event.child), BlockFreed)
        freed = _blocks([block.block for block in own if not block.references])
        said.append(f"{event.child}{f' frees {freed},' * bool(freed)} forks from {event.request}")
    return StepOutcome("; ".join(said), tuple(event.child for event in forks))


def _out_of_memory(events: Sequence[Event]) -> StepOutcome | None:
    for event in _of(events, OutOfMemory):
        return StepOutcome(f"out of memory: {event.request} ends", (event.request,), "warning")
    return None


def _swapped_in(events: Sequence[Event]) -> StepOutcome | None:
    for event in _of(events, SwappedIn):
        text = f"{event.request} comes back from the CPU: {event.blocks} blocks"
        return StepOutcome(text, (event.request,))
    return None


def _moved(events: Sequence[Event]) -> StepOutcome | None:
    for event in _of(events, RegionMoved):
        text = f"{event.request} is copied into a larger tensor: {event.entries} entries"
        return StepOutcome(text, (event.request,))
    return None


def _slid(events: Sequence[Event]) -> StepOutcome | None:
    for event in _of(events, RegionSlid):
        copied = f"{event.entries} entries copied"
        text = f"{event.request} slides to slot {event.target}, {copied}"
        return StepOutcome(text, (event.request,), shorter=(copied,))
    return None


def _written(events: Sequence[Event]) -> StepOutcome | None:
    written = _of(events, EntriesWritten)
    if not written:
        return None
    if all(event.count == 1 for event in written):
        names = tuple(event.request for event in written)
        many = f"{len(names)} entries written"
        return StepOutcome(f"one entry written for {_names(names)}", names, shorter=(many,))
    event = max(written, key=lambda event: event.count)
    return StepOutcome(f"{event.count} entries written for {event.request}", (event.request,))


def _arrived(events: Sequence[Event]) -> StepOutcome | None:
    admitted = {event.request for event in _of(events, Admitted)}
    waiting = tuple(e.request for e in _of(events, Arrived) if e.request not in admitted)
    verb = "arrives" if len(waiting) == 1 else "arrive"
    return StepOutcome(f"{_names(waiting)} {verb}", waiting) if waiting else None


_TELLERS: tuple[Callable[[Sequence[Event]], StepOutcome | None], ...] = (
    _out_of_memory,
    _finished,
    _refused,
    _preempted,
    _swapped_in,
    _copied,
    _forked,
    _moved,
    _slid,
    _reserved,
    _taken,
    _written,
    _arrived,
)


def _of(events: Iterable[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def _blocks(blocks: Sequence[int]) -> str:
    """`block 7`, `blocks 7, 1`; nothing for none."""
    ids = ", ".join(str(block) for block in blocks)
    return f"block{'s' if len(blocks) > 1 else ''} {ids}" if blocks else ""


def _names(names: Sequence[str]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1)) if len(names) > 1 else "".join(names)
