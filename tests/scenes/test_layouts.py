"""No picture of any storyboard has a layout fault: not in any aspect or theme, nor with overrides.

What an author writes too long is not the layout's fault: then the lint must say so.
"""

from dataclasses import replace
from functools import cache

import pytest

from pagereel.model.play import play
from pagereel.model.storyboard.storyboard import CallOut
from pagereel.read import read, read_timeline
from pagereel.render.layout import look
from pagereel.scenes.canvas import CANVASES

from places import ROOT, TESTS

FOX = ROOT / "storyboards" / "01-the-quick-brown-fox.yaml"
BOARDS = [
    *sorted(ROOT.glob("storyboards/*.yaml")),
    *sorted(TESTS.glob("valid/*.yaml")),
    ROOT / "pagereel" / "read" / "starter.yaml",
]
OVERRIDES = [
    *("block_size=1", "block_size=2", "block_size=8", "block_size=16", "max_len=16"),
    *("slots=24", "slots=96", "slots=192", "slots=512", "slots=512 block_size=16"),
    "slots=512 block_size=1",
]
HOSTILE = {
    "markup": "<b>&</b> $x^2$ #let `b` \\n",
    "emoji": "🦊 👩‍👩‍👧 🇩🇪",
    "ideograms": "敏捷的棕色狐狸 漢字",
    "controls": "a\x00b\x07\x1b[31m\u202e\u200b\t\n",
    "right to left": "العربية עברית",
    "combining": "e\u0301e\u0301 Z\u0351\u036b\u0343",
    "empty": "",
    "blank": "   ",
}
TOO_LONG = {"a word": "W" * 200, "sentences": "a sentence that goes on and on " * 30}


@cache
def faults_of(path, overrides=()):
    return look(read_timeline(path, overrides)).faults


def in_aspect(faults, aspect):
    return [fault for fault in faults if f", {aspect}" in fault.split(": ")[0]]


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_storyboard_has_no_layout_fault(path):
    assert faults_of(path) == ()


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("overrides", OVERRIDES)
def test_a_storyboard_still_fits_with_other_numbers(overrides, aspect):
    assert in_aspect(faults_of(FOX, tuple(overrides.split())), aspect) == []


def in_all_shots(board, change):
    """The storyboard with every shot changed."""
    beats = (replace(b, shots=tuple(change(shot) for shot in b.shots)) for b in board.beats)
    return replace(board, beats=tuple(beats))


def with_text(board, where, text):
    """The storyboard with one kind of text replaced everywhere."""
    plain = text.replace("{", "{{").replace("}", "}}")
    match where:
        case "title" | "subtitle" | "about":
            return replace(board, **{where: text})
        case "headlines":
            return replace(board, beats=tuple(replace(b, title=text) for b in board.beats))
        case "captions":
            return in_all_shots(board, lambda shot: replace(shot, say=plain))
        case "call-outs":
            return in_all_shots(
                board,
                lambda shot: replace(
                    shot, callouts=tuple(CallOut(c.at, plain) for c in shot.callouts)
                ),
            )
        case "lane titles":
            return replace(board, lanes=tuple(replace(lane, title=text) for lane in board.lanes))
        case "model":
            return replace(board, geometry=replace(board.geometry, title=text or "x", name="x"))
        case "tokens":
            token = text or " "
            scripts = [
                replace(s, prompt=(token,) * len(s.prompt), output=(token,) * len(s.output))
                for s in board.requests
            ]
            return replace(board, requests=tuple(scripts))
    raise AssertionError(where)


@pytest.mark.parametrize("where", ["title", "subtitle", "headlines", "captions", "tokens", "model"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_laid_out_like_any_other(kind, where):
    board = replace(read(FOX), beats=read(FOX).beats[:4])
    assert look(play(with_text(board, where, HOSTILE[kind]))).faults == ()


@pytest.mark.parametrize("where", ["tokens", "model"])
@pytest.mark.parametrize("kind", TOO_LONG)
def test_text_beside_the_point_is_cut_to_its_room(kind, where):
    board = replace(read(FOX), beats=read(FOX).beats[:4])
    assert look(play(with_text(board, where, TOO_LONG[kind]))).faults == ()


@pytest.mark.parametrize("where", ["headlines", "captions", "call-outs"])
@pytest.mark.parametrize("kind", TOO_LONG)
def test_what_an_author_wrote_too_long_is_named_and_not_cut(kind, where):
    board = replace(read(FOX), beats=read(FOX).beats[:4])
    found = look(play(with_text(board, where, TOO_LONG[kind]))).faults
    assert found
    assert all(len(str(fault)) < 400 for fault in found)


def test_what_an_author_wrote_in_the_about_text_is_on_no_picture():
    assert look(play(with_text(read(FOX), "about", TOO_LONG["a word"]))).faults == ()


def test_a_fault_names_its_beat_and_aspect():
    board = with_text(read(FOX), "headlines", TOO_LONG["a word"])
    assert str(look(play(board)).faults[0]).startswith("beat 2, 16:9: ")
