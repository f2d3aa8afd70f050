"""A page on a phone: one lane at a time, and no word smaller than 11.5 of its pixels."""

from dataclasses import replace

import pytest

from pagereel.read import read_timeline
from pagereel.scenes.canvas import PHONE
from pagereel.scenes.lint import Kind, lint_layout
from pagereel.scenes.page.bake import SCREENS, bare
from pagereel.scenes.pictures.compose import compose_beat, compose_beats
from pagereel.scenes.shapes.extents import extent
from pagereel.scenes.shapes.picture import Text

from places import ROOT

WIDE, MARGINS, LEAST = 390, 12, 11.5
"""A phone, what a page leaves at its sides, and the smallest type: pixels of the phone."""
OF_FILMS = {Kind.SMALL, Kind.OUTSIDE}
"""What is measured otherwise here: by the phone's pixels, and by the frame's edges."""
SOME = ("01", "02", "05", "07", "08", "09", "10", "12", "13", "14", "15", "17")


@pytest.mark.parametrize("number", SOME)
def test_all_can_be_read_on_a_phone(number):
    timeline = read_timeline(next(ROOT.glob(f"storyboards/{number}-*.yaml")))
    scale = (WIDE - MARGINS) / PHONE.width
    for beat, pictures in enumerate(compose_beats(timeline, PHONE), 1):
        for picture in map(bare, pictures):
            assert [f for f in lint_layout(picture) if f.kind not in OF_FILMS] == [], beat
            assert all(PHONE.frame.contains(extent(s)) for s in picture.shapes), beat
            sizes = {s.size for s in picture.shapes if isinstance(s, Text) and s.text}
            assert min(sizes, default=LEAST / scale) * scale >= LEAST, beat


@pytest.mark.parametrize(("lane", "other"), [("contiguous", "paged"), ("paged", "contiguous")])
def test_a_reader_says_which_lane_is_drawn(lane, other):
    timeline = read_timeline(ROOT / "storyboards/01-the-quick-brown-fox.yaml")
    *_, last = compose_beat(timeline, 7, replace(PHONE, leading=lane))
    shapes = {
        name: sum(f"lane {name}" in shape.tags for shape in last.shapes) for name in (lane, other)
    }
    assert shapes[lane] > 3 * shapes[other]


def test_pages_have_it():
    assert SCREENS["phone"] is PHONE
