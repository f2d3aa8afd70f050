"""What goes out appears whole under its name, takes the place of files alone, and of no input."""

import errno
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pagereel.errors import InputWrong, MachineFailed
from pagereel.outputs.manifest import made
from pagereel.storage.outgoing import publishing, publishing_file, refuse, write_json
from pagereel.storage.workshop import MAKING, TEMPORARY, is_one, workshop


def write(target, problem=None, inputs=()):
    """One file, in which something may go wrong."""
    with publishing_file(target, inputs) as file:
        file.write(b"x")
        if problem:
            raise problem


def publish(folder, inputs=(), **files):
    """Files by name, `_` for a dot, and a manifest of them, of one run."""
    with publishing(folder, inputs) as bench:
        for name, content in files.items():
            (bench / name.replace("_", ".")).write_text(content, "utf-8")
        write_json(bench / "manifest.json", made(sorted(bench.iterdir())))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def fifo(path):
    os.mkfifo(path)


def link(path):
    path.with_name("elsewhere").write_text("precious", "utf-8")
    path.symlink_to("elsewhere")


def lost_link(path):
    path.symlink_to("nowhere")


def plug(path):
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path.relative_to(Path.cwd())))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (fifo, "a FIFO"),
        (link, "a symbolic link"),
        (lost_link, "a symbolic link"),
        (plug, "a socket"),
        (Path.mkdir, "a folder"),
    ],
)
def test_what_is_no_file_keeps_its_place(make, kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "states.jsonl")
    before = {path.name: path.lstat().st_ino for path in tmp_path.iterdir()}
    with pytest.raises(MachineFailed, match=f"{kind} is in the way; choose another name"):
        write(tmp_path / "states.jsonl")
    with pytest.raises(MachineFailed, match=kind):
        publish(tmp_path, another_txt="x", states_jsonl="x")
    assert {path.name: path.lstat().st_ino for path in tmp_path.iterdir()} == before


def test_a_device_keeps_its_place(tmp_path, monkeypatch):
    path = tmp_path / "tape"
    path.write_text("", "utf-8")
    there = path.lstat()
    device = os.stat_result((stat.S_IFCHR | 0o666, *tuple(there)[1:]))
    monkeypatch.setattr(Path, "lstat", lambda self: device)
    with pytest.raises(MachineFailed, match="a device is in the way"):
        refuse(path)


def test_an_input_is_never_written_over_by_whatever_name(tmp_path):
    given, other = tmp_path / "w.json", tmp_path / "other.json"
    given.write_text("precious", "utf-8")
    os.link(given, other)
    for target in (given, tmp_path / "." / "w.json", other):
        with pytest.raises(InputWrong, match="this is made from it"):
            write(target, inputs=[given])
    with pytest.raises(InputWrong, match="this is made from it"):
        publish(tmp_path, [tmp_path], w_json="x")  # a folder stands for its files
    assert given.read_text("utf-8") == other.read_text("utf-8") == "precious"
    assert names(tmp_path) == ["other.json", "w.json"]


def test_a_replay_does_not_write_over_its_workload(pagereel, tmp_path):
    path = tmp_path / "w.json"
    asked = {"id": "a", "prompt": [1, 2, 3], "num_output_tokens": 6}
    text = json.dumps({"config": {"num_blocks": 12, "block_size": 4}, "requests": [asked]})
    path.write_text(text, "utf-8")
    for option in ("--states", "--record"):
        done = pagereel("replay", path, "--lanes", "paged/vllm", option, path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1 and "this is made from it" in done.stderr
    twice = ("--states", tmp_path / "s", "--record", tmp_path / "s")
    assert "name another file" in pagereel("replay", path, *twice).stderr
    os.mkfifo(tmp_path / "pipe")
    done = pagereel("replay", path, "--lanes", "paged/vllm", "--states", tmp_path / "pipe")
    assert done.returncode == 3 and "a FIFO is in the way" in done.stderr
    assert path.read_text("utf-8") == text
    assert names(tmp_path) == ["pipe", "w.json"]


def test_what_was_there_stays_until_the_new_file_is_whole(tmp_path):
    target = tmp_path / "s.jsonl"
    target.write_text("before", "utf-8")
    with pytest.raises(MachineFailed, match="no space left on the disk; free some"):
        write(target, OSError(errno.ENOSPC, "full"))
    assert target.read_text("utf-8") == "before"
    write(target)
    assert target.read_text("utf-8") == "x"
    assert names(tmp_path) == ["s.jsonl"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask()


def umask():
    current = os.umask(0)
    os.umask(current)
    return current


def test_a_disk_that_is_full_at_the_end_leaves_all_that_was_there(tmp_path, monkeypatch):
    publish(tmp_path, a_txt="1", b_txt="1")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    calls = []

    def fsync(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(MachineFailed, match="no space left"):
        publish(tmp_path, a_txt="2", b_txt="2")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_where_one_may_not_write_is_one_clear_line(tmp_path, monkeypatch):
    def mkdir(name, mode):
        raise PermissionError(errno.EACCES, "no", name)

    monkeypatch.setattr(os, "mkdir", mkdir)
    with pytest.raises(MachineFailed) as caught:
        publish(tmp_path, a_txt="1")
    told = f"cannot write to {tmp_path}: not allowed to write ({tmp_path}); "
    assert str(caught.value) == f"{told}choose another folder with -o"


def test_every_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    told, fsync, replace = [], os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (told.append(os.fstat(fd).st_ino), fsync(fd)))
    monkeypatch.setattr(
        Path, "replace", lambda self, to: (told.append((self.stat().st_ino,)), replace(self, to))
    )
    publish(tmp_path / "new" / "folder", a_txt="1", b_txt="1")
    home = (tmp_path / "new" / "folder").stat().st_ino
    moved = [told[0] for told in told if isinstance(told, tuple)]
    assert len(moved) == 3
    for inode in moved:
        assert told.index(inode) < told.index((inode,))
    assert told[-1] == home and told[-3] == home  # after the manifest, and before it
    assert {tmp_path.stat().st_ino, (tmp_path / "new").stat().st_ino} <= set(told)


def test_what_an_earlier_run_made_and_this_one_did_not_is_removed(tmp_path):
    publish(tmp_path, a_txt="1", b_txt="1", c_txt="1")
    (tmp_path / "c.txt").write_text("edited by hand", "utf-8")
    (tmp_path / "d.txt").write_text("a stranger's", "utf-8")
    publish(tmp_path, a_txt="2")
    assert names(tmp_path) == ["a.txt", "c.txt", "d.txt", "manifest.json"]


@pytest.mark.parametrize(
    "text",
    [
        '{"files": {"../precious": {"sha256": "%s"}}}',
        '{"files": {"/%s": {"sha256": 1}}}',
        '{"files": ["precious"]}',
        '{"files": {"..": {"sha256": ""}, ".": {"sha256": ""}}}',
        "[" * 5000,
        "\0",
    ],
)
def test_a_manifest_that_is_none_of_ours_removes_nothing(text, tmp_path):
    from hashlib import sha256

    (tmp_path / "out").mkdir()
    (tmp_path / "precious").write_text("x", "utf-8")
    filled = text.replace("%s", sha256(b"x").hexdigest())
    (tmp_path / "out" / "manifest.json").write_text(filled, "utf-8")
    publish(tmp_path / "out", a_txt="1")
    assert names(tmp_path) == ["out", "precious"]
    assert names(tmp_path / "out") == ["a.txt", "manifest.json"]


def test_no_other_manifest_names_a_file_as_it_was(tmp_path):
    publish(tmp_path, a_txt="1", b_txt="1")
    with publishing(tmp_path) as bench:
        (bench / "b.txt").write_text("1", "utf-8")
    assert (tmp_path / "manifest.json").exists()  # still true
    with publishing(tmp_path) as bench:
        (bench / "b.txt").write_text("2", "utf-8")
    assert names(tmp_path) == ["a.txt", "b.txt"]


HOLDER = """
import sys, time
from pathlib import Path
from pagereel.storage.workshop import work_apart, workshop
import tempfile
work_apart()
with workshop(Path(sys.argv[1])) as bench:
    (bench / "half").write_text("x")
    tempfile.mkdtemp()
    print(bench, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(environment, tmp_path):
    """Starts processes that work in a folder; their temporary folder is `tmp_path / "tmp"`."""
    (tmp_path / "tmp").mkdir()
    env = environment | {"TMPDIR": str(tmp_path / "tmp")}
    started = []

    def start(folder):
        words = [sys.executable, "-c", HOLDER, str(folder)]
        running = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True)
        started.append(running)
        return running, Path(running.stdout.readline().strip())

    yield start
    for running in started:
        running.kill()
        running.communicate()


def test_what_a_killed_run_left_is_gone_after_the_next_and_what_a_living_one_has_is_not(
    holder, tmp_path
):
    folder = tmp_path / "out"
    folder.mkdir()
    _, alive = holder(folder)
    killed, left = holder(folder)
    killed.kill()
    killed.wait()
    assert left.exists()
    publish(folder, a_txt="1")
    assert not left.exists() and (alive / "half").exists()
    with workshop(tmp_path / "tmp", TEMPORARY):
        assert len([name for name in names(tmp_path / "tmp") if is_one(name, TEMPORARY)]) == 2


def test_nobody_s_own_folder_is_taken_for_what_a_run_left(tmp_path):
    for name in (".making-of", ".making-the_film", ".making-abcdefgh", "making-abcdefgh~"):
        (tmp_path / name).mkdir()
    (tmp_path / ".making-abcdefgh~").symlink_to(tmp_path / ".making-of")
    (tmp_path / ".making-abcdefgi~").write_text("a file", "utf-8")
    before = names(tmp_path)
    with workshop(tmp_path):
        pass
    assert names(tmp_path) == before


def test_a_workshop_that_is_cleared_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    import tempfile

    make, made = tempfile.mkdtemp, []

    def cleared(*words):
        made.append(make(*words))
        if len(made) == 1:
            Path(made[0]).rmdir()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", cleared)
    with workshop(tmp_path) as bench:
        assert str(bench) == made[1] and is_one(bench.name, MAKING)
    assert names(tmp_path) == []


def test_on_a_disk_without_locks_only_what_is_old_is_removed(tmp_path, monkeypatch):
    import fcntl

    def unlocked(handle, how):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", unlocked)
    for name, age in ((".making-old_old_~", 90_000), (".making-new_new_~", 60)):
        (tmp_path / name).mkdir()
        then = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (then, then))
    publish(tmp_path, a_txt="1")
    assert names(tmp_path) == [".making-new_new_~", "a.txt", "manifest.json"]
