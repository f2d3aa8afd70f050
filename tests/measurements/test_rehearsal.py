"""A GPU host without a GPU: NVML and torch answer what was recorded of them, the model serves.

Everything of a measurement but the engines themselves runs as it would there: cells, monitor, log,
record, checks. So what fails on the day can only be the engines.
"""

import json
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pagereel.measurements.checks.verify import verify
from pagereel.measurements.modelled.predict import predict, predict_trial
from pagereel.measurements.protocol.plan import METHODS, plan
from pagereel.measurements.records.forms import CellRecord, Machine
from pagereel.measurements.running import cell as measuring
from pagereel.measurements.running.machine import findings, probe
from pagereel.measurements.running.run import CellOutcome, Order, _plain_log, assemble
from pagereel.measurements.samples.tape import Tape

NAME, TOTAL, POOL = "NVIDIA H200", 143_771 * 2**20, 2**34
STEP_S = 0.0004


class NvmlError(Exception):
    """What the library raises."""


def nvml():
    """As an H200 answered."""
    memory = SimpleNamespace(total=TOTAL, used=POOL + 2**31, free=TOTAL - POOL - 2**31)
    return SimpleNamespace(
        NVMLError=NvmlError, NVML_CLOCK_SM=1, NVML_CLOCK_MEM=2,
        nvmlInit=lambda: None, nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda handle: NAME, nvmlDeviceGetUUID=lambda handle: "GPU-0",
        nvmlDeviceGetMemoryInfo=lambda handle: memory,
        nvmlDeviceGetUtilizationRates=lambda handle: SimpleNamespace(gpu=96),
        nvmlDeviceGetClockInfo=lambda handle, kind: (1980, 3201)[kind - 1],
        nvmlSystemGetDriverVersion=lambda: "580.105.08",
    )  # fmt: skip


def torch():
    """As torch answered there."""
    cuda = SimpleNamespace(
        is_available=lambda: True, is_initialized=lambda: True, current_device=lambda: 0,
        memory_allocated=lambda: POOL, memory_reserved=lambda: POOL + 2**28,
    )  # fmt: skip
    return SimpleNamespace(
        cuda=cuda, __version__="2.13.0+cu130", version=SimpleNamespace(cuda="13.0"),
        get_num_threads=lambda: 16,
    )  # fmt: skip


class ModelEngine:
    """Serves as the model says, a little slower than a GPU."""

    def __init__(self, cell):
        self._cell = cell

    def facts(self):
        method, cell = METHODS[self._cell.method], self._cell
        own = 2 if cell.method == "hf-paged" else 0
        facts = {"attention": cell.attention or "TRITON_ATTN"}
        if method.cache == "paged":
            pool = (cell.blocks + own) * cell.block_size * cell.token_bytes
            facts |= {"pool_bytes": pool, "max_num_batched_tokens": 8192, "max_num_seqs": 256}
        if method.engine == "vllm":
            facts["async_scheduling"] = cell.async_scheduling
        return facts

    def _known(self, kind):
        about = {"sha256": "0" * 64, "prompt_mean": 1.0, "output_mean": 1.0}
        load = {"torch_threads": 16, "load_before": 0.0, "load_after": 0.0}
        common = {"workload": about, "facts": self.facts() | {"device": "cuda"} | load,
                  "memory": None, "missing": ""}  # fmt: skip
        bare = {"wall_us": 1, "preemptions": 0, "steps": {}, "tokens": {}}
        trial = {"requests": 1, "ended": "", "steps": 1, "live": 1, "held": 0}
        made = {
            "measured": common | {"runs": [bare], "tokens": {}, "trace": None},
            "filled": common | {"trials": [trial], "largest": 1, "stopped": ""},
        }
        entry = {"cell": self._cell.plain(), "status": "ok", "seconds": 1.0, "log": None}
        return CellRecord.model_validate(entry | {kind: made[kind]})

    def run(self, requests):
        tape, pool = Tape(len(requests)), self.facts().get("pool_bytes")
        for moment in predict(self._known("measured")):
            time.sleep(STEP_S)
            at = tape.now()
            tape.step(at, moment.live, pool or moment.reserved, moment.held, moment.used)
            tape.preempted(moment.preempted)
            for place in moment.sampled:
                tape.token(place, at)
        return tape, [[7] * asked.output for asked in requests]

    def fill(self, requests):
        trial = predict_trial(self._known("filled"), len(requests))
        return replace(trial, ended="out of memory") if trial.ended == "over budget" else trial


@pytest.fixture
def gpu_host(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", nvml())
    monkeypatch.setitem(sys.modules, "torch", torch())
    packages = {"vllm": "0.32.0", "transformers": "5.17.0"}
    monkeypatch.setattr(
        "pagereel.measurements.running.machine._version", lambda name: packages.get(name, "")
    )
    monkeypatch.setattr(measuring, "build_engine", lambda cell, device, weights: ModelEngine(cell))
    monkeypatch.setattr(measuring, "build_fillable", lambda cell, device, folder: ModelEngine(cell))


def test_a_measurement_on_a_gpu_host_is_rehearsed_to_its_record(gpu_host, tmp_path, capsys):
    found = probe()
    assert [f.found for f in findings(found) if f.name == "GPU"] == [f"0: {NAME}, 140 GiB"]
    order = Order("quick", sys.executable, found, tmp_path, only="gpt2-four-batch")
    outcomes = []
    for cell in order.cells:
        if order.why_not(cell):
            outcomes.append(CellOutcome(cell, "skipped", 0.0, why=order.why_not(cell)))
            continue
        began = time.monotonic()
        measured = measuring.measure(cell, tmp_path, tmp_path / f"{cell.name}.trace.jsonl.gz")
        log = tmp_path / "log"
        log.write_text(capsys.readouterr().out, "utf-8")
        took = round(time.monotonic() - began + 0.1, 1)
        text = _plain_log(log, order)
        outcomes.append(
            CellOutcome(cell, "ok", took, text, json.loads(json.dumps(measured)), exit=0)
        )
    record = assemble(order, outcomes)
    assert len(verify(record.model_dump(mode="json")).ok()) == 2
    assert record.machine.gpus[0].name == NAME and record.machine.cuda == "13.0"
    assert all(entry.measured.memory.source == "nvml" for entry in record.ok())


def test_what_takes_two_gpus_is_skipped_with_a_word(gpu_host, tmp_path):
    order = Order("short", sys.executable, probe(), tmp_path)
    (two,) = [cell for cell in order.cells if cell.gpus == 2]
    assert (two.name, order.why_not(two)) == ("llama-3.1-8b-chat-vllm-tp2", "it takes 2 GPUs")
    assert {cell.async_scheduling for cell in plan("short", "cuda")} == {False, True}
    assert set(Machine.model_fields) <= set(order.machine)
