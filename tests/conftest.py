"""A small storyboard, one shared cache of clips, and the command as a user runs it."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("patient", deadline=None)  # machines are sometimes busy
hypothesis.settings.load_profile("patient")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As a shell's background job has it, and as every command that a test starts would have it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
ROOT = Path(__file__).parent.parent
STORY = """\
title: Two requests <b>&</b> one pool
subtitle: A storyboard for the tests
model: gpt2
parameters: {slots: 16, block_size: 4, max_len: 8}
lanes:
  contiguous: {kind: contiguous, title: Contiguous}
  paged: {kind: paged, title: Paged}
requests:
  A: {prompt: The quick, output: " brown fox"}
beats:
  - {title: A card, card: title, say: "One <i>card</i> & an arrow --> for the captions."}
  - {title: A arrives and runs, do: [admit: A, step], say: "A holds {paged.A.held} slots."}
  - {title: Nothing moves, say: "Still {paged.A.held} slots: nothing has moved in this beat."}
"""


@pytest.fixture(scope="session")
def story():
    """The text of a storyboard of three short beats."""
    return STORY


@pytest.fixture
def write(tmp_path):
    """Writes a file by name and content; packed if the name says so."""

    def to_file(name, content):
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return to_file


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    """One cache of clips for all tests that do not mind what is in it."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def environment(shared_cache):
    """The environment of a command: the shared cache, this tree's code, no bytecode races."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PAGEREEL_CACHE": str(shared_cache), "PYTHONPATH": path}


@pytest.fixture(scope="session")
def command():
    """The words that start the command."""
    return [sys.executable, "-m", "pagereel"]


@pytest.fixture(scope="session")
def pagereel(command, environment):
    """Runs the command to its end; `cache` and other variables may be set for one run."""

    def run(*words, cwd=ROOT, cache=None, **options):
        env = environment | ({"PAGEREEL_CACHE": str(cache)} if cache else {})
        words = [*command, *(str(word) for word in words)]
        return subprocess.run(
            words, cwd=cwd, env=env, capture_output=True, text=True, timeout=240, **options
        )

    return run


@pytest.fixture(scope="session")
def board(tmp_path_factory, story):
    """The storyboard as a file."""
    path = tmp_path_factory.mktemp("boards") / "two-requests.yaml"
    path.write_text(story, "utf-8")
    return path


@pytest.fixture(scope="session")
def rendered(tmp_path_factory, board, pagereel):
    """The folder of the storyboard's video, rendered once by two processes; and its JSON."""
    folder = tmp_path_factory.mktemp("rendered")
    done = pagereel("render", board, "-o", folder, "--quality", "draft", "--jobs", 2, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder / "two-requests", done.stdout


TRAFFIC = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
    f"2023-11-16 18:15:{second:02}.5,{40 + 37 * second % 300},{90 + 7 * second % 60}\n"
    for second in range(60)
    for _ in range(4)
)


@pytest.fixture
def recorded(tmp_path, capsys):
    """A recording of 240 requests, and how to record them otherwise."""

    def record(**asked):
        path = tmp_path / "ours.csv"
        path.write_text(TRAFFIC, "utf-8")
        target = tmp_path / "ours.jsonl.gz"
        given = {"kv_memory": "1GiB", "max_len": 1024, "stretch": "0:800:40", "cite": "Our log"}
        from pagereel.cli.commands.figures.replay import replay_workload
        from pagereel.replays.wishes import ReplayWishes

        replay_workload(ReplayWishes(path, record=target, **{**given, **asked}), "json")
        capsys.readouterr()
        return target

    return record
