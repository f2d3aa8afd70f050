"""Refuses a record that could not have come out of a real run: everything is computed again.

A seal tells that a file was changed, not that it is true; so every sum is redone from the raw
samples, the workload is made anew from its seed, and states are held against what a cache can be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pagereel.measurements.protocol.capacity import Trial, largest, search, stopped
from pagereel.measurements.protocol.plan import METHODS, Cell, plan
from pagereel.measurements.protocol.workloads import digest, means
from pagereel.measurements.records.forms import CellRecord, Facts, Machine, MemoryForm
from pagereel.measurements.records.record import Record, agreements, load, seal
from pagereel.measurements.records.summary import MeasuredRun, summarize
from pagereel.measurements.samples.monitor import COLUMNS
from pagereel.measurements.samples.packed import Damaged, unpack, unpacked_bytes
from pagereel.model.core.plain_json import BadJson
from pagereel.model.core.quoting import shown

MAY_END = {"cpu": {"refused", "preempted", "over budget"},
           "cuda": {"refused", "preempted", "out of memory"}}  # fmt: skip
"""How a trial can end, but for well. A CPU claims no out-of-memory error."""


def refused_capacity(entry: CellRecord) -> Iterator[str]:
    """Why the cell's trials are none; nothing if they can be."""
    cell, filled = entry.cell.cell, entry.filled
    assert filled is not None
    if not _is_search(entry.trials, cell.requests):
        yield "its trials are not those of a search"
    if (filled.largest, filled.stopped) != (largest(entry.trials), stopped(entry.trials)):
        yield "the number that fits is not what its trials give"
    seats = filled.facts.max_num_seqs
    if seats is not None and seats < cell.requests:
        yield "the engine's own limit of requests is smaller than the trials"
    for trial in entry.trials:
        for reason in _trial(trial, entry, filled.facts.device):
            yield f"trial of {trial.requests}: {reason}"


def most_reserved(cell: Cell) -> int:
    """Bytes that may be reserved: the budget, and in a pool two blocks of the engine's own.

    One lone row is given even where the budget is smaller.
    """
    own = 2 * cell.block_size * cell.token_bytes
    return max(cell.budget_bytes, cell.max_len * cell.token_bytes) + own


def _is_search(trials: tuple[Trial, ...], most: int) -> bool:
    """Whether halving, told these answers, would have asked for these trials in this order."""
    answers = {trial.requests: trial for trial in trials}
    try:
        return search(most, lambda count: answers[count]) == trials
    except KeyError:
        return False


def _trial(trial: Trial, entry: CellRecord, device: str) -> Iterator[str]:
    cell, requests = entry.cell.cell, entry.requests[: trial.requests]
    paged = METHODS[cell.method].cache == "paged"
    if not trial.fits and (
        trial.ended not in MAY_END[device] or (trial.ended in ("refused", "preempted")) != paged
    ):
        yield f"it cannot have ended `{trial.ended}`"
    if trial.live > trial.requests or trial.held > most_reserved(cell):
        yield "more than there is"
    if paged and trial.held % (cell.block_size * cell.token_bytes):
        yield "held bytes are no whole blocks"
    if not trial.fits:
        return
    if paged and trial.steps < max(asked.output for asked in requests):
        yield "fewer steps than its longest answer has tokens"
    if not paged and trial.held != cache_bytes(cell, entry, trial.requests):
        yield "the cache has another size than its rows"
    if trial.held < max(_entries(asked.prompt, asked.output) for asked in requests) * (
        cell.token_bytes
    ):
        yield "less memory than its longest request needs"


def cache_bytes(cell: Cell, entry: CellRecord, count: int) -> int:
    """Bytes of a contiguous cache for the first requests as one batch."""
    batch = entry.requests[:count]
    width = cell.max_len
    if METHODS[cell.method].cache == "dynamic":
        width = max(len(a.prompt) for a in batch) + max(a.output for a in batch) - 1
    return count * width * cell.token_bytes


def _entries(prompt: tuple[int, ...], output: int) -> int:
    """K/V entries at a request's end: its last token is never fed back."""
    return len(prompt) + output - 1


LEAST_SAME = 0.9
"""Of the tokens, in fp32. A wrong cache parts at once in every request; a tie parts one, and late.
"""
MOST = 30
"""Complaints that are listed."""
MOST_SAMPLES = 2**24
"""Bytes of all columns of a record, unpacked; a full run on a GPU takes some millions."""
MOST_BLOCKS, MOST_SLOTS, MOST_TOKENS = 2**18, 2**22, 2**21
"""Of a cell: what its budget holds, and what its requests may come to."""


class RecordRefused(Exception):
    """A record is not one; carries every reason."""

    def __init__(self, where: str, reasons: list[str]) -> None:
        shown = reasons[:MOST] + (["…"] if len(reasons) > MOST else [])
        super().__init__("\n".join(f"{where}: {reason}" for reason in shown))
        self.reasons = tuple(reasons)


def read_record(text: str, path: Path, digest_of: Callable[[Path], str | None]) -> Record:
    """A record from its text, verified; `path` is where it lies, with its traces beside it.

    `digest_of` gives the SHA-256 of a file, and None for what is none. Raises `RecordRefused`.
    """
    record = verify_text(text, str(path))
    missing = list(_traces(record, path, digest_of))
    if missing:
        raise RecordRefused(str(path), missing)
    return record


def verify_text(text: str, where: str) -> Record:
    """A record from its text, verified alone. Raises `RecordRefused`."""
    try:
        return verify(load(text), where)
    except BadJson as problem:
        line = f" in line {problem.line}" if problem.line else ""
        raise RecordRefused(where, [f"not JSON: {problem.message}{line}"]) from None


def verify(document: dict[str, Any], where: str = "record") -> Record:
    """A record from its document. Raises `RecordRefused`."""
    try:
        record = Record.model_validate(document)
    except ValidationError as wrong:
        found = wrong.errors(include_url=False, include_context=False, include_input=False)
        raise RecordRefused(where, [_plain(error) for error in found]) from None
    reasons = list(_problems(record, document))
    if reasons:
        raise RecordRefused(where, reasons)
    return record


def trace_path(record: Path, cell: str) -> Path:
    """Where a cell's recorded trace lies: beside its record."""
    return record.with_name(f"{record.stem}.{cell}.jsonl.gz")


def _traces(record: Record, path: Path, digest_of: Callable[[Path], str | None]) -> Iterator[str]:
    for entry in record.ok():
        wanted = entry.measured.trace if entry.measured else None
        if wanted is None:
            continue
        file = trace_path(path, entry.cell.cell.name)
        found = digest_of(file)
        if found is None:
            yield f"the trace {file.name} is missing"
        elif found != wanted.sha256:
            yield f"the trace {file.name} is not the one that was recorded"


def _problems(record: Record, document: dict[str, Any]) -> Iterator[str]:
    if record.seal != seal(document):
        yield "the seal does not fit: the file was changed after it was made"
    yield from _machine(record.machine)
    cells = plan(record.preset, record.machine.device)
    served_only = record.format == "pagereel-record/1"
    planned = [cell.name for cell in cells if cell.kind == "serve" or not served_only]
    recorded = [entry.cell.cell.name for entry in record.cells]
    if recorded != planned:
        yield f"the cells are not those of the preset {record.preset}"
    if not record.ok():
        yield "no cell was measured"
    beyond = list(_beyond(record))
    if beyond:  # to compute such a thing again would take for ever
        yield from beyond
        return
    for entry in record.cells:
        for reason in _cell(entry, record.machine):
            yield f"{entry.cell.cell.name}: {reason}"
    yield from _agreement(record)


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


def _machine(machine: Machine) -> Iterator[str]:
    if machine.emulated:
        yield "made under emulation: not a measurement"
    if machine.device == "cuda" and not (machine.gpus and machine.driver and machine.cuda):
        yield "a GPU record names its GPUs, driver and CUDA"
    if machine.device == "cuda" and machine.gpu not in {gpu.index for gpu in machine.gpus}:
        yield "the GPU that was used is not among those of the machine"
    if machine.device == "cpu" and (machine.gpu is not None or machine.cuda):
        yield "a CPU record carries no GPU figures"


def _cell(entry: CellRecord, machine: Machine) -> Iterator[str]:
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
        yield from _source(entry, machine)
        yield from _numbers(entry) if served else refused_capacity(entry)
    except Damaged as damage:
        yield str(damage)


def _source(entry: CellRecord, machine: Machine) -> Iterator[str]:
    """Where a cell of either kind ran, and on what."""
    result = entry.result
    if result.workload.sha256 != digest(entry.requests):
        yield "its workload is not the seeded one"
    if (result.workload.prompt_mean, result.workload.output_mean) != means(entry.requests):
        yield "its requests have other lengths than it says"
    yield from _facts(entry.cell.cell, result.facts)
    if result.facts.device != machine.device:
        yield f"it ran on another device ({result.facts.device})"
    if METHODS[entry.cell.method].engine == "vllm" and not machine.vllm:
        yield "it needs vLLM, and the machine has none"
    yield from _memory(result.memory, machine)


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
    if cell.method == "vllm" and not 0 < (facts.max_num_seqs or 0) <= (
        facts.max_num_batched_tokens or 0
    ):
        yield "it takes fewer tokens a step than requests, which vLLM refuses"


def _numbers(entry: CellRecord) -> Iterator[str]:
    cell = entry.cell.cell
    assert entry.measured is not None and entry.summary is not None
    if len(entry.runs) != cell.repeats:
        yield f"{len(entry.runs)} runs, where {cell.repeats} were planned"
    pool = entry.measured.facts.pool_bytes
    if pool and any(s.reserved != pool for run in entry.runs for s in run.samples):
        yield "other bytes are reserved than its pool has"
    for number, run in enumerate(entry.runs, 1):
        for reason in dict.fromkeys(_run(run, entry)):
            yield f"run {number}: {reason}"
    if any(not 0 <= t < 2**31 for row in entry.tokens for t in row):
        yield "token ids out of range"
    complete = all(run.samples for run in entry.runs)
    if complete and not _close(entry.summary.model_dump(), summarize(entry.runs)):
        yield "the summary is not what the raw samples give"


def _run(run: MeasuredRun, entry: CellRecord) -> Iterator[str]:
    """Conservation in every sample, and order in time."""
    cell = entry.cell.cell
    if not run.samples:
        yield "no samples"
        return
    times = [sample.at_us for sample in run.samples]
    if any(after < before for before, after in pairwise(times)) or times[-1] > run.wall_us:
        yield "times run backwards"
    ends = [t for token_times in run.tokens_us for t in token_times]
    if not set(ends) <= set(times) or min(ends) <= 0:
        yield "a token came at another time than a step's end"
    if any(b < a for token_times in run.tokens_us for a, b in pairwise(token_times)):
        yield "tokens run backwards"
    token_bytes, most = cell.token_bytes, most_reserved(cell)
    block_bytes, row_bytes = cell.block_size * token_bytes, cell.max_len * token_bytes
    is_static = METHODS[cell.method].cache == "static"
    for sample in run.samples:
        if not 0 <= sample.used <= sample.held <= sample.reserved:
            yield "used, held and reserved are out of order"
        if not 0 <= sample.live <= len(entry.requests):
            yield "more requests at once than there are"
        if sample.used % token_bytes:
            yield "used bytes are no whole tokens"
        if block_bytes and sample.held % block_bytes:
            yield "held bytes are no whole blocks"
        if is_static and sample.reserved % row_bytes:
            yield "reserved bytes are no whole rows"
        if sample.reserved > most:
            yield "more reserved than the budget"
    if max(sample.used for sample in run.samples) > _needed(entry):
        yield "more K/V than the requests have tokens"


def _needed(entry: CellRecord) -> int:
    tokens = sum(len(asked.prompt) + asked.output - 1 for asked in entry.requests)
    return tokens * entry.cell.cell.token_bytes


def _memory(memory: MemoryForm | None, machine: Machine) -> Iterator[str]:
    if machine.device == "cpu":
        if memory is not None:
            yield "a CPU record carries no GPU figures"
        return
    if memory is None:
        yield "a GPU record needs the monitor's samples"
        return
    columns = unpack(memory.samples)
    if set(columns) != set(COLUMNS):
        yield "the monitor's columns are others"
        return
    totals = {gpu.index: gpu.total for gpu in machine.gpus}
    rows = zip(columns["gpu"], columns["total"], columns["used"], strict=True)
    if len(columns["at_us"]) < 3 or not any(columns["allocated"]):
        yield "the monitor saw nothing"
    if any(totals.get(gpu) != total or not 0 < used <= total for gpu, total, used in rows):
        yield "the monitor's samples are not of this machine's GPUs"
    if any(after < before for before, after in pairwise(columns["at_us"])):
        yield "the monitor's times run backwards"


def _agreement(record: Record) -> Iterator[str]:
    try:
        found = agreements(record.cells)
    except Damaged:
        return  # told with its cell
    if found != record.agreement:
        yield "the agreement of tokens is not what the tokens give"
    for one in found:
        exact = record.find(one.cell).cell.dtype == "float32"
        if exact and one.same < LEAST_SAME * one.tokens:
            yield f"{one.cell}: greedy tokens differ from those of {one.reference} in fp32"


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
