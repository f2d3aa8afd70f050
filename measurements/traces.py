"""A recorded trace of vLLM's block pool beside the model's own, for the same requests.

A pool that has served requests before hands its blocks out in no particular order; the model's
starts fresh. So blocks are called by their places in the free queue when the recording began.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.vllm.compare import first_difference
from model.vllm.record import record
from model.workload import read_workload

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TraceComparison:
    """How far the model plays what vLLM did: tables, queues, free blocks, preemptions."""

    steps: int
    """Steps that were recorded."""
    preemptions: int
    difference: str
    """The first one, in words; empty if every state of every step is equal."""


def read_trace(path: Path) -> list[Document]:
    """The documents of a trace file: the workload, the steps, the summary. Raises OSError."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def compare_trace(path: Path) -> TraceComparison:
    """Play the recorded requests through the model and lay both side by side. Raises OSError."""
    header, *theirs = read_trace(path)
    ours = record(read_workload(header["workload"]))
    names = _places(theirs[0])
    renamed = [_renamed(document, names) for document in theirs]
    difference = first_difference(renamed, ours)
    summary = theirs[-1]["summary"]
    return TraceComparison(len(theirs) - 1, summary["preemptions"], difference or "")


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
