"""Runs a plan: one process a cell, under a time budget; what is finished is kept for next time."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pagereel.measurements.checks.verify import verify
from pagereel.measurements.modelled.traces import TraceFile
from pagereel.measurements.protocol.plan import METHODS, Cell, plan
from pagereel.measurements.records.forms import MOST_LOG, CellRecord, Machine
from pagereel.measurements.records.record import (
    FORMAT,
    Record,
    RecordRefused,
    agreements,
    seal,
    trace_path,
)
from pagereel.measurements.records.summary import summarize
from pagereel.measurements.running.machine import visible
from pagereel.measurements.running.sources import PACKAGE, code_digest, importable
from pagereel.measurements.samples.log import MARK
from pagereel.measurements.samples.packed import pack_text

LEAST = 20
"""Seconds that must be left to begin a cell."""
LAST_LINES = 12
"""Of a failed cell's log that are shown and kept."""
CELL_LIMIT = 1800
"""Seconds that one cell may take, whatever is left."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, with what, and where it is kept."""

    preset: str
    python: str
    """The engines' Python."""
    machine: dict[str, Any]
    """As `measurements.running.machine.probe` found it there."""
    folder: Path
    """Work in progress: finished cells, logs, weights."""
    gpu: int = 0
    only: str = ""
    """Part of the names of the cells that are to run; empty: all."""
    limit_s: float = float("inf")
    protocol: dict[str, Any] = field(default_factory=lambda: protocol())
    """The code, as it was when the run was ordered."""
    keep: Callable[[Path, bytes], object] = Path.write_bytes
    """Writes a file that says what is finished: whole, or not at all."""

    @property
    def others(self) -> tuple[int, ...]:
        """The other GPUs of the machine, for cells that take several."""
        return tuple(g["index"] for g in self.machine["gpus"] if g["index"] != self.gpu)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All that the preset plans on this device."""
        return plan(self.preset, self.machine["device"])

    def why_not(self, cell: Cell) -> str:
        """Why the cell is not to be run here, in a few words; empty if it is."""
        if self.only not in cell.name:
            return "it was not asked for"
        if METHODS[cell.method].engine == "vllm" and not self.machine["vllm"]:
            return "vLLM is not installed"
        if cell.gpus > max(1, len(self.machine["gpus"])):
            return f"it takes {cell.gpus} GPUs"
        return ""


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """What became of a cell."""

    cell: Cell
    status: str
    seconds: float
    log: str = ""
    """Names of folders, hosts and networks are taken out."""
    measured: dict[str, Any] | None = None
    kept: bool = False
    """Whether it was finished by an earlier run."""
    exit: int | None = None
    """What its process ended with; None if it was ended."""
    why: str = ""
    """Of a skipped cell."""

    @property
    def entry(self) -> CellRecord:
        """As the record will have it."""
        return CellRecord.model_validate(_entry(self))

    @property
    def last_lines(self) -> list[str]:
        """The end of the log, but for what the cell says for the record."""
        lines = [line for line in self.log.splitlines() if not line.startswith(MARK)]
        return lines[-LAST_LINES:]


Watcher = Callable[[Cell, int, int], None]
"""Told of each cell before it begins: its number from 0, and how many there are."""


def run(order: Order, watcher: Watcher = lambda cell, number, count: None) -> Iterator[CellOutcome]:
    """Run the plan, cell by cell; yields each when it is done."""
    order.folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    wanted = [cell for cell in order.cells if not order.why_not(cell)]
    for cell in order.cells:
        left = order.limit_s - (time.monotonic() - began)
        kept = _kept(order, cell)
        if kept is not None:
            yield kept
        elif why := order.why_not(cell) or ("its time did not come" if left < LEAST else ""):
            yield CellOutcome(cell, "skipped", 0.0, why=why)
        else:
            watcher(cell, wanted.index(cell), len(wanted))
            yield run_cell(order, cell, min(left, CELL_LIMIT))


def assemble(order: Order, outcomes: Sequence[CellOutcome]) -> Record:
    """The record of a run, verified.

    Raises `RecordRefused` if it would not pass, or if the code that measured is no longer the same.
    """
    if code_digest() != order.protocol["sha256"]:
        raise RecordRefused("record", ["the code was changed while it measured"])
    entries = [_entry(outcome) for outcome in outcomes]
    cells = [CellRecord.model_validate(entry) for entry in entries]
    machine = {key: order.machine[key] for key in Machine.model_fields}
    document: dict[str, Any] = {
        "format": FORMAT,
        "preset": order.preset,
        "made": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine,
        "protocol": order.protocol,
        "only": order.only,
        "limit_s": order.limit_s if order.limit_s < float("inf") else None,
        "cells": entries,
        "agreement": [one.model_dump() for one in agreements(cells)],
    }
    # Sealed as it will be written: with every key that the form has.
    whole = Record.model_validate(document | {"seal": "0" * 64}).model_dump(mode="json")
    return verify(whole | {"seal": seal(whole)}, beside=lambda name: _trace_file(order, name))


def _trace_file(order: Order, name: str) -> TraceFile:
    """The trace that a finished cell left in the folder of its order."""
    path = order.folder / f"{name}.trace.jsonl.gz"
    if not path.is_file():
        return TraceFile(path.name, None, ())
    packed = path.read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return TraceFile(path.name, hashlib.sha256(packed).hexdigest(), lines)


def write(order: Order, record: Record, target: Path) -> None:
    """Write the record, and the recorded traces beside it, into a folder that is there."""
    for entry in record.ok():
        if entry.measured and entry.measured.trace:
            name = entry.cell.cell.name
            made = _file(order, entry.cell.cell, ".trace.jsonl.gz").read_bytes()
            trace_path(target, name).write_bytes(made)
    text = json.dumps(record.model_dump(mode="json"), indent=1, ensure_ascii=False)
    target.write_text(text + "\n", "utf-8")


def forget(order: Order) -> None:
    """Remove the finished cells of a plan whose record is written; weights stay."""
    for cell in order.cells:
        for suffix in (".json", ".log", ".trace.jsonl.gz", ".done"):
            _file(order, cell, suffix).unlink(missing_ok=True)


def protocol() -> dict[str, Any]:
    """The code that measures: its digest, and the commit it is of."""
    commit = _git("rev-parse", "HEAD")
    return {"sha256": code_digest(), "commit": commit, "dirty": bool(_git("status", "--porcelain"))}


def run_cell(order: Order, cell: Cell, seconds: float) -> CellOutcome:
    """Run one cell in a process of its own, for so long at most."""
    out = _file(order, cell, ".json")
    out.unlink(missing_ok=True)
    weights = order.folder / "weights"
    weights.mkdir(exist_ok=True)
    command = [
        order.python,
        "-m",
        "pagereel.measurements.running.cell",
        json.dumps(cell.plain()),
        str(out),
    ]
    began = time.monotonic()
    log = _file(order, cell, ".log")
    with log.open("wb") as opened:
        process = subprocess.Popen(
            [*command, str(weights)],
            cwd=order.folder,
            env=_environment(order, cell),
            stdout=opened,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        ended = None
        try:
            ended = process.wait(seconds)
            status = "failed" if ended or not out.exists() else "ok"
        except subprocess.TimeoutExpired:
            status = "timeout"
        finally:
            _end(process)
    took = round(time.monotonic() - began, 1)
    measured = json.loads(out.read_text("utf-8")) if status == "ok" else None
    outcome = CellOutcome(cell, status, took, _plain_log(log, order), measured, exit=ended)
    if status == "ok":
        done = {"identity": _identity(order, cell), "seconds": took, "exit": ended}
        order.keep(_file(order, cell, ".done"), json.dumps(done).encode())
    return outcome


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a cell's process and those that it started."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait()


def _environment(order: Order, cell: Cell) -> dict[str, str]:
    found = os.environ | {"PYTHONPATH": str(importable(order.folder)), "PYTHONUNBUFFERED": "1"}
    if order.machine["device"] == "cuda":
        found["CUDA_VISIBLE_DEVICES"] = ",".join(
            visible(gpu) for gpu in (order.gpu, *order.others)[: cell.gpus]
        )
    else:
        # On a small shared machine more threads than this make times wander.
        found.setdefault("OMP_NUM_THREADS", "1")
    return found


def _kept(order: Order, cell: Cell) -> CellOutcome | None:
    """What an earlier, interrupted run finished with the same code on the same machine."""
    try:
        about = json.loads(_file(order, cell, ".done").read_text("utf-8"))
        if about["identity"] != _identity(order, cell):
            return None
        measured = json.loads(_file(order, cell, ".json").read_text("utf-8"))
        log = _plain_log(_file(order, cell, ".log"), order)
        took, ended = about["seconds"], about["exit"]
        return CellOutcome(cell, "ok", took, log, measured, kept=True, exit=ended)
    except (OSError, ValueError, TypeError, KeyError):  # none, or not whole
        return None


def _plain_log(path: Path, order: Order) -> str:
    """A cell's log as it may travel: printable, not too long, without names of this place."""
    text = path.read_bytes().decode("utf-8", "replace")
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    for private in (str(order.folder), str(PACKAGE), str(Path.home()), socket.gethostname()):
        if len(private) > 3:
            text = text.replace(private, "…")
    text = re.sub(r"\b\d{1,3}(\.\d{1,3}){3}\b", "0.0.0.0", text)
    text = re.sub(r"(?<![\w.…])/[\w.+-]+(/[\w.+-]+)*/", "…/", text)
    packed = text.encode()
    if len(packed) <= MOST_LOG:
        return text
    half = MOST_LOG // 2 - 64
    head, tail = (part.decode("utf-8", "ignore") for part in (packed[:half], packed[-half:]))
    return f"{head}\n… left out …\n{tail}"


def _identity(order: Order, cell: Cell) -> str:
    """What a result depends on: the cell, the code, the machine and its packages."""
    known = {key: order.machine[key] for key in Machine.model_fields}
    text = json.dumps([cell.plain(), order.protocol["sha256"], known], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(outcome: CellOutcome) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "cell": outcome.cell.plain(),
        "status": outcome.status,
        "seconds": outcome.seconds,
        "log": None,
        "why": outcome.why,
        "last_lines": [],
        "measured": None,
        "summary": None,
        "filled": None,
    }
    if outcome.log:
        plain = outcome.log.encode()
        digest = hashlib.sha256(plain).hexdigest()
        entry["log"] = {
            "sha256": digest,
            "bytes": len(plain),
            "text": pack_text(outcome.log),
            "exit": outcome.exit,
        }
    if outcome.status in ("failed", "timeout"):
        entry["last_lines"] = outcome.last_lines
    if outcome.measured is None:
        return entry
    if outcome.cell.kind == "capacity":
        entry["filled"] = outcome.measured
    else:
        entry["measured"] = outcome.measured
        entry["summary"] = summarize(CellRecord.model_validate(entry).runs)
    return entry


def _file(order: Order, cell: Cell, suffix: str) -> Path:
    return order.folder / f"{cell.name}{suffix}"


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=PACKAGE, capture_output=True, text=True, timeout=60
        )
    except OSError:
        return ""
    return done.stdout.strip()
