"""Where and how a chart's numbers were measured, in words: machine, versions, setting."""

from __future__ import annotations

from collections.abc import Sequence

from pagereel.measurements.protocol.models import SHAPES
from pagereel.measurements.protocol.plan import Cell
from pagereel.measurements.protocol.workloads import LENGTHS
from pagereel.measurements.records.forms import CellRecord, Machine
from pagereel.measurements.records.record import Record
from pagereel.model.core.sizes import human_bytes
from pagereel.model.storyboard.chart import Origin

Cells = Sequence[CellRecord]


def origin_of(record: Record, cells: Cells, trust: str) -> Origin:
    """Of cells that are drawn together; `trust` says who vouches for the record."""
    machine = record.machine
    cell = cells[0].cell.cell
    packages = (
        f"{machine.vllm_package} {machine.vllm}" if machine.vllm else "",
        f"transformers {machine.transformers}",
        f"torch {machine.torch.split('+')[0]}",
    )
    return Origin(
        device=_device(machine, cells),
        is_cpu=machine.device == "cpu",
        versions=", ".join(package for package in packages if package),
        date=record.made[:10],
        setting=_setting(cell, cells),
        runs=min(entry.cell.repeats for entry in cells),
        trust=trust,
    )


def _device(machine: Machine, cells: Cells) -> str:
    if machine.device == "cpu":
        facts = [entry.result.facts for entry in cells]
        threads = max(fact.torch_threads for fact in facts)
        loads = [load for fact in facts for load in (fact.load_before, fact.load_after)]
        used = f"{machine.cpu}, {threads} thread{'s' if threads > 1 else ''}"
        # Others shared the machine, some cells more than others: times are to be read with that.
        shared = f"{used}, load {min(loads):.0f} to {max(loads):.0f} on {machine.cores} cores"
        return shared if max(loads) > 1.5 else used
    name = next(gpu.name for gpu in machine.gpus if gpu.index == machine.gpu)
    return f"{name}, CUDA {machine.cuda}, driver {machine.driver}"


def _setting(cell: Cell, cells: Cells) -> str:
    shape = SHAPES[cell.model].geometry
    weights = "dummy weights" if cell.weights == "dummy" else "random weights"
    blocks = sorted({entry.cell.block_size for entry in cells} - {0})
    paged = f", blocks of {' and '.join(map(str, blocks))}" if blocks else ""
    return (
        f"{shape.title or shape.name}'s shape, {weights}, {cell.dtype}; {_requests(cell, cells)}; "
        f"K/V budget {human_bytes(cell.budget_bytes)}, rows of {cell.max_len}{paged}"
    )


def _requests(cell: Cell, cells: Cells) -> str:
    found = cells[0].result.workload
    if cell.workload == "four":
        return f"{cell.requests} prompts, {found.output_mean:.0f} new tokens each"
    like = LENGTHS[cell.workload].like
    return (
        f"{cell.requests} requests, synthetic lengths after {like} "
        f"(means {found.prompt_mean:.0f} + {found.output_mean:.0f})"
    )
