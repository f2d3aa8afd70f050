"""Measured numbers ready to be drawn: plain data that says nothing of how it looks.

Charts are made from a measurement record and nothing else. Each carries its origin, because a
measured number without its machine is none.
"""

from __future__ import annotations

from dataclasses import dataclass

CHARTS = {
    "memory": "K/V memory over time, method by method",
    "split": "reserved, held and used K/V at the fullest moment",
    "concurrency": "requests at once under one budget",
    "capacity": "how many requests fit before one is refused, or memory runs out",
    "throughput": "output tokens a second",
    "latency": "time to the first token, and between tokens",
    "trace": "vLLM's recorded blocks beside the model's, step by step",
    "model": "the model beside the measurement",
}
"""What a beat or a file can show, by name."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and how the numbers were measured; every chart says it."""

    device: str
    """`CPU: AMD EPYC, 1 thread` or `NVIDIA H200`."""
    is_cpu: bool
    """A CPU's numbers are drawn in another tint, and never beside a GPU's."""
    versions: str
    date: str
    setting: str
    """Model, element type, workload, budget."""
    runs: int
    """Runs behind each number."""
    trust: str
    """Who vouches for the record: `unsigned`, or whose signature was checked."""


@dataclass(frozen=True, slots=True)
class MemoryPoint:
    """K/V bytes from this moment on."""

    at: float
    """In the unit of its chart."""
    reserved: int
    held: int
    used: int


@dataclass(frozen=True, slots=True)
class MemoryPanel:
    """One method's memory from start to end."""

    title: str
    points: tuple[MemoryPoint, ...]
    """In order of time; the last one says only when it ended."""


@dataclass(frozen=True, slots=True)
class MemoryOverTime:
    """Panels on common axes."""

    panels: tuple[MemoryPanel, ...]
    budget: int
    """Bytes: the upper end of every panel."""
    unit: str = "s"
    """What time is counted in: seconds, or engine steps."""


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One method at its fullest moment, in bytes."""

    title: str
    reserved: int
    held: int
    used: int


@dataclass(frozen=True, slots=True)
class Splits:
    """Rows on one axis of bytes."""

    rows: tuple[SplitRow, ...]


@dataclass(frozen=True, slots=True)
class BarRow:
    """One method's number."""

    title: str
    value: float
    low: float
    """Lower end of its interval; the value where there is none."""
    high: float
    label: str
    """Stands at the bar's end."""
    modelled: float | None = None
    """What the model says, drawn as a mark of its own."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Rows on one axis from zero."""

    rows: tuple[BarRow, ...]
    unit: str
    meaning: str
    """What a bar's length is, in a few words."""


@dataclass(frozen=True, slots=True)
class BarPair:
    """Two sets of rows side by side, each on an axis of its own."""

    left: Bars
    right: Bars


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure, modelled and measured."""

    modelled: float
    measured: float
    residual: float
    """Percent of what was measured; above 0: the model says more."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """The model beside one method."""

    title: str
    live: Compared
    reserved: Compared
    held: Compared
    used: Compared
    worst: float
    """Largest residual of held or used bytes at any step, in percent."""
    steps: Compared
    """Engine steps; only where both took as many are they compared one by one."""


@dataclass(frozen=True, slots=True)
class ModelTable:
    """The model beside every method."""

    rows: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """There is no record: said in words, never drawn as numbers."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its data, what came of it, and where it was measured."""

    name: str
    """A key of `CHARTS`."""
    title: str
    finding: str
    """A sentence made from the numbers; says so where no difference was seen."""
    origin: Origin | None
    """None where nothing was measured."""
    body: MemoryOverTime | Splits | Bars | BarPair | ModelTable | Unmeasured


UNMEASURED = "Nothing measured here yet: run pagereel measure."
"""All that can be said without a record."""


def unmeasured(name: str) -> Chart:
    """The place of a chart of which there is no record. Raises KeyError."""
    meant = CHARTS[name]
    return Chart(name, meant[0].upper() + meant[1:], UNMEASURED, None, Unmeasured())
