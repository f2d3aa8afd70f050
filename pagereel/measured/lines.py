"""A measurement record in lines of text: what was measured, and what the model says to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pagereel.measured.records import compared
from pagereel.measured.signing import UNCHECKED, UNSIGNED
from pagereel.measurements.modelled.predict import Comparison, compare, predict_capacity
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.record import Record

MIB = 2**20


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
