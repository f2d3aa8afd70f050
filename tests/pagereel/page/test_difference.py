"""Two stories in step: what belongs together, what differs, and one scrubber for both."""

import os

import pytest

from pagereel.model.readings.readings import Readings
from pagereel.page import built
from pagereel.page.difference import Side, difference, matched
from pagereel.page.document import difference_page
from pagereel.read import read_timeline, read_with_claims

from browsers import require
from places import ROOT

AXE = ROOT / "page/node_modules/axe-core/axe.min.js"
FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"


@pytest.fixture(scope="module")
def told():
    sides = (("as written", ()), ("block_size=8", ("block_size=8",)))
    return difference(*(Side(name, FOX, read_with_claims(FOX, given)) for name, given in sides))


def test_beats_belong_together_by_title_and_else_by_place():
    assert [*matched(["a", "b", "c"], ["a", "x", "c", "d"])] == [
        (0, 0), (1, 1), (2, 2), (None, 3),
    ]  # fmt: skip
    assert [*matched(["a", "b"], ["b"])] == [(0, None), (1, 0)]


def test_every_step_of_the_longer_side_is_a_stop_and_none_goes_back(told):
    longest = [
        max(len(side["story"]["beats"][beat]["steps"]) for side in told["sides"])
        for beat in range(len(told["beats"]))
    ]
    assert len(told["stops"]) == sum(longest)
    for side in (1, 2):
        places = [stop[side] for stop in told["stops"]]
        assert places == sorted(places)


def test_readings_are_those_of_either_side_where_they_differ(told):
    last = [i for i, stop in enumerate(told["stops"]) if stop[0] == 7][-1]
    names = [(row["lane"], row["name"]) for row in told["readings"]]
    assert ("Paged", "block_size") in names and ("Contiguous", "stored") not in names
    for given, side in (((), 0), (("block_size=8",), 1)):
        timeline = read_timeline(FOX, given)
        readings = Readings(timeline.storyboard, timeline.beats[7].end)
        for name in ("internal", "free", "blocks"):
            value = told["values"][last][names.index(("Paged", name))][side]
            assert value == readings[f"paged.{name}"].value


def test_the_setting_that_differs_is_said_and_claims_that_fail(told):
    assert [row["values"] for row in told["settings"]] == [[4, 8]]
    assert told["sides"][0]["broken"] == []
    unmet = read_with_claims(FOX, ["block_size=8"]).unmet
    assert [one["beat"] for one in told["sides"][1]["broken"]] == [one.beat + 1 for one in unmet]


def test_the_command_writes_one_page_of_two_settings(pagereel, board, tmp_path):
    require(built.DIFFERENCE.exists(), "the player is not built: make page")
    done = pagereel("diff", board, "--right", "block_size=8", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "index.html").read_text("utf-8")
    assert ": as written beside block_size=8</title>" in text


def test_both_pictures_go_in_step_on_a_phone_and_axe_finds_nothing(driver, told, tmp_path):
    require(built.DIFFERENCE.exists(), "the player is not built: make page")
    path = tmp_path / "index.html"
    path.write_text(difference_page(told, built.difference(), ""), "utf-8")
    page, complaints = driver.new_page(viewport={"width": 390, "height": 844}), []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.goto(f"{path.as_uri()}#beat=8")
    pictures = page.locator(".picture")
    assert pictures.count() == 2
    before = [pictures.nth(side).get_attribute("aria-label") for side in (0, 1)]
    page.keyboard.press("End")
    after = [pictures.nth(side).get_attribute("aria-label") for side in (0, 1)]
    assert before[0] != after[0] and before[1] != after[1]
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    assert page.evaluate("location.hash") == f"#beat={len(told['beats']) - 1}"
    assert "differ here" in page.get_by_role("status").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert complaints == []
    if not AXE.exists():
        assert os.environ.get("CI") != "true"
        pytest.skip("axe-core is not installed: make page")
    page.evaluate(f"() => {{ {AXE.read_text()} }}")
    run = "axe.run(document, { preload: false }).then(({ violations }) => violations)"
    for theme in ("dark", "light", "print"):
        page.get_by_label("Colours").select_option(theme)
        assert page.evaluate(run) == [], theme
    page.close()
