"""Text frames show every slot, queue and event of a moment; whole timelines are golden files.

After a wanted change: PAGEREEL_UPDATE_GOLDEN=1 pytest tests/scenes/test_text_frames.py
"""

import os

import pytest

from pagereel.model.play import play
from pagereel.read import read, starter
from pagereel.scenes.text.columns import width, wrapped
from pagereel.scenes.text.frame import COLUMNS, frame, frames, legend, symbols

from places import TESTS

STORYBOARDS = [TESTS / "golden" / "two-requests.yaml", *sorted((TESTS / "valid").glob("*.yaml"))]


def test_a_whole_timeline_as_text():
    path = TESTS / "golden" / "two-requests.yaml"
    text = "\n".join(frames(play(read(path))))
    golden = path.with_suffix(".txt")
    if os.environ.get("PAGEREEL_UPDATE_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("path", STORYBOARDS, ids=lambda path: path.stem)
def test_no_line_is_wider_than_the_frame_and_nothing_unseen_is_printed(path):
    for text in frames(play(read(path))):
        for line in text.split("\n"):
            assert width(line) <= COLUMNS, line
            assert line == "" or line.isprintable()


def test_every_slot_of_the_map_is_where_the_metrics_say(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(starter("s"), "utf-8")
    timeline = play(read(path))
    text = frame(timeline, 1, 1)
    paged = text[text.index("-- Paged") :]
    assert "7[AAAA]" in paged
    assert "1[A...]" in paged
    assert paged.count("____") == 10
    assert "AAAAA/// ........ ........ ________" in text


def test_the_legend_names_every_mark():
    timeline = play(read(TESTS / "golden" / "two-requests.yaml"))
    assert all(mark in legend(timeline.storyboard) for mark in "&/.x:_")


def test_requests_whose_first_letters_are_the_same_get_letters_of_their_own(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(
        "title: x\nparameters: {slots: 8, block_size: 4}\nlanes: {p: {kind: paged}}\n"
        "requests: {anna: {prompt: 1, output: 2}, alex: {prompt: 1, output: 1}}\n"
        "beats: [{title: x, say: x, do: [admit: anna, admit: alex, step]}]\n",
        "utf-8",
    )
    storyboard = read(path)
    assert symbols(storyboard) == {"anna": "A", "alex": "B"}
    assert "A anna; B alex" in legend(storyboard)
    assert "A (anna) running" in frame(play(storyboard), 0, 3)


def test_large_memories_are_folded(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(
        "title: x\nparameters: {slots: 2048, block_size: 32, max_len: 1000}\n"
        "lanes: {c: {kind: contiguous}, p: {kind: paged}}\n"
        "requests: {A: {prompt: 40, output: 2}}\n"
        "beats: [{title: x, say: x, do: [admit: A, step]}]\n",
        "utf-8",
    )
    text = frame(play(read(path)), 0, 1)
    assert "0[32A]" in text
    assert "1[8A 24.]" in text
    assert "more rows alike" in text
    assert len(text.splitlines()) < 50


def test_text_is_wrapped_by_what_a_terminal_shows():
    assert wrapped("漢字 漢字", 5) == ["漢字", "漢字"]
    assert wrapped("abcdef gh", 4) == ["abcd", "ef", "gh"]
    assert wrapped("", 4) == [""]
