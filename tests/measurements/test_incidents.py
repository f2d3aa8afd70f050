"""What a recorder wrote down becomes a trace, can be asked about, and is played by a storyboard."""

import gzip
import json
import sys

import pytest

from pagereel.measurements.running.incident import (
    NothingRecorded,
    record,
    trace_of_recording,
    write_trace,
)
from pagereel.read import read_timeline

from places import ROOT

GOLDEN = ROOT / "tests" / "fixtures" / "vllm" / "golden" / "05-preempt-resume.jsonl.gz"
ABOUT = {"vllm": "0.32.0", "model": "tiny", "layers": 2, "kv_heads": 4, "head_dim": 32,
         "dtype": "float32"}  # fmt: skip
WRITER = """\
import os, pathlib
pathlib.Path(os.environ["PAGEREEL_RECORD"]).write_text({text!r})
raise SystemExit(3)
"""


def written(cut=None):
    """A golden trace of real vLLM as the recorder would have written it down."""
    text = gzip.decompress(GOLDEN.read_bytes()).decode()
    head, *rest = [json.loads(line) for line in text.splitlines()]
    workload, steps = head["workload"], [one for one in rest if "step" in one]
    lines = [{"config": workload["config"], "recorded": ABOUT}]
    for number, step in enumerate(steps[:cut]):
        for asked in workload["requests"]:
            if (asked.get("arrival") or 0) == number:
                told = {"id": asked["id"], "prompt": asked["prompt"], "most": 20}
                lines.append({"request": told | {"cache_salt": None, "priority": 0}})
        lines.append({key: value for key, value in step.items() if key != "step"})
    return [json.dumps(line) for line in lines]


@pytest.fixture
def trace(tmp_path):
    part = tmp_path / "part"
    part.write_text("\n".join([*written(), '{"ended": ""}', '{"cut o']), "utf-8")
    assert write_trace(part, tmp_path / "incident.jsonl.gz") == 18
    return tmp_path / "incident.jsonl.gz"


def test_a_recorded_request_is_told_about_beside_the_model(trace, pagereel):
    listed = pagereel("why", trace)
    assert "r1 (b): prompt of 8, waited in 9 steps, preempted once" in listed.stdout, listed.stderr
    done = pagereel("why", trace, "b")  # as the server calls it
    assert "step 5: it was preempted: no block was free, r0 needed one more" in done.stdout
    assert done.stdout.endswith("says the same in every step.\n")
    done = pagereel("why", trace, "nobody")
    assert done.returncode == 1 and "incident.jsonl.gz has no request nobody" in done.stderr


def test_an_incident_is_played_by_the_storyboard_that_is_written(trace, pagereel):
    story = trace.with_name("why.yaml")
    assert pagereel("why", trace, "r1", "-o", story).returncode == 0
    timeline = read_timeline(story)
    assert timeline.storyboard.recording.runs[0].source == "vLLM 0.32.0, tiny, unsigned"
    said = [beat.caption for beat in timeline.beats]
    assert any("r1 was preempted: no block was free" in words for words in said)


def test_a_recording_that_was_cut_off_has_requests_that_never_end():
    workload, *steps, summary = trace_of_recording(written(cut=7))
    assert len(steps) == summary["summary"]["steps"] == 7
    lengths = {one["id"]: len(one["output"]) for one in workload["workload"]["requests"]}
    assert lengths["r0"] == 20


def test_the_command_runs_with_the_recorder_and_its_status_is_told(tmp_path):
    script = tmp_path / "engine.py"
    script.write_text(WRITER.format(text="\n".join(written())), "utf-8")
    status, part = record([sys.executable, str(script)], tmp_path, 100)
    assert status == 3 and write_trace(part, tmp_path / "x.jsonl.gz") == 18
    found = sorted((tmp_path / "code").glob("*.dist-info/entry_points.txt"))
    assert "engines.recorder:install" in found[0].read_text("utf-8")


def test_a_command_without_vllm_is_told(tmp_path, pagereel):
    done = pagereel("record", "-o", tmp_path / "x.gz", "--", sys.executable, "-c", "pass")
    assert done.returncode == 3 and "vLLM did not load the recorder" in done.stderr
    with pytest.raises(NothingRecorded):
        list(trace_of_recording([]))
