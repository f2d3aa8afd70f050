"""SVG says what the stage draws: same shapes, same colours, same places, and text that is text."""

import os
import shutil
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pagereel.model.play import play
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.lines import arrow, dots, hatch
from pagereel.scenes.shapes.picture import Anchor, Box, Formula, Pattern, Picture, Rect, Rgba, Text
from pagereel.scenes.shapes.picture import Path as Line
from pagereel.scenes.style import THEMES, paint
from pagereel.scenes.svg import number, plain, svg

from places import ROOT

STORYBOARD = ROOT / "storyboards" / "01-the-quick-brown-fox.yaml"
SVG = "{http://www.w3.org/2000/svg}"
RED, CLEAR = Rgba(1, 0, 0, 1), Rgba(0, 0, 0, 0)
MEAN, FAR, FAR_SHARE = 1.0, 64, 0.005
"""How far a rasterised SVG may be from the stage: on average at most one level of 255, and at most
one pixel in two hundred by more than 64 levels; letters are smoothed differently at their edges."""


def picture(*shapes, alt="Title. More."):
    return Picture(1920, 1080, Rgba(0, 0, 0, 1), shapes, alt=alt)


def text(words, **more):
    return Text("k", 100, 200, words, 28, RED, **more)


def parsed(*shapes, **more):
    return ElementTree.fromstring(svg(picture(*shapes), **more))


@pytest.fixture(scope="module")
def pictures():
    timeline = play(read(STORYBOARD))
    composed = [compose_beat(timeline, i, CANVASES["16:9"])[-1] for i in (0, 7, 10)]
    return [paint(one, THEMES["dark"]) for one in composed]


@given(st.text(max_size=60))
def test_no_text_breaks_out_of_the_file(words):
    root = parsed(text(words, note=words), text("after"))
    assert {element.tag for element in root.iter()} <= {
        SVG + name for name in ("svg", "title", "desc", "style", "rect", "text")
    }
    assert root.findall(f"{SVG}text")[-1].text == "after"


@pytest.mark.parametrize(
    "nasty", ['"><script>alert(1)</script>', "]]>", "&lt;", "a'b\"c", "</text>"]
)
def test_markup_in_a_text_is_shown_as_it_is(nasty):
    root = parsed(text(nasty, note=nasty, face="text"))
    found = root.find(f"{SVG}text")
    assert "".join(found.itertext()) == nasty * 2
    assert root.find(f"{SVG}script") is None


def test_characters_that_xml_forbids_are_replaced():
    assert plain("a\x00b\x1bc\ud800\uffff\x85") == "a\ufffdb\ufffdc\ufffd\ufffd\ufffd"
    assert plain("tab\tnew\nline") == "tab\tnew\nline"


def test_a_rectangle_has_its_place_its_colours_and_its_meaning():
    fill = Rgba(0, 0.5, 1, 0.25)
    shape = Rect("k", Box(10, 20.004, 30, 40), fill, RED, 2, 99, pattern_ink=CLEAR, note="a slot")
    rect = parsed(shape).findall(f"{SVG}rect")[1]
    assert rect.attrib == {
        "x": "10", "y": "20", "width": "30", "height": "40", "rx": "15",
        "fill": "#0080ff", "fill-opacity": "0.25", "stroke": "#ff0000", "stroke-width": "2",
    }  # fmt: skip
    assert rect.find(f"{SVG}title").text == "a slot"


def test_what_cannot_be_seen_is_not_written():
    shapes = (
        text("gone", opacity=0),
        Rect("r", Box(0, 0, 0, 10), RED, CLEAR, pattern_ink=CLEAR),
        Rect("c", Box(0, 0, 9, 9), CLEAR, CLEAR, pattern_ink=CLEAR),
    )
    assert len(list(parsed(*shapes))) == 4  # title, desc, style, background


def test_patterns_are_drawn_inside_their_box():
    box = Box(100, 100, 60, 40)
    assert all(box.contains(Box(x, y, 0, 0)) for line in hatch(box) for x, y in line)
    assert len(list(dots(box))) == 6 * 4
    for pattern in (Pattern.HATCH, Pattern.DOTS):
        shape = Rect("k", box, CLEAR, CLEAR, pattern=pattern, pattern_ink=RED)
        assert parsed(shape).find(f"{SVG}path") is not None


def test_an_arrow_ends_where_its_path_ends():
    line, head = arrow(Line("k", ((0, 0), (100, 0)), RED, head=10))
    assert line == ((0, 0), (92, 0))
    assert head == ((100, 0), (90, 5), (90, -5))
    assert arrow(Line("k", ((5, 5), (5, 5)), RED, head=10)) == (((5, 5), (5, 5)), ())


def test_text_keeps_its_anchor_and_every_space():
    found = parsed(text("a  b ", anchor=Anchor.END)).find(f"{SVG}text")
    assert found.get("text-anchor") == "end"
    assert found.text == "a  b "


def test_a_clear_background_is_left_out():
    assert parsed(backdrop=0).find(f"{SVG}rect").get("fill") == "none"


def test_a_formula_stays_readable_where_nothing_can_set_it():
    found = parsed(Formula("k", Box(0, 0, 100, 30), "x < 2", RED)).find(f"{SVG}text")
    assert found.text == "x < 2"


@pytest.mark.parametrize(
    ("value", "written"), [(1.0, "1"), (-0.004, "0"), (2.499, "2.5"), (0.1, "0.1")]
)
def test_numbers_are_as_short_as_they_can_be(value, written):
    assert number(value) == written


def test_embedded_fonts_have_every_character_that_is_used(pictures):
    from pagereel.render.svg_pens import embedding

    written = svg(pictures[1], embedding(pictures))
    assert written.count("@font-face") >= 3
    assert "data:font/woff;base64," in written
    assert "http" not in written.replace("http://www.w3.org/2000/svg", "")


def test_outlined_text_can_still_be_read_aloud(pictures):
    from pagereel.render.svg_pens import outlining

    root = ElementTree.fromstring(svg(pictures[1], outlining()))
    assert root.find(f"{SVG}text") is None
    assert "admitted" in " ".join(path.get("aria-label", "") for path in root.iter(f"{SVG}path"))


def agree(raster, pixels):
    drawn = np.asarray(Image.open(raster).convert("RGB")).astype(int)
    away = np.abs(drawn - pixels[..., :3])
    assert drawn.shape == pixels[..., :3].shape
    assert away.mean() <= MEAN
    assert (away.max(axis=2) > FAR).mean() <= FAR_SHARE


@pytest.mark.pixels
@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="rsvg-convert is not installed")
def test_outlined_svg_and_png_of_a_picture_agree(pictures, tmp_path):
    from pagereel.render.svg_pens import outlining
    from pagereel.scenes.drawing.stage import draw_picture

    for one in pictures:
        (tmp_path / "a.svg").write_text(svg(one, outlining()), encoding="utf-8")
        command = ["rsvg-convert", tmp_path / "a.svg", "-o", tmp_path / "a.png"]
        subprocess.run(command, check=True, timeout=60)
        agree(tmp_path / "a.png", draw_picture(one, 1080))


@pytest.mark.pixels
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_svg_with_embedded_fonts_and_png_of_a_picture_agree(pictures, tmp_path):
    from pagereel.render.svg_pens import embedding
    from pagereel.scenes.drawing.stage import draw_picture

    one = pictures[1]
    (tmp_path / "a.svg").write_text(svg(one, embedding([one])), encoding="utf-8")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = ["--headless", "--disable-gpu", "--hide-scrollbars", "--window-size=1920,1080"]
    shot = f"--screenshot={tmp_path / 'a.png'}"
    address = (tmp_path / "a.svg").as_uri()
    command = ["chromium", *options, *sandbox, f"--user-data-dir={tmp_path}", shot, address]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    agree(tmp_path / "a.png", draw_picture(one, 1080))
