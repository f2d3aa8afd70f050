"""Times of a cell: in order, adding up, and no faster than its device can read and multiply."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.measurements.protocol.devices import (
    THREAD_GB_PER_S,
    THREAD_GFLOPS,
    card_named,
)
from pagereel.measurements.protocol.models import SHAPES
from pagereel.measurements.protocol.plan import METHODS
from pagereel.measurements.records.forms import CellRecord, Machine, MarkForm
from pagereel.measurements.records.summary import MeasuredRun

ELEMENT_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
LONGEST_END_US = 5_000_000
"""From a run's last step to its end, at most: a pool may be given back in between."""
LONGEST_OUTSIDE_S = 600
"""Before a cell's first mark, while it imports, and after its last one, together."""


def impossible_times(entry: CellRecord, machine: Machine) -> Iterator[str]:
    """Why a served cell's times are none; nothing if they can be. Raises `Damaged`."""
    whole = sum(run.wall_us for run in entry.runs) / 1e6
    if whole > entry.seconds + 0.1:
        yield f"its runs take {whole:.1f} s, the whole cell {entry.seconds:.1f} s"
    gb_per_s, tflops = limits(machine, entry)
    for number, run in enumerate(entry.runs, 1):
        if run.samples and run.wall_us - run.samples[-1].at_us > LONGEST_END_US:
            yield f"run {number}: it goes on long after its last step"
        read, multiplied = _work(run, entry)
        if read / run.wall_us / 1e3 > gb_per_s:
            yield (
                f"run {number}: {read / run.wall_us / 1e3:,.0f} GB/s would have been read, "
                f"and the device reads {gb_per_s:,.0f}"
            )
        if multiplied / run.wall_us / 1e6 > tflops:
            yield f"run {number}: more was multiplied than the device can in that time"


def impossible_marks(marks: list[MarkForm], entry: CellRecord) -> Iterator[str]:
    """Why a cell's marks are none: out of order, or beyond its time."""
    times = [mark.at_us for mark in marks]
    if not times or times != sorted(times) or times[-1] / 1e6 > entry.seconds:
        yield "its marks are none, out of order or beyond its time"
    elif entry.seconds - (times[-1] - times[0]) / 1e6 > LONGEST_OUTSIDE_S:
        yield f"it took {entry.seconds:.1f} s, and its marks end after {times[-1] / 1e6:.1f} s"


def limits(machine: Machine, entry: CellRecord) -> tuple[float, float]:
    """GB/s and Tflop/s that the cell's device cannot exceed."""
    if machine.device == "cuda":
        card = card_named(next((g.name for g in machine.gpus if g.index == machine.gpu), ""))
        count = entry.cell.gpus
        return card.gb_per_s * count, card.tflops * count
    threads = min(entry.result.facts.torch_threads, machine.cores)
    return threads * THREAD_GB_PER_S, threads * THREAD_GFLOPS[entry.cell.dtype] / 1e3


def _work(run: MeasuredRun, entry: CellRecord) -> tuple[float, float]:
    """Bytes that were read and floating point operations that were done, at the very least.

    Every step reads the weights once, and the K/V that its requests have in memory; what a step
    writes in the same pass it need not read.
    """
    cell, weights = entry.cell.cell, SHAPES[entry.cell.model].multiplied
    head = SHAPES[entry.cell.model].vocabulary
    stored = sum(sample.used for sample in run.samples[1:])
    if METHODS[cell.method].cache == "paged":
        stored = max(0, stored - len(entry.requests) * cell.max_len * cell.token_bytes)
    read = len(run.samples) * weights * ELEMENT_BYTES[cell.dtype] + stored
    computed = sum(len(asked.prompt) + asked.output - 1 for asked in entry.requests)
    return read, 2.0 * computed * (weights - head * _width(entry))


def _width(entry: CellRecord) -> int:
    """Of the hidden states: what the head multiplies, once a token that is sampled."""
    config = SHAPES[entry.cell.model].config
    width = config.get("n_embd") or config["hidden_size"]
    assert isinstance(width, int)
    return width
