"""A record and the traces beside it: opened here, read and verified by the measurements."""

from __future__ import annotations

from pathlib import Path

from pagereel.measurements.checks.verify import verify_text
from pagereel.measurements.modelled.traces import (
    TraceComparison,
    TraceFile,
    compared_file,
    refuse_other_requests,
)
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.record import Record, RecordRefused, trace_path
from pagereel.model.recording.data import BadRecording
from pagereel.storage.incoming import Lines, Unreadable, contents, digest, text_of

MOST_RECORD, MOST_TRACE = 2**22, 2**29
"""Bytes of a record; of a trace, packed or unpacked. The largest so far are a tenth of that."""
LONGEST_LINE = 2**24
"""Characters: a step of a pool of a million blocks."""


def open_record(path: Path) -> Record:
    """A record from its file, verified with its traces. Raises `Unreadable` and `RecordRefused`."""
    return verify_text(text_of(path, MOST_RECORD), str(path), lambda name: _beside(path, name))


def open_without_traces(path: Path) -> Record:
    """A record from its file, verified alone. Raises `Unreadable` and `RecordRefused`."""
    return verify_text(text_of(path, MOST_RECORD), str(path))


def trace_lines(path: Path) -> Lines:
    """The lines of a trace's file, read when they are gone through."""
    return Lines(lambda: contents(path, MOST_TRACE), LONGEST_LINE)


def compared(record: Path, entry: CellRecord) -> TraceComparison:
    """The recorded block tables of a cell beside the model's. Raises `RecordRefused`."""
    file = _beside(record, entry.cell.cell.name)
    try:
        refuse_other_requests(file.lines, entry)
        return compared_file(file)
    except (BadRecording, Unreadable) as problem:
        raise RecordRefused(file.name, [str(problem)]) from None


def _beside(record: Path, name: str) -> TraceFile:
    path = trace_path(record, name)
    try:
        found: str | None = digest(path, MOST_TRACE)
    except Unreadable:
        found = None
    return TraceFile(path.name, found, trace_lines(path))
