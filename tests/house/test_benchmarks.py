"""The benchmarks run as plain scripts, though one of them is called like the package `model`."""

import json
import os
import subprocess
import sys

import pytest

from places import ROOT

SCRIPTS = sorted(path.name for path in (ROOT / "benchmarks").glob("*.py"))


def run(script, *args, **env):
    return subprocess.run(
        [sys.executable, f"benchmarks/{script}", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **env},
    )


@pytest.mark.shown
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_benchmark_explains_itself_as_a_plain_script(script):
    done = run(script, "--help")
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout


@pytest.mark.shown
def test_the_models_benchmark_says_where_vllm_would_be_or_compares_with_it():
    done = run("model.py", "--requests", "20", "--running", "5", "--repeat", "1")
    assert done.returncode == 0, done.stderr
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert [run["run"] for run in runs if "run" in run][-3:] == ["metrics", "states", "steps"]
    assert "make conformance" in done.stderr or "times_vllm" in runs[-1]


@pytest.mark.shown
def test_the_request_log_benchmark_reads_a_trace(tmp_path):
    rows = [f"2023-11-16 18:15:{second:02},{100 + second},9" for second in range(40)]
    log = tmp_path / "log.csv"
    log.write_text("\n".join(["TIMESTAMP,ContextTokens,GeneratedTokens", *rows]), "utf-8")
    done = run("request_log.py", str(log))
    assert [json.loads(line)["requests"] for line in done.stdout.splitlines()] == [10, 20, 40]
