"""Measures one cell in a process of its own.

`python -m pagereel.measurements.running.cell SPEC OUT WEIGHTS`: SPEC is a cell as JSON; what was
measured goes to the file OUT, as JSON; seeded weights are kept in the folder WEIGHTS. A process of
its own has a clean allocator, and takes everything along when it fails.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from pagereel.measurements.protocol.capacity import Trial, largest, search, stopped
from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.protocol.workloads import AskedRequest, digest, make, means
from pagereel.measurements.samples.monitor import Monitor
from pagereel.measurements.samples.packed import pack
from pagereel.measurements.samples.tape import Tape

SETTINGS = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # else another process holds the engine and its memory
    "VLLM_DISABLE_REQUEST_ID_RANDOMIZATION": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_USE_FLASHINFER_SAMPLER": "0",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_LOGGING_LEVEL": "WARNING",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Environment of every cell, unless the caller's says otherwise."""


class Engine(Protocol):
    """What all engines have."""

    def facts(self) -> dict[str, Any]:
        """What the engine says of itself."""
        ...

    def run(self, requests: Sequence[AskedRequest]) -> tuple[Tape, list[list[int]]]:
        """Serve all requests; returns the tape and each request's tokens."""
        ...


class Fillable(Protocol):
    """What engines have that can try how many requests fit."""

    def facts(self) -> dict[str, Any]:
        """What the engine says of itself."""
        ...

    def fill(self, requests: Sequence[AskedRequest]) -> Trial:
        """Hand over all requests; to the end, or to the first no."""
        ...


def measure(cell: Cell, weights: Path, trace: Path) -> dict[str, Any]:
    """Run a cell's warm-ups and repeats; everything that was measured, as JSON."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    requests = make(cell.workload, cell.requests, cell.model, cell.max_len, cell.seed)
    load_before = os.getloadavg()[0]
    with Monitor() as monitor:
        engine = build_engine(cell, device, weights)
        runs, tokens = _repeat(engine, cell, requests)
        recorded = _record_blocks(engine, cell, requests, trace)
    return _common(engine, requests, (device, torch.get_num_threads(), load_before), monitor) | {
        "runs": runs,
        "tokens": pack({"ids": [token for row in tokens for token in row]}),
        "trace": recorded,
    }


def measure_capacity(cell: Cell, weights: Path) -> dict[str, Any]:
    """Try how many of a cell's requests fit; every trial, as JSON."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    requests = make(cell.workload, cell.requests, cell.model, cell.max_len, cell.seed)
    load_before = os.getloadavg()[0]
    with Monitor() as monitor:
        engine = build_fillable(cell, device, weights)
        trials = search(len(requests), lambda count: _attempt(engine, requests[:count]))
    return _common(engine, requests, (device, torch.get_num_threads(), load_before), monitor) | {
        "trials": [trial.plain() for trial in trials],
        "largest": largest(trials),
        "stopped": stopped(trials),
    }


def build_fillable(cell: Cell, device: str, weights: Path) -> Fillable:
    """What a capacity cell tries: an engine, or where nothing schedules, the cache alone."""
    method = METHODS[cell.method]
    if method.engine == "vllm":
        from pagereel.measurements.engines.paged_vllm import VllmEngine

        return VllmEngine(cell, device, weights)
    if method.cache == "paged":
        from pagereel.measurements.engines.paged_transformers import PagedTransformersEngine

        return PagedTransformersEngine(cell, device)
    from pagereel.measurements.engines.cache_growth import CacheGrowth

    return CacheGrowth(cell, device)


def build_engine(cell: Cell, device: str, weights: Path) -> Engine:
    """The engine of a cell's method; imports what it needs, and no more."""
    method = METHODS[cell.method]
    if method.engine == "vllm":
        from pagereel.measurements.engines.paged_vllm import VllmEngine

        return VllmEngine(cell, device, weights)
    if method.cache == "paged":
        from pagereel.measurements.engines.paged_transformers import PagedTransformersEngine

        return PagedTransformersEngine(cell, device)
    from pagereel.measurements.engines.contiguous import ContiguousEngine

    return ContiguousEngine(cell, device)


def _repeat(
    engine: Engine, cell: Cell, requests: Sequence[AskedRequest]
) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """All runs; those that count, and the tokens. Runs that disagree are none."""
    counted: list[dict[str, Any]] = []
    tokens: list[list[int]] = []
    for number in range(cell.warmups + cell.repeats):
        tape, made = engine.run(requests)
        if tokens and made != tokens and cell.dtype == "float32":
            raise RuntimeError(f"greedy tokens changed between runs {number} and {number + 1}")
        tokens = made
        if number >= cell.warmups:
            counted.append(tape.plain())
        print(f"run {number + 1} of {cell.warmups + cell.repeats}", file=sys.stderr, flush=True)
    return counted, tokens


def _record_blocks(
    engine: Engine, cell: Cell, requests: Sequence[AskedRequest], target: Path
) -> dict[str, Any] | None:
    """One more run, with every state of the block pool written to `target`."""
    if not cell.trace or not hasattr(engine, "trace"):
        return None
    lines = [json.dumps(doc, separators=(",", ":")) for doc in engine.trace(requests)]
    packed = gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)
    target.write_bytes(packed)
    return {"steps": len(lines) - 2, "sha256": hashlib.sha256(packed).hexdigest()}


def _attempt(engine: Fillable, requests: Sequence[AskedRequest]) -> Trial:
    trial = engine.fill(requests)
    print(f"{trial.requests} requests: {trial.ended or 'fit'}", file=sys.stderr, flush=True)
    return trial


def _common(
    engine: Engine | Fillable,
    requests: tuple[AskedRequest, ...],
    machine: tuple[str, int, float],
    monitor: Monitor,
) -> dict[str, Any]:
    """What cells of both kinds say; `machine`: the device, torch's threads, the load before."""
    device, threads, load_before = machine
    return {
        "workload": _workload(requests),
        "facts": engine.facts()
        | {
            "device": device,
            "torch_threads": threads,
            "load_before": round(load_before, 2),
            "load_after": round(os.getloadavg()[0], 2),
        },
        "memory": None if monitor.missing else monitor.plain(),
        "missing": monitor.missing,
    }


def _workload(requests: tuple[AskedRequest, ...]) -> dict[str, Any]:
    prompt_mean, output_mean = means(requests)
    return {"sha256": digest(requests), "prompt_mean": prompt_mean, "output_mean": output_mean}


def main() -> None:
    """See the top of the file."""
    spec, out, weights = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    cell = Cell(**json.loads(spec))
    if cell.kind == "capacity":
        measured = measure_capacity(cell, weights)
    else:
        measured = measure(cell, weights, out.with_suffix(".trace.jsonl.gz"))
    partial = out.with_suffix(".part")
    partial.write_text(json.dumps(measured), "utf-8")
    partial.replace(out)


if __name__ == "__main__":
    main()
