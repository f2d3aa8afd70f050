"""A recorded trace of vLLM's block pool beside the model's own, for the same requests.

A pool that has served requests before hands its blocks out in no particular order, so the model
starts with the free queue that was recorded.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

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


def compare_trace(path: Path) -> TraceComparison:
    """Play the recorded requests through the model and lay both side by side.

    Raises OSError and `BadRecording`.
    """
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        trace = read_trace(list(lines))
    workload = read_workload(trace.workload)
    ours = list(trace_of(workload, trace.free_order))
    return TraceComparison(
        steps=len(trace.steps),
        preemptions=trace.summary["preemptions"],
        difference=trace_difference(trace.documents, ours),
        recorded=tuple(map(_point, trace.steps)),
        modelled=tuple(map(_point, ours[:-1])),
        blocks=workload.config.num_blocks - 1,
        block_size=workload.config.block_size,
    )


def _point(document: Document) -> TracePoint:
    state = document["after_schedule"]
    held = len(state["ref"]) - 1 - len(state["free"])
    entries = sum(state["computed"].get(name, 0) for name in state["running"])
    return TracePoint(
        len(state["running"]), len(state["waiting"]), held, entries, len(document["preempted"])
    )
