"""A record and the traces beside it: opened here, read and verified by the measurements."""

from __future__ import annotations

from pathlib import Path

from pagereel.measurements.records.record import Record
from pagereel.measurements.records.verify import read_record, verify_text
from pagereel.storage.incoming import Unreadable, digest, text_of

MOST_RECORD, MOST_TRACE = 2**22, 2**29
"""Bytes of a record; of a trace, packed or unpacked. The largest so far are a tenth of that."""


def open_record(path: Path) -> Record:
    """A record from its file, verified with its traces. Raises `Unreadable` and `RecordRefused`."""
    return read_record(text_of(path, MOST_RECORD), path, _digest_of)


def open_without_traces(path: Path) -> Record:
    """A record from its file, verified alone. Raises `Unreadable` and `RecordRefused`."""
    return verify_text(text_of(path, MOST_RECORD), str(path))


def _digest_of(path: Path) -> str | None:
    try:
        return digest(path, MOST_TRACE)
    except Unreadable:
        return None
