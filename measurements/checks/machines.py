"""The machine: a device is what its name, memory, driver and NVML's samples say together."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from itertools import pairwise

from pagereel.measurements.protocol.devices import GIB, LEAST_DRIVER, card_named
from pagereel.measurements.protocol.plan import METHODS
from pagereel.measurements.records.forms import CellRecord, Machine, MarkForm, MemoryForm
from pagereel.measurements.samples.monitor import COLUMNS
from pagereel.measurements.samples.packed import unpack

DRIVER = r"\d{3}\.\d{1,3}(\.\d{1,2})?"
LEAST_SEEN = 0.1
"""Of the samples that its pace gives: a thread that waits for a busy engine misses most."""


def impossible_machine(machine: Machine) -> Iterator[str]:
    """Why there is no such machine; nothing if there can be."""
    if machine.emulated:
        yield "made under emulation: not a measurement"
    if machine.device == "cpu" and (machine.gpu is not None or machine.cuda):
        yield "a CPU record carries no GPU figures"
    if machine.device == "cpu":
        return
    if not (machine.gpus and machine.driver and machine.cuda):
        yield "a GPU record names its GPUs, driver and CUDA"
        return
    if machine.gpu not in {gpu.index for gpu in machine.gpus}:
        yield "the GPU that was used is not among those of the machine"
    for gpu in machine.gpus:
        low, high = card_named(gpu.name).memory_gib
        if not low <= gpu.total / GIB <= high:
            yield f"no {gpu.name} has {gpu.total / GIB:.1f} GiB"
    if len({gpu.uuid_sha256 for gpu in machine.gpus}) != len(machine.gpus):
        yield "two of its GPUs have one number"
    if not all(re.fullmatch("[0-9a-f]{16}", gpu.uuid_sha256) for gpu in machine.gpus):
        yield "the number of a GPU is none"
    yield from _versions(machine)


def _versions(machine: Machine) -> Iterator[str]:
    """Driver, CUDA, torch and vLLM fit each other."""
    if not re.fullmatch(DRIVER, machine.driver):
        yield f"{machine.driver} is no driver's version"
        return
    major = machine.cuda.split(".")[0]
    least = LEAST_DRIVER.get(int(major)) if major.isdigit() else None
    if least is None or int(machine.driver[:3]) < least:
        yield f"CUDA {machine.cuda} does not run with driver {machine.driver}"
    _, _, build = machine.torch.partition("+")
    if build and build != "cu" + machine.cuda.replace(".", ""):
        yield f"torch {machine.torch} is not for CUDA {machine.cuda}"
    if machine.vllm and machine.vllm_package != "vllm":
        yield f"{machine.vllm_package} runs on no GPU"


def impossible_memory(entry: CellRecord, machine: Machine, *, marked: bool) -> Iterator[str]:
    """Why the monitor's samples are not of this cell on this machine. Raises `Damaged`.

    `marked`: the record has marks on the monitor's clock.
    """
    memory = entry.result.memory
    if machine.device == "cuda" and memory is None:
        yield "a GPU record needs the monitor's samples"
    if memory is None:
        return
    if (memory.source == "resident") != (machine.device == "cpu"):
        yield "a CPU record carries no GPU figures, and a GPU's no resident size"
        return
    columns = unpack(memory.samples)
    if set(columns) != set(COLUMNS[memory.source]):
        yield "the monitor's columns are others"
        return
    if len(columns["at_us"]) < 3:
        yield "the monitor saw nothing"
        return
    if any(after < before for before, after in pairwise(columns["at_us"])):
        yield "the monitor's times run backwards"
        return
    if marked:
        yield from _pace(memory, columns["at_us"], entry.result.marks)
    if memory.source == "resident":
        if not all(0 < size <= machine.memory for size in columns["resident"]):
            yield "more in memory than the machine has"
        return
    if memory.source == "nvml":
        yield from _seen(columns, machine)
    if entry.cell.gpus == 1:  # several have workers of their own, and torch with them
        yield from _allocated(columns, entry)


def _seen(columns: dict[str, list[int]], machine: Machine) -> Iterator[str]:
    """NVML's rows are of this machine's GPUs, and hold what torch says it took there."""
    totals = {gpu.index: gpu.total for gpu in machine.gpus}
    names = ("gpu", "total", "used", "free", "reserved", "utilisation")
    for gpu, total, used, free, reserved, busy in zip(*(columns[n] for n in names), strict=True):
        if totals.get(gpu) != total or not 0 < used <= total or not 0 <= free <= total - used:
            yield "the monitor's samples are not of this machine's GPUs"
            return
        if reserved > used or (reserved and gpu != machine.gpu) or not -1 <= busy <= 100:
            yield "torch has more memory than its GPU gave away"
            return


def _allocated(columns: dict[str, list[int]], entry: CellRecord) -> Iterator[str]:
    """torch held the pool, or at its fullest moment the cache."""
    given = list(zip(columns["allocated"], columns["reserved"], strict=True))
    if not any(allocated for allocated, _ in given):
        yield "the monitor saw nothing"
    elif any(allocated > reserved for allocated, reserved in given):
        yield "torch gave away more than it has"
    elif METHODS[entry.cell.method].engine == "vllm":
        pool = entry.result.facts.pool_bytes or 0
        if max(reserved for _, reserved in given) < pool:
            yield "the monitor never saw the pool that the engine says it has"


def _pace(memory: MemoryForm, times: list[int], marks: list[MarkForm]) -> Iterator[str]:
    """As many samples as its pace gives, from the cell's begin to its end."""
    if not marks:
        return  # told where marks are looked at
    moments = sorted(set(times))
    steps = [after - before for before, after in pairwise(moments)]
    period, whole = 1e6 / max(memory.hz, 1), marks[-1].at_us
    if moments[-1] > whole + 2e6 or moments[-1] < 0.9 * whole - 1e6 or moments[0] > 2e6:
        yield "the monitor watched at another time than the cell ran"
    elif len(moments) > whole / period * 1.2 + 5 or len(moments) < whole / period * LEAST_SEEN:
        yield f"{len(moments)} samples are not those of {whole / 1e6:.0f} s at {memory.hz} a second"
    elif statistics.median(steps) < 0.5 * period:
        yield "the monitor took samples faster than its pace"
