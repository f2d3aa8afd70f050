"""Cards and panels are drawn by their names; a question is answered when its beat is over."""

import pytest

from pagereel.model.core.geometry import PRESETS
from pagereel.model.play import play
from pagereel.model.storyboard import storyboard as known
from pagereel.model.storyboard.quotes import DRAWN
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import THINKING, clips, reading
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures import panels as drawn
from pagereel.scenes.pictures.cards.definition import formula
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Text
from pagereel.scenes.style import THEMES

from places import ROOT

WIDE = CANVASES["16:9"]
REFERENCE = (ROOT / "storyboards" / "README.md").read_text("utf-8")
STORY = """\
title: A question and a definition
model: gpt2
parameters: {slots: 16, block_size: 4, max_len: 8}
lanes:
  contiguous: {kind: contiguous, title: Contiguous}
  paged: {kind: paged, title: Paged}
requests:
  A: {prompt: Hello big world, output: " and good night"}
  B: {prompt: Bye small moon, output: " and good night"}
  C: {prompt: Oh hey you, output: " and good night"}
beats:
  - title: A word
    card: definition
    define: {term: Block, text: "Of {paged.block_size} slots.", formula: FORMULA}
    say: Blocks are handed out whole.
  - {title: Prefill, do: [admit: A, admit: B, step], say: Two run.}
  - title: Guess
    do: [admit: C, step]
    say: The paged lane has room for one more.
    question:
      ask: A third request comes. Which lane admits it?
      options:
        "Both": contiguous.C.phase == running
        "Only the paged one": contiguous.running < paged.running
"""


@pytest.fixture
def timeline(write):
    return play(read(write("asked.yaml", STORY.replace("FORMULA", "blocks"))))


def texts(picture):
    return {shape.text: shape for shape in picture.shapes if isinstance(shape, Text)}


def test_every_card_and_panel_that_has_a_name_is_drawn_and_explained():
    assert {"title", "lanes", "excerpt", *drawn.CARDS} == set(known.CARDS)
    assert set(drawn.ABOVE) == set(known.ABOVE)
    assert set(drawn.BESIDE) == set(known.BESIDE)
    tables = [{name: one.meaning for name, one in table.items()} for table in (known.CARDS, DRAWN)]
    for table in (*tables, known.ABOVE, known.BESIDE, known.FORMULAS):
        for name, meaning in table.items():
            assert f"| `{name}` | {meaning} |" in REFERENCE


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("name", known.FORMULAS)
def test_a_definition_shows_its_term_its_words_and_its_formula(write, name, aspect):
    played = play(read(write("asked.yaml", STORY.replace("FORMULA", name))))
    (picture,) = compose_beat(played, 0, CANVASES[aspect])
    assert {"Block", "Of 4 slots."} <= set(texts(picture))
    source = formula(name, played.storyboard.geometry)
    assert source in [getattr(shape, "typst", "") for shape in picture.shapes]
    assert lint(picture) == ()


def test_the_bytes_of_a_token_are_told_as_captions_tell_them_where_that_is_exact():
    said = {name: formula("bytes-per-token", shape) for name, shape in PRESETS.items()}
    assert said["llama-3.1-8b"].endswith('= 128 "KiB"')
    assert said["gemma-2b"].startswith('2 dot 18 "layers" dot 1 "KV head" dot')
    assert said["deepseek-v3"].endswith('= 70 thin 272 "bytes"'), "68.6 KiB would be rounded"


@pytest.mark.parametrize("aspect", CANVASES)
def test_a_question_shows_what_was_before_and_says_nothing_of_the_answer(timeline, aspect):
    asked, *_, answered = compose_beat(timeline, 2, CANVASES[aspect])
    assert "The paged lane has room for one more." not in texts(asked)
    assert not any("tick" in shape.key or "/C/" in shape.key for shape in asked.shapes)
    assert "The paged lane has room for one more." in texts(answered)
    assert [shape.key for shape in answered.shapes if "tick" in shape.key] == ["question/3/1/tick"]
    assert lint(asked) == lint(answered) == ()


def test_there_is_time_to_read_a_question_and_to_think(timeline):
    clip = clips(timeline, CANVASES["16:9"], THEMES["dark"], 60)[2]
    words = "A third request comes. Which lane admits it? Both Only the paged one"
    assert clip.legs[0].rest / clip.rate >= reading(words) + THINKING - 0.02
    last = clip.legs[-1].rest / clip.rate
    assert last >= reading("The paged lane has room for one more.") - 0.02


@pytest.mark.parametrize(("focus", "ink"), [("metrics", "request 0 pale"), ("queue", "resting")])
def test_lanes_keep_their_hues_while_what_tells_of_them_is_looked_at(write, focus, ink):
    text = STORY.replace("FORMULA", "blocks").replace("say: Two run.", f"say: X, focus: [{focus}]")
    picture = compose_beat(play(read(write("told.yaml", text + "above: queue\n"))), 1, WIDE)[-1]
    shapes = {shape.key: shape for shape in picture.shapes}
    assert shapes["lane/paged/token/block 0/0/Hello"].fill.startswith(ink)
