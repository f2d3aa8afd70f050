"""What the documents tell a reader to type works as typed, and gives what they say it gives."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from places import ROOT

DOCUMENTS = [
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"),
    *("storyboards/README.md", "measurements/README.md"),
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
]
TYPED = [
    *("README.md", "docs/how-to/videos.md", "docs/how-to/slides.md"),
    *("docs/how-to/make-a-video-for-your-own-prompt.md", "docs/how-to/vertical-clip.md"),
    "docs/how-to/change-block-size-and-model.md",
    "docs/how-to/write-a-storyboard-in-10-minutes.md",
]
"""Documents all of whose commands can be run here, in their order."""
ANSWERED = re.compile(r"```sh\n(\.venv/bin/pagereel [^\n]*)\n```\n\n```text\n(.*?)```", re.DOTALL)
"""A command and what it answers."""
SAVED = re.compile(r"ave this as `([\w-]+\.yaml)`:\n\n```yaml\n(.*?)```", re.DOTALL)
"""A file that the reader is told to write."""
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(text):
    """The commands that just work: those with an answer are looked at by themselves."""
    lines = "".join(blocks(ANSWERED.sub("", text), "sh")).splitlines()
    return [line for line in lines if line.startswith(".venv/bin/pagereel")]


def run(command, folder):
    for name in ("output", *(path.name for path in folder.parent.glob("*.yaml"))):
        path = folder if name == "output" else folder.parent / name
        command = re.sub(rf"(?<=\s){re.escape(name)}(?=/|\s|$)", str(path), command)
    command, _, target = command.partition(" > ")
    python = [sys.executable, "-m", "pagereel", *shlex.split(command)[1:]]
    done = subprocess.run(python, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if target:
        Path(target).write_text(done.stdout, encoding="utf-8")
    return done


@pytest.mark.shown
@pytest.mark.parametrize("document", TYPED)
def test_the_commands_of_a_document_do_what_it_says(document, tmp_path, environment, monkeypatch):
    monkeypatch.setenv("PAGEREEL_CACHE", environment["PAGEREEL_CACHE"])
    text = (ROOT / document).read_text(encoding="utf-8")
    typed = commands(text)
    assert typed
    for name, written in SAVED.findall(text):
        (tmp_path / name).write_text(written, encoding="utf-8")
    for command in typed:
        done = run(command, tmp_path / "out")
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert done.stdout, command


@pytest.mark.parametrize("document", TYPED)
def test_a_command_answers_what_the_document_shows(document, tmp_path):
    for command, answer in ANSWERED.findall((ROOT / document).read_text(encoding="utf-8")):
        done = run(command, tmp_path / "out")
        assert done.stdout + done.stderr == answer, command


def test_make_knows_the_targets_that_the_readme_names():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", "".join(blocks(README, "sh")), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_ten_lines_of_the_readme_are_ten_and_play_as_described(tmp_path):
    from pagereel.model.play import play
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


def anchors(path):
    """What a heading can be linked by: its words in small letters, joined by hyphens."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_link_to_a_heading_finds_it(document):
    path = ROOT / document
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", path.read_text("utf-8")):
        assert anchor in anchors(path.parent / target if target else path), f"{target}#{anchor}"


def test_every_document_is_reached_from_the_index():
    index = (ROOT / "docs" / "README.md").resolve()
    found, waiting = set(), [index]
    while waiting:
        path = waiting.pop()
        found.add(path)
        links = re.findall(r"\]\(([^)#:]+\.md)", path.read_text(encoding="utf-8"))
        waiting += {(path.parent / link).resolve() for link in links} - found - set(waiting)
    assert {path.resolve() for path in (ROOT / "docs").rglob("*.md")} - found == set()
