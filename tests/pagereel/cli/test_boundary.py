"""Whatever happens, a command ends with one line and its code, and a terminal obeys none of it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from pagereel.cli.terminal import harmless

from places import ROOT

FOX = "01-the-quick-brown-fox"
ESCAPE = "\x1b[31mred\x1b]8;;http:a.example\x07\r\u202eright\u2066to\x9bleft"
FULL = Path("/dev/full")


@pytest.fixture
def broken(command, environment, tmp_path):
    """Runs `pagereel schema` in which something goes wrong, as a statement says."""

    def run(statement, *words):
        code = (
            "import sys, pagereel.read as read\n"
            f"def wrong():\n    {statement}\n"
            "read.schema_json = wrong\n"
            "from pagereel.cli.boundary import main\n"
            f"sys.argv = {['pagereel', *words, 'schema']!r}\n"
            "main()\n"
        )
        env = environment | {"TMPDIR": str(tmp_path)}
        return subprocess.run([command[0], "-c", code], env=env, capture_output=True, text=True)

    return run


def one_line(done, code, *words):
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("pagereel: ") and done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("raise MemoryError", ("not enough memory",)),
        ("raise OSError(5, 'x', 'some-file')", ("Input/output error", "some-file")),
        ("wrong()", ("pagereel's own", "RecursionError", "--debug")),
        ("1 / 0", ("pagereel's own", "ZeroDivisionError", "--debug")),
        ("raise EOFError", ("pagereel's own", "EOFError")),
        ("raise ValueError('\\x1b[31m\\nred')", ("pagereel's own", r"ValueError: \x1b[31m red")),
        ("import no_such_module", ("not all of pagereel can be loaded", "no_such_module")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nobody_foresaw_is_one_line_and_three(statement, words, broken, tmp_path):
    one_line(broken(statement), 3, *words)
    assert list(tmp_path.iterdir()) == []


def test_a_traceback_is_kept_in_a_file_where_it_is_asked_for(broken, tmp_path):
    done = broken("1 / 0", "--debug")
    (kept,) = tmp_path.iterdir()
    one_line(done, 3, f"the traceback is in {kept}")
    assert "in wrong" in kept.read_text("utf-8")


def test_what_fails_beside_the_command_says_nothing(broken):
    aside = (
        "import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join(); "
        "type('A', (), {'__del__': lambda self: 1 / 0})(); "
        "import warnings; warnings.warn('hm'); return 'x'"
    )
    done = broken(aside)
    assert (done.returncode, done.stdout, done.stderr) == (0, "x\n", "")


def test_a_signal_that_is_swallowed_comes_again(broken):
    swallowing = (
        "import signal, time; "
        "type('A', (), {'__del__': lambda self: signal.raise_signal(signal.SIGTERM)})(); "
        "time.sleep(20)"
    )
    one_line(broken(swallowing), 143)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_is_one_line_and_its_own_code(name, broken):
    number = getattr(signal, name)
    done = broken(f"import os; os.kill({os.getpid()} and os.getpid(), {number:d}); 1 / 0")
    one_line(done, 128 + number)
    assert "kept" not in done.stderr


def test_a_second_signal_changes_nothing(broken):
    twice = "import os\n    try: os.kill(os.getpid(), 2)\n    finally: os.kill(os.getpid(), 2)"
    one_line(broken(twice), 130, "interrupted")


def test_what_nohup_has_a_process_ignore_is_ignored(command, environment):
    line = f"trap '' HUP; {command[0]} -c '{HANGING_UP}'"
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


HANGING_UP = (
    "import os, signal, sys; from pagereel.cli.boundary import Ending; "
    "Ending().listen(); os.kill(os.getpid(), signal.SIGHUP)"
)


@pytest.fixture
def shell(command, environment):
    """Runs a line of a shell in which $P is the command."""

    def run(line, **more):
        env = environment | {"P": " ".join(command)} | more
        words = ["bash", "-c", f"set -o pipefail; {line}"]
        return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True)

    return run


@pytest.mark.parametrize("verb", [f"trace {FOX}", "--help", "--version"])
@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_leaves_early_is_no_failure(verb, reader, shell):
    done = shell(f"$P {verb} | {reader} > /dev/null")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("verb", [f"trace {FOX}", "schema", "--version"])
def test_results_that_find_no_room_are_one_line(verb, shell):
    one_line(shell(f"$P {verb} > {FULL}"), 3, "cannot print the results", "no space left")


@pytest.mark.parametrize(
    ("streams", "code"), [(">&-", 0), (">&- 2>&-", 0), (">&- 2>&- <&-", 0), (f"2>{FULL}", 0)]
)
def test_a_stream_that_is_closed_is_done_without(streams, code, shell):
    done = shell(f"$P trace {FOX} {streams}")
    assert (done.returncode, done.stderr) == (code, "")


def test_a_mistake_is_not_told_on_stdout_where_stderr_is_closed(shell):
    done = shell("$P check no-such-storyboard 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_a_terminal_of_ascii_is_told_everything_in_escapes(shell, tmp_path, story):
    board = tmp_path / "x.yaml"
    board.write_text(story.replace("A card", "Čtyři – 四"), "utf-8")
    done = shell(f"$P trace --text {board}", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert r"\u010cty\u0159i \u2013 \u56db" in done.stdout
    lines = shell(f"$P trace {board}", PYTHONIOENCODING="ascii").stdout.splitlines()
    plain = shell(f"$P trace {board}", PYTHONIOENCODING="utf-8").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [json.loads(line) for line in plain]


def acting(text):
    """What a terminal would obey."""
    return [char for char in text if not char.isprintable() and char not in "\n\t"]


def test_what_a_terminal_obeys_never_reaches_it(pagereel, tmp_path, story):
    board, none = tmp_path / f"{ESCAPE}.yaml", tmp_path / f"{ESCAPE}.none"
    title = json.dumps(ESCAPE)
    board.write_text(story.replace("Two requests <b>&</b> one pool", title, 1), "utf-8")
    for words in (
        ("list", tmp_path),
        ("trace", board),
        ("check", none),
        ("verify", none),
        ("render", "--quality", ESCAPE, board),
        (ESCAPE,),
    ):
        done = pagereel(*words)
        assert acting(done.stdout + done.stderr) == [], words
        assert done.stdout + done.stderr


def test_nor_does_a_progress_bar_bring_it_there(command, environment):
    code = (
        "import sys; from pagereel.cli.terminal import open_outlets; open_outlets()\n"
        "from pagereel.cli.progress import progress_bar\n"
        "with progress_bar(sys.argv[1]) as progress: progress(1, 2)\n"
    )
    ours, theirs = os.openpty()
    words = [command[0], "-c", code, ESCAPE]
    subprocess.run(words, env=environment | {"TERM": "xterm"}, stderr=theirs, check=True)
    drawn = os.read(ours, 100_000).decode()
    assert r"\x1b[31mred\x1b]8;;" in drawn and "\x1b[" in drawn
    assert not {*drawn} & {*"\u202e\u2066\x9b\x07"} and "\x1b]8" not in drawn


def test_what_can_be_seen_is_left_as_it_is():
    seen = "a\tb\n┌─ Čtyři – 四 👍🏽 \u00a0\n"
    assert harmless(seen) == seen
    assert harmless("\x1b[1m\n\x07") == "\\x1b[1m\n\\x07"


@pytest.mark.pixels
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at Linux's processes")
@pytest.mark.parametrize(("verb", "kept"), [("frames", False), ("render", True)])
def test_a_killed_fork_server_is_one_line(verb, kept, command, environment, board, tmp_path):
    words = [*command, verb, str(board), "-o", str(tmp_path), "--jobs", "1"]
    env = environment | {"PAGEREEL_CACHE": str(tmp_path / "cache"), "TMPDIR": str(tmp_path)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = subprocess.Popen(words, env=env, start_new_session=True, **pipes)
    while not (servers := forkservers(running.pid)):
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    os.kill(servers[0], signal.SIGKILL)
    running.stdout, stderr = None, running.communicate(timeout=60)[1]
    done = subprocess.CompletedProcess(words, running.returncode, "", stderr)
    one_line(done, 3, "ended from outside", "--jobs 1")
    assert ("beats are kept" in stderr) is kept


def forkservers(parent):
    """The processes of a parent that start workers."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            father = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if father == parent and "forkserver" in (entry / "cmdline").read_text():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
