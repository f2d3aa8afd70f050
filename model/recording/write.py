"""Writes a recording down: recorded lanes become JSON documents, and these the lines of a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from pagereel.model.core.request import Request
from pagereel.model.core.state import ContiguousMemory, LaneState, PagedMemory, Phase
from pagereel.model.recording.data import Log, ReplaySums
from pagereel.model.recording.keeper import Stretch, StretchRecorder
from pagereel.model.usage.gauge import COLUMNS

Document = dict[str, Any]
VERSION = 1


class NotRecordable(ValueError):
    """A replay that the form has no place for; says why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One lane of a replay, as its observer kept it."""

    kind: str
    system: str
    settings: Mapping[str, Any]
    recorder: StretchRecorder
    sums: ReplaySums


def documents(
    log: Log, model: str, stretch: Stretch, requests: Sequence[Request], lanes: Sequence[Kept]
) -> Iterator[Document]:
    """All lines but the last. `requests` are those of the whole log. Raises `NotRecordable`."""
    if any(request.abort is not None or request.width > 1 for request in requests):
        raise NotRecordable("a recording takes requests of one sequence that wait for their answer")
    shown = _shown(stretch, requests, lanes)
    columns = {
        "id": [request.id for request in shown],
        "prompt": [len(request.prompt) for request in shown],
        "output": [len(request.output) for request in shown],
        "arrival": [request.arrival for request in shown],
    }
    yield {
        "recording": VERSION,
        "log": asdict(log),
        "model": model,
        "stretch": asdict(stretch),
        "lanes": len(lanes),
        "requests": columns,
    }
    number = {request.id: place for place, request in enumerate(shown)}
    for place, lane in enumerate(lanes):
        yield from _lane(place, lane, number)


def lines(found: Iterable[Document]) -> Iterator[str]:
    """The lines of the file, and at its end a digest of them all."""
    digest, count = hashlib.sha256(), 0
    for document in found:
        line = json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"
        digest.update(line.encode())
        count += 1
        yield line
    end = {"end": {"lines": count, "sha256": digest.hexdigest()}}
    yield json.dumps(end, separators=(",", ":")) + "\n"


def _shown(
    stretch: Stretch, requests: Iterable[Request], lanes: Iterable[Kept]
) -> tuple[Request, ...]:
    """Who was there when the stretch began, in some lane, and who came while it lasted."""
    there = {
        name
        for lane in lanes
        for _, state in lane.recorder.states[:1]
        for name in (*state.running, *state.waiting, *state.swapped)
    }
    return tuple(
        request
        for request in requests
        if request.id in there or stretch.first <= request.arrival < stretch.last
    )


def _lane(place: int, lane: Kept, number: Mapping[str, int]) -> Iterator[Document]:
    kept = lane.recorder
    if not kept.states:
        raise NotRecordable(f"{lane.kind} was done before the stretch began")
    (_, start), *others = kept.states
    yield {
        "lane": place,
        "kind": lane.kind,
        "system": lane.system,
        "settings": dict(lane.settings),
        "capacity": start.capacity,
        "pool": _pool(start.memory),
        "turned_away": [number[name] for name in kept.turned if name in number],
        "replay": asdict(lane.sums),
        "numbers": {
            name: differences([numbers[column] for numbers in kept.numbers])
            for column, name in enumerate(COLUMNS)
        },
        "start": _state(start, number),
    }
    for step, state in others:
        yield {"lane": place, "step": step, **_state(state, number)}


def differences(values: Sequence[int]) -> list[int]:
    """The first value, then what each adds to the one before."""
    return [*values[:1], *(after - before for before, after in pairwise(values))]


def ranges(values: Iterable[int]) -> list[list[int]]:
    """Ascending numbers as [first, last] of every run."""
    found: list[list[int]] = []
    for value in values:
        if found and found[-1][1] == value - 1:
            found[-1][1] = value
        else:
            found.append([value, value])
    return found


def _pool(memory: PagedMemory | ContiguousMemory) -> Document | None:
    """What never changes in a pool of blocks."""
    if isinstance(memory, ContiguousMemory):
        return None
    swap = _pool(memory.swap) if memory.swap else None
    blocks = ranges(memory.blocks)
    return {"block_size": memory.block_size, "blocks": blocks, "null": memory.null_block,
            "swap": swap}  # fmt: skip


def _state(state: LaneState, number: Mapping[str, int]) -> Document:
    """Who is where, and the memory. Requests that wait and have nothing yet are named alone."""
    alive = [r for r in state.requests if r.phase not in (Phase.FINISHED, Phase.ABORTED)]
    if state.sequences or any(request.readable is not None for request in alive):
        raise NotRecordable("a recording has no place for samples, beams or retention policies")
    progress = [[number[r.id], r.sampled, r.computed, r.refusals] for r in alive]
    memory = state.memory
    contents = _blocks(memory, number) if isinstance(memory, PagedMemory) else _slots(
        memory, number
    )  # fmt: skip
    return {
        "running": [number[name] for name in state.running],
        "waiting": [number[name] for name in state.waiting],
        "swapped": [number[name] for name in state.swapped],
        "preempted": [number[r.id] for r in alive if r.phase is Phase.PREEMPTED],
        "progress": [row for row in progress if any(row[1:])],
        **contents,
    }


def _blocks(memory: PagedMemory, number: Mapping[str, int]) -> Document:
    """Tables, free queue, and which blocks are cached; prefix keys are left out."""
    return {
        "tables": [[number[table.request], *table.blocks] for table in memory.tables],
        "free": list(memory.free),
        "cached": ranges(block for block, _ in memory.cached),
        "same": [list(blocks) for _, blocks in memory.duplicates],
        "swap": _blocks(memory.swap, number) if memory.swap else None,
    }


def _slots(memory: ContiguousMemory, number: Mapping[str, int]) -> Document:
    return {
        "regions": [[number[r.request], r.start, r.size, r.asked] for r in memory.regions],
        "ask": memory.ask,
        "chunks": None if memory.chunks is None else [list(chunk) for chunk in memory.chunks],
        "unlike": None if memory.alike else 1,
        "peak": memory.peak,
    }
