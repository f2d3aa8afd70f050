"""`pagereel measure`: the real comparison on this machine, or what is known of it and its records.

The engines live in a Python of their own (`.venv-measure` if it is there): pagereel itself needs
neither torch nor transformers nor vLLM.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pagereel.cli.progress import progress_bar
from pagereel.errors import InputWrong, MachineFailed, explain
from pagereel.measurements.modelled.predict import Comparison, compare, predict_capacity
from pagereel.measurements.modelled.traces import compare_trace
from pagereel.measurements.protocol.plan import PRESETS, Cell
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.record import Record
from pagereel.measurements.records.verify import Refused, read_record, trace_path
from pagereel.measurements.running import machine
from pagereel.measurements.running.machine import Finding
from pagereel.measurements.running.run import Order, Outcome, assemble, forget, run, write

ENGINES = Path(".venv-measure/bin/python")
"""Where `make measure-cpu` puts the engines; otherwise they are looked for in this Python."""
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `pagereel measure` was told."""

    preset: str | None
    only: str
    limit_minutes: float | None
    gpu: int
    python: Path | None
    output: Path
    work: Path


def measure(wishes: Wishes, form: str) -> None:
    """Check the machine, run what is not yet finished, and write the record."""
    order = _order(wishes)
    _say_machine(machine.findings(order.machine), order)
    outcomes = _run(order, form)
    if not any(outcome.status == "ok" for outcome in outcomes):
        raise MachineFailed("no cell was measured; nothing was written")
    try:
        record = assemble(order, outcomes)
        target = wishes.output / f"{record.made[:10]}-{_label(record)}.json"
        write(order, record, target)
    except OSError as problem:
        raise explain(problem, f"cannot write to {wishes.output}") from problem
    except Refused as refused:
        raise MachineFailed(f"the run is not a record:\n{refused}") from refused
    if all(outcome.status == "ok" for outcome in outcomes):
        forget(order)
    _say_end(record, target, form)


def check_machine(wishes: Wishes, form: str) -> None:
    """Say what was found and what is missing, and what the preset would run."""
    order = _order(wishes)
    if form == "json":
        print(json.dumps(order.machine | {"cells": [cell.plain() for cell in order.cells]}))
        return
    _say_machine(machine.findings(order.machine), order)
    for cell in order.cells:
        served = f"{cell.warmups} + {cell.repeats} runs of {cell.requests} requests"
        tried = f"how many of {cell.requests} requests fit"
        print(f"{cell.name}: {served if cell.kind == 'serve' else tried}")


def validate(files: Sequence[Path], form: str) -> None:
    """Compute everything in records again. Raises `InputWrong` with every reason."""
    wrong, good = [], []
    for path in files:
        try:
            record = read_record(path)
        except Refused as refused:
            wrong.append(str(refused))
        except OSError as problem:
            wrong.append(f"{path}: {problem.strerror}")
        else:
            good.append((path, record))
    if wrong:
        raise InputWrong("\n".join(wrong))
    if form == "json":
        print(json.dumps([_result(path, record) for path, record in good]))
        return
    for path, record in good:
        print(f"{path}: good, {len(record.ok())} of {len(record.cells)} cells measured")
        for entry in record.filled():
            print(f"  {entry.cell.cell.name}: {_capacity_words(entry)}")
        for entry in record.served():
            print(f"  {entry.cell.cell.name}: {_model_words(compare(entry))}")
            if entry.measured and entry.measured.trace:
                found = compare_trace(trace_path(path, entry.cell.cell.name))
                said = found.difference or f"equal the model's in all {found.steps} steps"
                print(f"    recorded tables, queues and preemptions ({found.preemptions}): {said}")


def watch(seconds: float | None = None) -> None:
    """Print memory and use of every GPU once a second, until interrupted."""
    from pagereel.measurements.samples.monitor import Nvml

    nvml = Nvml()
    if nvml.problem or not nvml.gpus():
        raise MachineFailed(f"nothing to watch: {nvml.problem or 'NVML lists no GPU'}")
    ends = time.monotonic() + seconds if seconds is not None else float("inf")
    print("gpu        used       free      total   busy   clock")
    while True:
        for gpu in nvml.gpus():
            total, used, free, busy = nvml.read(gpu.index)
            share = f"{busy:4d} %" if busy >= 0 else "     -"
            print(
                f"{gpu.index:3d}  {used / MIB:6,.0f} MiB {free / MIB:6,.0f} MiB "
                f"{total / MIB:6,.0f} MiB {share} {nvml.clocks(gpu.index)[0]:5d} MHz",
                flush=True,
            )
        if time.monotonic() + 1 > ends:
            return
        time.sleep(1)


def _order(wishes: Wishes) -> Order:
    python = wishes.python or (ENGINES if ENGINES.exists() else Path(sys.executable))
    try:
        found = machine.ask(str(python.absolute()), wishes.gpu)
    except (OSError, RuntimeError) as problem:
        raise MachineFailed(f"{python} cannot be asked for its packages: {problem}") from problem
    preset = wishes.preset or ("full" if found["device"] == "cuda" else "cpu")
    if preset == "8b" and found["device"] == "cpu":
        raise InputWrong(f"--preset 8b ({PRESETS['8b']}) needs a GPU; --preset cpu does without")
    minutes = wishes.limit_minutes
    order = Order(
        preset=preset,
        python=str(python.absolute()),
        machine=found,
        folder=(wishes.work / f"{preset}-{found['device']}").absolute(),
        gpu=wishes.gpu,
        only=wishes.only,
        limit_s=minutes * 60 if minutes is not None else float("inf"),
    )
    if not any(wishes.only in cell.name for cell in order.cells):
        names = ", ".join(cell.name for cell in order.cells)
        raise InputWrong(f"--only {wishes.only}: no cell of {preset} is named so; they are {names}")
    return order


def _say_machine(found: Sequence[Finding], order: Order) -> None:
    """On stderr: what there is, then what is missing. Raises `MachineFailed` without a torch."""
    width = max(len(finding.name) for finding in found)
    for finding in found:
        if finding.found:
            print(f"{finding.name:{width}}  {finding.found}", file=sys.stderr)
    missing = [finding for finding in found if not finding.found]
    lines = [f"{finding.name:{width}}  missing: {finding.remedy}" for finding in missing]
    if any(finding.needed and finding.name != "vLLM" for finding in missing):
        raise MachineFailed("\n".join([f"{order.python} cannot measure", *lines]))
    print("\n".join(lines), file=sys.stderr)


def _run(order: Order, form: str) -> list[Outcome]:
    outcomes: list[Outcome] = []
    began = time.monotonic()
    try:
        with progress_bar(f"{order.preset} on {order.machine['device']}", form) as progress:
            count = len(order.cells)
            progress(0, count)
            for outcome in run(order, _announce):
                outcomes.append(outcome)
                progress(len(outcomes), count)
                left = _left(outcomes, count, time.monotonic() - began)
                print(_line(outcome) + left, file=sys.stderr)
    except OSError as problem:
        raise explain(problem, f"cannot work in {order.folder}") from problem
    return outcomes


def _announce(cell: Cell, number: int, count: int) -> None:
    print(f"{cell.name}: cell {number + 1} of {count} …", file=sys.stderr, flush=True)


def _left(outcomes: Sequence[Outcome], count: int, elapsed: float) -> str:
    """The time left, if the rest takes as long as what has run."""
    ran = sum(1 for outcome in outcomes if outcome.seconds and not outcome.kept)
    left = count - len(outcomes)
    return f"; about {elapsed / ran * left / 60:.0f} min left" if ran and left else ""


def _line(outcome: Outcome) -> str:
    name, status = outcome.cell.name, outcome.status
    if status == "skipped":
        installed = "its time did not come, or it was not asked for"
        return f"{name}: skipped ({installed})"
    if status == "ok":
        return f"{name}: {'kept from before' if outcome.kept else 'measured'}, {outcome.seconds} s"
    said = "\n".join(f"    {line}" for line in outcome.last_lines)
    return f"{name}: {status} after {outcome.seconds} s; no numbers. Its last lines:\n{said}\n"


def _say_end(record: Record, target: Path, form: str) -> None:
    if form == "json":
        print(json.dumps(_result(target, record)))
        return
    for entry in record.filled():
        print(f"{entry.cell.cell.name}: {_capacity_words(entry)}")
    for entry in record.served():
        assert entry.summary is not None
        peak, rate = entry.summary.peak, entry.summary.tokens_per_s.median
        print(
            f"{entry.cell.cell.name}: {peak.live} at once, {peak.used / MIB:.1f} MiB used of "
            f"{peak.held / MIB:.1f} held of {peak.reserved / MIB:.1f} reserved, {rate:.1f} tokens/s"
        )
    print(f"{target}: {len(record.ok())} of {len(record.cells)} cells measured")


def _result(path: Path, record: Record) -> dict[str, Any]:
    cells = {entry.cell.cell.name: entry.status for entry in record.cells}
    return {"file": str(path), "device": record.machine.device, "cells": cells}


def _model_words(found: Comparison) -> str:
    live = f"{found.live.modelled} modelled, {found.live.measured} measured at once"
    return (
        f"{live}; held {found.held.residual:+.2f} %, used {found.used.residual:+.2f} %, "
        f"worst step {found.worst:.2f} %"
    )


def _capacity_words(entry: CellRecord) -> str:
    assert entry.filled is not None
    ended = entry.filled.stopped
    beyond = f"one more is {ended}" if ended else "all there are"
    return f"{predict_capacity(entry)} modelled, {entry.filled.largest} measured to fit; {beyond}"


def _label(record: Record) -> str:
    """The device in small letters, and the preset: `cpu`, `cpu-quick`, `h200-full`."""
    if record.machine.device == "cpu":
        return "cpu" if record.preset == "cpu" else f"cpu-{record.preset}"
    name = next(g.name for g in record.machine.gpus if g.index == record.machine.gpu)
    return "-".join([*name.lower().replace("nvidia", "").split(), record.preset])
