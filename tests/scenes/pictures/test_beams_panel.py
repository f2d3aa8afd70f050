"""A beam search is drawn as the tree that its states tell of, and copies come from their source."""

import pytest

from pagereel.model.play import play
from pagereel.model.readings.beam_tree import grow
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Path, Rect, Text

from places import ROOT, TESTS

BOARDS = ROOT / "storyboards"
SEARCH = """\
title: A search
model: gpt2
above: beams
parameters: {slots: 128, block_size: 4, max_len: 32}
lanes:
  paged: {kind: paged/paper, title: Paged}
requests:
  A: {prompt: The best thing about the long winter is, output: LONG, beam: {width: WIDE, seed: 5}}
beats:
  - {title: Nobody yet, say: Nothing happens.}
  - {title: It runs, do: [admit: A, step: STEPS], say: It searches.}
"""


@pytest.fixture
def search(write):
    """Plays a seeded search of so many beams and steps."""

    def run(width, steps, length=16):
        text = SEARCH.replace("WIDE", str(width)).replace("STEPS", str(steps))
        return play(read(write("search.yaml", text.replace("LONG", str(length)))))

    return run


@pytest.fixture(scope="module")
def winter():
    return play(read(BOARDS / "09-beam-search.yaml"))


@pytest.fixture(scope="module")
def four_score():
    return play(read(BOARDS / "08-copy-on-write.yaml"))


def lanes(timeline, name):
    return [step.lane(name) for beat in timeline.beats for step in beat.steps]


def drawn(timeline, beat, at=-1, aspect="16:9"):
    picture = compose_beat(timeline, beat, CANVASES[aspect])[at]
    return picture, {shape.key: shape for shape in picture.shapes}


@pytest.mark.parametrize("width", [2, 3, 4])
def test_the_path_to_every_beam_is_the_output_that_its_state_has(search, width):
    steps = lanes(search(width, 15), "paged")
    for end in range(1, len(steps) + 1):
        tree = grow(steps[:end], "A")
        for beam in tree.beams:
            path = tree.path(beam.id)
            assert tuple(node.sequence.output[node.index] for node in path) == beam.output


def test_every_beam_has_one_token_a_step_and_it_stays_in_the_tree(search):
    tree = grow(lanes(search(3, 10), "paged"), "A")
    assert [(node.beam, node.index) for node in tree.nodes] == [
        (beam, index) for index in range(10) for beam in ("A1", "A2", "A3")
    ]


def test_a_beam_that_died_goes_on_from_the_one_it_was_forked_from(winter):
    tree = grow(lanes(winter, "paged"), "A")
    elsewhere = {(n.beam, n.index): n.parent for n in tree.nodes if n.parent not in (n.beam, None)}
    assert elsewhere == {("A3", 2): "A1", ("A2", 3): "A1"}
    assert all(node.parent is None for node in tree.nodes if node.index == 0)


def test_both_lanes_of_a_storyboard_grow_the_same_tree(winter):
    paged, orca = (grow(lanes(winter, name), "A") for name in ("paged", "orca"))
    assert [(n.beam, n.index, n.parent) for n in paged.nodes] == [
        (n.beam, n.index, n.parent) for n in orca.nodes
    ]


@pytest.mark.parametrize("aspect", CANVASES)
def test_every_line_leads_from_the_pill_it_goes_on_from_to_its_own(winter, aspect):
    _, shapes = drawn(winter, 8, aspect=aspect)
    later = sum(len(beat.steps) for beat in winter.beats[9:])
    tree = grow(lanes(winter, "paged")[:-later], "A")
    assert len(tree.nodes) == 15
    shown = [node for node in tree.nodes if f"prompt/{node.beam}/{node.position}" in shapes]
    assert len(shown) == 15
    for node in shown:
        line, pill = (shapes[f"prompt/{node.beam}/{node.position}{end}"] for end in ("/line", ""))
        assert line.points[-1] == pytest.approx((pill.box.x - 2, pill.box.centre[1]))
        if node.parent and f"prompt/{node.parent}/{node.position - 1}" in shapes:
            before = shapes[f"prompt/{node.parent}/{node.position - 1}"].box
            assert line.points[0] == pytest.approx((before.right + 2, before.centre[1]))


def test_what_was_given_up_is_pale_and_the_newest_words_are_bright(winter):
    _, shapes = drawn(winter, 8, at=1)
    given_up = ["A3/6", "A3/7", "A2/6", "A2/7", "A2/8"]
    assert [shapes[f"prompt/{key}"].stroke for key in given_up] == ["edge"] * 5
    bright = {
        shape.key for shape in shapes.values() if getattr(shape, "fill", "") == "request 0 solid"
    }
    assert {key for key in bright if key.count("/") == 2 and key.startswith("prompt/")} == {
        "prompt/A1/10", "prompt/A2/10", "prompt/A3/10",
    }  # fmt: skip


def test_scores_stand_at_the_end_and_at_the_search_s_end_only_the_best_path_is_left(search):
    _, shapes = drawn(search(3, 4, length=4), 1)
    scores = {n: float(shapes[f"prompt/A{n}/score"].text) for n in (1, 2, 3)}
    last = {n: shapes[f"prompt/A{n}/11"] for n in (1, 2, 3)}
    best = max(scores, key=scores.__getitem__)
    assert [n for n in last if last[n].fill == "request 0 solid"] == [best]
    assert all(last[n].stroke == "edge" for n in last if n != best)


@pytest.mark.parametrize(("aspect", "rows"), [("16:9", 4), ("9:16", 4), ("1:1", 3)])
def test_beams_there_is_no_room_for_are_counted(search, aspect, rows):
    picture, shapes = drawn(search(4, 12), 1, aspect=aspect)
    assert sum(f"prompt/A{n}/score" in shapes for n in (1, 2, 3, 4)) == rows
    said = [shape.text for shape in picture.shapes if isinstance(shape, Text)]
    assert ("1 more below" in said) == (rows == 3)
    assert lint(picture) == ()


@pytest.mark.parametrize("aspect", CANVASES)
def test_the_oldest_columns_are_folded_into_the_root(search, aspect):
    picture, shapes = drawn(search(3, 30, length=31), 1, aspect=aspect)
    shown = [n for n in range(8, 38) if f"prompt/A1/{n}" in shapes]
    assert shown == list(range(shown[0], 38))
    assert shapes["beams/A/before"].text == f"{shown[0]} before"
    assert lint(picture) == ()


def test_without_a_search_the_panel_shows_the_words(write):
    text = SEARCH.replace(", beam: {width: WIDE, seed: 5}", "").replace("LONG", "5")
    timeline = play(read(write("plain.yaml", text.replace("STEPS", "2"))))
    picture, shapes = drawn(timeline, 1)
    assert {"prompt/A/0", "prompt/A/8"} <= set(shapes)
    assert lint(picture) == ()


def test_new_words_grow_out_of_the_words_that_they_go_on_from(winter):
    picture, shapes = drawn(winter, 4, at=1)
    grown = {key: origin for key, origin in picture.origins if key.startswith("prompt/")}
    assert grown == {
        "prompt/A1/8": "prompt/A1/7", "prompt/A2/8": "prompt/A2/7", "prompt/A3/8": "prompt/A1/7",
    }  # fmt: skip
    assert all(isinstance(shapes[key], Rect) for pair in grown.items() for key in pair)


def test_written_entries_fly_from_their_words_in_the_tree(winter):
    picture, shapes = drawn(winter, 8, at=0)
    origins = dict(picture.origins)
    for beam, slot in (("A1", "2/1/fresh"), ("A2", "1/1/snow"), ("A3", "4/1/rain")):
        token = f"lane/paged/token/block {slot}"
        assert origins[token] == f"prompt/{beam}/9"
        assert isinstance(shapes[token], Rect)
        assert shapes[f"{token}/word"].text == shapes[f"prompt/{beam}/9/word"].text


def test_the_entries_of_a_copied_block_come_from_the_block_they_were_copied_from(four_score):
    before = {shape.key for shape in drawn(four_score, 1)[0].shapes}
    picture, shapes = drawn(four_score, 2, at=1)  # behind the question
    origins = dict(picture.origins)
    for offset, word in enumerate(("years", "ago", "our")):
        token = f"lane/paper/token/block 3/{offset}/{word}"
        assert origins[token] == f"lane/paper/token/block 1/{offset}/{word}"
        assert {origins[token], origins[f"{token}/word"]} <= before
        assert token in shapes
        assert token not in before
    assert origins["lane/paper/token/block 3/3/fathers"] == "prompt/A1/7"


def test_a_fork_in_one_piece_copies_its_parent_s_entries(winter):
    picture, shapes = drawn(winter, 7, at=1)
    origins = dict(picture.origins)
    for position, word in ((6, "the"), (7, "quiet"), (8, "of")):
        token = f"lane/orca/token/A2/{position}/{word}"
        assert origins[token] == f"lane/orca/token/A1/{position}/{word}"
        assert {token, origins[token]} <= set(shapes)


def test_entries_stay_where_they_are_when_a_sharer_of_their_block_ends(winter):
    _, before = drawn(winter, 6)
    _, after = drawn(winter, 7)
    shared = [key for key in before if key.startswith("lane/paged/token/block 7/")]
    assert len(shared) == 8
    assert all(key in after for key in shared)


def test_swapped_entries_come_back_out_of_the_pool_on_the_cpu():
    timeline = play(read(TESTS / "tour" / "swap.yaml"))
    for index in range(len(timeline.beats)):
        for picture in compose_beat(timeline, index, CANVASES["16:9"]):
            back = [(k, o) for k, o in picture.origins if "/CPU block" in o and "word" not in k]
            if back:
                shapes = {shape.key for shape in picture.shapes}
                assert all(key in shapes for key, _ in back)
                return
    pytest.fail("nothing came back")


def test_a_table_s_row_shows_the_block_that_a_copy_replaced_crossed_out(four_score):
    _, shapes = drawn(four_score, 2, at=2)
    row = "lane/paper/table/A1/1"
    old, new = shapes[f"{row}/id/1"], shapes[f"{row}/id/3"]
    assert isinstance(shapes[f"{row}/struck"], Path)
    assert old.x < new.x
    assert old.opacity < new.opacity == 1
    _, later = drawn(four_score, 3)
    assert f"{row}/struck" not in later
    assert f"{row}/id/1" not in later
