"""Where two runs of the same requests part: the one comparison of traces, and of single states."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from pagereel.model.core.state import LaneState, PagedMemory
from pagereel.model.traces.documents import Document


def trace_difference(theirs: Iterable[Document], ours: Iterable[Document]) -> str:
    """What differs in the first unequal document, one line a value; empty if all are equal.

    For traces: every decision, token and count is compared, not states alone.
    """
    for theirs_now, ours_now in zip_longest(theirs, ours):
        if theirs_now is None or ours_now is None:
            longer = "theirs" if ours_now is None else "ours"
            return f"only {longer} goes on with {_as_json(theirs_now or ours_now)}"
        if theirs_now != ours_now:
            return _describe(theirs_now, ours_now)
    return ""


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


def state_difference(recorded: LaneState, modelled: LaneState) -> str:
    """The first difference, in words; empty if there is none.

    For lanes of a storyboard, of which one was recorded, not always as a trace. Queues, phases,
    lengths, tables, reference counts, the free queue in its order and which blocks are cached are
    compared; prefix keys and refusals, which no recording has, are not.
    """
    for theirs, ours in zip(_recordable(recorded), _recordable(modelled), strict=True):
        for what, left, right in _leaves("", theirs, ours):
            return f"{what}: {_short(left)} recorded, {_short(right)} modelled"
    return ""


def _recordable(state: LaneState) -> Iterator[Document]:
    """What a recording has of a state, in the order in which it is compared."""
    yield {name: getattr(state, name) for name in ("capacity", "running", "waiting", "swapped")}
    yield {f"request {request.id}": replace(request, refusals=0) for request in state.requests}
    memory = state.memory
    if not isinstance(memory, PagedMemory):
        yield {}
        yield {"memory": memory}
        return
    yield {f"table of {table.request}": table.blocks for table in memory.tables}
    names = ("block_size", "blocks", "tables", "references", "free")
    cached = [block for block, _ in memory.cached]
    yield {name: getattr(memory, name) for name in names} | {"cached blocks": cached}


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
