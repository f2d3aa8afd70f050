"""`pagereel replay` of a trace that real vLLM left: the model on the same requests, beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.measured.records import trace_lines
from pagereel.measurements.modelled.traces import TraceComparison, TracePoint, compare_trace
from pagereel.model.traces.documents import TRACE_START
from pagereel.replays.recordings import Unusable, load
from pagereel.storage.incoming import LARGEST, Unreadable, pieces, unpacked


def is_trace(path: Path) -> bool:
    """Whether a file starts as a measured trace does; what cannot be read is none."""
    try:
        return next(unpacked(pieces(path, LARGEST), LARGEST)).startswith(TRACE_START.encode())
    except (Unreadable, StopIteration):
        return False


def compare_recorded(path: Path, points: int, form: str) -> None:
    """Print both, step by step at so many moments, and the first difference.

    Raises `InputWrong` for a trace that its record does not vouch for, and where the two differ.
    """
    try:
        recording = load(path)
    except Unusable as wrong:
        raise InputWrong(f"{path}: {wrong.message}; {wrong.remedy}") from None
    found, source = compare_trace(trace_lines(path)), recording.runs[0].source
    if form == "json":
        steps = {"recorded": found.recorded, "modelled": found.modelled}
        about = {name: value for name, value in asdict(found).items() if name not in steps}
        told = {name: [step._asdict() for step in taken] for name, taken in steps.items()}
        print(json.dumps({"source": source, "log": recording.log.name, **about, **told}))
    else:
        print(f"{path.name}: {source}; {recording.log.name}\n")
        print(_table(found, points))
        if not found.difference:
            print(f"\nequal in all {found.steps:,} steps: tables, queues, free blocks, preemptions")
    if found.difference:
        raise InputWrong(f"{path}: the model is not what was recorded; {found.difference}")


def _table(found: TraceComparison, points: int) -> str:
    """Recorded and modelled numbers in pairs."""
    pairs = ("running", "waiting", "blocks", "entries")
    head = "".join(f"{name:>18}" for name in pairs)
    lines = [f"{'step':>8}{head}{'preempted so far':>20}"]
    count = max(len(found.recorded), len(found.modelled))
    chosen = sorted({round(i * (count - 1) / max(points - 1, 1)) for i in range(points)})
    for at in chosen:
        cells = [_pair(found, at, name) for name in pairs]
        lost = f"{_lost(found.recorded, at)} / {_lost(found.modelled, at)}"
        lines.append(f"{at:>8,}" + "".join(f"{cell:>18}" for cell in cells) + f"{lost:>20}")
    return "\n".join([f"{'':>8}{'recorded / modelled':>18}", *lines])


def _pair(found: TraceComparison, at: int, name: str) -> str:
    return " / ".join(
        f"{getattr(steps[at], name):,}" if at < len(steps) else "–"
        for steps in (found.recorded, found.modelled)
    )


def _lost(steps: tuple[TracePoint, ...], at: int) -> int:
    return sum(step.preempted for step in steps[: at + 1])
