"""Memory while an engine runs: NVML's view of every GPU, and torch's own allocator.

A thread inside the engine's process takes a sample 25 times a second. Where there is no NVML torch
is asked alone; without a GPU it is the process' resident size. Nothing is made up.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pagereel.measurements.samples.packed import pack

HZ = 25
COLUMNS = {
    "nvml": ("at_us", "gpu", "total", "used", "free", "utilisation", "allocated", "reserved"),
    "torch": ("at_us", "total", "used", "allocated", "reserved"),
    "resident": ("at_us", "resident"),
}
"""Of a sample, by whose figures they are: bytes but for the time, the GPU's index and its
utilisation in percent. `used` is the whole card's, `allocated` and `reserved` are this process'.
"""


@dataclass(frozen=True, slots=True)
class SeenGpu:
    """One GPU as NVML names it."""

    index: int
    name: str
    total: int
    """Bytes."""


class Nvml:
    """A session with the NVIDIA management library. `problem` says why there is none."""

    def __init__(self) -> None:
        self.problem = ""
        self._library: Any = None
        self._handles: list[Any] = []
        try:
            import pynvml  # of the package nvidia-ml-py

            pynvml.nvmlInit()
            self._library = pynvml
            count = pynvml.nvmlDeviceGetCount()
            self._handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(count)]
        except ImportError:
            self.problem = "no nvidia-ml-py"
        except pynvml.NVMLError as refused:
            self.problem = f"NVML: {refused}"

    @property
    def driver(self) -> str:
        """The driver's version; empty without one."""
        return _text(self._library.nvmlSystemGetDriverVersion()) if self._handles else ""

    def gpus(self) -> tuple[SeenGpu, ...]:
        """All of this machine, in NVML's order."""
        library = self._library
        return tuple(
            SeenGpu(
                i, _text(library.nvmlDeviceGetName(h)), library.nvmlDeviceGetMemoryInfo(h).total
            )
            for i, h in enumerate(self._handles)
        )

    def read(self, index: int) -> tuple[int, int, int, int]:
        """Bytes in all, used and free, and the share of time in which a kernel ran, in percent."""
        memory = self._library.nvmlDeviceGetMemoryInfo(self._handles[index])
        try:
            busy = self._library.nvmlDeviceGetUtilizationRates(self._handles[index]).gpu
        except self._library.NVMLError:  # not every virtual GPU tells
            busy = -1
        return memory.total, memory.used, memory.free, busy

    def uuid(self, index: int) -> str:
        """The card's own number."""
        return _text(self._library.nvmlDeviceGetUUID(self._handles[index]))

    def clocks(self, index: int) -> tuple[int, int]:
        """Clock of the multiprocessors and of the memory now, in MHz; 0 where it does not tell."""
        library = self._library
        try:
            return tuple(
                library.nvmlDeviceGetClockInfo(self._handles[index], kind)
                for kind in (library.NVML_CLOCK_SM, library.NVML_CLOCK_MEM)
            )
        except library.NVMLError:
            return 0, 0


class Monitor:
    """Samples while the block lasts, all GPUs; torch's figures are those of this process.

    `start` is the moment from which times count, in nanoseconds of `time.perf_counter_ns`.
    """

    def __init__(self, device: str, start: int, hz: int = HZ, nvml: Nvml | None = None) -> None:
        self._hz, self._nvml, self._start = hz, nvml or Nvml(), start
        self._rows: list[tuple[int, ...]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        seen = not self._nvml.problem and bool(self._nvml.gpus())
        self.source = "resident" if device == "cpu" else "nvml" if seen else "torch"

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """End, with a last sample; the thread is gone when this returns."""
        self._ended.set()
        self._thread.join()
        self._rows += self._read()

    def plain(self) -> dict[str, Any]:
        """As a record keeps it."""
        names = COLUMNS[self.source]
        columns = list(zip(*self._rows, strict=True)) if self._rows else [()] * len(names)
        samples = pack(dict(zip(names, columns, strict=True)))
        return {"hz": self._hz, "missing": "", "source": self.source, "samples": samples}

    def _watch(self) -> None:
        due = time.monotonic()
        while not self._ended.is_set():
            self._rows += self._read()
            due = max(due + 1 / self._hz, time.monotonic())
            self._ended.wait(max(0.0, due - time.monotonic()))

    def _read(self) -> list[tuple[int, ...]]:
        """One sample: a row, or with NVML one for each GPU."""
        at = (time.perf_counter_ns() - self._start) // 1000
        if self.source == "resident":
            return [(at, resident_bytes())]
        if self.source == "torch":
            return [(at, *figures)] if (figures := _torch_alone()) else []
        allocated, reserved, device = _torch_memory()
        rows: list[tuple[int, ...]] = []
        for gpu in self._nvml.gpus():
            mine = (allocated, reserved) if gpu.index == device else (0, 0)
            rows.append((at, gpu.index, *self._nvml.read(gpu.index), *mine))
        return rows


def resident_bytes() -> int:
    """Main memory that this process has now; at its most so far where the system says no more."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    return pages * resource.getpagesize()


def _torch_alone() -> tuple[int, int, int, int] | None:
    """Bytes of the GPU in all and used, and those that torch gave out and holds; None before its
    start.
    """
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return None
    free, total = torch.cuda.mem_get_info()
    allocated, reserved = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    return total, total - free, allocated, reserved


def _torch_memory() -> tuple[int, int, int]:
    """Bytes that torch's allocator gave out and holds, and on which GPU; nothing before its start.

    torch is looked up, never imported: a monitor must not start what it watches. torch counts the
    GPUs that the process may see, NVML counts all.
    """
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return 0, 0, -1
    device = torch.cuda.current_device()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    if device < len(visible) and visible[device].isdigit():
        device = int(visible[device])
    return torch.cuda.memory_allocated(), torch.cuda.memory_reserved(), device


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
