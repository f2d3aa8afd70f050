"""The course: a page a storyboard, its picture as it is drawn, its numbers as they are played."""

import re
from functools import cache
from itertools import pairwise

import pytest
from PIL import Image

from pagereel.documents.pictures import (
    WORDS,
    Illustration,
    compose_illustration,
    illustrations,
    words,
)
from pagereel.errors import InputWrong
from pagereel.model.play import play
from pagereel.model.readings.readings import Readings
from pagereel.read import read

from places import ROOT

STORYBOARDS = {path.stem: path for path in (ROOT / "storyboards").glob("[0-9]*.yaml")}
PAGES = {path.stem: path for path in sorted((ROOT / "docs" / "concepts").glob("[0-9]*.md"))}
PICTURES = {picture.name: picture for picture in illustrations(ROOT)}
MODELLED = re.compile(
    r"^\| [^|]+ \| (?P<value>[^|]+) \| modelled: `(?P<reading>[^`]+)`(?:, at “(?P<beat>[^”]+)”)?",
    re.MULTILINE,
)
NUMBERS = [
    (name, match["value"], match["reading"], match["beat"] or PICTURES[name].beat)
    for name, path in PAGES.items()
    if name in PICTURES
    for match in MODELLED.finditer(path.read_text("utf-8"))
]
LARGEST = 60_000
"""Bytes of a picture: a page must open at once."""


def test_every_storyboard_has_a_page_with_a_picture():
    assert set(STORYBOARDS) <= set(PAGES)
    assert sorted(set(STORYBOARDS) - set(PICTURES)) == [], "name a beat in docs/pictures"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_shown_on_its_page_and_says_what_its_beat_says(name):
    wanted = PICTURES[name]
    shown = re.findall(r"!\[(.+?)\]\(([^)]+)\)", wanted.page.read_text("utf-8"))
    assert wanted.file.resolve() in [(wanted.page.parent / link).resolve() for _, link in shown]
    with Image.open(wanted.file) as image:
        assert image.size == (1280, 720)
        assert image.text[WORDS] == words(compose_illustration(wanted)), "run `make docs`"
    assert wanted.file.stat().st_size < LARGEST


def test_no_picture_lies_about_that_no_page_asks_for():
    drawn = {path.stem for path in (ROOT / "docs" / "pictures").glob("*.png")}
    assert drawn == set(PICTURES)


def test_a_beat_that_is_not_there_is_named_with_the_nearest_one():
    storyboard = STORYBOARDS["08-copy-on-write"]
    wanted = Illustration("x", ROOT, storyboard, "The first one to write copies", ROOT)
    with pytest.raises(InputWrong, match="did you mean `The first to write copies`"):
        compose_illustration(wanted)


def test_every_modelled_reading_on_a_page_is_compared():
    texts = [PAGES[name].read_text("utf-8") for name in PAGES if name in PICTURES]
    assert sum(text.count("modelled: `") for text in texts) == len(NUMBERS)


@cache
def played(name):
    return play(read(STORYBOARDS[name]))


@pytest.mark.parametrize(("name", "value", "reading", "beat"), NUMBERS)
def test_a_modelled_number_is_what_the_storyboard_plays(name, value, reading, beat):
    timeline = played(name)
    (at,) = [one for one in timeline.beats if one.beat.title == beat]
    assert str(Readings(timeline.storyboard, at.end)[reading]) == value


@pytest.mark.parametrize("name", [name for name in PAGES if name in PICTURES])
def test_a_page_says_which_system_is_drawn_and_how_to_render_it(name):
    text = PAGES[name].read_text("utf-8")
    drawn = text.partition("**Drawn:**")[2].partition("\n\n")[0]
    assert [
        lane.kind for lane in read(STORYBOARDS[name]).lanes if f"`{lane.kind}`" not in drawn
    ] == []
    assert f"pagereel render storyboards/{name}.yaml" in text


def test_the_course_lists_every_page_and_each_leads_to_the_next():
    index = (ROOT / "docs" / "concepts" / "README.md").read_text("utf-8")
    names = list(PAGES)
    assert [name for name in names if f"({name}.md)" not in index] == []
    for name, following in pairwise(names):
        assert f"]({following}.md)" in PAGES[name].read_text("utf-8").partition("\nNext: ")[2], name
