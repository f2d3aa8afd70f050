"""A film has the length that was asked for, or the reason why it cannot is said in one line."""

import math
import re

import pytest

from pagereel.errors import InputWrong
from pagereel.model.play import play
from pagereel.model.storyboard.timeline import Utterance
from pagereel.read import read
from pagereel.render.duration import CHARACTERS, FASTEST, LONG, WORDS, fitted
from pagereel.render.plan import Edition, Source, edition, plan
from pagereel.render.settings import Settings
from pagereel.render.speech.subtitles import hurried
from pagereel.scenes.clips import THINKING
from pagereel.scenes.shapes.clip import Clip, Leg
from pagereel.scenes.shapes.picture import Picture, Rgba

from places import ROOT

RATE = 30
BLANK = Picture(1920, 1080, Rgba(0, 0, 0, 1), ())
SAYS = (Utterance(0, "Eight words are said here, in a shot."),)
QUIET = ((0.0,),)


def film(*legs):
    """A clip of (motion, rest) in seconds."""
    return (
        Clip(BLANK, tuple(Leg(BLANK, round(m * RATE), round(r * RATE)) for m, r in legs), RATE),
    )


def seconds(clips):
    return sum(clip.frames for clip in clips) / RATE


@pytest.mark.parametrize("asked", [6, 6.5, 7, 8, 9, 10.5])
def test_a_film_has_exactly_the_length_that_was_asked_for(asked):
    clips = film((0.6, 1), (0.6, 2), (0.6, 3))
    assert seconds(fitted(clips, [SAYS], QUIET, asked, "film")) == pytest.approx(asked, abs=1e-6)


@pytest.mark.parametrize("asked", [6.5, 9])
def test_rests_change_before_motions_do(asked):
    clips = film((0.6, 1), (0.6, 2), (0.6, 3))
    (made,) = fitted(clips, [SAYS], QUIET, asked, "film")
    assert [leg.motion for leg in made.legs] == [leg.motion for leg in clips[0].legs]


def test_motions_are_faster_only_where_rests_do_not_do():
    (made,) = fitted(film((6, 0.5), (6, 0.5)), [SAYS], QUIET, 10, "film")
    assert all(180 / FASTEST <= leg.motion < 180 for leg in made.legs)
    assert all(leg.rest <= 9 for leg in made.legs)


@pytest.mark.parametrize("text", [SAYS[0].words, "Incomprehensibilities notwithstanding " * 3])
def test_what_is_said_can_still_be_read(text):
    needed = max(len(text.split()) / WORDS, len(text) / CHARACTERS)
    said, clips = (Utterance(0, text),), film((0.3, 15))
    shortest = math.ceil(needed) + 1
    (made,) = fitted(clips, [said], QUIET, max(shortest, 8), "film")
    assert made.frames / RATE >= needed
    with pytest.raises(InputWrong, match="to read what is said"):
        fitted(film((0.1, needed + 0.1)), [said], QUIET, needed - 0.5, "film")


def test_who_asks_leaves_time_to_think_and_who_speaks_is_heard():
    asks = (SAYS[0]._replace(asks=True),)
    with pytest.raises(InputWrong, match=r"at least: 5 s for questions"):
        fitted(film((0, 3 + THINKING)), [asks], QUIET, 4, "film")
    with pytest.raises(InputWrong, match=r"at least: 9 s to say it"):
        fitted(film((0, 9)), [SAYS], ((8.9,),), 6, "film")


def test_no_rest_grows_over_what_the_eye_bears():
    (made,) = fitted(film((0.6, 2), (0.6, 4)), [SAYS], QUIET, 10, "film")
    assert max(leg.rest for leg in made.legs) <= LONG * RATE
    with pytest.raises(InputWrong, match="can last 11 s at most"):
        fitted(film((0.6, 2), (0.6, 4)), [SAYS], QUIET, 20, "film")


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path))
    path = ROOT / "storyboards" / "01-the-quick-brown-fox.yaml"
    return Source(path, play(read(path)))


def test_chapters_and_captions_follow_and_the_film_stays_what_its_storyboard_says(source):
    usual = plan(source, Settings())
    asked = usual.frames // RATE + 9
    made = plan(source, Settings(), Edition(seconds=asked))
    assert made.frames == asked * RATE
    assert made.chapters[-1].end == made.cues[-1].end == asked
    assert made.contents == usual.contents
    with pytest.raises(InputWrong, match="at least") as refused:
        plan(source, Settings(), Edition(seconds=20))
    least = int(re.search(r"takes (\d+) s", str(refused.value))[1])
    shortest = plan(source, Settings(), Edition(seconds=least))
    assert shortest.frames == least * RATE < usual.frames
    assert not hurried(shortest.cues)


@pytest.mark.parametrize(
    ("settings", "asked", "said"),
    [
        (Settings(speed=2), 90, "leave --speed out"),
        (Settings(), 0.5, "give 1 to 7200 seconds"),
        (Settings(), math.nan, "give 1 to 7200 seconds"),
    ],
)
def test_a_length_that_makes_no_sense_is_refused(settings, asked, said):
    with pytest.raises(InputWrong, match=said):
        edition(None, None, "", "", settings, asked)
