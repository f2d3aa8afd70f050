"""A record: one run of a plan on one machine, raw samples and all, under a seal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from pagereel.measurements.protocol.plan import PRESETS
from pagereel.measurements.records.forms import (
    CellRecord,
    Count,
    Machine,
    Protocol,
    RecordForm,
    Sha256,
    Words,
)
from pagereel.model.core.plain_json import BadJson, parse

FORMAT = "pagereel-record/3"
"""Of new records. Those of format 2 carry no logs, no marks and no memory of a CPU's processes;
those of format 1 were planned without capacity cells.
"""
MOST_REASONS = 30
"""Why a record is refused: as many are listed."""
Utc = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


class Agreement(RecordForm):
    """Greedy tokens of one cell beside those of the first cell with the same work."""

    cell: Words
    reference: Words
    tokens: Count
    same: Count
    parted: list[Count] = Field(max_length=4096)
    """For each request that differs, after how many tokens."""


class Record(RecordForm):
    """One run of a plan."""

    format: Literal["pagereel-record/1", "pagereel-record/2", "pagereel-record/3"]
    preset: Literal[tuple(PRESETS)]  # type: ignore[valid-type]  # the names are a table's keys
    made: Utc
    machine: Machine
    protocol: Protocol
    only: Words = ""
    """Part of the names of the cells that were asked for; empty: all."""
    limit_s: Annotated[float, Field(gt=0, le=2**31)] | None = None
    """Seconds after which no cell was begun."""
    cells: list[CellRecord] = Field(min_length=1, max_length=256)
    agreement: list[Agreement] = Field(max_length=256)
    seal: Sha256
    """SHA-256 of all the rest: a file that was changed by hand is told at once."""

    @property
    def has_logs(self) -> bool:
        """Whether its cells carry their logs."""
        return self.format == FORMAT

    def ok(self) -> tuple[CellRecord, ...]:
        """The cells that have numbers."""
        return tuple(entry for entry in self.cells if entry.status == "ok")

    def served(self) -> tuple[CellRecord, ...]:
        """Those of them that served a whole workload."""
        return tuple(entry for entry in self.ok() if entry.cell.kind == "serve")

    def filled(self) -> tuple[CellRecord, ...]:
        """Those of them that tried how many requests fit."""
        return tuple(entry for entry in self.ok() if entry.cell.kind == "capacity")

    def find(self, name: str) -> CellRecord:
        """The cell of that name. Raises KeyError."""
        for entry in self.cells:
            if entry.cell.cell.name == name:
                return entry
        raise KeyError(name)


def seal(document: dict[str, Any]) -> str:
    """The digest of a record, whatever its present seal."""
    rest = {key: value for key, value in document.items() if key != "seal"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def agreements(cells: list[CellRecord]) -> list[Agreement]:
    """Greedy tokens of every cell with seeded weights against the first with the same work."""
    first: dict[tuple[object, ...], CellRecord] = {}
    found = []
    for entry in cells:
        cell = entry.cell.cell
        if entry.status != "ok" or cell.weights != "seeded" or entry.measured is None:
            continue
        reference = first.setdefault((cell.model, cell.workload, cell.dtype, cell.seed), entry)
        found.append(_compare(entry, reference))
    return found


class RecordRefused(Exception):
    """A record is not one; carries every reason."""

    def __init__(self, where: str, reasons: list[str]) -> None:
        shown = reasons[:MOST_REASONS] + (["…"] if len(reasons) > MOST_REASONS else [])
        super().__init__("\n".join(f"{where}: {reason}" for reason in shown))
        self.reasons = tuple(reasons)


def trace_path(record: Path, cell: str) -> Path:
    """Where a cell's recorded trace lies: beside its record."""
    return record.with_name(f"{record.stem}.{cell}.jsonl.gz")


def load(text: str) -> dict[str, Any]:
    """The document of a record's text, unchecked. Raises `BadJson`."""
    document = parse(text)
    if not isinstance(document, dict):
        raise BadJson("it is no object")
    return document


def schema() -> str:
    """The JSON Schema of a record."""
    found = Record.model_json_schema()
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(found, indent=2, ensure_ascii=False)


def _compare(entry: CellRecord, reference: CellRecord) -> Agreement:
    pairs = list(zip(entry.tokens, reference.tokens, strict=False))
    flat = [(a, b) for mine, theirs in pairs for a, b in zip(mine, theirs, strict=False)]
    return Agreement(
        cell=entry.cell.cell.name,
        reference=reference.cell.cell.name,
        tokens=len(flat),
        same=sum(a == b for a, b in flat),
        parted=[
            next(i for i, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b)
            for mine, theirs in pairs
            if mine != theirs
        ],
    )
