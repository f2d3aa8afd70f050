"""The log of a cell beside its record: what happened, when, on what machine, with which code.

Only records of the newest format carry their logs; of older ones machine, load, date and code are
their own word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from pagereel.measurements.checks.times import LONGEST_OUTSIDE_S
from pagereel.measurements.records.forms import CellRecord, LogForm
from pagereel.measurements.records.record import Record
from pagereel.measurements.samples.log import HAPPENINGS, Said, fingerprint, pauses, said_in, told
from pagereel.measurements.samples.packed import Damaged

UTC = "%Y-%m-%dT%H:%M:%S.%fZ"


def unlike_logs(record: Record) -> Iterator[str]:
    """Where a record and the logs that it carries part; nothing if they agree."""
    if not record.has_logs:
        for entry in record.cells:
            if entry.status in ("failed", "timeout") and not (entry.log and entry.last_lines):
                yield f"{entry.cell.cell.name}: it is {entry.status}, and its log is missing"
        return
    spans = []
    for entry in record.cells:
        try:
            for reason in _cell(entry, record):
                yield f"{entry.cell.cell.name}: {reason}"
            spans += _span(entry)
        except Damaged as damage:
            yield f"{entry.cell.cell.name}: {damage}"
    spans.sort()
    if any(ended > began for (_, ended), (began, _) in pairwise(spans)):
        yield "two of its cells ran at the same time, by their logs"
    if spans and not 0 <= _made(record) - spans[-1][1] <= 86_400:
        yield f"it was made at {record.made}, and its last cell ended at another time"


def _cell(entry: CellRecord, record: Record) -> Iterator[str]:
    if entry.status == "skipped":
        yield from _skipped(entry, record)
        return
    log = entry.log
    if log is None or not log.text:
        yield f"it is {entry.status}, and its log is missing"
        return
    plain = log.words.encode()
    if (hashlib.sha256(plain).hexdigest(), len(plain)) != (log.sha256, log.bytes):
        yield "its log has another digest than it says"
    if any(not -1 <= pause <= entry.seconds + 2 for pause in pauses(log.words)):
        yield "what the engine printed has times that do not fit the cell's"
    said = list(said_in(log.words))
    if not said or said[0].what != "cell":
        if entry.status == "ok":
            yield "its log does not begin with the cell"
        return
    yield from _begin(said[0].about, entry, record)
    if entry.status == "ok":
        yield from _ended_well(said, entry, log)
    elif any(one.what == "end" for one in said):
        yield f"it is {entry.status}, and its log ends well"
    elif entry.status == "failed" and log.exit in (0, None):
        yield "it is failed, and its process ended without an error"
    elif entry.status == "timeout" and log.exit is not None:
        yield "it ran out of time, and its process ended by itself"


def _skipped(entry: CellRecord, record: Record) -> Iterator[str]:
    """Nobody leaves out what is unwelcome: why a cell was not run can be seen from the record."""
    asked = record.only in entry.cell.cell.name
    spent = sum(other.seconds for other in record.cells)
    out_of_time = record.limit_s is not None and spent + 60 > record.limit_s
    missing = entry.cell.method == "vllm" and not record.machine.vllm
    few = entry.cell.gpus > max(1, len(record.machine.gpus))
    if asked and not (out_of_time or missing or few):
        yield "it was skipped, and nothing says why"
    if entry.log is not None or entry.seconds:
        yield "it was skipped, and yet it ran"


def _begin(about: Mapping[str, Any], entry: CellRecord, record: Record) -> Iterator[str]:
    if about.get("cell") != entry.cell.cell.plain():
        yield "its log is of another cell"
    if about.get("code") != record.protocol.sha256:
        yield "its log names other code than the record"
    seen = about.get("machine")
    due = told(record.machine.model_dump(mode="json"))
    wrong = [name for name in due if not isinstance(seen, dict) or seen.get(name) != due[name]]
    if wrong:
        yield f"its log names another machine ({', '.join(wrong)})"


def _ended_well(said: list[Said], entry: CellRecord, log: LogForm) -> Iterator[str]:
    """Everything that a finished cell says, in order, with the record's numbers."""
    order = [HAPPENINGS.index(one.what) if one.what in HAPPENINGS else -1 for one in said]
    served = entry.measured is not None
    once = ["cell", "ready", "end"] + (["trace"] if entry.measured and entry.measured.trace else [])
    if log.exit != 0 or order != sorted(order) or -1 in order:
        yield "its log is not that of a cell that ended well"
    elif any(sum(one.what == what for one in said) != 1 for what in once):
        yield "its log does not tell of a whole cell"
    else:
        begun, ended = said[0].about, said[-1].about
        loads = (begun.get("load"), ended.get("load"))
        facts = entry.result.facts
        if loads != (facts.load_before, facts.load_after):
            yield "its log tells of another load"
        runs = [one.about for one in said if one.what == ("run" if served else "trial")]
        yield from _runs(runs, entry) if served else _trials(runs, entry)
        marks = [mark.model_dump() for mark in entry.result.marks]
        if ended.get("marks") != marks:
            yield "its log has other marks"


def _runs(runs: list[dict[str, Any]], entry: CellRecord) -> Iterator[str]:
    cell, measured = entry.cell, entry.measured
    assert measured is not None
    if len(runs) != cell.warmups + cell.repeats:
        yield f"its log tells of {len(runs)} runs, where {cell.warmups + cell.repeats} were planned"
        return
    counted = [fingerprint(run.model_dump()) for run in measured.runs]
    if [run.get("run") for run in runs][cell.warmups :] != counted:
        yield "its log tells of other runs"
    if cell.dtype == "float32" and {run.get("tokens") for run in runs} != {
        fingerprint(measured.tokens)
    }:
        yield "its log tells of other tokens"
    if measured.trace and entry.log and measured.trace.sha256 not in entry.log.words:
        yield "its log tells of another trace"


def _trials(trials: list[dict[str, Any]], entry: CellRecord) -> Iterator[str]:
    if trials != [trial.plain() for trial in entry.trials]:
        yield "its log tells of other trials"


def _span(entry: CellRecord) -> list[tuple[float, float]]:
    """When the cell began and ended, in seconds; empty where it says nothing of that."""
    if entry.log is None:
        return []
    said = list(said_in(entry.log.words))
    times = [_seconds(one.about.get("utc")) for one in said if one.what in ("cell", "end")]
    found = [at for at in times if at is not None]
    return [(found[0], found[-1])] if found else []


def unlike_clock(entry: CellRecord) -> Iterator[str]:
    """Whether wall clock, marks and the length of the process agree. Raises `Damaged`."""
    if entry.log is None or entry.status != "ok":
        return
    said = {one.what: one.about for one in said_in(entry.log.words)}
    began, ended = (_seconds(said.get(what, {}).get("utc")) for what in ("cell", "end"))
    marks = entry.result.marks
    if began is None or ended is None or not marks:
        yield "its log has no times"
    elif abs((ended - began) - (marks[-1].at_us - marks[0].at_us) / 1e6) > 2:
        yield "the wall clock of its log went at another pace than its marks"
    elif not -1 <= entry.seconds - (ended - began) <= LONGEST_OUTSIDE_S:
        yield f"its log spans {ended - began:.1f} s of {entry.seconds:.1f} s"
    starts = {mark.name: mark.at_us for mark in marks}
    for number, run in enumerate(entry.runs if entry.measured else (), 1):
        begun, done = (starts.get(f"run {number} {end}") for end in ("begins", "ends"))
        if begun is None or done is None or not 0 <= done - begun - run.wall_us <= 1e6 * 60:
            yield f"run {number}: its marks do not fit its length"


def _seconds(utc: object) -> float | None:
    try:
        return datetime.strptime(str(utc), UTC).timestamp()
    except ValueError:
        return None


def _made(record: Record) -> float:
    return datetime.strptime(record.made, "%Y-%m-%dT%H:%M:%SZ").timestamp() + 1
