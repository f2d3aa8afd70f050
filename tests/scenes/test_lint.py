"""The layout lint finds each kind of fault where one is planted, and none in a clean picture."""

import pytest

from pagereel.scenes.lint import Kind, lint
from pagereel.scenes.shapes.picture import Box, Picture, Rect, Rgba, Text

WHITE, BLACK, GREY = Rgba(1, 1, 1, 1), Rgba(0, 0, 0, 1), Rgba(0.7, 0.7, 0.7, 1)
CLEAR = Rgba(0, 0, 0, 0)
WORD = Text("word", 200, 300, "Paged", 28, BLACK)
CARD = Rect("card", Box(150, 250, 300, 100), WHITE, GREY, 2, pattern_ink=CLEAR)
CLEAN = (CARD, WORD)


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
    "small print": (Kind.SMALL, (CARD, WORD._replace(size=21.5))),
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
    found = lint(picture(*shapes))
    assert kind in {fault.kind for fault in found}
    assert all(fault.key and kind.value for fault in found)


def test_every_kind_of_fault_is_planted():
    assert {kind for kind, _ in PLANTED.values()} == set(Kind)


def test_a_fault_says_what_and_where():
    (fault,) = lint(picture(CARD, WORD._replace(x=60)))
    assert str(fault) == "outside the frame: “Paged” (word)"


def test_dimmed_text_may_be_fainter():
    assert lint(picture(CARD, WORD._replace(opacity=0.55))) == ()


def test_a_clear_rectangle_covers_nothing():
    assert lint(picture(WORD, CARD._replace(fill=CLEAR))) == ()


def test_empty_text_has_no_faults():
    assert lint(picture(CARD, WORD, WORD._replace(key="other", text=""))) == ()


def test_neighbours_that_touch_do_not_overlap():
    from pagereel.scenes.shapes.extents import text_box

    beside = WORD._replace(key="other", x=text_box(WORD).right)
    assert lint(picture(CARD, WORD, beside)) == ()
