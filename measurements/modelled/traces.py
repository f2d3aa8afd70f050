"""A recorded trace of vLLM's block pool beside the model's own, for the same requests.

A pool that has served requests before hands its blocks out in no particular order, so the model
starts with the free queue that was recorded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from pagereel.measurements.records.forms import CellRecord
from pagereel.model.recording.data import BadRecording
from pagereel.model.traces.compare import trace_difference
from pagereel.model.traces.documents import Document, read_trace
from pagereel.model.traces.playing import trace_of
from pagereel.model.traces.workload import read_workload


class TracePoint(NamedTuple):
    """One step after scheduling, in numbers."""

    running: int
    """Requests that run."""
    waiting: int
    """Requests that wait, preempted ones included."""
    blocks: int
    """Blocks that are held."""
    entries: int
    """Entries of those that run."""
    preempted: int
    """Preemptions in this step."""


@dataclass(frozen=True, slots=True)
class TraceComparison:
    """How far the model plays what vLLM did: tables, queues, free blocks, preemptions."""

    steps: int
    """Steps that were recorded."""
    preemptions: int
    difference: str
    """The first one, in words; empty if every state of every step is equal."""
    recorded: tuple[TracePoint, ...]
    """Every recorded step."""
    modelled: tuple[TracePoint, ...]
    """Every step of the model."""
    blocks: int
    """Blocks of the pool."""
    block_size: int
    """Slots a block."""


@dataclass(frozen=True, slots=True)
class TraceFile:
    """The file of a cell's trace."""

    name: str
    sha256: str | None
    """None where there is no file."""
    lines: Iterable[str] = field(compare=False, repr=False)
    """Gone through more than once."""


@lru_cache(maxsize=16)
def compared_file(file: TraceFile) -> TraceComparison:
    """As `compare_trace`; validator and charts ask for the same."""
    return compare_trace(file.lines)


def compare_trace(texts: Iterable[str]) -> TraceComparison:
    """Play the recorded requests through the model and lay both side by side.

    `texts` are the lines of a trace, which are gone through more than once. What it asks for must
    have been looked at before. Raises `BadRecording`.
    """
    trace = read_trace(texts)
    theirs: list[TracePoint] = []
    ours: list[TracePoint] = []
    try:
        asked = {key: value for key, value in trace.workload.items() if key != "recorded"}
        workload = read_workload(asked)
        played = trace_of(workload, trace.free_order)
        pointed = _pointed(trace.documents, theirs), _pointed(played, ours)
        difference = trace_difference(*pointed)
        for rest in pointed:  # where they part, the comparison ends; the points do not
            deque(rest, maxlen=0)
        preemptions = int(trace.summary["preemptions"])
    except BadRecording:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as problem:
        message = f"no step of vLLM: {str(problem)[:160] or type(problem).__name__}"
        raise BadRecording(len(theirs) + 2, message) from None
    return TraceComparison(
        steps=trace.count,
        preemptions=preemptions,
        difference=difference,
        recorded=tuple(theirs),
        modelled=tuple(ours),
        blocks=workload.config.num_blocks - 1,
        block_size=workload.config.block_size,
    )


def sampled_tokens(texts: Iterable[str]) -> tuple[tuple[int, ...], ...]:
    """Each request's tokens, as a trace that was looked at has them."""
    requests = read_trace(texts).workload["requests"]
    return tuple(tuple(request["output"]) for request in requests)


def refuse_other_requests(texts: Iterable[str], entry: CellRecord) -> None:
    """Raise `BadRecording` unless a trace is of a cell's requests, in a pool like the cell's."""
    workload, cell = read_trace(texts).workload, entry.cell.cell
    requests = workload.get("requests")
    found = [_asked(request) for request in requests] if isinstance(requests, list) else []
    asked = [(f"r{i}", list(one.prompt), one.output) for i, one in enumerate(entry.requests)]
    if found != asked:
        raise BadRecording(1, "the trace is of other requests than its record")
    match workload.get("config"):
        case {"num_blocks": int(blocks), "block_size": int(size)}:
            if size == cell.block_size and blocks <= cell.blocks + 2:
                return
    raise BadRecording(1, "the trace is of another pool than its record")


def _asked(request: object) -> tuple[str, list[int], int] | None:
    """Name, prompt and output tokens of a request as traces have it; None if it is none."""
    match request:
        case {"id": str(name), "arrival": 0, "prompt": list(prompt), "output": list(output)}:
            if all(type(token) is int and 0 <= token < 2**31 for token in output):
                return name, prompt, len(output)
    return None


def _pointed(documents: Iterable[Document], points: list[TracePoint]) -> Iterator[Document]:
    """The documents as they are; for every step among them, its point is added."""
    for document in documents:
        if "step" in document:
            points.append(_point(document))
        yield document


def _point(document: Document) -> TracePoint:
    state = document["after_schedule"]
    held = len(state["ref"]) - 1 - len(state["free"])
    entries = sum(state["computed"].get(name, 0) for name in state["running"])
    return TracePoint(
        len(state["running"]), len(state["waiting"]), held, entries, len(document["preempted"])
    )
