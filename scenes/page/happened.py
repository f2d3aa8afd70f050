"""What happened in a lane, as sentences; where the engine had to choose, with rule and source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.core.events import (
    Aborted,
    Admitted,
    Arrived,
    BeamDropped,
    BlockCopied,
    BlockFreed,
    BlockPublished,
    BlockShared,
    BlockSwappedIn,
    BlockSwappedOut,
    BlockTaken,
    EntriesRead,
    EntriesWritten,
    Event,
    Finished,
    OutOfMemory,
    Preempted,
    Recovery,
    Refused,
    RegionCopied,
    RegionFreed,
    RegionMoved,
    RegionReserved,
    RegionSlid,
    SequenceFinished,
    SequenceForked,
    SwappedIn,
    TokenSampled,
)
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import Step
from pagereel.scenes.page.rules import RULES, Rule
from pagereel.scenes.shapes.typeface import visible

MOST = 60
"""Sentences about one lane at one step; what else happened is counted."""


def happened(storyboard: Storyboard, steps: Sequence[Step]) -> dict[str, list[dict[str, Any]]]:
    """By lane, what happened over these steps: `request`, `what`, `text`, and `rule`, `source`.

    `blocks` are the ids of those that it happened to.
    """
    told = {}
    for spec in storyboard.lanes:
        kind = "recorded" if spec.recorded else kind_of(spec).name
        events = [event for step in steps for event in step.lane(spec.name).events]
        lines: list[dict[str, Any]] = [*_lines(events, RULES.get(kind, {}))]
        if len(lines) > MOST:
            rest = f"and {len(lines) - MOST} more"
            lines = [*lines[:MOST], {"request": "", "what": "more", "text": rest}]
        if lines:
            told[spec.name] = lines
    return told


def _lines(events: Sequence[Event], rules: dict[str, Rule]) -> Iterator[dict[str, Any]]:
    """One line for each thing of one request; blocks taken or freed one after another are one."""
    for (what, request), run in groupby(events, key=lambda e: (_what(e), e.request)):
        together = list(run)
        line: dict[str, Any] = {"request": request, "what": what}
        line["text"] = visible(_sentence(together))
        if blocks := [*_happened_to(together)]:
            line["blocks"] = blocks
        rule = rules.get(what)
        yield line | ({"rule": rule.text, "source": rule.source} if rule else {})


def _happened_to(run: Iterable[Event]) -> Iterator[int]:
    for event in run:
        match event:
            case BlockCopied(target=block) | BlockSwappedIn(target=block):
                yield block
            case BlockTaken(block=block) | BlockShared(block=block):
                yield block
            case BlockPublished(block=block) | BlockFreed(block=block):
                yield block


def _what(event: Event) -> str:
    """The event's name; a hit, an eviction and the two recoveries have names of their own."""
    match event:
        case Admitted(hit=hit) if hit:
            return "hit"
        case BlockTaken(evicted=True):
            return "evicted"
        case Preempted(recovery=Recovery.SWAP):
            return "swapped-out"
    return _WORDS[type(event)]


_WORDS: dict[type[Any], str] = {
    Arrived: "arrived",
    Admitted: "admitted",
    Refused: "refused",
    RegionReserved: "reserved",
    RegionFreed: "region-freed",
    RegionMoved: "moved",
    RegionCopied: "region-copied",
    RegionSlid: "slid",
    OutOfMemory: "out-of-memory",
    BlockTaken: "taken",
    BlockShared: "shared",
    BlockPublished: "published",
    BlockCopied: "copied",
    BlockFreed: "freed",
    BlockSwappedOut: "block-swapped-out",
    BlockSwappedIn: "block-swapped-in",
    EntriesRead: "read",
    EntriesWritten: "written",
    TokenSampled: "sampled",
    SequenceForked: "forked",
    BeamDropped: "dropped",
    SequenceFinished: "sequence-finished",
    Preempted: "preempted",
    SwappedIn: "swapped-in",
    Finished: "finished",
    Aborted: "aborted",
}


def _sentence(run: Sequence[Any]) -> str:
    """What one or more events of a kind say of their request."""
    name = run[0].request
    match run[0]:
        case Arrived():
            return f"{name} arrives and joins the queue."
        case Admitted(resumed=True, hit=hit):
            return f"{name} runs again{_hit(hit)}."
        case Admitted(hit=hit):
            return f"{name} is admitted{_hit(hit)}."
        case Refused(needed=needed, free=free, largest_hole=hole):
            where = "" if hole >= free else f", the largest hole has {hole}"
            return f"{name} does not fit: it needs {needed} slots; {free} are free{where}."
        case RegionReserved(start=start, size=size):
            return f"{name} gets slots {start} to {start + size - 1}, {size} in one piece."
        case RegionFreed(start=start, size=size):
            return f"{name} gives back slots {start} to {start + size - 1}."
        case RegionMoved(source=source, target=target, entries=entries):
            return (
                f"{name} moves from slot {source} to slot {target}; {entries} entries are copied."
            )
        case RegionSlid(source=source, target=target, entries=entries):
            return (
                f"{name} slides from slot {source} to slot {target}; {entries} entries are copied."
            )
        case RegionCopied(parent=parent, target=target, entries=entries):
            return f"{name} gets a copy of {parent}'s {entries} entries, from slot {target} on."
        case OutOfMemory(needed=needed, free=free):
            return f"{name} fails: its tensor needs {needed} slots to grow; {free} are free."
        case BlockTaken(evicted=True):
            taken = _blocks(event.block for event in run)
            return f"{name} takes {taken}. A cached prefix is lost with that."
        case BlockTaken():
            return f"{name} takes {_blocks(event.block for event in run)} from the free queue."
        case BlockShared():
            return f"{name} shares {_blocks(event.block for event in run)}: same words, same block."
        case BlockPublished():
            return f"{_blocks(event.block for event in run).capitalize()} of {name} can be hit now."
        case BlockCopied(source=source, target=target):
            return f"{name} writes into a shared block, so block {source} is copied to {target}."
        case BlockFreed():
            return _freed(name, run)
        case BlockSwappedOut():
            return f"{len(run)} of {name}'s blocks are copied to the CPU."
        case BlockSwappedIn():
            return f"{len(run)} of {name}'s blocks are copied back to the GPU."
        case EntriesRead(count=count):
            return f"{name} reads {_counted(count, 'entry', 'entries')} from the cache."
        case EntriesWritten(start=start, count=count):
            places = (
                f"position {start}" if count == 1 else f"positions {start} to {start + count - 1}"
            )
            return f"{name} stores {_counted(count, 'entry', 'entries')}: {places}."
        case TokenSampled(index=index):
            return f"{name} gets token {index + 1} of its answer."
        case SequenceForked():
            return f"{_joined([event.child for event in run])} start with {name}'s blocks."
        case BeamDropped():
            return f"Beam {name} is dropped: others score better."
        case SequenceFinished():
            return f"{name} has its whole answer; others of its group go on."
        case Preempted(recovery=Recovery.SWAP, blocks=blocks):
            return f"{name} is moved to the CPU: {_counted(blocks, 'block', 'blocks')} go free."
        case Preempted(blocks=blocks):
            freed = f" {_counted(blocks, 'block', 'blocks')}" if blocks else ""
            return f"{name} is preempted: it gives up{freed or ' its memory'} and waits again."
        case SwappedIn(blocks=blocks):
            return f"{name} is back on the GPU, in {_counted(blocks, 'block', 'blocks')}."
        case Finished():
            return f"{name} has its whole answer and leaves."
        case Aborted():
            return f"{name} gives up; its memory is freed."
    raise AssertionError(f"no sentence for {run[0]}")


def _hit(hit: int) -> str:
    return f"; {_counted(hit, 'token', 'tokens')} of it are in the cache already" if hit else ""


def _freed(name: str, run: Sequence[BlockFreed]) -> str:
    gone = [event.block for event in run if not event.references]
    kept = [event.block for event in run if event.references]
    told = []
    if gone:
        cached = all(event.cached for event in run if not event.references)
        told.append(f"gives back {_blocks(gone)}" + (", still cached" if cached else ""))
    if kept:
        told.append(f"lets go of {_blocks(kept)}, which others hold")
    return f"{name} {' and '.join(told)}."


def _blocks(blocks: Any) -> str:  # noqa: ANN401  # any iterable of block ids
    found = [str(block) for block in blocks]
    return f"block {found[0]}" if len(found) == 1 else f"blocks {_joined(found)}"


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
