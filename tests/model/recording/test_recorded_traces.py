"""What real vLLM did beside the model on the same requests: equal, or said where they part."""

import gzip
import json
import shutil
from dataclasses import replace
from itertools import product

import pytest

from pagereel.errors import InputWrong
from pagereel.measured.charts import Opened, make_chart
from pagereel.measured.records import open_record, trace_lines
from pagereel.measurements.modelled.traces import compare_trace
from pagereel.model.recording.data import BadRecording
from pagereel.model.traces.documents import read_trace
from pagereel.replays import compare as comparing
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.charts.chart import chart_picture
from pagereel.scenes.style import THEMES, paint

from places import ROOT

RESULTS = ROOT / "measurements" / "results"
TRACES = sorted(RESULTS.glob("*-vllm.jsonl.gz"))


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_the_model_is_equal_to_every_recorded_step(path, pagereel):
    done = pagereel("replay", path, "--points", "5")
    assert done.returncode == 0, done.stderr
    found = compare_trace(trace_lines(path))
    assert found.recorded == found.modelled
    assert f"equal in all {found.steps} steps" in done.stdout
    rows = [line for line in done.stdout.splitlines() if line[:8].strip().isdigit()]
    assert len(rows) == 5
    last = found.recorded[-1]
    assert f"{last.blocks} / {last.blocks}" in rows[-1]
    told = json.loads(pagereel("replay", path, "--json").stdout)
    assert told["steps"] == len(told["recorded"]) == len(told["modelled"])


def test_a_difference_is_printed_and_is_a_failure(monkeypatch, capsys):
    found = compare_trace(trace_lines(TRACES[0]))
    other = found.modelled[:-1]
    parted = replace(found, modelled=other, difference="step 3 differs:\n  free")
    monkeypatch.setattr(comparing, "compare_trace", lambda path: parted)
    with pytest.raises(InputWrong, match="step 3 differs"):
        comparing.compare_recorded(TRACES[0], 3, "text")
    printed = capsys.readouterr().out
    assert "equal in all" not in printed
    assert f"{found.recorded[-1].running} / –" in printed


def test_a_trace_without_its_record_is_refused(tmp_path, pagereel):
    lone = shutil.copy(TRACES[0], tmp_path)
    done = pagereel("replay", lone)
    assert done.returncode == 1
    assert "no record" in done.stderr


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: lines[1:], "line 1: this is no trace"),
        (lambda lines: lines[:-1], "the summary is missing"),
        (lambda lines: lines[:3] + lines[4:], "line 4: step 2 was to come here"),
        (lambda lines: lines[:-2] + lines[-1:], "some are missing"),
        (lambda lines: [*lines[:2], "{", *lines[3:]], "line 3: this is no JSON"),
    ],
)
def test_a_trace_that_is_not_whole_is_refused_with_the_line(damage, said):
    lines = gzip.decompress(TRACES[0].read_bytes()).decode().splitlines()
    with pytest.raises(BadRecording, match=said):
        list(read_trace(damage(lines)).steps)


def test_the_chart_of_a_trace_has_both_in_every_step():
    path = next(RESULTS.glob("*-cpu.json"))
    chart = make_chart(Opened(open_record(path), path), "trace", "chat")
    recorded, modelled = chart.body.panels
    assert recorded.points == modelled.points
    assert chart.body.unit == "steps"
    assert f"in all {len(recorded.points) - 1} steps" in chart.finding
    for canvas, theme in product(CANVASES.values(), THEMES.values()):
        assert lint(paint(chart_picture(chart, canvas), theme)) == ()
