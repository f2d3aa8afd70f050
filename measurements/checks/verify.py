"""Refuses a record that could not have come out of a real run: everything is computed again.

What passes is *consistent*: its parts agree with each other, with the model and with what devices
can do. That does not make it true. Who measured can put a signature beside it; a seal tells only
that a file was changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from pydantic import ValidationError

from pagereel.measurements.checks.fitting import impossible_trials
from pagereel.measurements.checks.logs import unlike_clock, unlike_logs
from pagereel.measurements.checks.machines import impossible_machine, impossible_memory
from pagereel.measurements.checks.states import impossible_states, most_reserved
from pagereel.measurements.checks.times import impossible_marks, impossible_times
from pagereel.measurements.checks.traces import Beside, unlike_traces
from pagereel.measurements.protocol.plan import METHODS, Cell, plan
from pagereel.measurements.protocol.workloads import digest, means
from pagereel.measurements.records.forms import CellRecord, Facts
from pagereel.measurements.records.record import (
    Record,
    RecordRefused,
    agreements,
    load,
    seal,
)
from pagereel.measurements.records.summary import summarize
from pagereel.measurements.samples.packed import Damaged, unpacked_bytes
from pagereel.model.core.plain_json import BadJson
from pagereel.model.core.quoting import shown

LEAST_SAME = 0.9
"""Of the tokens, in fp32. A wrong cache parts at once in every request; a tie parts one, and late.
"""
MOST_ALIKE, FEW = 0.5, 8
"""Of the tokens after two rows have parted, where so many are left: random weights that go two
ways never go one way again.
"""
MOST_SAMPLES = 2**24
"""Bytes of all columns of a record, unpacked; a full run on a GPU takes some millions."""
MOST_BLOCKS, MOST_SLOTS, MOST_TOKENS = 2**18, 2**22, 2**21
"""Of a cell: what its budget holds, and what its requests may come to."""
OWN_BLOCKS = 2
"""By so many an engine's pool may differ from what the budget holds."""
PLANNED = ("method", "model", "workload", "requests", "budget_bytes", "max_len", "block_size",
           "dtype", "attention", "graphs", "trace", "kind", "async_scheduling", "gpus")  # fmt: skip
"""What a record's cells have as their preset plans them; how often they run may have changed."""


def verify_text(text: str, where: str, beside: Beside | None = None) -> Record:
    """A record from its text, verified. Raises `RecordRefused`."""
    try:
        return verify(load(text), where, beside)
    except BadJson as problem:
        line = f" in line {problem.line}" if problem.line else ""
        raise RecordRefused(where, [f"not JSON: {problem.message}{line}"]) from None


def verify(document: dict[str, Any], where: str = "record", beside: Beside | None = None) -> Record:
    """A record from its document; `beside` gives its traces, None: they are not looked at.

    Raises `RecordRefused`.
    """
    try:
        record = Record.model_validate(document)
    except ValidationError as wrong:
        found = wrong.errors(include_url=False, include_context=False, include_input=False)
        raise RecordRefused(where, [_plain(error) for error in found]) from None
    reasons = list(_problems(record, document))
    if not reasons and beside:
        reasons = list(unlike_traces(record, beside))
    if reasons:
        raise RecordRefused(where, reasons)
    return record


def _problems(record: Record, document: dict[str, Any]) -> Iterator[str]:
    if record.seal != seal(document):
        yield "the seal does not fit: the file was changed after it was made"
    yield from impossible_machine(record.machine)
    yield from _unplanned(record)
    if not record.ok():
        yield "no cell was measured"
    beyond = list(_beyond(record))
    if beyond:  # to compute such a thing again would take for ever
        yield from beyond
        return
    for entry in record.cells:
        for reason in _cell(entry, record):
            yield f"{entry.cell.cell.name}: {reason}"
    yield from unlike_logs(record)
    yield from _agreement(record)


def _unplanned(record: Record) -> Iterator[str]:
    """The cells are those of the preset, whatever became of them."""
    served_only = record.format == "pagereel-record/1"
    cells = plan(record.preset, record.machine.device)
    planned = [cell for cell in cells if cell.kind == "serve" or not served_only]
    for entry, cell in zip_longest(record.cells, planned):
        if entry is None or cell is None or entry.cell.cell.name != cell.name:
            yield f"the cells are not those of the preset {record.preset}"
            return
        found = entry.cell.cell
        wrong = [name for name in PLANNED if getattr(found, name) != getattr(cell, name)]
        if wrong:
            yield f"{cell.name}: {', '.join(wrong)} other than the preset plans"


def _beyond(record: Record) -> Iterator[str]:
    """What is larger than any cell and its samples can be."""
    room = MOST_SAMPLES
    for entry in record.cells:
        cell = entry.cell.cell
        if (METHODS[cell.method].cache == "paged") != bool(cell.block_size):
            yield f"{cell.name}: a paged method has blocks, and no other has"
        elif cell.blocks > MOST_BLOCKS or cell.budget_bytes > MOST_SLOTS * cell.token_bytes:
            yield f"{cell.name}: its budget is larger than any that can be planned"
        if cell.requests * cell.max_len > MOST_TOKENS:
            yield f"{cell.name}: its requests have more tokens than can be planned"
        room -= sum(unpacked_bytes(columns, max(room, 0)) for columns in entry.packed)
    if room < 0:
        yield f"its samples take more than {MOST_SAMPLES // 2**20} MiB unpacked"


def _cell(entry: CellRecord, record: Record) -> Iterator[str]:
    if entry.status != "ok":
        if entry.measured or entry.summary or entry.filled:
            yield f"it is {entry.status}, and yet has numbers"
        return
    served = entry.measured is not None and entry.summary is not None
    filled = entry.filled is not None
    if (served, filled) != ((True, False) if entry.cell.kind == "serve" else (False, True)):
        yield "it is ok, and yet has no numbers, or those of another kind of cell"
        return
    if entry.log is None:
        yield "it is ok, and yet has no log"
    try:
        yield from _source(entry, record)
        yield from _numbers(entry, record) if served else impossible_trials(entry)
    except Damaged as damage:
        yield str(damage)


def _source(entry: CellRecord, record: Record) -> Iterator[str]:
    """Where a cell of either kind ran, and on what."""
    result, machine = entry.result, record.machine
    if result.workload.sha256 != digest(entry.requests):
        yield "its workload is not the seeded one"
    if (result.workload.prompt_mean, result.workload.output_mean) != means(entry.requests):
        yield "its requests have other lengths than it says"
    yield from _facts(entry.cell.cell, result.facts)
    if result.facts.device != machine.device:
        yield f"it ran on another device ({result.facts.device})"
    if METHODS[entry.cell.method].engine == "vllm" and not machine.vllm:
        yield "it needs vLLM, and the machine has none"
    yield from impossible_memory(entry, machine, marked=record.has_logs)
    if record.has_logs:
        yield from impossible_marks(result.marks, entry)
        yield from unlike_clock(entry)


def _facts(cell: Cell, facts: Facts) -> Iterator[str]:
    """What the engine said of itself, where the plan had asked for something."""
    if cell.attention and facts.attention != cell.attention:
        yield f"its attention is {facts.attention}, where {cell.attention} was planned"
    if facts.block_size not in (None, cell.block_size):
        yield f"its blocks have {facts.block_size} tokens, where {cell.block_size} were planned"
    if facts.batch_rows not in (None, cell.rows):
        yield f"its batches have {facts.batch_rows} rows, where {cell.rows} were planned"
    if facts.pool_bytes is not None and facts.pool_bytes > most_reserved(cell):
        yield "its pool is larger than the budget"
    if facts.num_blocks is not None and abs(facts.num_blocks - cell.blocks) > OWN_BLOCKS:
        yield f"its pool has {facts.num_blocks} blocks, where the budget holds {cell.blocks}"
    if bool(facts.async_scheduling) != cell.async_scheduling:
        yield "it scheduled its steps otherwise than planned"
    if cell.method == "vllm" and not 0 < (facts.max_num_seqs or 0) <= (
        facts.max_num_batched_tokens or 0
    ):
        yield "it takes fewer tokens a step than requests, which vLLM refuses"


def _numbers(entry: CellRecord, record: Record) -> Iterator[str]:
    cell = entry.cell.cell
    assert entry.measured is not None and entry.summary is not None
    if len(entry.runs) != cell.repeats:
        yield f"{len(entry.runs)} runs, where {cell.repeats} were planned"
    if cell.trace and entry.measured.trace is None:
        yield "the trace of its blocks that was planned is missing"
    pool = entry.measured.facts.pool_bytes
    if pool and any(s.reserved != pool for run in entry.runs for s in run.samples):
        yield "other bytes are reserved than its pool has"
    if any(not 0 <= t < 2**31 for row in entry.tokens for t in row):
        yield "token ids out of range"
    states = list(impossible_states(entry))
    yield from states
    if states and not all(run.samples for run in entry.runs):
        return
    yield from impossible_times(entry, record.machine)
    if not _close(entry.summary.model_dump(), summarize(entry.runs)):
        yield "the summary is not what the raw samples give"


def _agreement(record: Record) -> Iterator[str]:
    try:
        found = agreements(record.cells)
        alike = list(_alike_again(record))
    except Damaged:
        return  # told with its cell
    if found != record.agreement:
        yield "the agreement of tokens is not what the tokens give"
    for one in found:
        exact = record.find(one.cell).cell.dtype == "float32"
        if exact and one.same < LEAST_SAME * one.tokens:
            yield f"{one.cell}: greedy tokens differ from those of {one.reference} in fp32"
    yield from alike


def _alike_again(record: Record) -> Iterator[str]:
    """Greedy tokens that part from another method's and come back to them: some were changed."""
    for one in agreements(record.cells):
        entry, reference = record.find(one.cell), record.find(one.reference)
        if not one.parted or entry.cell.weights != "seeded":
            continue
        for mine, theirs in zip(entry.tokens, reference.tokens, strict=False):
            pairs = [a == b for a, b in zip(mine, theirs, strict=True)]
            after = pairs[pairs.index(False) + 1 :] if False in pairs else []
            if len(after) >= FEW and sum(after) > MOST_ALIKE * len(after):
                yield f"{one.cell}: its tokens part from those of {one.reference} and meet again"
                break


def _close(first: object, second: object) -> bool:
    """Equal, numbers to nine digits."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_close(first[k], second[k]) for k in first)
    if isinstance(first, (int, float)) and isinstance(second, (int, float)):
        return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9)
    return first == second


def _plain(error: Any) -> str:  # noqa: ANN401 - pydantic's own dictionary
    path = ".".join(str(part) for part in error["loc"])
    return f"{path if path.isprintable() and len(path) < 200 else shown(path)}: {error['msg']}"
