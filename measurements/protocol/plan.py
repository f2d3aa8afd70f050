"""What is measured: the methods, and the cells that a preset runs under one K/V budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from pagereel.measurements.protocol.models import SHAPES

MIB = 2**20
REPEATS = 5
"""Runs that count: with fewer the interval of a median cannot reach 95 %."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to keep K/V while requests are served."""

    title: str
    """What charts call it."""
    engine: str
    """`transformers` or `vllm`."""
    cache: str
    """`static`, `dynamic` or `paged`."""
    batched: bool
    """Whether requests run together; otherwise one after the other."""


METHODS: dict[str, Method] = {
    "seq-dynamic": Method("DynamicCache, one by one", "transformers", "dynamic", False),
    "seq-static": Method("StaticCache, one by one", "transformers", "static", False),
    "batch-dynamic": Method("DynamicCache, batches", "transformers", "dynamic", True),
    "batch-static": Method("StaticCache, batches", "transformers", "static", True),
    "hf-paged": Method("transformers, paged", "transformers", "paged", True),
    "vllm": Method("vLLM, paged", "vllm", "paged", True),
}
"""seq-* beside vLLM mixes batching with paging; batch-static and hf-paged tell the two apart."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One method on one workload: what one process measures."""

    method: str
    model: str
    workload: str
    requests: int
    budget_bytes: int
    """Bytes for K/V: the one budget that all methods of a workload share."""
    max_len: int
    """Tokens that a contiguous row reserves; no request is longer."""
    block_size: int
    """Tokens a block; 0 where nothing is paged."""
    dtype: str
    repeats: int
    warmups: int = 1
    """Runs before those that count."""
    seed: int = 0
    attention: str = ""
    """The attention backend asked of vLLM; empty: its choice."""
    graphs: bool = False
    """CUDA graphs, a cell of its own: eager is compared with eager."""
    weights: str = "seeded"
    """`seeded`: the same random weights for every method; `dummy`: vLLM's own, tokens not compared.
    """
    trace: bool = False
    """Whether one more run records vLLM's block tables, step by step."""
    kind: str = "serve"
    """`serve`: runs of the whole workload; `capacity`: trials, how many of its requests fit."""
    async_scheduling: bool = False
    """Whether vLLM schedules a step while the one before still runs."""
    gpus: int = 1
    """Over how many the model is split (vLLM's tensor parallelism)."""

    @property
    def name(self) -> str:
        """Unique in a plan."""
        parts = [self.model, self.workload, self.method, self.attention.lower().replace("_", "-")]
        parts += ["graphs" if self.graphs else "", "async" if self.async_scheduling else ""]
        parts += [f"tp{self.gpus}" if self.gpus > 1 else ""]
        parts += ["capacity" if self.kind == "capacity" else ""]
        return "-".join(part for part in parts if part)

    @property
    def token_bytes(self) -> int:
        """K/V bytes of one token."""
        return SHAPES[self.model].bytes_per_token(self.dtype)

    @property
    def rows(self) -> int:
        """Rows of `max_len` that the budget holds: a contiguous batch."""
        together = METHODS[self.method].batched
        return max(1, self.budget_bytes // (self.max_len * self.token_bytes)) if together else 1

    @property
    def blocks(self) -> int:
        """Blocks that the budget holds."""
        return self.budget_bytes // (self.block_size * self.token_bytes) if self.block_size else 0

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


PRESETS = {
    "quick": "the four prompts, GPT-2's shape, one run a method, and capacity; minutes anywhere",
    "cpu": "GPT-2's shape on a CPU: the four prompts and 24 chat requests, and a recorded trace",
    "full": "GPT-2's shape on a GPU: the four prompts, 128 chat requests, two backends",
    "8b": "Llama 3.1 8B's shape on a GPU: 256 chat requests under 8 GiB of K/V",
    "short": "twelve minutes on a large GPU: both shapes, asynchronous or not, capacity, traces",
}


def plan(preset: str, device: str) -> tuple[Cell, ...]:
    """The cells of a preset on a device, `cpu` or `cuda`, most at risk first.

    Raises KeyError for a preset that does not exist.
    """
    cells = _CELLS[preset]
    return tuple(cells(device))


def _quick(device: str) -> Iterator[Cell]:
    yield from _methods(_four(device, repeats=1))
    yield from _capacities(_short(device))


def _cpu(device: str) -> Iterator[Cell]:
    yield from _methods(_four(device, REPEATS))
    yield from _methods(_chat(device, 24, 288 if device == "cpu" else 144), lone=4)
    yield from _capacities(_short(device))


def _full(device: str) -> Iterator[Cell]:
    four, chat = _four(device, REPEATS), _chat(device, 128, 576 if device == "cpu" else 288)
    for cells in (four, chat):
        yield from _backends(cells, device)
        yield from _methods(cells, lone=8)
    yield from _capacities(replace(chat, requests=96))


def _short_of_time(device: str) -> Iterator[Cell]:
    """What is most worth knowing first, and what may not run here last."""
    four = _four(device, 3)
    chat = replace(_chat(device, 64, 576 if device == "cpu" else 288), repeats=3)
    large = Cell(
        "vllm", "llama-3.1-8b", "chat", 128, 8192 * MIB, 2048, _block(device), _dtype(device), 3,
        weights="dummy",
    )  # fmt: skip
    yield large
    yield replace(large, async_scheduling=True)
    yield replace(large, method="batch-static", block_size=0, repeats=1, weights="seeded")
    yield from _together(four)
    yield from _together(chat)
    yield replace(chat, async_scheduling=True, trace=False)
    yield from _capacities(replace(chat, requests=96, repeats=1))
    yield replace(large, gpus=2)


def _together(shape: Cell) -> Iterator[Cell]:
    """The methods that run requests together."""
    yield from (cell for cell in _methods(shape) if METHODS[cell.method].batched)


def _eight_billion(device: str) -> Iterator[Cell]:
    shape = Cell(
        "vllm",
        "llama-3.1-8b",
        "chat",
        256,
        8192 * MIB,
        2048,
        _block(device),
        _dtype(device),
        REPEATS,
    )
    yield replace(shape, weights="dummy", trace=True)
    yield from _backends(replace(shape, weights="dummy"), device)
    for method in ("batch-static", "batch-dynamic"):
        yield replace(shape, method=method, block_size=0, repeats=1)
    yield replace(shape, method="seq-static", block_size=0, requests=4, repeats=1, warmups=0)
    for cell in _capacities(replace(shape, weights="dummy", requests=256)):
        if cell.method != "hf-paged":  # its pool comes with a model: 16 GiB of random weights
            yield cell


def _four(device: str, repeats: int) -> Cell:
    """Two rows of 512 tokens, or as many blocks."""
    budget = (72 if device == "cpu" else 36) * MIB
    return Cell(
        "vllm", "gpt2", "four", 4, budget, 512, _block(device), _dtype(device), repeats, trace=True
    )


def _chat(device: str, requests: int, budget_mib: int) -> Cell:
    return replace(
        _four(device, REPEATS), workload="chat", requests=requests, budget_bytes=budget_mib * MIB
    )


def _short(device: str) -> Cell:
    """Short questions and answers: capacity in minutes, even on a CPU.

    A GPU gets more of both, because torch takes memory from it in pieces of up to 20 MiB.
    """
    four = _four(device, 1)
    requests, budget = (48, four.budget_bytes) if device == "cpu" else (256, 288 * MIB)
    return replace(four, workload="instruct", requests=requests, budget_bytes=budget)


def _capacities(shape: Cell) -> Iterator[Cell]:
    """How many requests fit, in each way to keep those that run together."""
    for name in ("vllm", "hf-paged", "batch-static", "batch-dynamic"):
        block = {"vllm": shape.block_size, "hf-paged": 16}.get(name, 0)
        yield replace(
            shape, method=name, block_size=block, kind="capacity", repeats=1, warmups=0, trace=False
        )


def _methods(shape: Cell, lone: int = 0) -> Iterator[Cell]:
    """Every method once; `lone`: fewer requests and one run for those that take them one by one."""
    for name in ("vllm", "hf-paged", "batch-static", "batch-dynamic", "seq-static", "seq-dynamic"):
        method = METHODS[name]
        block = {"vllm": shape.block_size, "hf-paged": 16}.get(name, 0)
        cell = replace(shape, method=name, block_size=block, trace=shape.trace and name == "vllm")
        if lone and not method.batched:
            cell = replace(cell, requests=lone, repeats=1)
        yield cell


def _backends(shape: Cell, device: str) -> Iterator[Cell]:
    """vLLM with another attention backend, and with CUDA graphs; a CPU has neither."""
    if device == "cuda":
        yield replace(shape, method="vllm", attention="FLASH_ATTN", trace=False)
        yield replace(shape, method="vllm", async_scheduling=True, trace=False)
        yield replace(shape, method="vllm", graphs=True, trace=False)


def _block(device: str) -> int:
    """vLLM's default; on a CPU its block must be a multiple of 32."""
    return 32 if device == "cpu" else 16


def _dtype(device: str) -> str:
    return "float32" if device == "cpu" else "float16"


_CELLS = {
    "quick": _quick,
    "cpu": _cpu,
    "full": _full,
    "8b": _eight_billion,
    "short": _short_of_time,
}
"""What each of `PRESETS` runs."""
