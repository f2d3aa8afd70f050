"""A run leaves nothing in the temporary folder; what a killed one leaves, the next one removes."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.pixels,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at Linux's processes"),
]


@pytest.fixture
def folder(tmp_path):
    """An empty folder for temporary files."""
    (tmp_path / "temporary").mkdir()
    return tmp_path / "temporary"


@pytest.fixture
def start(command, environment, board, folder, tmp_path):
    """Starts to draw something, two clips at once."""

    def started(*words):
        line = [*command, *map(str, words)]
        more = {"TMPDIR": str(folder), "PAGEREEL_CACHE": str(tmp_path / "cache")}
        return subprocess.Popen(
            line, env=environment | more, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    draft = ("--quality", "draft", "--speed", "10", "--jobs", "2", "-o", tmp_path / "out")
    return lambda *words: started(*words, *(() if words == ("schema",) else (board, *draft)))


def wait_for(condition):
    end = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)
    return found


def workers(session):
    """The processes that draw: those whose parent is neither of ours, nor a stranger."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found[int(entry.parent.name)] = int(fields[1])
    return [pid for pid, parent in found.items() if found.get(parent) == session]


def test_nothing_is_left_when_all_went_well(start, folder):
    for words in (("render",), ("deck", "--format", "pptx")):
        running = start(*words)
        told = running.communicate()[1]
        assert running.returncode == 0 and "Traceback" not in told
        assert list(folder.iterdir()) == []


def test_nothing_is_left_when_a_worker_was_killed(start, folder):
    running = start("render")
    os.kill(wait_for(lambda: workers(running.pid))[0], signal.SIGKILL)
    assert "ended from outside" in running.communicate()[1] and running.returncode == 3
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_a_signal_ended_it(number, start, folder):
    running = start("render")
    wait_for(lambda: workers(running.pid))
    running.send_signal(number)
    running.communicate()
    assert running.returncode == 128 + number
    assert list(folder.iterdir()) == []


def test_what_is_left_when_it_was_killed_goes_with_the_next_run(start, folder):
    running = start("render")
    wait_for(lambda: workers(running.pid))
    running.kill()
    running.communicate()
    wait_for(lambda: not workers(running.pid))
    (folder / "a-stranger-s").mkdir()
    start("schema").communicate()
    assert [path.name for path in folder.iterdir()] == ["a-stranger-s"]
