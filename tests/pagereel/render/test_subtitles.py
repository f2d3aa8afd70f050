"""Captions as side files: readable at a glance, in order, and safe whatever the text holds."""

import html
from datetime import timedelta
from itertools import pairwise

import pytest
import srt as subrip
from hypothesis import example, given
from hypothesis import strategies as st

from pagereel.render.speech.subtitles import LINE, LINES, cues, srt, vtt

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=300)
SPOKEN = TEXTS.filter(lambda text: text.split() != [])


def captions(*texts):
    return [(3.0 * i, 3.0 * (i + 1), text) for i, text in enumerate(texts)]


@given(st.lists(SPOKEN, max_size=4))
@example(["W" * 200 + " and " + "x" * 43])
def test_no_cue_has_more_than_two_lines_of_42_characters(texts):
    for cue in cues(captions(*texts)):
        assert 1 <= len(cue.lines) <= LINES == 2
        assert all(len(line) <= LINE == 42 for line in cue.lines)


@given(st.lists(SPOKEN, max_size=4))
def test_cues_share_the_time_of_their_text_in_order_without_a_gap(texts):
    shown = cues(captions(*texts))
    assert all(cue.start < cue.end for cue in shown)
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(shown))
    if texts:
        assert (shown[0].start, shown[-1].end) == (0, pytest.approx(3 * len(texts)))


@given(TEXTS)
def test_no_character_but_space_is_lost(text):
    spoken = "".join("".join(cue.lines) for cue in cues(captions(text)))
    assert "".join(spoken.split()) == "".join(text.split())


@given(st.lists(SPOKEN, max_size=4))
def test_a_parser_reads_back_the_cues_that_were_written(texts):
    shown = cues(captions(*texts))
    parsed = list(subrip.parse(srt(shown)))
    assert [cue.index for cue in parsed] == list(range(1, len(shown) + 1))
    for cue, (wrote, first) in zip(parsed, zip(shown, shown, strict=True), strict=True):
        assert cue.content == "\n".join(wrote.lines).replace("-->", "→")
        assert abs(cue.start - timedelta(seconds=first.start)) <= timedelta(milliseconds=1)


def test_an_empty_text_has_no_cue():
    assert cues(captions("", "   ")) == ()


def test_both_parts_of_a_long_text_read_at_one_pace():
    first, second = cues(captions("word " * 16 + "end"))
    assert first.pace == pytest.approx(second.pace)


def test_markup_is_escaped_for_the_web_and_left_alone_in_subrip():
    shown = cues(captions("<b>1 < 2 & 3</b>"))
    assert "<b>1 < 2 & 3</b>" in srt(shown)
    assert html.escape("<b>1 < 2 & 3</b>", quote=False) in vtt(shown)


def test_an_arrow_in_the_text_cannot_end_a_cue():
    shown = cues(captions("a --> b"))
    assert srt(shown).count("-->") == vtt(shown).count("-->") == 1


def test_times_beyond_an_hour_are_written_in_full():
    shown = cues([(3661.0005, 3662.9996, "late")])
    assert "01:01:01,000 --> 01:01:03,000" in srt(shown)
    assert "01:01:01.000 --> 01:01:03.000" in vtt(shown)


def test_the_web_file_starts_with_its_signature():
    assert vtt(()).startswith("WEBVTT\n")
