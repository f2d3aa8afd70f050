"""Every file in tests/broken is refused with exactly the message beside it.

After a wanted change of words: PAGEREEL_UPDATE_GOLDEN=1 pytest THIS_FILE
"""

import os
import re
from pathlib import Path

import pytest
import yaml

from pagereel.read import StoryboardProblems, read

from places import TESTS

BROKEN = TESTS / "broken"
CASES = sorted(path.name for path in BROKEN.glob("*.yaml"))


def overrides_of(path):
    """The lines `# --set KEY=VALUE` at the top of a case."""
    return re.findall(r"^# --set (.*)$", path.read_text("utf-8", "replace"), re.MULTILINE)


@pytest.mark.parametrize("case", CASES)
def test_a_broken_storyboard_is_refused_with_exactly_this_message(case, monkeypatch):
    monkeypatch.chdir(BROKEN)
    with pytest.raises(StoryboardProblems) as refusal:
        read(case, overrides_of(BROKEN / case))
    report = str(refusal.value) + "\n"
    golden = (BROKEN / case).with_suffix(".txt")
    if os.environ.get("PAGEREEL_UPDATE_GOLDEN"):
        golden.write_text(report, "utf-8")
    assert report == golden.read_text("utf-8")


@pytest.mark.parametrize(
    "case", ["colon-in-unquoted-text", "unclosed-bracket", "unquoted-placeholder-first"]
)
def test_where_libyaml_is_not_the_same_is_said_of_what_is_no_yaml(case, monkeypatch):
    monkeypatch.chdir(BROKEN)
    monkeypatch.setattr("pagereel.read.document.compose._LOADER", yaml.SafeLoader)
    with pytest.raises(StoryboardProblems) as refusal:
        read(f"{case}.yaml")
    assert f"{refusal.value}\n" == (BROKEN / f"{case}.txt").read_text("utf-8")


def test_the_corpus_has_no_message_without_its_storyboard():
    assert {path.stem for path in BROKEN.glob("*.txt")} == {Path(case).stem for case in CASES}


def test_there_are_many_cases():
    assert len(CASES) >= 40
