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
from typing import TYPE_CHECKING, Annotated

import typer

from pagereel.cli.arguments import OUTPUT, Json, choice
from pagereel.cli.progress import progress_bar
from pagereel.cli.terminal import harmless, heard
from pagereel.errors import InputWrong, MachineFailed, explain
from pagereel.measurements.protocol.plan import PRESETS, Cell
from pagereel.packaged import RESULTS

if TYPE_CHECKING:  # records and engines are imported when they are asked for
    from pagereel.measurements.records.record import Record
    from pagereel.measurements.running.machine import Finding
    from pagereel.measurements.running.run import CellOutcome, Order

NEED_A_GPU = ("8b", "short")
"""Presets whose models are too large for a CPU."""
ENGINES = Path(".venv-measure/bin/python")
"""Where `make measure-cpu` puts the engines; otherwise they are looked for in this Python."""
MIB = 2**20


@dataclass(frozen=True, slots=True)
class MeasureWishes:
    """What a measurement is asked for."""

    preset: str | None = None
    """None: what the device is fit for."""
    only: str = ""
    limit_minutes: float | None = None
    gpu: int = 0
    python: Path | None = None
    output: Path = RESULTS
    work: Path = OUTPUT / "measure"
    key: Path | None = None
    """A private key that signs the record."""


_USUAL = MeasureWishes()


def measure(
    records: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RECORD...]", help="Records, for --validate and --sign."),
    ] = None,
    preset: Annotated[
        str | None,
        choice("--preset", PRESETS, "What to run.  [default: full on a GPU, cpu without]"),
    ] = _USUAL.preset,
    only: Annotated[
        str, typer.Option("--only", metavar="PART", help="Only cells with PART in their names.")
    ] = _USUAL.only,
    limit: Annotated[
        float | None,
        typer.Option("--limit", metavar="MINUTES", min=1, help="Begin no cell after that."),
    ] = _USUAL.limit_minutes,
    gpu: Annotated[int, typer.Option("--gpu", min=0, help="Which GPU, of several.")] = _USUAL.gpu,
    python: Annotated[
        Path | None,
        typer.Option(
            "--python",
            metavar="PYTHON",
            help="A Python with the engines.  [default: .venv-measure, or this one]",
        ),
    ] = _USUAL.python,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where the record goes.")
    ] = _USUAL.output,
    work: Annotated[
        Path, typer.Option("--work", metavar="DIR", help="Finished cells, logs and weights.")
    ] = _USUAL.work,
    check_only: Annotated[
        bool, typer.Option("--check", help="Say what there is and what would run; run nothing.")
    ] = False,
    validate: Annotated[
        bool, typer.Option("--validate", help="Compute everything in RECORD... again.")
    ] = False,
    sign_with: Annotated[
        Path | None,
        typer.Option(
            "--sign",
            metavar="KEY",
            help="Sign the record, or RECORD..., with a private key of OpenSSH or minisign.",
        ),
    ] = None,
    signer: Annotated[
        Path | None,
        typer.Option(
            "--signer", metavar="PUBLIC", help="With --validate: it must be signed with this key."
        ),
    ] = None,
    watching: Annotated[
        bool, typer.Option("--watch", help="Print every GPU's memory live.")
    ] = False,
    label: Annotated[
        str, typer.Option("--label", metavar="WORDS", help="With --watch: ends every line.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Measure on this machine: transformers' caches and vLLM under one budget of K/V memory.

    Each method runs in a process of its own. An interrupted run goes on where it stopped.
    """
    form = "json" if as_json else "text"
    if validate:
        if not records:
            raise typer.BadParameter("name at least one record", param_hint="RECORD")
        _validate(records, signer, form)
        return
    if signer:
        raise typer.BadParameter("a signer is for --validate", param_hint="--signer")
    if records and sign_with:
        _validate(records, None, "none")
        _sign(records, sign_with)
        return
    if records:
        raise typer.BadParameter("records are for --validate and --sign", param_hint="RECORD")
    if watching:
        watch(harmless(label))
        return
    wishes = MeasureWishes(preset, only, limit, gpu, python, output, work, sign_with)
    (_check_machine if check_only else _measure)(wishes, form)


def _measure(wishes: MeasureWishes, form: str) -> None:
    """Check the machine, run what is not yet finished, and write the record."""
    from pagereel.measured.lines import (
        cell_count,
        device_label,
        found_lines,
        measured_lines,
        record_document,
    )
    from pagereel.measured.signing import trust
    from pagereel.measurements.records.record import RecordRefused
    from pagereel.measurements.running.machine import findings
    from pagereel.measurements.running.run import assemble, forget, write
    from pagereel.storage.outgoing import publishing

    order = _order(wishes)
    _say_machine(findings(order.machine), order)
    outcomes = _run(order)
    if not any(outcome.status == "ok" for outcome in outcomes):
        raise MachineFailed("no cell was measured; nothing was written")
    try:
        record = assemble(order, outcomes)
        target = wishes.output / f"{record.made[:10]}-{device_label(record)}.json"
        with publishing(wishes.output) as bench:
            write(order, record, bench / target.name)
    except RecordRefused as refused:
        raise MachineFailed(f"the run is not a record:\n{refused}") from refused
    if all(outcome.status == "ok" for outcome in outcomes):
        forget(order)
    if wishes.key:
        _sign([target], wishes.key)
    if form == "json":
        print(json.dumps(record_document(target, record, trust(target))))
        return
    for line in (*measured_lines(record), *found_lines(target, record)):
        print(line)
    print(f"{target}: {cell_count(record)}")
    print(f"now: pagereel measure --validate {target}")
    print(f"     pagereel charts {target}")


def _check_machine(wishes: MeasureWishes, form: str) -> None:
    """Say what was found and what is missing, and what the preset would run."""
    from pagereel.measurements.running.machine import findings

    order = _order(wishes)
    if form == "json":
        print(json.dumps(order.machine | {"cells": [cell.plain() for cell in order.cells]}))
        return
    _say_machine(findings(order.machine), order)
    for cell in order.cells:
        served = f"{cell.warmups} + {cell.repeats} runs of {cell.requests} requests"
        tried = f"how many of {cell.requests} requests fit"
        print(f"{cell.name}: {served if cell.kind == 'serve' else tried}")


def _sign(files: Sequence[Path], key: Path) -> None:
    """Put a signature beside each record. Raises `InputWrong` and `MachineFailed`."""
    from pagereel.measured.signing import NotSigned, sign

    if not key.is_file():
        raise InputWrong(f"no key {key}")
    for path in files:
        try:
            print(f"{sign(path, key)}: made with {key.name}")
        except NotSigned as problem:
            raise MachineFailed(str(problem)) from problem


def _validate(files: Sequence[Path], signer: Path | None, form: str) -> None:
    """Compute everything in records again. Raises `InputWrong` with every reason."""
    from pagereel.measured.lines import (
        cell_count,
        compared_lines,
        record_document,
        unproven_lines,
    )
    from pagereel.measured.records import open_record
    from pagereel.measured.signing import trust, vouched
    from pagereel.measurements.records.record import RecordRefused
    from pagereel.storage.incoming import Unreadable

    wrong: list[str] = []
    good: list[tuple[Path, Record, str]] = []
    for path in files:
        try:
            good.append((path, open_record(path), trust(path)))
            if signer:
                vouched(path, signer)
        except RecordRefused as refused:
            wrong.append(str(refused))
        except Unreadable as found:
            wrong.append(found.of(path))
    if wrong:
        raise InputWrong("\n".join(wrong))
    if form == "json":
        print(json.dumps([record_document(*found) for found in good]))
    for path, record, vouching in good if form == "text" else ():
        print(f"{path}: consistent, {vouching}, {cell_count(record)}")
        for line in compared_lines(path, record):
            print(line)
        for line in unproven_lines(record, vouching):
            print(f"  not shown: {line}")


def watch(label: str = "", seconds: float = float("inf")) -> None:
    """Print time, name, memory and use of every GPU once a second, until interrupted."""
    from pagereel.measurements.samples.monitor import Nvml

    nvml = Nvml()
    if nvml.problem or not nvml.gpus():
        raise MachineFailed(f"nothing to watch: {nvml.problem or 'NVML lists no GPU'}")
    ends = time.monotonic() + seconds
    while heard():
        for gpu in nvml.gpus():
            total, used, _, busy = nvml.read(gpu.index)
            worked = f", busy {busy} %" if busy >= 0 else ""
            print(
                f"{time.strftime('%H:%M:%S')}  {gpu.index}: {harmless(gpu.name)}  "
                f"{used / MIB:,.0f} of {total / MIB:,.0f} MiB  {100 * used / total:.1f} %"
                f"{worked}{f'  {label}' if label else ''}",
                flush=True,
            )
        if time.monotonic() + 1 > ends:
            return
        time.sleep(1)


def _order(wishes: MeasureWishes) -> Order:
    from pagereel.measurements.running.machine import ask, remedy
    from pagereel.measurements.running.run import Order
    from pagereel.storage.outgoing import write_file

    python = wishes.python or (ENGINES if ENGINES.exists() else Path(sys.executable))
    try:
        found = ask(str(python.absolute()), wishes.gpu)
    except (OSError, RuntimeError) as problem:
        raise MachineFailed(f"{python} cannot be asked for its packages: {problem}") from problem
    preset = wishes.preset or ("full" if found["device"] == "cuda" else "cpu")
    if preset in NEED_A_GPU and found["device"] == "cpu":
        if not found["torch"]:
            raise MachineFailed(f"{python} has no torch, so no GPU can be asked: {remedy(found)}")
        lacks = f"--preset {preset} ({PRESETS[preset]}) needs a GPU"
        raise InputWrong(f"{lacks}; --preset cpu does without")
    minutes = wishes.limit_minutes
    order = Order(
        preset=preset,
        python=str(python.absolute()),
        machine=found,
        folder=(wishes.work / f"{preset}-{found['device']}").absolute(),
        gpu=wishes.gpu,
        only=wishes.only,
        limit_s=minutes * 60 if minutes is not None else float("inf"),
        keep=write_file,
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


def _run(order: Order) -> list[CellOutcome]:
    from pagereel.measured.lines import input_lines
    from pagereel.measurements.running.run import run

    outcomes: list[CellOutcome] = []
    began = time.monotonic()
    try:
        with progress_bar(f"{order.preset} on {order.machine['device']}") as progress:
            count = len(order.cells)
            progress(0, count)
            for outcome in run(order, _announce):
                outcomes.append(outcome)
                progress(len(outcomes), count)
                left = _left(outcomes, count, time.monotonic() - began)
                print(harmless(_line(outcome) + left), file=sys.stderr)
                for line in input_lines(outcome.entry) if outcome.status == "ok" else ():
                    print(f"    {line}", file=sys.stderr)
    except OSError as problem:
        raise explain(problem, f"cannot work in {order.folder}") from problem
    except BaseException as ended:
        ended.add_note("finished cells are kept for the next run")
        raise
    return outcomes


def _announce(cell: Cell, number: int, count: int) -> None:
    print(f"{cell.name}: cell {number + 1} of {count} …", file=sys.stderr, flush=True)


def _left(outcomes: Sequence[CellOutcome], count: int, elapsed: float) -> str:
    """The time left, if the rest takes as long as what has run."""
    ran = sum(1 for outcome in outcomes if outcome.seconds and not outcome.kept)
    left = count - len(outcomes)
    return f"; about {elapsed / ran * left / 60:.0f} min left" if ran and left else ""


def _line(outcome: CellOutcome) -> str:
    name, status = outcome.cell.name, outcome.status
    if status == "skipped":
        return f"{name}: skipped ({outcome.why})"
    if status == "ok":
        return f"{name}: {'kept from before' if outcome.kept else 'measured'}, {outcome.seconds} s"
    said = "\n".join(f"    {line}" for line in outcome.last_lines)
    return f"{name}: {status} after {outcome.seconds} s; no numbers. Its last lines:\n{said}\n"
