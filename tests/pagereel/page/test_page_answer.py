"""What a page's own Python answers: the same story that was baked, or what is wrong, in words."""

import json

import pytest

from pagereel.page.answer import answer
from pagereel.read import read_timeline
from pagereel.scenes.page.bake import SCREENS, bake, can_be_edited
from pagereel.scenes.page.packing import packed

from places import ROOT, TESTS

SOUND = [path for path in (TESTS / "valid").glob("*.yaml") if path.stem != "recorded"]
"""Storyboards that need no file but themselves."""
BROKEN = [p for p in (TESTS / "broken").glob("*.yaml") if not p.stem.startswith("override-")]
COURSE = sorted((ROOT / "storyboards").glob("*.yaml"))
FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"


def ask(text, *overrides, screen="phone", name=FOX.stem):
    return json.loads(answer(text, overrides, screen, name))


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem[:2])
def test_what_is_answered_is_what_was_baked(path):
    timeline = read_timeline(path)
    if not can_be_edited(timeline.storyboard):
        pytest.skip("is only looked at")
    baked = packed(bake(timeline, {"phone": SCREENS["phone"]}))
    answered = ask(path.read_text("utf-8"), name=path.stem)
    assert answered == {"story": json.loads(json.dumps(baked)), "broken": []}


def test_an_edit_is_played_and_captions_are_recomputed():
    story = ask(FOX.read_text("utf-8"), "block_size=8")["story"]
    said = [step["say"] for beat in story["beats"] for step in beat["steps"]]
    assert any("blocks of 8 slots" in text for text in said)


def test_claims_that_no_longer_hold_are_told_with_their_beats():
    told = ask(FOX.read_text("utf-8"), 'requests.A.prompt="Hello world"')
    assert told["story"]["format"] == 2
    assert {"beat": 2, "claim": "contiguous.A.prompt == 4"}.items() <= told["broken"][0].items()
    assert "`contiguous.A.prompt` is 2" in told["broken"][0]["text"]


def test_claims_of_an_edited_text_are_told_too():
    text = FOX.read_text("utf-8").replace("prompt: The quick brown fox", "prompt: Hello")
    assert ask(text)["broken"]


def test_with_overrides_the_storyboard_comes_back_as_yaml_that_reads_the_same():
    told = ask(FOX.read_text("utf-8"), "slots=96", 'requests.C.prompt="Yes, 12"')
    again = ask(told["yaml"])
    assert again["story"] == told["story"]
    assert "yaml" not in again


@pytest.mark.parametrize("path", sorted(SOUND), ids=lambda p: p.stem)
def test_every_storyboard_comes_back_the_same_from_its_yaml(path):
    told = ask(path.read_text("utf-8"), "title=Mine", name=path.stem)
    again = ask(told["yaml"], name=path.stem)
    assert again["story"] == told["story"]


def test_a_mistake_is_told_with_its_place_and_remedy_and_no_folder_of_ours():
    text = FOX.read_text("utf-8").replace("slots: 48", "slots: 48x")
    problem = ask(text)["problems"][0]
    assert (problem["line"], problem["column"]) == (10, 10)
    assert "must be a whole number" in problem["message"] and problem["remedy"]
    assert "^^^" in problem["excerpt"]
    assert problem["text"].startswith(f"{FOX.name}:10:10:")


def test_a_wrong_override_is_told_as_the_command_line_tells_it():
    (problem,) = ask(FOX.read_text("utf-8"), "block_sise=8")["problems"]
    assert "did you mean `block_size`?" in problem["remedy"]
    assert "line" not in problem


@pytest.mark.parametrize("path", sorted(BROKEN), ids=lambda p: p.stem)
def test_what_cannot_be_read_is_told_as_problems_or_broken_claims(path):
    told = ask(path.read_bytes().decode("utf-8", "surrogateescape"), name=path.stem)
    assert told.get("problems") or told.get("broken")


def test_a_name_cannot_lead_out_of_the_folder():
    assert ask(FOX.read_text("utf-8"), name="../../x")["story"]["name"] == "x"
    assert ask(FOX.read_text("utf-8"), name="")["story"]["name"] == "storyboard"
