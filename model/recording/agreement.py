"""Whether a recorded state and a modelled one are the same, and if not, where they part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from model.state import LaneState, PagedMemory


def disagreement(recorded: LaneState, modelled: LaneState) -> str:
    """The first difference, in words; empty if there is none.

    Queues, phases, lengths, tables, reference counts, the free queue in its order and which blocks
    are cached are compared; prefix keys and refusals, which no recording has, are not.
    """
    return next(_differences(recorded, modelled), "")


def _differences(recorded: LaneState, modelled: LaneState) -> Iterator[str]:
    for name in ("capacity", "running", "waiting", "swapped"):
        yield from _differ(name, getattr(recorded, name), getattr(modelled, name))
    theirs = {request.id: replace(request, refusals=0) for request in recorded.requests}
    ours = {request.id: replace(request, refusals=0) for request in modelled.requests}
    for name in dict.fromkeys((*theirs, *ours)):
        yield from _differ(f"request {name}", theirs.get(name), ours.get(name))
    one, other = recorded.memory, modelled.memory
    if not isinstance(one, PagedMemory) or not isinstance(other, PagedMemory):
        yield from _differ("memory", one, other)
        return
    tables = [{t.request: t.blocks for t in memory.tables} for memory in (one, other)]
    for name in dict.fromkeys((*tables[0], *tables[1])):
        yield from _differ(f"table of {name}", tables[0].get(name), tables[1].get(name))
    for name in ("block_size", "blocks", "tables", "references", "free"):
        yield from _differ(name, getattr(one, name), getattr(other, name))
    cached = [[block for block, _ in memory.cached] for memory in (one, other)]
    yield from _differ("cached blocks", *cached)


def _differ(what: str, theirs: object, ours: object) -> Iterator[str]:
    if theirs != ours:
        yield f"{what}: {_short(theirs)} recorded, {_short(ours)} modelled"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
