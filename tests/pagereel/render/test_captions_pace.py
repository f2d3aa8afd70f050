"""Captions can be read: 42 characters a line, two lines, 17 characters a second, good cuts."""

import pytest
import srt as third_party_srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.play import play
from pagereel.read import StoryboardProblems, read
from pagereel.render.speech.subtitles import FASTEST, LINE, Cue, cues, hurried, srt, vtt
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import clips, frame_count
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.style import THEMES

from places import ROOT

STORYBOARDS = sorted((ROOT / "storyboards").glob("*.yaml"))


def shown(path, speed=1.0, rate=30):
    try:
        timeline = play(read(path))
    except StoryboardProblems as problems:
        if "record" not in str(problems):
            raise
        pytest.skip("its measurement record is not here")
    drawn = clips(timeline, CANVASES["16:9"], THEMES["dark"], rate, speed)
    at, spans = 0, []
    for played, clip in zip(timeline.beats, drawn, strict=True):
        starts = clip.starts(len(played.said))
        for said, start, end in zip(played.said, starts, (*starts[1:], clip.frames), strict=True):
            spans.append(((at + start) / rate, (at + end) / rate, said.words))
        at += clip.frames
    return spans, cues(span for span in spans if span[2])


@pytest.mark.parametrize("path", STORYBOARDS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rate", [15, 60])
def test_captions_of_the_course_are_never_too_fast_and_never_too_long(path, rate):
    spans, found = shown(path, rate=rate)
    assert max(cue.pace for cue in found) <= FASTEST
    assert max(len(line) for cue in found for line in cue.lines) <= LINE
    assert max(len(cue.lines) for cue in found) <= 2
    assert " ".join(word for cue in found for line in cue.lines for word in line.split()) == (
        " ".join(word for _, _, text in spans for word in text.split())
    )


@given(st.text(max_size=400), st.floats(0.1, 60))
def test_any_text_is_cut_into_lines_that_fit_and_nothing_is_lost(text, seconds):
    found = cues([(0.0, seconds, text)]) if text.split() else ()
    assert all(len(line) <= LINE for cue in found for line in cue.lines)
    assert all(len(cue.lines) <= 2 for cue in found)
    said = "".join("".join(cue.lines) for cue in found)
    assert said.replace(" ", "") == "".join(text.split())
    assert [cue.end for cue in found[:-1]] == [cue.start for cue in found[1:]]


def test_cues_end_where_sentences_end():
    text = "Request A brings 4 tokens. For each of them, every layer will keep one key and a value."
    (first, second) = cues([(0, 9, text)])
    assert first.lines == ("Request A brings 4 tokens.",)
    assert second.lines == ("For each of them, every layer", "will keep one key and a value.")


def test_captions_that_run_too_fast_are_noticed():
    assert hurried([Cue(0, 1, ("twenty characters ok",))]) == 20
    assert hurried([Cue(0, 2, ("twenty characters ok",))]) == 0


def test_a_reader_that_is_not_ours_finds_every_cue_and_its_words():
    found = cues([(0, 4, "1 < 2 & <i>no</i> markup --> here"), (3661.5, 3665, "Later on.")])
    read_back = webvtt.from_string(vtt(found))
    assert [cue.text for cue in read_back] == [
        "1 &lt; 2 &amp; &lt;i&gt;no&lt;/i&gt; markup → here",
        "Later on.",
    ]
    assert read_back[1].start == "01:01:01.500"
    parsed = list(third_party_srt.parse(srt(found)))
    assert [cue.content for cue in parsed] == ["1 < 2 & <i>no</i> markup → here", "Later on."]
    assert parsed[1].start.total_seconds() == 3661.5


def test_a_video_is_as_long_as_its_clips_in_any_colours():
    timeline = play(read(STORYBOARDS[1]))
    frames = frame_count(timeline, compose_beats(timeline, CANVASES["16:9"]), 60)
    for theme in THEMES.values():
        drawn = clips(timeline, CANVASES["16:9"], theme, 60)
        assert sum(clip.frames for clip in drawn) == frames
