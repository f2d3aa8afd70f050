"""What the documents tell a reader to type works as typed, and gives what they say it gives."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *("README.md", "docs/architecture.md", "storyboards/README.md"),
    *("docs/how-to/videos.md", "docs/how-to/slides.md", "docs/how-to/measure-on-your-gpu.md"),
    "measurements/README.md",
]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(text):
    lines = "".join(blocks(text, "sh")).splitlines()
    return [line for line in lines if line.startswith(".venv/bin/pagereel")]


def run(command, folder):
    words = shlex.split(re.sub(r"(?<=\s)output(?=/|\s|$)", str(folder), command))
    python = [sys.executable, "-m", "pagereel.cli", *words[1:]]
    return subprocess.run(python, cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.mark.shown
@pytest.mark.parametrize(
    "document", ["README.md", "docs/how-to/videos.md", "docs/how-to/slides.md"]
)
def test_the_commands_of_a_document_do_what_it_says(document, tmp_path, environment, monkeypatch):
    monkeypatch.setenv("PAGEREEL_CACHE", environment["PAGEREEL_CACHE"])
    typed = commands((ROOT / document).read_text(encoding="utf-8"))
    assert typed
    for command in typed:
        done = run(command, tmp_path / "out")
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert done.stdout, command


def test_make_knows_the_targets_that_the_readme_names():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", "".join(blocks(README, "sh")), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_ten_lines_of_the_readme_are_ten_and_play_as_described(tmp_path):
    from model.play import play
    from pagereel.read import read

    (text,) = blocks(README, "yaml")
    path = tmp_path / "three-words.yaml"
    path.write_text(text, encoding="utf-8")

    storyboard = read(path)
    prefill, decode = play(storyboard).beats

    assert len(text.splitlines()) == 10
    assert prefill.caption == "A holds 8 slots here, 4 there."
    assert decode.end.lane("paged").state.request("A").computed == 4


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_and_paths_in_a_document_exist(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    here = (ROOT / document).parent
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (here / target).exists(), target
    for path in re.findall(r"`((?:model|scenes|pagereel|storyboards|tests)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path
