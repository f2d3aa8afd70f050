"""The reference is what the code says: writing it again gives the same text."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from model.lanes import KINDS
from model.metrics import LANE, REQUEST
from pagereel.cli import app
from pagereel.documents.reference import PAGES, reference
from pagereel.read.schema import BeatForm, LaneForm, RequestForm, StoryboardForm

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
WRITTEN = reference()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_of_the_reference_is_what_make_docs_writes(name):
    assert (FOLDER / name).read_text("utf-8") == WRITTEN[name], "run `make docs`"


def test_nothing_else_lies_in_the_folder():
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", *PAGES}


def test_every_key_kind_option_and_reading_has_a_row():
    forms = (StoryboardForm, LaneForm, RequestForm, BeatForm)
    keys = {key for form in forms for key in form.model_fields}
    options = {name for kind in KINDS.values() for name in kind.options}
    rows = {
        "storyboard.md": keys,
        "lanes.md": {*KINDS, *options},
        "readings.md": {*(f"LANE.{m}" for m in LANE), *(f"LANE.REQUEST.{m}" for m in REQUEST)},
    }
    for page, words in rows.items():
        assert [word for word in words if f"| `{word}` |" not in WRITTEN[page]] == []


@pytest.mark.parametrize("command", ["render", "replay", "measure"])
def test_the_command_line_page_has_every_option_that_help_shows(command):
    helped = CliRunner().invoke(app, [command, "--help"]).stdout
    section = WRITTEN["command-line.md"].split(f"\n## {command}\n")[1].split("\n## ")[0]
    options = [word.strip(",") for word in helped.split() if word.startswith("--")]
    shown = {option for option in options if f"  {option}" in helped or f", {option}" in helped}
    assert shown - {"--help"}
    assert [option for option in shown - {"--help"} if option not in section] == []
