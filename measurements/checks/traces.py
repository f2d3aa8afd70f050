"""A recorded trace beside its record: its requests, its tokens, its states, and the model's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pagereel.measurements.modelled.traces import (
    TraceComparison,
    TraceFile,
    compared_file,
    refuse_other_requests,
    sampled_tokens,
)
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.record import Record
from pagereel.measurements.samples.packed import Damaged
from pagereel.model.recording.data import BadRecording

Beside = Callable[[str], TraceFile]
"""The trace file that lies beside a record, by the cell's name."""


def unlike_traces(record: Record, beside: Beside) -> Iterator[str]:
    """Where a record and the traces beside it part; nothing if they agree."""
    for entry in record.ok():
        if entry.measured is None or entry.measured.trace is None:
            continue
        file = beside(entry.cell.cell.name)
        if file.sha256 is None:
            yield f"the trace {file.name} is missing"
        elif file.sha256 != entry.measured.trace.sha256:
            yield f"the trace {file.name} is not the one that was recorded"
        else:
            for reason in _trace(entry, file):
                yield f"the trace {file.name}: {reason}"


def _trace(entry: CellRecord, file: TraceFile) -> Iterator[str]:
    try:
        refuse_other_requests(file.lines, entry)
        found = compared_file(file)
        tokens = sampled_tokens(file.lines)
    except (BadRecording, Damaged) as problem:
        yield str(problem)
        return
    assert entry.measured is not None and entry.measured.trace is not None
    if found.difference:
        yield f"no proof, for the model plays it otherwise: {_first_line(found.difference)}"
    if found.steps != entry.measured.trace.steps:
        yield f"{found.steps} steps, where the record has {entry.measured.trace.steps}"
    if entry.cell.dtype == "float32" and tokens != entry.tokens:
        yield "other tokens were sampled than in the record"
    if not entry.result.facts.async_scheduling:
        yield from _unlike_samples(entry, found)


def _first_line(difference: str) -> str:
    lines = [line.strip() for line in difference.splitlines()]
    return ", ".join(lines[:2])


def _unlike_samples(entry: CellRecord, found: TraceComparison) -> Iterator[str]:
    """The first step at which a run's samples are not the trace's."""
    cell = entry.cell.cell
    block_bytes = cell.block_size * cell.token_bytes
    traced = [
        (point.running, point.blocks * block_bytes, point.entries * cell.token_bytes)
        for point in found.recorded
    ]
    for number, run in enumerate(entry.runs, 1):
        sampled = [(sample.live, sample.held, sample.used) for sample in run.samples]
        if sampled != traced:
            parted = (i for i, pair in enumerate(zip(sampled, traced, strict=False))
                      if pair[0] != pair[1])  # fmt: skip
            step = next(parted, min(len(sampled), len(traced)))
            yield f"run {number} of the record has another state at step {step}"
        if run.preemptions != found.preemptions:
            yield f"run {number} of the record has {run.preemptions} preemptions, and the trace " \
                  f"{found.preemptions}"  # fmt: skip
