"""Where a frame is narrow, the lane that acts is drawn, and of each other lane a marker."""

import pytest

from pagereel.model.play import play
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES, PHONE
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.pictures.leading import leading
from pagereel.scenes.shapes.extents import extent
from pagereel.scenes.shapes.picture import Cause, Text

TWO = """\
title: Two
model: gpt2
parameters: {slots: 16, block_size: 4, max_len: 8}
lanes:
  piece: {kind: contiguous/max, title: In one piece}
  paged: {kind: paged/vllm, title: In blocks}
requests:
"""
REQUESTS = {
    "A": "{prompt: one two three four, output: five six seven}",
    "B": "{prompt: six seven, output: eight nine}",
    "C": "{prompt: ten eleven, output: twelve}",
}
NARROW = [CANVASES["9:16"], CANVASES["1:1"], PHONE]


@pytest.fixture
def story(write):
    """Plays two lanes with these beats."""

    def run(*beats):
        who = [name for name in REQUESTS if any(f"admit: {name}" in beat for beat in beats)]
        asked = "".join(f"  {name}: {REQUESTS[name]}\n" for name in who)
        told = "".join(f"  - {{title: T, {beat}, say: Said.}}\n" for beat in beats)
        return play(read(write("two.yaml", f"{TWO}{asked}beats:\n{told}")))

    return run


def drawn(picture):
    """The lanes whose slots are drawn."""
    return {s.key.split("/")[1] for s in picture.shapes if "/block/" in s.key or "/slot/" in s.key}


def texts(picture, start):
    return {
        s.key: s.text for s in picture.shapes if isinstance(s, Text) and s.key.startswith(start)
    }


def leads(timeline):
    return [leading(timeline, beat, 0) for beat in range(len(timeline.beats))]


def test_the_lane_that_is_pointed_at_acts_and_stays_until_another_does(story):
    timeline = story(
        "do: [admit: A]",
        "focus: [lane paged]",
        "do: [step]",
        "do: [step], callouts: [{at: request A in lane piece, text: here}]",
        "focus: [request A]",
        "camera: table in lane paged",
    )
    assert leads(timeline) == ["piece", "paged", "paged", "piece", "piece", "paged"]


def test_a_lane_that_enters_acts(story):
    timeline = story(
        "show: [lane piece, prompt], do: [admit: A]",
        "show: [lane piece, lane paged, prompt]",
        "show: [lane piece, prompt]",
        "show: [lane piece, lane paged, prompt]",
    )
    assert leads(timeline) == ["piece", "paged", "piece", "paged"]


def test_a_lane_in_which_more_happens_than_reading_and_writing_acts(story):
    timeline = story("do: [admit: A, step]", "do: [step]", "do: [step]")
    assert leads(timeline) == ["piece", "paged", "paged"]


@pytest.mark.parametrize("canvas", NARROW, ids=lambda canvas: canvas.name)
def test_one_lane_is_drawn_and_the_other_is_marked(story, canvas):
    timeline = story("do: [admit: A, admit: B, admit: C, step]", "focus: [lane paged]")
    (*_, first), (second,) = compose_beats(timeline, canvas)
    assert drawn(first) == {"piece"} and drawn(second) == {"paged"}
    assert texts(second, "lane/piece/") == {
        "lane/piece/title": "In one piece",
        "lane/piece/verdict": "6 of 16 used",
        "lane/piece/waiting": "waiting",
        "lane/piece/waiting/C/word": "C",
    }


def test_wide_frames_draw_all(story):
    timeline = story("do: [admit: A], focus: [lane paged]")
    ((*_, picture),) = compose_beats(timeline, CANVASES["16:9"])
    assert drawn(picture) == {"piece", "paged"}


def test_a_change_of_lane_has_a_cause_and_its_card_grows(story):
    timeline = story("do: [admit: A]", "focus: [lane paged]", "focus: [lane paged]")
    (*_, first), (second,), (third,) = compose_beats(timeline, CANVASES["9:16"])
    assert Cause.SHOW in second.causes and Cause.SHOW not in third.causes
    cards = [{s.key: s.box for s in p.shapes if s.key == "lane/paged"} for p in (first, second)]
    assert cards[0]["lane/paged"].h < 100 < cards[1]["lane/paged"].h
    assert all(Cause.SHOW not in p.causes for (*_, p) in compose_beats(timeline, CANVASES["16:9"]))


def test_in_an_upright_film_nothing_lies_where_buttons_do(story):
    timeline = story("do: [admit: A]", "show: [lane piece, lane paged, metrics]")
    canvas = CANVASES["9:16"]
    for pictures in compose_beats(timeline, canvas):
        for picture in pictures:
            said = [extent(s) for s in picture.shapes if s.key.startswith("caption/")]
            assert said and max(box.right for box in said) < 0.88 * canvas.width
            assert max(extent(s).bottom for s in picture.shapes) <= 0.85 * canvas.height
