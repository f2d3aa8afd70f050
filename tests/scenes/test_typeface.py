"""Text is measured as it will be drawn: the tables are those of the installed fonts."""

import itertools
import json
import unicodedata
from importlib import resources

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pagereel.scenes.drawing.glyphs import SOURCES, find, font
from pagereel.scenes.drawing.measure_faces import KERNED, measure
from pagereel.scenes.shapes.typeface import break_lines, face, shorten, visible

FACES = list(SOURCES)
PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), max_size=40)
ANYTHING = st.text(st.characters(), max_size=40)
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Cn", "Co"}


@pytest.mark.parametrize("name", FACES)
def test_the_tables_are_those_of_the_installed_fonts(name):
    pytest.importorskip("uharfbuzz")
    committed = (
        resources.files("pagereel.scenes.shapes")
        .joinpath("faces", f"{name}.json")
        .read_text("utf-8")
    )
    assert json.loads(committed) == measure(name), (
        "measure again: python -m pagereel.scenes.drawing.measure_faces"
    )


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("text", ["AVATAR To. “Yes”", "block 12 of 48", "Wäre × 3 → α"])
def test_a_line_is_as_wide_as_its_glyphs_and_their_kerning(name, text):
    measures = face(name)
    glyphs = 0
    for character in text:
        found = find(name, character)
        if found is None:
            glyphs += 1000
            continue
        opened = font(found[0])
        glyphs += round(1000 * opened["hmtx"][found[1]][0] / opened["head"].unitsPerEm)
    kerned = sum(measures.kerning.get(a + b, 0) for a, b in itertools.pairwise(text))
    assert measures.width(text, 1000) == glyphs + kerned


def test_kerning_pulls_letters_together():
    measures = face("text")
    assert measures.width("AV", 1000) < measures.width("A", 1000) + measures.width("V", 1000)


@pytest.mark.parametrize("name", ["text", "bold"])
def test_a_shaped_line_is_as_wide_as_measured(name):
    hb = pytest.importorskip("uharfbuzz")
    from pagereel.scenes.drawing.glyphs import font_file

    opened = font(SOURCES[name][0])
    shaper = hb.Font(hb.Face(font_file(SOURCES[name][0])))
    for text in ("Paged takes To. AWAY", "The quick brown fox", "Vo, “Type” 17.5 %"):
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(shaper, buffer, {"kern": True, "liga": False, "calt": False, "clig": False})
        units = sum(position.x_advance for position in buffer.glyph_positions)
        shaped = 1000 * units / opened["head"].unitsPerEm
        assert abs(face(name).width(text, 1000) - shaped) <= len(text)


def test_the_fixed_face_is_fixed():
    advances = {face("mono").advances[c] for c in KERNED if c in face("mono").advances}
    assert len(advances) == 1


@pytest.mark.parametrize("name", FACES)
@given(text=PRINTABLE)
def test_offsets_grow_from_zero_to_the_width(name, text):
    offsets = face(name).offsets(text, 28)
    assert len(offsets) == len(text) + 1
    assert offsets[0] == 0
    assert offsets[-1] == face(name).width(text, 28)


@given(text=PRINTABLE, size=st.sampled_from([22, 28, 40, 56]))
def test_width_is_in_proportion_to_size(text, size):
    assert face("text").width(text, size) == pytest.approx(face("text").width(text, 1) * size)


def test_a_character_that_no_font_has_is_one_em_wide():
    assert face("text").width("漢", 30) == 30
    assert face("text").missing("a漢b") == {"漢"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x00\x07\x1b[31m\x7f", "\\x00\\x07\\x1b[31m\\x7f"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\u200bb\u200dc\ufeff", "a\\u200bb\\u200dc\\ufeff"),
        ("\u00a0\u00ad\u2028", "\\xa0\\xad\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\ue0041"),
        ("<b>&amp;</b> $x$ {y} #z", "<b>&amp;</b> $x$ {y} #z"),
        ("漢字 🦊 é", "漢字 🦊 é"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text, shown):
    assert visible(text) == shown


@given(ANYTHING)
@example("\u2067\x00\ud800 ")
def test_visible_text_has_nothing_invisible_and_stays_as_it_is(text):
    shown = visible(text)
    assert all(c == " " or unicodedata.category(c) not in INVISIBLE for c in shown)
    assert visible(shown) == shown


@given(text=PRINTABLE, width=st.integers(1, 900))
def test_broken_lines_have_every_character_of_the_text_but_the_spaces_they_broke_at(text, width):
    lines = break_lines(text, width, 28, face("text"))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(text=PRINTABLE, width=st.integers(1, 900))
def test_a_line_is_too_wide_only_where_it_is_a_single_character(text, width):
    for line in break_lines(text, width, 28, face("text")):
        assert face("text").width(line, 28) <= width or len(line) == 1


@given(text=PRINTABLE, width=st.integers(30, 900))
def test_no_line_could_have_taken_the_next_word(text, width):
    lines = break_lines(text, width, 28, face("text"))
    for line, following in itertools.pairwise(lines):
        longer = f"{line} {following.split(' ')[0]}"
        assert face("text").width(longer, 28) > width


@given(text=ANYTHING, width=st.integers(0, 900))
def test_shortened_text_fits(text, width):
    assert face("text").width(shorten(text, width, 22, face("text")), 22) <= width


@given(text=PRINTABLE, width=st.integers(0, 900))
def test_shortened_text_is_the_text_or_its_start_with_an_ellipsis(text, width):
    shown = shorten(text, width, 22, face("text"))
    if face("text").width(text, 22) <= width:
        assert shown == text
    elif shown:
        assert shown.endswith("…")
        assert text.startswith(shown[:-1])


@given(text=PRINTABLE, narrow=st.integers(0, 400), more=st.integers(0, 400))
def test_more_room_never_shows_less(text, narrow, more):
    assume(text)
    less = shorten(text, narrow, 22, face("text"))
    assert len(shorten(text, narrow + more, 22, face("text"))) >= len(less.rstrip("…"))
