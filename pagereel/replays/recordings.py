"""Recordings as files: read for storyboards, written by replays."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.model.allocators.kinds import KINDS
from pagereel.model.core.request import Request
from pagereel.model.recording.data import BadRecording, Log, Recording, ReplaySums
from pagereel.model.recording.keeper import Stretch
from pagereel.model.recording.read import MOST_KEPT, MOST_LINES, MOST_STEPS, read_recording
from pagereel.model.recording.write import Kept, NotRecordable, documents, lines
from pagereel.model.traces.documents import TRACE_START, read_trace
from pagereel.model.traces.recorded import recording_of
from pagereel.model.traces.workload import read_workload
from pagereel.replays.run import ReplayedLane
from pagereel.replays.wishes import STRETCH
from pagereel.replays.workload_form import complaints
from pagereel.storage.incoming import (
    Lines,
    Obstacle,
    Unreadable,
    bytes_of,
    cut,
    digest,
    unpacked,
)
from pagereel.storage.outgoing import publishing_file
from pagereel.words import printable

MOST_PACKED, MOST_BYTES = 2**23, 2**26
"""Of a file, and of what is in it."""
LONGEST_LINE = 2**24
"""Characters of one of its lines."""
_AGAIN = "make it again with `pagereel replay --record`"
_REMEDIES = {
    Obstacle.MISSING: "`pagereel replay --record` writes one",
    Obstacle.FOLDER: "name a file in it",
    Obstacle.REFUSED: "`pagereel replay --record` writes one",
    Obstacle.TOO_LARGE: "record a shorter stretch",
    Obstacle.DAMAGED: _AGAIN,
    Obstacle.NO_TEXT: _AGAIN,
}


@dataclass(frozen=True, slots=True)
class Unusable(Exception):
    """A recording that cannot be shown: one line for the reader, and a remedy."""

    message: str
    remedy: str


def load(path: Path) -> Recording:
    """The recording in a file, or the trace that a measurement recorded. Raises `Unusable`."""
    try:
        packed = bytes_of(path, MOST_PACKED)
        texts = texts_of(packed)
        deque(texts.source(), maxlen=0)  # whole, and not too large: nothing else is said before
        if next(iter(texts), "").startswith(TRACE_START):
            return _trace(path, texts, hashlib.sha256(packed).hexdigest())
        return _recording(packed)
    except Unreadable as problem:
        remedy = _REMEDIES.get(problem.obstacle, problem.hint)
        raise Unusable(problem.message, remedy) from None
    except BadRecording as wrong:
        raise Unusable(f"line {wrong.line}: {wrong.message}", wrong.remedy) from None


@lru_cache(maxsize=1)  # a storyboard's excerpt, and then the storyboard that it is from
def _recording(packed: bytes) -> Recording:
    """What was recorded, from a whole file. Raises `BadRecording`."""
    return read_recording(texts_of(packed))


def texts_of(packed: bytes) -> Lines:
    """The lines of a packed file, unpacked as they are read. Raises `Unreadable` when they are."""
    return Lines(lambda: unpacked(cut(packed), MOST_BYTES), LONGEST_LINE)


def _trace(path: Path, texts: Lines, digest: str) -> Recording:
    """The trace of real vLLM: of a measurement, whose record beside it vouches for it, or one that
    `pagereel record` made, which says itself whose it is.
    """
    # Only here: what checks forms and records is nothing to other recordings.
    from pagereel.replays.recorded_engines import about_of, incident

    about = about_of(texts)
    if about is not None:
        return incident(path, texts, about)
    from pagereel.measured.records import open_without_traces
    from pagereel.measurements.records.record import RecordRefused, trace_path

    stem, _, cell = path.name.removesuffix(".jsonl.gz").partition(".")
    beside = path.with_name(f"{stem}.json")
    remedy = "keep the measurement's record and its traces together, as they were made"
    try:
        record = open_without_traces(beside)
    except (Unreadable, RecordRefused) as problem:
        if isinstance(problem, Unreadable) and problem.obstacle is Obstacle.MISSING:
            raise Unusable(f"no record {beside.name} beside this trace", remedy) from None
        raise Unusable(f"the record {beside.name} beside this trace: {problem}", remedy) from None
    measured = [entry for entry in record.ok() if entry.cell.cell.name == cell]
    known = [entry.measured.trace for entry in measured if entry.measured]
    if not known or known[0] is None or trace_path(beside, cell) != path:
        raise Unusable(f"the record {beside.name} knows no trace of {cell}", remedy)
    if known[0].sha256 != digest:
        raise Unusable("this is not the trace that was recorded: it was changed", remedy)
    trace = read_trace(texts)
    if trace.count > MOST_LINES:
        raise BadRecording(MOST_LINES, f"more than {MOST_LINES:,} lines")
    if wrong := next(complaints(trace.workload), None):
        raise Unusable(f"line 1: {wrong}", remedy)
    machine, entry = record.machine, measured[0]
    where = f"{machine.cpu}, {machine.cores} cores" if machine.device == "cpu" else "GPU"
    if machine.gpu is not None:
        where = next(gpu.name for gpu in machine.gpus if gpu.index == machine.gpu)
    log = Log(
        f"{entry.cell.cell.workload}, measured {record.made[:10]}",
        requests=entry.cell.cell.requests,
    )
    version = f"vLLM {machine.vllm}"
    workload, model = read_workload(trace.workload), entry.cell.cell.model
    return recording_of(trace, workload, model, log, version, f"{version}, {where}")


def parse_stretch(text: str) -> Stretch:
    """`FIRST:LAST:EVERY` as steps. Raises `InputWrong`."""
    match = re.fullmatch(r"(\d{1,9}):(\d{1,9}):(\d{1,6})", text)
    if match is None:
        raise InputWrong(f"--stretch {text!r}: write FIRST:LAST:EVERY, as {STRETCH}")
    first, last, every = map(int, match.groups())
    if every < 1 or last < first + every:
        raise InputWrong(f"--stretch {text}: EVERY of at least 1, LAST at least FIRST + EVERY")
    stretch = Stretch(first, last, every)
    if stretch.kept > MOST_KEPT or last - first > MOST_STEPS:
        raise InputWrong(
            f"--stretch {text}: {stretch.kept:,} states of {last - first:,} steps; "
            f"at most {MOST_KEPT:,} of {MOST_STEPS:,}"
        )
    return stretch


def recorded_steps(stretch: Stretch) -> str:
    """What was kept, in words."""
    return (
        f"steps {stretch.first:,} to {stretch.last:,} of every lane, a state every {stretch.every}"
    )


def log_of(path: Path, citation: str, requests: int, step_ms: float | None) -> Log:
    """What a recording says of the log it was made from: its name, never where it lies.

    Raises `InputWrong`.
    """
    try:
        return Log(printable(path.name, 200), citation, requests, digest(path), step_ms)
    except Unreadable as gone:
        raise InputWrong(gone.of(path)) from None


def write_recording(
    path: Path,
    made_from: Path,
    log: Log,
    model: str,
    stretch: Stretch,
    requests: Sequence[Request],
    lanes: Sequence[ReplayedLane],
) -> None:
    """Write a recording of a replay, all or nothing. Raises `InputWrong`, `MachineFailed`."""
    kept = [
        Kept(
            lane.lane.kind,
            KINDS[lane.lane.kind].system,
            dict(lane.lane.settings),
            lane.recorder,
            ReplaySums.of(lane.summary, lane.in_flight),
        )
        for lane in lanes
        if lane.recorder and lane.summary
    ]
    try:
        texts = list(lines(documents(log, model, stretch, requests, kept)))
        read_recording(texts)  # nothing is written that could not be shown
    except NotRecordable as refusal:
        raise InputWrong(f"--record: {refusal}") from None
    except BadRecording as refusal:
        raise InputWrong(f"--record: {refusal.message}; choose another --stretch") from None
    with publishing_file(path, [made_from]) as file:
        file.write(gzip.compress("".join(texts).encode(), 9, mtime=0))
