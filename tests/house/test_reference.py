"""The reference is what the code says: writing it again gives the same text."""

import re

import pytest
from typer.testing import CliRunner

from pagereel.cli.app import app
from pagereel.documents.reference import PAGES, reference
from pagereel.model.allocators.kinds import KINDS
from pagereel.model.play import play
from pagereel.model.readings.readings import Readings
from pagereel.read import read
from pagereel.read.form.schema import BeatForm, LaneForm, RequestForm, StoryboardForm

from places import ROOT

FOLDER = ROOT / "docs" / "reference"
WRITTEN = reference()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_of_the_reference_is_what_make_docs_writes(name):
    assert (FOLDER / name).read_text("utf-8") == WRITTEN[name], "run `make docs`"


def test_nothing_else_lies_in_the_folder():
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", *PAGES}


def test_every_key_kind_and_option_has_a_row():
    forms = (StoryboardForm, LaneForm, RequestForm, BeatForm)
    keys = {key for form in forms for key in form.model_fields}
    options = {name for kind in KINDS.values() for name in kind.options}
    for page, words in {"storyboard.md": keys, "lanes.md": {*KINDS, *options}}.items():
        assert [word for word in words if f"| `{word}` |" not in WRITTEN[page]] == []


def test_everything_that_can_be_read_has_a_row():
    timeline = play(read(ROOT / "storyboards" / "14-where-did-my-gpu-memory-go.yaml"))
    for name in Readings(timeline.storyboard, timeline.beats[0].end).names():
        head, *middle, metric = name.split(".")
        stem = head if head in ("geometry", "gpu") else "LANE"
        subject = [re.sub(r"\d+", "N", word) if " " in word else "REQUEST" for word in middle]
        assert f"| `{'.'.join([stem, *subject, metric])}` |" in WRITTEN["readings.md"], name


def test_every_word_that_a_beat_can_choose_is_explained():
    for form in StoryboardForm.model_json_schema()["$defs"].values():
        for key, given in form["properties"].items():
            for part in (given, *given.get("anyOf", ())):
                if "markdownDescription" in part:
                    missing = [w for w in part["enum"] if f"| `{w}` |" not in WRITTEN["panels.md"]]
                    assert missing == [], key


@pytest.mark.parametrize("command", ["render", "replay", "measure"])
def test_the_command_line_page_has_every_option_that_help_shows(command):
    helped = CliRunner().invoke(app, [command, "--help"]).stdout
    section = WRITTEN["command-line.md"].split(f"\n## {command}\n")[1].split("\n## ")[0]
    options = [word.strip(",") for word in helped.split() if word.startswith("--")]
    shown = {option for option in options if f"  {option}" in helped or f", {option}" in helped}
    assert shown - {"--help"}
    assert [option for option in shown - {"--help"} if option not in section] == []
