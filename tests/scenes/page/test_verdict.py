"""The playground: each variant plays, no caption names what changes, and the verdict is right."""

import pytest

from pagereel.read import StoryboardProblems, read_timeline
from pagereel.scenes.page.bake import SCREENS, bake

from places import ROOT

PLAYGROUND = ROOT / "storyboards/playground.yaml"
VARIANTS = {each.title: each for each in read_timeline(PLAYGROUND).storyboard.variants}


def told(overrides=()):
    """The story of the playground after these changes."""
    return bake(read_timeline(PLAYGROUND, overrides), {"16:9": SCREENS["16:9"]})


def at_the_end(story):
    return " ".join(story["beats"][-1]["steps"][-1]["verdict"]["said"]).replace("\xa0", " ")


def rows(story):
    return {label: values for label, *values in story["beats"][-1]["steps"][-1]["verdict"]["rows"]}


def test_there_is_something_of_every_sort_to_start_from():
    assert [*VARIANTS] == [
        *("Fits nicely", "One long request", "Shared system prompt", "Burst", "Preemption storm"),
        *("Fragmentation", "Copy-on-write", "Beam search"),
    ]


@pytest.mark.parametrize("title", VARIANTS)
def test_every_variant_is_played_to_its_end_and_judged_at_each_step(title):
    story = told(VARIANTS[title].overrides)
    assert all(step["verdict"]["rows"] for beat in story["beats"] for step in beat["steps"])
    assert "Paging" in at_the_end(story)
    total = len(story["requests"])
    assert rows(story)["Answered"] == [f"{total} of {total}"] * 2


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Fits nicely", "Paging gains no time here"),
        ("One long request", "Contiguous had no room for the next request at 25 steps."),
        ("Burst", "Paged has had up to 8 at once, Contiguous 2."),
        ("Preemption storm", "took a request’s memory away 4 times."),
        ("Copy-on-write", "Paged has copied 4 slots."),
    ],
)
def test_the_verdict_says_what_the_example_is_there_for(title, words):
    assert words in at_the_end(told(VARIANTS[title].overrides))


def test_where_nothing_is_gained_the_verdict_says_so():
    one = 'requests={"A": {"prompt": 30, "output": 3, "arrival": 1}}'
    assert "Paging gains nothing here" in at_the_end(told(("max_len=32", one)))


def test_where_giving_way_costs_more_than_waiting_the_verdict_says_so_too():
    each = '{"prompt": 4, "output": 14, "max_tokens": 14, "arrival": 1}'
    two = f'requests={{"A": {each}, "B": {each}}}'
    tight = ("slots=36", "max_len=20", "lanes.contiguous.kind=contiguous", two)
    assert "Paging loses" in at_the_end(told(tight))


def test_captions_hold_whoever_comes():
    def said(story):
        return [step["say"] for beat in story["beats"] for step in beat["steps"]]

    usual = set(said(told()))
    assert all(
        set(said(told(VARIANTS[title].overrides))) == usual for title in ("Burst", "Beam search")
    )


def test_a_mistake_in_a_variant_is_reported_at_its_place(tmp_path):
    text = PLAYGROUND.read_text().replace(
        "{prompt: 8, output: 22, arrival: 1}", "{prompt: 8, outputt: 22}"
    )
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(StoryboardProblems, match="outputt"):
        read_timeline(tmp_path / "wrong.yaml")


def test_other_stories_have_no_verdict():
    story = bake(read_timeline(ROOT / "storyboards/01-the-quick-brown-fox.yaml"))
    assert story["variants"] == []
    assert not any("verdict" in step for beat in story["beats"] for step in beat["steps"])
