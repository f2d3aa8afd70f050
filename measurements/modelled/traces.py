"""A recorded trace of vLLM's block pool beside the model's own, for the same requests.

A pool that has served requests before hands its blocks out in no particular order; the model's
starts fresh. So blocks are called by their places in the free queue when the recording began.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pagereel.model.traces.compare import first_difference
from pagereel.model.traces.playing import record
from pagereel.model.traces.workload import read_workload

Document = dict[str, Any]


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


def read_trace(path: Path) -> list[Document]:
    """The documents of a trace file: the workload, the steps, the summary. Raises OSError."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def compare_trace(path: Path) -> TraceComparison:
    """Play the recorded requests through the model and lay both side by side. Raises OSError."""
    header, *theirs = read_trace(path)
    ours = list(record(read_workload(header["workload"])))
    names = _places(theirs[0])
    renamed = [_renamed(document, names) for document in theirs]
    difference = first_difference(renamed, ours)
    summary = theirs[-1]["summary"]
    return TraceComparison(
        steps=len(theirs) - 1,
        preemptions=summary["preemptions"],
        difference=difference or "",
        recorded=tuple(map(_point, theirs[:-1])),
        modelled=tuple(map(_point, ours[:-1])),
        blocks=len(theirs[0]["after_schedule"]["ref"]) - 1,
        block_size=header["workload"]["config"]["block_size"],
    )


def _point(document: Document) -> TracePoint:
    state = document["after_schedule"]
    held = len(state["ref"]) - 1 - len(state["free"])
    entries = sum(state["computed"].get(name, 0) for name in state["running"])
    return TracePoint(
        len(state["running"]), len(state["waiting"]), held, entries, len(document["preempted"])
    )


def _places(first: Document) -> dict[int, int]:
    """For every block, its place in the free queue before the first step; the null block keeps 0.

    The first step frees nothing: what it took, in order, and what it left are the queue.
    """
    state = first["after_schedule"]
    taken = [block for name, _ in first["scheduled"] for block in state["tables"][name]]
    return {0: 0} | {block: place for place, block in enumerate([*taken, *state["free"]], 1)}


def _renamed(document: Document, names: dict[int, int]) -> Document:
    """A step with its blocks called by other names."""
    found = dict(document)
    for key in ("after_schedule", "after_update"):
        if key in document:
            state = document[key]
            counts = {names[block]: count for block, count in enumerate(state["ref"])}
            found[key] = state | {
                "tables": {n: [names[b] for b in blocks] for n, blocks in state["tables"].items()},
                "ref": [counts[block] for block in range(len(counts))],
                "free": [names[block] for block in state["free"]],
            }
    return found
