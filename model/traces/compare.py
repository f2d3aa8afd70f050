"""Where two recordings of the same requests part: two traces line by line, or two states."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from pagereel.model.core.state import LaneState, PagedMemory

Document = dict[str, Any]


def first_difference(theirs: Iterable[Document], ours: Iterable[Document]) -> str | None:
    """What differs in the first unequal document, one line a value; None if all are equal."""
    for theirs_now, ours_now in zip_longest(theirs, ours):
        if theirs_now is None or ours_now is None:
            longer = "theirs" if ours_now is None else "ours"
            return f"only {longer} goes on with {_as_json(theirs_now or ours_now)}"
        if theirs_now != ours_now:
            return _describe(theirs_now, ours_now)
    return None


def _describe(theirs: Document, ours: Document) -> str:
    where = f"step {theirs['step']}" if "step" in theirs else "the summary"
    lines = [f"{where} differs:"]
    for path, left, right in _leaves("", theirs, ours):
        lines += [f"  {path}", f"    theirs {_as_json(left)}", f"    ours   {_as_json(right)}"]
    return "\n".join(lines)


def _leaves(path: str, theirs: Any, ours: Any) -> Iterable[tuple[str, Any, Any]]:  # noqa: ANN401 - parsed JSON
    """Each value that differs, with its path through the document."""
    if theirs == ours:
        return
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        yield path, theirs, ours
        return
    for key in dict.fromkeys([*theirs, *ours]):
        yield from _leaves(f"{path}.{key}".lstrip("."), theirs.get(key), ours.get(key))


def _as_json(value: Any) -> str:  # noqa: ANN401 - parsed JSON
    text = json.dumps(value)
    return text if len(text) <= 200 else text[:200] + "..."


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
