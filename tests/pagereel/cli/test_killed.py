"""Whatever is killed at whatever moment: under a final name lies a whole file, or none."""

import contextlib
import os
import random
import signal
import subprocess
import time

import pytest

from whole import is_whole

pytestmark = pytest.mark.pixels
KILLS = 3


@pytest.mark.parametrize(
    "words",
    [
        ("deck", "--quality", "draft"),
        ("frames", "--format", "svg"),
        ("render", "--quality", "draft", "--format", "gif", "--beats", "2"),
        ("render", "--quality", "draft", "--captions", "track"),
    ],
    ids=lambda words: "-".join(word.lstrip("-") for word in words),
)
def test_a_killed_command_leaves_only_whole_files(words, command, environment, board, tmp_path):
    verb, *options = words
    line = [*command, verb, str(board), *options, "--jobs", "1", "-o", str(tmp_path)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    start = time.monotonic()
    subprocess.run(line, env=environment, check=True, **quiet)
    whole_seconds = time.monotonic() - start

    dice = random.Random(len(words))
    for number in range(KILLS):
        for path in tmp_path.rglob("*.*"):
            if path.is_file() and number % 2:
                path.unlink()
        running = subprocess.Popen(line, env=environment, start_new_session=True, **quiet)
        time.sleep(whole_seconds * dice.uniform(0.4, 1.1))
        with contextlib.suppress(ProcessLookupError):  # it was faster
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        for path in tmp_path.rglob("*"):
            if path.is_file() and not any(part.startswith(".making-") for part in path.parts):
                is_whole(path)


@pytest.mark.parametrize("name", ["...yaml", "..yaml"])
def test_a_file_named_with_dots_alone_writes_nowhere(name, board, pagereel, tmp_path):
    path = tmp_path / "in" / name
    path.parent.mkdir()
    path.write_text(board.read_text("utf-8"), encoding="utf-8")
    for verb in ("frames", "deck", "render"):
        done = pagereel(verb, path, "-o", tmp_path / "out" / "deep")
        assert done.returncode == 1
        assert "give it a name" in done.stderr
    assert not (tmp_path / "out").exists()
