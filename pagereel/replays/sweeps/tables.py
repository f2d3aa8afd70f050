"""A sweep told: a table for people, CSV, Parquet, and the smallest memory that was enough."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pagereel.errors import InputWrong, MachineFailed
from pagereel.model.core.sizes import read_bytes
from pagereel.replays.report import percent
from pagereel.replays.sweeps.axes import Axis
from pagereel.replays.sweeps.sweep import Row, Sweep, Value
from pagereel.scenes.pictures.charts.axis import plain
from pagereel.storage.outgoing import publishing_file

COUNTED = {
    "kv_slots": "K/V slots", "turned_away": "turned away", "preemptions": "preempted",
    "recomputed": "recomputed", "hit_rate": "hits", "mean_running": "running",
    "occupancy": "in use", "waited_steps_p50": "p50", "waited_steps_p95": "p95",
    "waited_steps_p99": "p99",
}  # fmt: skip
"""Columns of the table for people, after the settings."""


def columns(sweep: Sweep, rows: Sequence[Row]) -> list[str]:
    """The names of all columns: what was set, then what came of it."""
    names = [axis.name for axis in sweep.axes]
    return names + [name for name in (rows[0] if rows else ()) if name not in names]


def table(sweep: Sweep, rows: Sequence[Row]) -> str:
    """A block of lines a lane, a line a combination."""
    return "\n\n".join(
        "\n".join(_block(lane, [row for row in rows if row["lane"] == lane], sweep.axes))
        for lane in dict.fromkeys(str(row["lane"]) for row in rows)
    )


def _block(lane: str, rows: Sequence[Row], axes: Sequence[Axis]) -> Iterator[str]:
    own = [axis.name for axis in axes if axis.concerns(lane)]
    shown = [name for name in COUNTED if name != "hit_rate" or any(row["hit_rate"] for row in rows)]
    heads = [*(name.removeprefix(f"{lane}.") for name in own), *(COUNTED[n] for n in shown)]
    lines = [[*(str(row[name]) for name in own), *(_cell(n, row) for n in shown)] for row in rows]
    widths = [max(len(line[i]) for line in [heads, *lines]) for i in range(len(heads))]
    unit = "steps" if rows[0]["step_ms"] is None else "seconds"
    yield f"{lane}: p50, p95 and p99 are {unit} from arrival to admission"
    for line in [heads, *lines]:
        cells = (f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True))
        yield "  " + "  ".join(cells)


def _cell(name: str, row: Row) -> str:
    value, step_ms = row[name], row["step_ms"]
    if value is None:
        return "-"
    if name.startswith("waited") and step_ms is not None:
        return plain(float(value) * float(step_ms) / 1000)
    if name in ("hit_rate", "occupancy"):
        return percent(float(value))
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def smallest(sweep: Sweep, rows: Sequence[Row]) -> list[str]:
    """For each lane and other setting, the least memory in which nobody was preempted or turned
    away: a line each; none where memory was not swept."""
    memory = next((axis for axis in sweep.axes if axis.name == "kv-memory"), None)
    if memory is None:
        return []
    told = []
    for others, group in _by_others(sweep.axes, rows).items():
        enough = [r for r in group if not r["preemptions"] and not r["turned_away"]]
        words = "none of these is enough"
        if enough:
            words = str(min((str(row["kv-memory"]) for row in enough), key=_bytes))
        told.append(f"  {others}: {words}")
    return ["Smallest kv-memory in which nobody is preempted or turned away:", *told]


def _by_others(axes: Sequence[Axis], rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows that differ in memory alone, by what they share in words."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(line_of(axes, row, "kv-memory"), []).append(row)
    return found


def line_of(axes: Sequence[Axis], row: Row, but: str) -> str:
    """What a row has in common with others that differ in one setting: `paged/vllm, tp 2`."""
    lane = str(row["lane"])
    own = [axis.name for axis in axes if axis.name != but and axis.concerns(lane)]
    return ", ".join([lane, *(f"{name.removeprefix(f'{lane}.')} {row[name]}" for name in own)])


def _bytes(value: str) -> int:
    return read_bytes(value) or 0


def write_csv(path: Path, log: Path, names: Sequence[str], rows: Sequence[Row]) -> None:
    """A line a row under the names of the columns. Raises `InputWrong`, `MachineFailed`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.get(name) for name in names] for row in rows)
    with publishing_file(path, [log]) as file:
        file.write(text.getvalue().encode())


def arrow() -> Any:  # noqa: ANN401  # an optional package
    """pyarrow. Raises `MachineFailed` where it is not installed."""
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        told = "Parquet is written with pyarrow: pip install 'pagereel[parquet]', or take --csv"
        raise MachineFailed(f"--parquet: {told}") from None


def write_parquet(path: Path, log: Path, names: Sequence[str], rows: Sequence[Row]) -> None:
    """The same columns with their types. Raises `InputWrong`, `MachineFailed`."""
    package, parquet = arrow()
    data = {name: _typed([row.get(name) for row in rows]) for name in names}
    with publishing_file(path, [log]) as file:
        parquet.write_table(package.table(data), file)


def _typed(values: Sequence[Value]) -> list[Value]:
    """All floats where one is, as a column has one type."""
    if any(isinstance(value, float) for value in values):
        return [float(value) if isinstance(value, int) else value for value in values]
    return list(values)


def refuse_names(csv_file: Path | None, parquet: Path | None, chart: Path | None) -> None:
    """Before the work: two files of one name. Raises `InputWrong`."""
    given = [path.absolute() for path in (csv_file, parquet, chart) if path]
    if len({*given}) < len(given):
        raise InputWrong("--csv, --parquet, --chart: two of them name the same file")
