"""What a lane does otherwise than its engine by default stands under its name, whole."""

import pytest

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.play import play
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Rect, Text

from places import ROOT

SET = [
    "07-sharing-a-prefix",
    "10-continuous-batching",
    "11-preemption",
    "12-storage-is-not-attention",
]


def under(picture, lane):
    """The words under a lane's name, as they are read."""
    start = f"lane/{lane}/settings/"
    lines = [s for s in picture.shapes if isinstance(s, Text) and s.key.startswith(start)]
    return " ".join(line.text for line in lines)


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("name", SET)
def test_settings_stand_under_the_name_of_every_lane_that_has_some(name, aspect):
    timeline = play(read(ROOT / "storyboards" / f"{name}.yaml"))
    lanes = timeline.storyboard.lanes
    told = {lane.name: kind_of(lane).unlike_defaults(lane) for lane in lanes}
    assert any(told.values())
    for number, beat in enumerate(timeline.beats):
        if beat.beat.shots[-1].card == "lanes":
            picture = compose_beat(timeline, number, CANVASES[aspect])[-1]
            keys = {shape.key for shape in picture.shapes}
            there = [lane for lane in told if f"lane/{lane}/outcome" in keys]
            assert there
            assert all(under(picture, lane) == told[lane] for lane in there)


def test_lanes_side_by_side_start_their_memory_alike():
    timeline = play(read(ROOT / "storyboards" / "07-sharing-a-prefix.yaml"))
    picture = compose_beat(timeline, 2, CANVASES["16:9"])[-1]
    boxes = {s.key: s.box for s in picture.shapes if isinstance(s, Rect)}
    assert boxes["lane/cached/block/1"].y == boxes["lane/plain/block/1"].y


def test_the_opening_card_tells_them_too():
    timeline = play(read(ROOT / "storyboards" / "11-preemption.yaml"))
    picture = compose_beat(timeline, 0, CANVASES["16:9"])[-1]
    words = " ".join(s.text for s in picture.shapes if isinstance(s, Text))
    assert "prefix caching off" in words
    assert "always swaps" in words
