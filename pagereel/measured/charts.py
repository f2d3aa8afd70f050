"""A measurement record becomes charts: which cells, which numbers, in whose words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from pagereel.measured import findings
from pagereel.measured.intervals import Interval, first_waits, interval, later_waits, rates
from pagereel.measured.origin import origin_of
from pagereel.measured.records import compared, open_record
from pagereel.measured.signing import trust
from pagereel.measurements.modelled.predict import Pair, compare, predict_capacity
from pagereel.measurements.modelled.traces import TraceComparison
from pagereel.measurements.protocol.plan import METHODS
from pagereel.measurements.records.forms import CellRecord, Machine
from pagereel.measurements.records.record import Record
from pagereel.model.storyboard.chart import (
    BarPair,
    BarRow,
    Bars,
    Chart,
    Compared,
    MemoryOverTime,
    MemoryPanel,
    MemoryPoint,
    ModelRow,
    ModelTable,
    SplitRow,
    Splits,
)
from pagereel.scenes.pictures.charts.axis import plain


class NothingMeasured(Exception):
    """A record has no cells for a chart; the message says which it has."""


def newest(folder: Path) -> Path:
    """The record to show: the newest of a GPU, else the newest. Raises `NothingMeasured`."""
    paths = ranked(folder)
    if not paths:
        raise NothingMeasured(f"no record in {folder}; `pagereel measure` makes one")
    return paths[0]


def ranked(folder: Path) -> list[Path]:
    """The records of a folder, those of GPUs first, the newest before older ones."""
    paths = sorted(folder.glob("*.json"), reverse=True)
    return sorted(paths, key=lambda path: path.stem[11:].startswith("cpu"))


@dataclass(frozen=True)
class Opened:
    """A record and its file: recorded traces lie beside it."""

    record: Record
    path: Path
    _traces: dict[str, TraceComparison] = field(default_factory=dict, repr=False, compare=False)

    @property
    def machine(self) -> Machine:
        """Where it was measured."""
        return self.record.machine

    @cached_property
    def trust(self) -> str:
        """Who vouches for it. Raises `RecordRefused`."""
        return trust(self.path)

    def trace(self, entry: CellRecord) -> TraceComparison | None:
        """The recorded block tables of a cell beside the model's; None if none were recorded.

        Raises `RecordRefused`.
        """
        if entry.measured is None or entry.measured.trace is None:
            return None
        name = entry.cell.cell.name
        if name not in self._traces:  # several charts of a record ask for the same
            self._traces[name] = compared(self.path, entry)
        return self._traces[name]


class Records:
    """A record, or a folder of them: each chart is made from the first that has its numbers."""

    def __init__(self, path: Path) -> None:
        self._paths = ranked(path) if path.is_dir() else [path]
        self._opened: dict[Path, Opened] = {}

    def chart(self, name: str, workload: str) -> Chart:
        """One chart. Raises `NothingMeasured`, and as `open_record` does."""
        reasons = []
        for path in self._paths:
            if path not in self._opened:
                self._opened[path] = Opened(open_record(path), path)
            try:
                return make_chart(self._opened[path], name, workload)
            except NothingMeasured as missing:
                reasons.append(missing)
        raise reasons[0] if reasons else NothingMeasured("there is no record")


def workloads(record: Record, name: str) -> tuple[str, ...]:
    """The workloads of which a record has the numbers for a chart, in its order."""
    return tuple(dict.fromkeys(entry.cell.cell.workload for entry in _entries(record, name)))


def _entries(record: Record, name: str) -> tuple[CellRecord, ...]:
    if name == "capacity":
        return record.filled()
    served = record.served()
    if name == "trace":
        return tuple(entry for entry in served if entry.measured and entry.measured.trace)
    return served


def make_chart(opened: Opened, name: str, workload: str) -> Chart:
    """One chart. Raises KeyError for a name that is none, and `NothingMeasured`."""
    title, draw = _CHARTS[name]
    record = opened.record
    found = [e for e in _entries(record, name) if e.cell.cell.workload == workload]
    if not found:
        known = ", ".join(workloads(record, name)) or "none for this chart"
        raise NothingMeasured(f"the record has no `{workload}`; it has {known}")
    # Cells that were given fewer requests than the others are on no axis with them.
    most = max(entry.cell.requests for entry in found)
    cells = [entry for entry in reversed(found) if entry.cell.requests == most]
    body, finding = draw(cells, opened)
    return Chart(name, title, finding, origin_of(record, cells, opened.trust), body)


def all_charts(opened: Opened) -> list[tuple[str, Chart]]:
    """Every chart of every workload, each with a name for its file."""
    found = {name: workloads(opened.record, name) for name in _CHARTS}
    every = dict.fromkeys(workload for known in found.values() for workload in known)
    return [
        (f"{workload}-{name}", make_chart(opened, name, workload))
        for workload in every
        for name in _CHARTS
        if workload in found[name]
    ]


Cells = Sequence[CellRecord]
Body = MemoryOverTime | Splits | Bars | BarPair | ModelTable


def _memory(cells: Cells, opened: Opened) -> tuple[Body, str]:
    panels = tuple(MemoryPanel(title(entry), _points(entry)) for entry in cells)
    budget = max(entry.cell.budget_bytes for entry in cells)
    return MemoryOverTime(panels, budget), findings.memory(cells)


def _split(cells: Cells, opened: Opened) -> tuple[Body, str]:
    rows = []
    for entry in cells:
        assert entry.summary is not None
        full = entry.summary.fullest
        rows.append(SplitRow(title(entry), full.reserved, full.held, full.used))
    return Splits(tuple(rows)), findings.split(cells)


def _concurrency(cells: Cells, opened: Opened) -> tuple[Body, str]:
    rows = []
    for entry in cells:
        assert entry.summary is not None
        live, mean = entry.summary.peak.live, entry.summary.mean.live
        modelled = compare(entry).live.modelled
        label = f"{live} at most, {mean:.1f} on average" if live - mean >= 0.05 else f"{live}"
        rows.append(BarRow(title(entry), live, live, live, label, modelled))
    meaning = "requests with K/V in memory at once, at most; upright mark: the model's number"
    return Bars(tuple(rows), "", meaning), findings.concurrency(cells)


def _capacity(cells: Cells, opened: Opened) -> tuple[Body, str]:
    rows = []
    for entry in cells:
        assert entry.filled is not None
        fit, ended = entry.filled.largest, entry.filled.stopped
        label = f"{fit}, then {findings.STOPPED[ended]}" if ended else f"all {fit}"
        rows.append(BarRow(title(entry), fit, fit, fit, label, predict_capacity(entry)))
    meaning = "requests that run all at once and to their ends; upright mark: the model's number"
    return Bars(tuple(rows), "", meaning), findings.capacity(cells)


def _throughput(cells: Cells, opened: Opened) -> tuple[Body, str]:
    found = [interval(rates(entry)) for entry in cells]
    rows = [
        BarRow(title(entry), rate.median, rate.low, rate.high, f"{plain(rate.median)} tokens/s")
        for entry, rate in zip(cells, found, strict=True)
    ]
    meaning = f"output tokens a second, all requests together; median of the runs{_sure(found)}"
    return Bars(tuple(rows), "tokens/s", meaning), findings.throughput(cells, opened.machine)


def _latency(cells: Cells, opened: Opened) -> tuple[Body, str]:
    left = _spread(cells, first_waits, "until the first token, waiting included")
    right = _spread(cells, later_waits, "between two tokens")
    return BarPair(left, right), findings.latency(cells, opened.machine)


def _spread(cells: Cells, values: Callable[[CellRecord], tuple[float, ...]], meaning: str) -> Bars:
    """Medians, in seconds where the longest has more than one."""
    found = [interval(values(entry)) for entry in cells]
    unit = findings.time_unit(one.high for one in found)
    rows = []
    for entry, one in zip(cells, found, strict=True):
        times = (one.median, one.low, one.high)
        median, low, high = (value / findings.UNIT_MS[unit] for value in times)
        label = f"{plain(median)} {unit}"
        rows.append(BarRow(title(entry), median, low, high, label))
    return Bars(tuple(rows), unit, f"{meaning}: median{_sure(found)}")


def _sure(found: Sequence[Interval]) -> str:
    """How sure the medians are, for the words under a chart."""
    return ", 95 % interval" if all(one.is_known for one in found) else ""


def _model(cells: Cells, opened: Opened) -> tuple[Body, str]:
    rows = []
    traces = [trace for entry in cells if (trace := opened.trace(entry))]
    for entry in cells:
        found = compare(entry)
        rows.append(
            ModelRow(
                title(entry),
                _compared(found.live),
                _compared(found.reserved),
                _compared(found.held),
                _compared(found.used),
                found.worst,
                _compared(found.steps),
            )
        )
    return ModelTable(tuple(rows)), findings.model(cells, traces)


def _trace(cells: Cells, opened: Opened) -> tuple[Body, str]:
    cell, found = cells[0].cell.cell, opened.trace(cells[0])
    assert found is not None, "cells without a trace are left out"
    block_bytes = found.block_size * cell.token_bytes
    pool = found.blocks * block_bytes
    panels = []
    for name, steps in (
        ("vLLM, recorded", found.recorded),
        ("modelled, same requests", found.modelled),
    ):
        points = [
            MemoryPoint(at, pool, step.blocks * block_bytes, step.entries * cell.token_bytes)
            for at, step in enumerate(steps)
        ]
        points.append(replace(points[-1], at=len(steps)))
        panels.append(MemoryPanel(name, tuple(points)))
    return MemoryOverTime(tuple(panels), pool, "steps"), findings.trace(found)


_CHARTS: dict[str, tuple[str, Callable[[Cells, Opened], tuple[Body, str]]]] = {
    "memory": ("K/V memory while the requests are served", _memory),
    "split": ("K/V memory when it is fullest", _split),
    "concurrency": ("Requests at once under one budget", _concurrency),
    "capacity": ("How many requests fit", _capacity),
    "throughput": ("Throughput", _throughput),
    "latency": ("Waiting for tokens", _latency),
    "trace": ("vLLM's recorded blocks beside the model's", _trace),
    "model": ("The model beside the measurement", _model),
}


def title(entry: CellRecord) -> str:
    """What a chart calls a cell's method; with what sets it apart from others."""
    cell = entry.cell.cell
    extra = [cell.attention] if cell.attention else []
    extra += ["CUDA graphs"] if cell.graphs else []
    return ", ".join([METHODS[cell.method].title, *extra])


def _compared(pair: Pair) -> Compared:
    return Compared(pair.modelled, pair.measured, pair.residual)


def _points(entry: CellRecord) -> tuple[MemoryPoint, ...]:
    """States of the last run, each from the start of its step; ends with the run."""
    run = entry.runs[-1]
    starts = [0, *(sample.at_us for sample in run.samples[:-1])]
    points = [
        MemoryPoint(start / 1e6, sample.reserved, sample.held, sample.used)
        for start, sample in zip(starts, run.samples, strict=True)
    ]
    last = run.samples[-1]
    return (*points, MemoryPoint(run.wall_us / 1e6, last.reserved, last.held, last.used))
