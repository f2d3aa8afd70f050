"""A lane with several groups of layers: a table a group, blocks tinted, what a window drops."""

import re

import pytest

from pagereel.model.play import play
from pagereel.model.readings.readings import Readings, UnknownName
from pagereel.read import StoryboardProblems, read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Rect, Text
from pagereel.scenes.text.frame import frames

WIDE = CANVASES["16:9"]
STORY = """\
title: Mixed
model: {name: toy, layers: LAYERS, kv_heads: 8, head_dim: 64}
lanes:
  h: {kind: paged/vllm, title: Mixed, slots: 64, block_size: 4, kv_cache_groups: "GROUPS"}
requests:
  A: {prompt: the quick brown fox jumps over the lazy dog, output: and runs away fast at last}
beats:
  - {title: First, do: [admit: A, step], say: "{h.held_bytes}"}
  - {title: Then, do: [step: 4], card: CARD, say: More.}
"""


def story(write, groups="full, 8", layers=24, card="lanes"):
    text = STORY.replace("GROUPS", groups).replace("LAYERS", str(layers)).replace("CARD", card)
    return write("mixed.yaml", text)


@pytest.fixture
def timeline(write):
    return play(read(story(write)))


def shapes(timeline, beat, kind):
    picture = compose_beat(timeline, beat, WIDE)[-1]
    return {shape.key: shape for shape in picture.shapes if isinstance(shape, kind)}


def test_every_group_has_a_table_of_its_own_with_a_prime_and_a_tint(timeline):
    texts, rects = shapes(timeline, 0, Text), shapes(timeline, 0, Rect)
    assert texts["lane/h/table/A/chip/word"].text == "A"
    assert texts["lane/h/table/A/group 1/chip/word"].text == "A′"
    inks = [rects[f"lane/h/table/A{group}/0"].fill for group in ("", "/group 1")]
    assert inks[0] != inks[1]


def test_a_block_that_left_the_window_is_a_dash_in_its_group_alone(timeline):
    texts = shapes(timeline, 1, Text)
    assert texts["lane/h/table/A/group 1/0/id/–"].text == "–"
    assert texts["lane/h/table/A/0/id/1"].text == "1"


def test_a_slot_of_a_group_has_the_bytes_of_its_layers(timeline):
    token_bytes = 24 * 2 * 8 * 64 * 2
    found = Readings(timeline.storyboard, timeline.beats[0].shots[-1].steps[-1])
    assert found["h.held_bytes"].value == 6 * 4 * token_bytes // 2
    with pytest.raises(UnknownName):
        found["h.layer_read_bytes"]


def test_text_frames_name_the_group_of_a_table(timeline):
    assert re.search(r"table A group 1 +4 5 6\n", "\n".join(frames(timeline)))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"layers": 25}, "2 kv_cache_groups do not divide the 25 layers of toy"),
        ({"groups": "gemma-3-12b", "layers": 25}, "6 kv_cache_groups do not divide the 25 layers"),
        ({"card": "layers"}, "card `layers` shows layers that are all alike; `h` has 2 groups"),
        ({"groups": "full, wide"}, "kv_cache_groups must be windows like `full, 8`"),
    ],
)
def test_what_cannot_be_shown_of_groups_is_refused(write, more, message):
    with pytest.raises(StoryboardProblems, match=message):
        read(story(write, **more))
