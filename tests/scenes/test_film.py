"""A film moves for a reason: shots, what is there, what is cut, what is near, how much moves."""

from itertools import pairwise

import pytest

from pagereel.model.play import play
from pagereel.model.storyboard.timeline import Utterance
from pagereel.read import StoryboardProblems, read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import reading, timed
from pagereel.scenes.film import film
from pagereel.scenes.pictures.compose import compose_beat, compose_beats
from pagereel.scenes.pictures.moving.framing import framed
from pagereel.scenes.shapes.extents import extent
from pagereel.scenes.shapes.motion import derive
from pagereel.scenes.shapes.picture import Box, Cause, Rect, Text

from places import ROOT

WIDE = CANVASES["16:9"]
HEAD = """
title: Two lanes
parameters: {slots: 16, block_size: 4}
lanes:
  flat: {kind: contiguous, max_len: 8, title: Flat}
  paged: {kind: paged/vllm, title: Paged}
requests:
  A: {prompt: one two three four five, output: " six seven eight nine"}
beats:
"""
SHOTS = (
    HEAD
    + """
  - title: Told in shots
    shots:
      - show: [lane flat, prompt]
        do: [admit: A, step]
        say: "{flat.A.stored} stored."
      - show: [lane flat, lane paged]
        say: Cut it.
      - camera: request A in lane paged
        say: Look.
      - camera: all
        do: [step]
        say: "{flat.A.stored} stored."
  - title: And one without
    say: That is all.
"""
)


@pytest.fixture
def told(write):
    return play(read(write("shots.yaml", SHOTS)))


def pictures(timeline, beat=0):
    return compose_beat(timeline, beat, WIDE)


def keys(picture):
    return {shape.key for shape in picture.shapes}


def test_each_shot_says_its_own_sentence_of_the_state_that_it_ends_in(told):
    beat = told.beats[0]
    assert [shot.caption for shot in beat.shots] == ["5 stored.", "Cut it.", "Look.", "6 stored."]
    assert beat.said[1] == Utterance(1, "Cut it.")
    assert beat.caption == "5 stored. Cut it. Look. 6 stored."
    clips = tuple(timed(told, [pictures(told, i) for i in range(2)], 30))
    starts = clips[0].starts(4)
    assert starts == tuple(sorted(set(starts)))
    ends = (*starts[1:], clips[0].frames)
    for said, start, end in zip(beat.said, starts, ends, strict=True):
        assert (end - start) / 30 >= reading(said.words) - 0.1


def test_what_is_shown_stays_so_until_it_is_said_otherwise(told):
    assert [sorted(shot.visible) for shot in told.beats[0].shots] == [
        ["above", "lane flat"],
        ["lane flat", "lane paged"],
        ["lane flat", "lane paged"],
        ["lane flat", "lane paged"],
    ]
    first, last = pictures(told)[0], pictures(told, 1)[0]
    assert "lane/flat" in keys(first) and "lane/paged" not in keys(first)
    assert {"lane/flat", "lane/paged"} <= keys(last)
    assert not any(key.startswith(("prompt/", "metrics/")) for key in keys(last))


def test_a_lane_that_enters_is_cut_from_the_one_that_was_there_block_by_block(told):
    shown = pictures(told)
    before, after = next((a, b) for a, b in pairwise(shown) if Cause.SHOW in b.causes)
    sources = dict(after.origins)
    assert sources["lane/paged/token/block 1/0/one"] == "lane/flat/token/A/0/one"
    shares = dict(after.waves)
    assert shares["lane/paged/token/block 1/3/four"] < shares["lane/paged/token/block 2/0/five"]
    starts = {track.after.key: track for track in derive(before, after).tracks if track.after}
    token = starts["lane/paged/token/block 1/0/one"]
    assert token.before.box == next(
        s.box for s in after.shapes if s.key == "lane/flat/token/A/0/one"
    )


def test_the_camera_enlarges_what_it_looks_at_and_comes_back(told):
    shown = pictures(told)
    near = next(p for p in shown if Cause.CAMERA in p.causes)
    key = "lane/paged/token/block 1/0/one"
    far = next(p for p in reversed(shown) if key in keys(p))
    size = {p.said: extent(s).w for p in (near, far) for s in p.shapes if s.key == key}
    assert size[near.said] > 1.2 * size[far.said]
    frame = WIDE.frame
    assert all(frame.contains(extent(s)) for s in near.shapes if isinstance(s, Rect | Text))


def test_the_camera_never_makes_smaller_what_fills_the_frame_already():
    lane = Rect("lane", Box(60, 200, 900, 1200), "card", tags=frozenset({"lane a"}))
    assert framed((lane,), "lane a", Box(50, 100, 980, 1400)) == (lane,)


def test_what_is_read_lights_up_in_its_order(told):
    read_now = next(p for p in pictures(told) if p.waves and Cause.SHOW not in p.causes)
    shares = dict(read_now.waves)
    order = [shares[f"lane/flat/token/A/{i}/{w}"] for i, w in enumerate(("one", "two", "three"))]
    assert order == sorted(order) and len(set(order)) == 3


def test_figures_count_what_moves_for_a_reason_alone(told):
    found = film(told, tuple(timed(told, tuple(compose_beats(told, WIDE)), 30)))
    assert 0.1 < found.moving < 0.9
    assert found.unexplained == ()
    still = play(read_text_alone())
    lone = film(still, tuple(timed(still, tuple(compose_beats(still, WIDE)), 30)))
    assert lone.moving == 0
    assert lone.longest_still == pytest.approx(lone.seconds, abs=0.1)


def read_text_alone():
    from dataclasses import replace

    board = read(ROOT / "storyboards" / "05-blocks-and-the-block-table.yaml")
    first = board.beats[0]
    quiet = replace(first, shots=tuple(replace(shot, do=()) for shot in first.shots), expect=())
    return replace(board, beats=(quiet, replace(quiet, title="Again")))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("- {title: a, say: b, shots: [{say: c}]}", "this beat has shots, and so no `say`"),
        ("- {title: a, shots: [{do: [step]}]}", "shot 1 has no `say`"),
        ("- {title: a, say: b, show: [lane nobody]}", "`lane nobody` cannot be shown"),
        ("- {title: a, say: b, show: [gauges]}", "the panel `gauges` is not on this picture"),
        ("- {title: a, say: b, camera: block 99}", "no block 99"),
        ("- {title: a, say: b, card: excerpt}", "the card `excerpt` needs a `excerpt`"),
        (
            "- {title: a, say: b, card: excerpt, excerpt: {of: nothing, beat: x}}",
            "the storyboard `nothing` cannot be read",
        ),
        (
            "- {title: a, say: b, card: excerpt, excerpt: {of: 01-the-quick-brown-fox, beat: x}}",
            "`01-the-quick-brown-fox` has no beat `x`",
        ),
    ],
)
def test_what_a_shot_cannot_be_is_said(write, wrong, message):
    text = HEAD + f"  - {{title: First, say: x, do: [admit: A, step]}}\n  {wrong}\n"
    with pytest.raises(StoryboardProblems, match=message):
        read(write("wrong.yaml", text))


def test_an_excerpt_shows_another_storyboard_and_reads_its_state(write):
    of = "excerpt: {of: 05-blocks-and-the-block-table, beat: Seven words need two blocks"
    text = HEAD + (
        "  - {title: First, say: x, do: [admit: A, step]}\n"
        f'  - {{title: a, card: excerpt, say: "{{paper.A.blocks}} blocks", {of}}}}}\n'
        f"  - {{title: b, card: excerpt, say: y, {of}, still: true}}}}\n"
        "  - {title: Back, say: z}\n"
    )
    timeline = play(read(write("quoting.yaml", text)))
    assert timeline.beats[1].caption == "2 blocks"
    moving, still = pictures(timeline, 1), pictures(timeline, 2)
    assert len(moving) > len(still) == 1
    assert "lane/paper" in keys(still[0]) and "lane/flat" not in keys(still[0])
    assert moving[-1].shapes != still[0].shapes, "the captions differ"
    assert "lane/flat" in keys(pictures(timeline, 3)[0]), "its own lanes come back"


def test_the_end_names_what_follows_and_a_poster_is_a_beat(write):
    text = (
        "next: [01-the-quick-brown-fox]\nposter: Last\n"
        + HEAD
        + (
            "  - {title: First, say: x, do: [admit: A, step]}\n"
            "  - {title: Last, card: end, say: y}\n"
        )
    )
    timeline = play(read(write("ending.yaml", text.replace("\ntitle", "title", 1))))
    assert timeline.storyboard.poster == 1
    words = {s.text for s in pictures(timeline, 1)[-1].shapes if isinstance(s, Text)}
    assert {"Next", timeline.storyboard.following[0].title} <= words
    with pytest.raises(StoryboardProblems, match="there is no beat `Lost`"):
        read(write("lost.yaml", text.replace("poster: Last", "poster: Lost")))
