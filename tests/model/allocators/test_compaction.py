"""Compaction: a region moves to the end of the one before it, and its entries are copied."""

import pytest

from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import RegionReserved, RegionSlid
from pagereel.model.core.lane import Compacting
from pagereel.model.core.request import Request
from pagereel.model.play import play
from pagereel.model.usage.laws import uphold
from pagereel.model.usage.occupancy import largest_room
from pagereel.read import read
from pagereel.read.document.problem import StoryboardProblems
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.motion import derive
from pagereel.scenes.style import THEMES, paint

from places import ROOT


@pytest.fixture
def lane():
    """A and C in 24 slots, and a hole of eight between them."""
    lane = build(LaneSpec("lane", "contiguous", "", 24, block_size=4, max_len=8))
    for name in "ABC":
        lane.submit(Request(name, (1, 2, 3), (4, 5, 6)))
    lane.schedule()
    lane.update()
    lane.abort("B")
    return lane


def starts(lane):
    return {region.request: region.start for region in lane.snapshot().memory.regions}


def test_a_region_moves_to_the_end_of_the_one_before_it_with_all_that_it_stores(lane):
    assert isinstance(lane, Compacting) and lane.can_compact("C")
    assert lane.compact("C") == (RegionSlid("C", source=16, target=8, entries=3),)
    assert starts(lane) == {"A": 0, "C": 8}
    uphold(lane.snapshot())


def test_a_region_with_no_hole_before_it_stays(lane):
    assert lane.compact("A") == ()
    assert starts(lane) == {"A": 0, "C": 16}


def test_who_holds_no_region_cannot_be_moved(lane):
    assert not lane.can_compact("B") and not lane.can_compact("nobody")


def test_a_larger_request_fits_once_the_holes_are_one():
    lane = build(LaneSpec("lane", "contiguous", "", 24, block_size=4, max_len=24))
    for name, most in (("A", 5), ("B", 5), ("C", 5)):
        lane.submit(Request(name, (1, 2, 3), (4, 5, 6), max_tokens=most))
    lane.schedule()
    lane.abort("A")
    lane.abort("C")
    lane.submit(Request("D", (1, 2, 3), (4, 5, 6), max_tokens=13))
    assert not any(isinstance(event, RegionReserved) for event in lane.schedule())
    assert largest_room(lane.snapshot()) == 8
    lane.compact("B")
    assert largest_room(lane.snapshot()) == 16
    assert RegionReserved("D", 8, 16) in lane.schedule()


@pytest.fixture(scope="module")
def holes():
    return play(read(ROOT / "storyboards" / "04-fragmentation.yaml"))


def test_the_bytes_that_moving_copies_are_counted(holes):
    played = next(beat for beat in holes.beats if beat.beat.title.startswith("Moving"))
    moved = [e for step in played.steps for e in step.lane("first").events]
    moved = [event for event in moved if isinstance(event, RegionSlid)]
    assert [event.request for event in moved] == ["G"]
    token_bytes = holes.storyboard.geometry.bytes_per_token
    copied = sum(event.entries for event in moved) * token_bytes
    assert played.end.lane("first").work.copied_entries * token_bytes == copied == 9 * 131_072
    assert "1.12 MiB" in played.caption


def test_a_region_slides_as_one_and_leaves_ghosts(holes):
    number = next(i for i, b in enumerate(holes.beats) if b.beat.title.startswith("Moving"))
    pictures = [paint(p, THEMES["dark"]) for p in compose_beat(holes, number, CANVASES["16:9"])]
    first, second = pictures[:2]
    tracks = [t for t in derive(first, second).tracks if "token/G/" in (t.after or t.before).key]
    assert tracks and all(t.before and t.after for t in tracks)
    ghosts = [shape for shape in second.shapes if "/ghost/" in shape.key]
    assert [shape.key for shape in ghosts] == [f"lane/first/ghost/{n}" for n in range(24, 33)]
    assert all(shape.note == "G was here" for shape in ghosts)
    after = compose_beat(holes, number + 1, CANVASES["16:9"])[-1]
    assert not any("/ghost/" in shape.key for shape in after.shapes)


@pytest.mark.parametrize("aspect", CANVASES)
def test_nothing_overlaps_in_any_aspect(holes, aspect):
    number = next(i for i, b in enumerate(holes.beats) if b.beat.title.startswith("Moving"))
    for picture in compose_beat(holes, number, CANVASES[aspect]):
        assert lint(picture) == ()


STORY = """\
title: Compact
parameters: {slots: 24, block_size: 4, max_len: 8}
lanes: {lane: {kind: KIND}}
requests: {A: {prompt: 3, output: 3}}
beats: [{title: One, say: "", do: DO}]
"""


@pytest.mark.parametrize(
    ("kind", "do", "said"),
    [
        ("contiguous", "[admit: A, step, compact: A]", "no lane has a hole before request `A`"),
        ("contiguous", "[admit: A, compact: A]", "request `A` does not run then"),
        ("contiguous", "[compact: A]", "request `A` is compacted before it arrives"),
        ("paged", "[admit: A, step, compact: A]", "no lane here can compact"),
    ],
)
def test_a_compaction_that_cannot_be_is_said(write, kind, do, said):
    path = write("compact.yaml", STORY.replace("KIND", kind).replace("DO", do))
    with pytest.raises(StoryboardProblems) as refused:
        read(path)
    assert said in str(refused.value)
