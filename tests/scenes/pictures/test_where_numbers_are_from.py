"""Each frame says where its numbers are from: modelled, quoted with a source, or both."""

import pytest

from pagereel.model.play import play
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Text

from places import ROOT

BOARDS = ROOT / "storyboards"


def tags(name, title, aspect, path=None):
    timeline = play(read(path or next(BOARDS.glob(f"{name}-*.yaml"))))
    titles = [played.beat.title for played in timeline.beats]
    picture = compose_beat(timeline, titles.index(title), CANVASES[aspect])[-1]
    assert lint(picture) == ()
    found = (s for s in picture.shapes if isinstance(s, Text) and s.key.startswith("header/prov"))
    return " · ".join(text.text for text in found)


@pytest.mark.parametrize("aspect", CANVASES)
def test_a_modelled_frame_that_quotes_says_both(aspect):
    told = tags("06", "Not faster attention, but a larger batch", aspect)
    model = "OPT-13B, float16 K/V · " if aspect == "16:9" else ""  # else there is no room for it
    assert told == f"modelled · {model}quoted · PagedAttention paper, section 7.1"


@pytest.mark.parametrize("aspect", CANVASES)
def test_a_frame_that_only_quotes_says_so(aspect):
    quoted = "quoted · PagedAttention paper, figure 2"
    assert tags("03", "What the paper reports", aspect) == quoted


@pytest.mark.parametrize("aspect", CANVASES)
def test_two_sources_are_both_named(write, aspect):
    board = (BOARDS / "13-block-size.yaml").read_text("utf-8")
    both = '  - {title: Both, say: "{quoted.vllm-default.block_size}, {quoted.block-size.long}."}\n'
    path = write("13-both.yaml", f"{board}\n{both}")
    told = tags("13", "Both", aspect, path)
    assert told.endswith("quoted · vLLM 0.32; PagedAttention paper, section 7.2")


@pytest.mark.parametrize("aspect", CANVASES)
def test_a_shot_names_its_own_source(aspect):
    told = tags("13", "A trade-off, not a law", aspect)
    assert told.endswith("quoted · PagedAttention paper, section 7.2")


def test_a_frame_that_quotes_nothing_is_modelled():
    assert tags("06", "The load grows", "16:9") == "modelled · OPT-13B, float16 K/V"
