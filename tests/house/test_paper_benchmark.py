"""The benchmark against the paper's figures runs as documented, and its shares are whole."""

import re
import subprocess
import sys

import pytest

from places import ROOT


@pytest.mark.shown
def test_the_benchmark_prints_paper_ours_and_difference_for_four_systems():
    done = subprocess.run(
        [sys.executable, "benchmarks/paper.py", "--requests", "120"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "mean 161." in done.stdout
    assert "mean 337." in done.stdout
    for row in ("paper", "ours", "difference"):
        assert len(re.findall(rf"^  {row} ", done.stdout, re.MULTILINE)) == 4
    for line in re.findall(r"^  ours (.*)$", done.stdout, re.MULTILINE):
        *shares, batch = map(float, line.split())
        assert sum(shares) == pytest.approx(100, abs=0.3)
        assert batch >= 7 - 1e-9
