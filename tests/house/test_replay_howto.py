"""The how-to about replays: its commands are real, and what they print is what they print."""

import re
import shlex
import subprocess
import sys

import pytest

from places import ROOT

DOCUMENT = (ROOT / "docs" / "how-to" / "replay-your-traffic.md").read_text(encoding="utf-8")
PAIRS = re.findall(r"```sh\n(.*?)```\n\n```text\n(.*?)```", DOCUMENT, re.DOTALL)


def words(command):
    return shlex.split(command.replace("\\\n", " "))[1:]


@pytest.mark.shown
def test_the_example_that_needs_no_download_prints_what_is_shown(tmp_path):
    (command, shown) = next(pair for pair in PAIRS if "tests/fixtures" in pair[0])
    states = tmp_path / "states.jsonl"
    typed = ["-m", "pagereel", *words(command.replace("output/states.jsonl", str(states)))]
    done = subprocess.run([sys.executable, *typed], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.replace(str(states), "output/states.jsonl") == shown
    assert states.exists()


def test_the_examples_on_public_traces_are_understood(tmp_path):
    from typer.testing import CliRunner

    from pagereel.cli.app import app

    for command, _ in PAIRS[:2]:
        name = next(word for word in words(command) if "race" in word)
        done = CliRunner().invoke(app, words(command))
        assert f"{name}: cannot be read: No such file or directory" in str(done.exception)


def test_the_traces_come_with_their_licences_and_papers():
    for part in ("AzurePublicDataset", "CC-BY", "ISCA 2024", "Mooncake", "Apache-2.0", "FAST 2025"):
        assert part in DOCUMENT
