"""Whatever ends a render early: nothing half-made has a final name, and the next run goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from pagereel.errors import MachineFailed
from pagereel.outputs.frames import write_frames
from pagereel.outputs.video import render
from pagereel.read import read_timeline
from pagereel.render.plan import Source, plan
from pagereel.render.settings import FrameOptions, Settings

pytestmark = pytest.mark.pixels
DRAFT = ("--quality", "draft")


class Here(Executor):
    """Does every job at once, in this process; counts them."""

    def __init__(self):
        self.jobs = 0

    def submit(self, function, /, *arguments, **named):
        self.jobs += 1
        future = Future()
        try:
            future.set_result(function(*arguments, **named))
        except BaseException as problem:
            future.set_exception(problem)
        return future


class Failing(Executor):
    """Every job ends in this problem."""

    def __init__(self, problem):
        self.problem = problem

    def submit(self, function, /, *arguments, **named):
        future = Future()
        future.set_exception(self.problem)
        return future


@pytest.fixture
def source(board):
    return Source(board, read_timeline(board))


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A cache with nothing in it."""
    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def started(command, environment, *words, cache):
    env = environment | {"PAGEREEL_CACHE": str(cache)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, *map(str, words)], env=env, start_new_session=True, **pipes)


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


def clips_in(cache):
    return [path for path in cache.glob("*.mp4") if not path.name.startswith(".")]


def half_made(cache):
    """The names in the workshops of a cache; these come and go."""
    return [name for folder, _, names in os.walk(cache) if ".making-" in folder for name in names]


def processes_of(session):
    """The living processes of a session, zombies aside."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(entry.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at Linux's processes")
def test_a_killed_render_leaves_no_half_made_file_no_process_and_finished_beats(
    command, environment, board, tmp_path, pagereel
):
    cache, out = tmp_path / "cache", tmp_path / "out"
    running = started(command, environment, "render", board, *DRAFT, "--jobs", 1, "-o", out,
                      cache=cache)  # fmt: skip
    wait_for(lambda: clips_in(cache))
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    wait_for(lambda: not processes_of(running.pid), seconds=20)

    kept = len(clips_in(cache))
    assert not list(out.rglob("*.mp4")) and not list(out.rglob("manifest.json"))
    done = pagereel("render", board, *DRAFT, "--jobs", 1, "-o", out, "--json", cache=cache)
    assert json.loads(done.stdout)[0]["drawn"] == 3 - kept < 3


def test_an_interrupted_render_says_so_in_one_line(command, environment, board, tmp_path):
    cache = tmp_path / "cache"
    running = started(command, environment, "render", board, *DRAFT, "--jobs", 1, "-o", tmp_path,
                      cache=cache)  # fmt: skip
    wait_for(lambda: half_made(cache))
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said == "pagereel: interrupted; finished beats are kept for the next run\n"
    assert not list(tmp_path.rglob("two-requests.mp4"))
    assert not [path for path in tmp_path.rglob(".making-*") if path.parent != cache]


def test_two_renders_at_once_into_one_folder_both_succeed(command, environment, board, tmp_path):
    words = ("render", board, *DRAFT, "--jobs", 1, "-o", tmp_path / "out")
    both = [started(command, environment, *words, cache=tmp_path / "cache") for _ in range(2)]
    said = [running.communicate(timeout=120) for running in both]
    assert [running.returncode for running in both] == [0, 0], said
    folder = tmp_path / "out" / "two-requests"
    assert len(list(folder.iterdir())) == 5
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["files"]["two-requests.mp4"]["bytes"] == (
        (folder / "two-requests.mp4").stat().st_size
    )


def one_line(done, *words):
    """Exit 3, and a single line on stderr that has these words in it."""
    assert done.returncode == 3, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("pagereel: ") and done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


@pytest.mark.parametrize("verb", ["render", "frames"])
def test_a_file_in_the_way_of_the_folder_is_one_clear_line(verb, board, tmp_path, pagereel):
    (tmp_path / "out").write_text("in the way")
    one_line(pagereel(verb, board, "-o", tmp_path / "out"), "a file is in the way", "-o")


@pytest.mark.parametrize("verb", ["render", "frames"])
def test_a_folder_below_a_file_is_one_clear_line(verb, board, tmp_path, pagereel):
    (tmp_path / "file").write_text("in the way")
    one_line(pagereel(verb, board, "-o", tmp_path / "file" / "out"), "a file is in the way")


def test_a_folder_where_the_video_should_go_is_one_clear_line(board, tmp_path, pagereel):
    (tmp_path / "two-requests" / "two-requests.mp4").mkdir(parents=True)
    one_line(pagereel("render", board, *DRAFT, "-o", tmp_path), "two-requests.mp4")
    assert not list(tmp_path.rglob("manifest.json")) and not list(tmp_path.rglob(".making-*"))


def test_a_cache_that_cannot_be_used_is_one_clear_line(board, tmp_path, pagereel):
    (tmp_path / "cache").write_text("in the way")
    done = pagereel("render", board, *DRAFT, "-o", tmp_path / "out", cache=tmp_path / "cache")
    one_line(done, "cache", "in the way", "PAGEREEL_CACHE")


@pytest.mark.parametrize("verb", ["render", "frames"])
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
def test_a_disk_that_takes_no_more_is_one_clear_line(verb, board, tmp_path, pagereel):
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    size = () if verb == "frames" else DRAFT
    done = pagereel(verb, board, *size, "--jobs", 1, "-o", tmp_path / "out",
                    cache=tmp_path / "cache", preexec_fn=limited)  # fmt: skip
    one_line(done, "too large")
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} <= {"CACHEDIR.TAG"}


@pytest.mark.parametrize("error", ["ENOSPC", "EDQUOT"])
def test_a_full_disk_is_named_and_what_to_do_about_it(error, source, tmp_path, fresh):
    import errno

    problem = OSError(getattr(errno, error), "full")
    with pytest.raises(MachineFailed, match="no space left on the disk; free some and run again"):
        render(plan(source, Settings("draft")), tmp_path / "out", 1, executor=Failing(problem))
    assert list((tmp_path / "out" / "two-requests").iterdir()) == []


def test_a_manifest_never_stands_beside_files_it_does_not_describe(
    source, tmp_path, fresh, monkeypatch
):
    render(plan(source, Settings("draft")), tmp_path, 1, executor=Here())
    video, replace = tmp_path / "two-requests" / "two-requests.mp4", Path.replace

    def failing(path, target):
        if target == video:
            raise OSError(5, "the disk fails in the midst of it")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(MachineFailed):
        render(plan(source, Settings("draft", speed=2)), tmp_path, 1, executor=Here())
    assert video.exists() and not (video.parent / "manifest.json").exists()


def test_what_is_in_the_way_is_said_before_anything_is_replaced(source, tmp_path, fresh):
    render(plan(source, Settings("draft")), tmp_path, 1, executor=Here())
    folder = tmp_path / "two-requests"
    (folder / "two-requests.mp4").unlink()
    (folder / "two-requests.mp4").mkdir()
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    with pytest.raises(MachineFailed, match="a folder is in the way"):
        render(plan(source, Settings("draft", speed=2)), tmp_path, 1, executor=Here())
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before


def test_a_worker_that_is_killed_is_one_clear_line(source, tmp_path, fresh):
    from concurrent.futures.process import BrokenProcessPool

    with pytest.raises(MachineFailed, match="--jobs 1"):
        render(
            plan(source, Settings("draft")),
            tmp_path,
            1,
            executor=Failing(BrokenProcessPool("gone")),
        )


def test_another_executor_can_stand_in_for_the_pool(source, tmp_path, fresh):
    here, told = Here(), []
    made = render(
        plan(source, Settings("draft")), tmp_path / "a", 1, lambda *p: told.append(p), here
    )
    assert (made.drawn, here.jobs) == (3, 4)
    assert made.video.is_file()
    assert told[0][0] == 0 and told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)

    with ThreadPoolExecutor(1) as threads:
        again = render(plan(source, Settings("draft")), tmp_path / "b", 1, executor=threads)
    assert again.drawn == 0


def test_frames_finished_by_hand_are_told(source, tmp_path, fresh):
    told = []
    write_frames(source, Settings(), FrameOptions(120), tmp_path, 1, lambda *p: told.append(p))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_damage_in_the_cache_is_drawn_again_said_once_and_never_in_a_video(
    source, tmp_path, fresh, capsys
):
    render(plan(source, Settings("draft")), tmp_path / "a", 1, executor=Here())
    first, second, third = clips_in(fresh)
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 0xFF
    first.write_bytes(data)
    second.write_bytes(second.read_bytes()[:-100])
    third.with_name(third.name + ".sha256").unlink()
    here = Here()
    again = render(plan(source, Settings("draft")), tmp_path / "b", 1, executor=here)
    assert (again.drawn, here.jobs) == (3, 3)
    one, other = (tmp_path / name / "two-requests" / "two-requests.mp4" for name in "ab")
    assert one.read_bytes() == other.read_bytes()
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and f"the cache in {fresh} has damaged files" in told
