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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pagereel.measurements.protocol.capacity import Trial, largest, search, stopped
from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.protocol.workloads import AskedRequest, digest, make, means
from pagereel.measurements.running.machine import probe
from pagereel.measurements.running.sources import code_digest
from pagereel.measurements.samples.log import fingerprint, log_line, told
from pagereel.measurements.samples.monitor import Monitor
from pagereel.measurements.samples.packed import pack
from pagereel.measurements.samples.tape import Marks, Tape

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
    around, requests = _begin(cell), _requests(cell)
    with Monitor(around.device, around.marks.start) as monitor:
        engine = build_engine(cell, around.device, weights)
        _say_ready(around)
        runs, tokens = _repeat(engine, cell, requests, around.marks)
        recorded = _record_blocks(engine, cell, requests, trace)
        around.marks.mark("end")
    return _end(around, engine, requests, monitor) | {
        "runs": runs,
        "tokens": tokens,
        "trace": recorded,
    }


def measure_capacity(cell: Cell, weights: Path) -> dict[str, Any]:
    """Try how many of a cell's requests fit; every trial, as JSON."""
    around, requests = _begin(cell), _requests(cell)
    with Monitor(around.device, around.marks.start) as monitor:
        engine = build_fillable(cell, around.device, weights)
        _say_ready(around)
        trials = search(len(requests), lambda count: _attempt(engine, requests[:count]))
        around.marks.mark("end")
    return _end(around, engine, requests, monitor) | {
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


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds for the whole cell."""

    device: str
    load_before: float
    marks: Marks


def _begin(cell: Cell) -> _Around:
    """The cell's first words: what it is, and on what machine it runs with which code."""
    found = probe()
    around = _Around(found["device"], round(os.getloadavg()[0], 2), Marks())
    _say(
        "cell",
        {
            "cell": cell.plain(),
            "code": code_digest(),
            "machine": told(found),
            "load": around.load_before,
            "utc": _utc(),
        },
    )
    return around


def _say_ready(around: _Around) -> None:
    around.marks.mark("model loaded")
    _say("ready", {"at_us": around.marks.now()})


def _requests(cell: Cell) -> tuple[AskedRequest, ...]:
    return make(cell.workload, cell.requests, cell.model, cell.max_len, cell.seed)


def _repeat(
    engine: Engine, cell: Cell, requests: Sequence[AskedRequest], marks: Marks
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """All runs; those that count, and the tokens, packed. Runs that disagree are none."""
    counted: list[dict[str, Any]] = []
    tokens: dict[str, str] = {}
    for number in range(cell.warmups + cell.repeats):
        name = (
            f"run {number - cell.warmups + 1}"
            if number >= cell.warmups
            else f"warm-up {number + 1}"
        )
        marks.mark(f"{name} begins")
        tape, made = engine.run(requests)
        run = tape.plain()
        marks.mark(f"{name} ends")
        packed = pack({"ids": [token for row in made for token in row]})
        if tokens and packed != tokens and cell.dtype == "float32":
            raise RuntimeError(f"greedy tokens changed between runs {number} and {number + 1}")
        tokens = packed
        if number >= cell.warmups:
            counted.append(run)
        _say("run", {"name": name, "run": fingerprint(run), "tokens": fingerprint(packed)})
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
    found = {"steps": len(lines) - 2, "sha256": hashlib.sha256(packed).hexdigest()}
    _say("trace", found)
    return found


def _attempt(engine: Fillable, requests: Sequence[AskedRequest]) -> Trial:
    trial = engine.fill(requests)
    _say("trial", trial.plain())
    return trial


def _end(
    around: _Around,
    engine: Engine | Fillable,
    requests: tuple[AskedRequest, ...],
    monitor: Monitor,
) -> dict[str, Any]:
    """What cells of both kinds record, and the cell's last words."""
    import torch

    load_after = round(os.getloadavg()[0], 2)
    marks = around.marks.plain()
    _say("end", {"marks": marks, "load": load_after, "utc": _utc()})
    return {
        "workload": _workload(requests),
        "facts": engine.facts()
        | {
            "device": around.device,
            "torch_threads": torch.get_num_threads(),
            "load_before": around.load_before,
            "load_after": load_after,
        },
        "memory": monitor.plain(),
        "missing": "",
        "marks": marks,
    }


def _say(what: str, about: Mapping[str, Any]) -> None:
    print(log_line(what, about), flush=True)


def _utc() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


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
