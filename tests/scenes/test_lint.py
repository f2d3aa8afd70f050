"""The layout lint finds each kind of fault where one is planted, and none in a clean picture."""

import pytest

from pagereel.scenes.lint import Kind, lint, lint_composition, share
from pagereel.scenes.shapes.picture import Box, Path, Pattern, Picture, Rect, Rgba, Text
from pagereel.scenes.style import AT_REST, SIZE_CELL, THEMES

WHITE, BLACK, GREY = Rgba(1, 1, 1, 1), Rgba(0, 0, 0, 1), Rgba(0.7, 0.7, 0.7, 1)
CLEAR = Rgba(0, 0, 0, 0)
WORD = Text("word", 200, 300, "Paged", 28, BLACK)
CARD = Rect("card", Box(150, 250, 300, 100), WHITE, GREY, 2, pattern_ink=CLEAR)
CLEAN = (CARD, WORD)
BLOCK, SLOT = (Rect(key, Box(300, 400, 90, 40)) for key in ("lane/a/block/7", "lane/a/block/7/0"))
HATCHED = Rect("hatched", Box(500, 300, 90, 40), WHITE, CLEAR, 0, 0, Pattern.HATCH, BLACK)
NAME = WORD._replace(key="lane/a/title")
LANE = Rect("lane/a", Box(60, 250, 1800, 700), WHITE)


def picture(*shapes):
    return Picture(1920, 1080, WHITE, shapes)


PLANTED = {
    "a word beyond the margin": (Kind.OUTSIDE, (CARD, WORD._replace(x=60))),
    "a word below the frame": (Kind.OUTSIDE, (CARD, WORD._replace(y=1070))),
    "a card beyond the frame": (Kind.OUTSIDE, (CARD._replace(box=Box(-5, 0, 9, 9)), WORD)),
    "two words in one place": (Kind.OVERLAP, (CARD, WORD, WORD._replace(key="other", x=230))),
    "a word under a card": (Kind.COVERED, (WORD, CARD)),
    "a word wider than its box": (Kind.WIDE, (CARD, WORD._replace(room=Box(190, 260, 60, 60)))),
    "a word above its box": (Kind.WIDE, (CARD, WORD._replace(room=Box(190, 290, 200, 60)))),
    "a word below its box": (Kind.WIDE, (CARD, WORD._replace(room=Box(190, 200, 200, 80)))),
    "small print": (Kind.SMALL, (CARD, WORD._replace(size=27.5))),
    "a word too small for its cell": (
        Kind.SMALL,
        (CARD, WORD._replace(key="lane/a/token/block 7/0/fox/word", size=SIZE_CELL - 1)),
    ),
    "a word with dots": (Kind.CUT, (CARD, WORD._replace(text="Pag…"))),
    "a short word cut on its cell": (Kind.CUT, (CARD, WORD._replace(text="Pag…", note="Paged"))),
    "a block that nobody can name": (Kind.NAMELESS, (CARD, NAME, BLOCK, SLOT)),
    "hatching that cannot be seen": (Kind.UNSEEN, (*CLEAN, HATCHED._replace(pattern_ink=WHITE))),
    "lanes in half the frame": (
        Kind.SHARE,
        (LANE._replace(box=Box(60, 250, 1300, 700)), CARD, NAME),
    ),
    "a frame with next to nothing": (
        Kind.EMPTY,
        (CARD._replace(box=Box(150, 250, 400, 120)), WORD),
    ),
    "grey on white": (Kind.FAINT, (CARD, WORD._replace(ink=GREY))),
    "black on a black card": (Kind.FAINT, (CARD._replace(fill=BLACK), WORD)),
    "a word dimmed too far": (Kind.FAINT, (CARD, WORD._replace(opacity=0.2))),
    "a key that stands twice": (Kind.TWICE, (CARD, WORD, CARD._replace(fill=CLEAR))),
}


def test_a_clean_picture_has_no_fault():
    assert lint(picture(*CLEAN)) == ()


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_fault_is_found_and_named(plant):
    kind, shapes = PLANTED[plant]
    found = (*lint(picture(*shapes)), *lint_composition(picture(*shapes)))
    assert kind in {fault.kind for fault in found}
    assert all(fault.key and kind.value for fault in found)


def test_every_kind_of_fault_is_planted():
    assert {kind for kind, _ in PLANTED.values()} == set(Kind)


def test_a_fault_says_what_and_where():
    (fault,) = lint(picture(CARD, WORD._replace(x=60)))
    assert str(fault) == "outside the frame: “Paged” (word)"


def test_dimmed_text_must_be_readable_too():
    found = lint(picture(CARD, WORD._replace(opacity=0.4)))
    assert {fault.kind for fault in found} == {Kind.FAINT}


@pytest.mark.parametrize(
    "key",
    [
        "lane/a/token/block 7/0/fox/word",
        "lane/a/block/7/0/ghost",
        "lane/a/block/7/id",
        "lane/a/table/A/0/id/7",
        "lane/a/address/12",
    ],
)
def test_what_stands_on_cells_may_be_smaller(key):
    assert lint(picture(CARD, WORD._replace(key=key, size=SIZE_CELL))) == ()


@pytest.mark.parametrize("key", ["lane/a/title", "lane/a/outcome", "metrics/a/verdict"])
def test_nothing_else_of_a_lane_may(key):
    (fault,) = lint(picture(CARD, WORD._replace(key=key, size=SIZE_CELL)))
    assert fault.kind is Kind.SMALL


def test_an_author_may_write_dots_and_a_long_word_may_be_cut_if_its_note_has_it_whole():
    written = WORD._replace(key="caption/1/0", text="and so on…")
    cut = WORD._replace(key="other", y=340, text="Donaudampf…", note="Donaudampfschiff")
    assert lint(picture(CARD, written, cut)) == ()


def test_a_block_with_its_id_is_good_and_one_of_a_field_needs_none():
    name = WORD._replace(key="lane/a/block/7/id", text="7")
    assert lint(picture(CARD, name, BLOCK, SLOT)) == ()
    assert lint(picture(*CLEAN, BLOCK)) == ()


def test_patterns_at_rest_may_be_fainter():
    slot = Rect("slot", Box(500, 300, 90, 40), "slot", CLEAR, 0, 0, Pattern.DOTS)
    bright, resting = "request 0 edge", f"{AT_REST}request 0 edge"
    for theme in THEMES.values():
        for ink in (bright, resting):
            shown = Picture(1920, 1080, "background", (slot._replace(pattern_ink=ink),))
            assert lint(shown, theme) == ()


def test_lanes_count_with_what_stands_beside_and_above_them():
    half = LANE._replace(box=Box(60, 250, 1300, 700))
    beside = Rect("metrics/a", Box(1370, 250, 490, 700), WHITE)
    above = Path("prompt/A", ((60, 110), (1860, 110)), BLACK, 0)
    assert share(picture(half)) == pytest.approx(1300 * 700 / 1920 / 1080)
    assert share(picture(half, beside, above)) == pytest.approx(1800 * 840 / 1920 / 1080)
    assert lint_composition(picture(half, beside, above, NAME)) == ()


def test_memory_on_another_card_is_not_asked_for_its_share():
    token = WORD._replace(key="lane/a/token/A/0/fox/word")
    wide = Rect("chart", Box(100, 200, 1500, 700), BLACK)
    assert lint_composition(picture(wide, token)) == ()


def test_a_clear_rectangle_covers_nothing():
    assert lint(picture(WORD, CARD._replace(fill=CLEAR))) == ()


def test_empty_text_has_no_faults():
    assert lint(picture(CARD, WORD, WORD._replace(key="other", text=""))) == ()


def test_neighbours_that_touch_do_not_overlap():
    from pagereel.scenes.shapes.extents import text_box

    beside = WORD._replace(key="other", x=text_box(WORD).right)
    assert lint(picture(CARD, WORD, beside)) == ()
