"""A FIFO in the place of any file that a command reads ends that command at once, with a reason."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from places import ROOT

SOON = 30
"""Seconds: a FIFO is waited for without end. Alone on its machine, each takes less than one."""
RESULTS = ROOT / "measurements" / "results"
FIFO = "a FIFO, not a file"
RECORDED = """\
title: Recorded
recording: fifo.jsonl.gz
lanes: {real: {kind: recorded}}
beats: [{title: A step, do: [step], say: Nothing.}]
"""
CHARTED = """\
title: Charted
record: fifo.json
lanes: {paged: {kind: paged, slots: 16}}
beats: [{title: A chart, card: chart, chart: {show: memory, of: chat}, say: "{finding}"}]
"""


@pytest.fixture
def folder(tmp_path, story):
    """A folder with FIFOs of all kinds, and sound files that name them."""
    for name in ("fifo.yaml", "fifo.json", "fifo.jsonl.gz", "fifo.csv", "01.wav"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "good.yaml").write_text(story, "utf-8")
    (tmp_path / "recorded.yaml").write_text(RECORDED, "utf-8")
    (tmp_path / "charted.yaml").write_text(CHARTED, "utf-8")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "video.mp4").write_bytes(b"")
    os.mkfifo(tmp_path / "made" / "manifest.json")
    return tmp_path


def words(text):
    return pytest.param(*text.split(" | "), id=text.split(" | ")[0])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        words(f"check fifo.yaml | {FIFO}"),
        words(f"check recorded.yaml | {FIFO}"),
        words(f"check charted.yaml | {FIFO}"),
        words(f"render fifo.yaml | {FIFO}"),
        words(f"render good.yaml --voice recorded:. | {FIFO}"),
        words(f"frames fifo.yaml | {FIFO}"),
        words(f"deck fifo.yaml | {FIFO}"),
        words(f"trace fifo.yaml | {FIFO}"),
        words(f"list . | {FIFO}"),
        words("preview fifo.yaml | fifo.yaml: "),
        words("verify fifo.yaml | fifo.yaml: "),
        words(f"verify made/video.mp4 | {FIFO}"),
        words(f"replay fifo.csv | {FIFO}"),
        words(f"replay fifo.jsonl.gz | {FIFO}"),
        words(f"charts fifo.json | {FIFO}"),
        words(f"measure --validate fifo.json | {FIFO}"),
    ],
)
def test_a_command_is_done_at_once_and_says_why(folder, command, environment, asked, said):
    done = subprocess.run(
        [*command, *asked.split()], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=SOON, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert said in done.stderr and "Traceback" not in done.stderr


def test_a_fifo_beside_a_record_is_no_trace(tmp_path, pagereel):
    (record,) = RESULTS.glob("*-cpu.json")
    shutil.copy(record, tmp_path)
    for path in RESULTS.glob(f"{record.stem}.*.gz"):
        os.mkfifo(tmp_path / path.name)
    done = pagereel("measure", "--validate", Path(tmp_path, record.name))
    assert done.returncode == 1 and "is missing" in done.stderr
