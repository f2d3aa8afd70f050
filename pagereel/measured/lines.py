"""A measurement record in lines of text: what was measured, and what the model says to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pagereel.measured.charts import Opened, all_charts
from pagereel.measured.records import compared
from pagereel.measured.signing import UNCHECKED, UNSIGNED
from pagereel.measurements.modelled.predict import Comparison, compare, predict_capacity
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.record import Record
from pagereel.measurements.samples.packed import unpack
from pagereel.scenes.pictures.charts.axis import amount

MIB = 2**20
MOST_INPUTS = 8
"""Of a workload that is told input by input."""


def measured_lines(record: Record) -> Iterator[str]:
    """A line for each cell that was measured: how many requests fit, or memory and speed."""
    for entry in record.filled():
        yield f"{entry.cell.cell.name}: {_capacity(entry)}"
    for entry in record.served():
        assert entry.summary is not None
        peak, rate = entry.summary.peak, entry.summary.tokens_per_s.median
        yield (
            f"{entry.cell.cell.name}: {peak.live} at once, {peak.used / MIB:.1f} MiB used of "
            f"{peak.held / MIB:.1f} held of {peak.reserved / MIB:.1f} reserved, {rate:.1f} tokens/s"
        )


def input_lines(entry: CellRecord) -> Iterator[str]:
    """A line for each input of a cell's last run, a total and an average; none for large workloads.

    K/V is that of the whole engine in the step in which the input's last token came.
    """
    if entry.measured is None or len(entry.requests) > MOST_INPUTS:
        return
    run, seen = entry.runs[-1], _process_memory(entry)
    marks = {mark.name: mark.at_us for mark in entry.measured.marks}
    began = marks.get(f"run {len(entry.runs)} begins", 0)
    state = {sample.at_us: sample for sample in run.samples}
    tokens = 0
    for place, (asked, times) in enumerate(zip(entry.requests, run.tokens_us, strict=True), 1):
        sample, tokens, ended = state[times[-1]], tokens + len(times), times[-1]
        taken = [taken for at, taken in seen if began and at <= began + ended]
        memory = f", process {amount(taken[-1], 'bytes')}" if taken else ""
        held, used = amount(sample.held, "bytes"), amount(sample.used, "bytes")
        yield (
            f"input {place}: {len(asked.prompt)} + {len(times)} tokens after {ended / 1e6:.2f} s, "
            f"K/V {held} held, {used} used{memory}"
        )
    whole = run.wall_us / 1e6
    count = len(entry.requests)
    yield f"total: {tokens} tokens in {whole:.2f} s; on average {whole / count:.2f} s an input"


def found_lines(path: Path, record: Record) -> Iterator[str]:
    """What came of it: the sentence of every chart."""
    for name, chart in all_charts(Opened(record, path)):
        yield f"{name}: {chart.finding}"


def _process_memory(entry: CellRecord) -> list[tuple[int, int]]:
    """Moments on the cell's clock, and bytes: of the GPU that was used, or of the process."""
    memory = entry.result.memory
    if memory is None:
        return []
    columns = unpack(memory.samples)
    if memory.source != "nvml":
        return list(zip(columns["at_us"], columns.get("resident") or columns["used"], strict=True))
    rows = zip(columns["at_us"], columns["used"], columns["reserved"], strict=True)
    return [(at, used) for at, used, mine in rows if mine]


def compared_lines(path: Path, record: Record) -> Iterator[str]:
    """The model beside each cell, and beside the traces that lie with the record at `path`."""
    for entry in record.filled():
        yield f"  {entry.cell.cell.name}: {_capacity(entry)}"
    for entry in record.served():
        yield f"  {entry.cell.cell.name}: {_model(compare(entry))}"
        if entry.measured and entry.measured.trace:
            found = compared(path, entry)
            said = found.difference or f"equal the model's in all {found.steps} steps"
            yield f"    recorded tables, queues and preemptions ({found.preemptions}): {said}"


def unproven_lines(record: Record, trust: str) -> Iterator[str]:
    """What a record cannot show, in words: consistent is not yet true."""
    if not record.has_logs:
        yield (
            f"its format ({record.format}) carries no logs: machine, load, date and code are its "
            "word alone"
        )
    if record.protocol.dirty or not record.protocol.commit:
        yield "the code that measured it was no commit: its digest is all that is known"
    if trust == UNSIGNED:
        yield "nobody signed it: whoever can write such a file could have made it up"
    elif trust == UNCHECKED:
        yield "there is a signature beside it, and no tool here to check it"


def cell_count(record: Record) -> str:
    """How many of the cells were measured."""
    return f"{len(record.ok())} of {len(record.cells)} cells measured"


def record_document(path: Path, record: Record, trust: str) -> dict[str, Any]:
    """The record's file, its device, who vouches for it, and what became of each cell."""
    cells = {entry.cell.cell.name: entry.status for entry in record.cells}
    device = record.machine.device
    return {"file": str(path), "device": device, "trust": trust, "cells": cells}


def device_label(record: Record) -> str:
    """The device in small letters, and the preset: `cpu`, `cpu-quick`, `h200-full`."""
    if record.machine.device == "cpu":
        return "cpu" if record.preset == "cpu" else f"cpu-{record.preset}"
    name = next(g.name for g in record.machine.gpus if g.index == record.machine.gpu)
    return "-".join([*name.lower().replace("nvidia", "").split(), record.preset])


def _model(found: Comparison) -> str:
    live = f"{found.live.modelled} modelled, {found.live.measured} measured at once"
    return (
        f"{live}; held {found.held.residual:+.2f} %, used {found.used.residual:+.2f} %, "
        f"worst step {found.worst:.2f} %"
    )


def _capacity(entry: CellRecord) -> str:
    assert entry.filled is not None
    ended = entry.filled.stopped
    beyond = f"one more is {ended}" if ended else "all there are"
    return f"{predict_capacity(entry)} modelled, {entry.filled.largest} measured to fit; {beyond}"
