"""The panel of holes: every hole of the state, to one scale, and what the next request needs."""

from dataclasses import replace

import pytest

from pagereel.model.core.state import PagedMemory
from pagereel.model.play import play
from pagereel.model.usage.occupancy import free_holes, largest_room, next_need
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Path as Line
from pagereel.scenes.shapes.picture import Rect, Text
from pagereel.scenes.style import THEMES

from places import ROOT

BOARDS = ROOT / "storyboards"


def shown(*parts):
    """The course's storyboard about holes, with these lanes and panels all through; none: all."""
    board = read(BOARDS / "04-fragmentation.yaml")
    change = {"show": parts or None, "callouts": (), "focus": ()}
    beats = (
        replace(beat, shots=tuple(replace(shot, **change) for shot in beat.shots))
        for beat in board.beats
    )
    return play(replace(board, beats=tuple(beats)))


@pytest.fixture(scope="module")
def played():
    return shown()


@pytest.fixture(scope="module")
def pair():
    """As many lanes as a square has bars for; for more it has words."""
    return shown("lane first", "lane buddy", "holes")


def moments(played, aspect):
    """(state, panel's shapes by key) of every lane at the end of every beat that has lanes."""
    for index, beat in enumerate(played.beats):
        if beat.shots[0].shot.card == "lanes":
            picture = compose_beat(played, index, CANVASES[aspect])[-1]
            shown = beat.shots[-1].visible
            for lane in (lane for lane in beat.end.lanes if f"lane {lane.lane}" in shown):
                prefix = f"holes/{lane.lane}"
                shapes = {s.key.removeprefix(prefix): s for s in picture.shapes}
                yield lane.state, {k: s for k, s in shapes.items() if k[:1] in ("", "/")}


@pytest.mark.parametrize("aspect", CANVASES)
def test_the_holes_shown_are_those_of_the_state_at_one_scale(played, pair, aspect):
    for state, shapes in moments(pair if aspect == "1:1" else played, aspect):
        found = free_holes(state)
        bars = {k: s for k, s in shapes.items() if k[1:].isdigit() and isinstance(s, Rect)}
        assert sorted(bars) == sorted(f"/{hole.start}" for hole in found)
        for hole in found:
            assert str(hole.size) in bars[f"/{hole.start}"].note
        lefts = sorted((bars[f"/{h.start}"].box.x, -h.size, h.start) for h in found)
        assert [start for *_, start in lefts] == [
            h.start for h in sorted(found, key=lambda h: (-h.size, h.start))
        ], "largest first"
        assert shapes["/free"].text == f"{sum(hole.size for hole in found)} free"


def test_bars_of_all_lanes_have_one_scale_and_stay_in_their_cards(played):
    for index, beat in enumerate(played.beats):
        if beat.shots[0].shot.card != "lanes":
            continue
        shapes = {s.key: s for s in compose_beat(played, index, CANVASES["16:9"])[-1].shapes}
        scales = []
        for lane in beat.end.lanes:
            card = shapes[f"holes/{lane.lane}"].box
            for hole in free_holes(lane.state):
                bar = shapes[f"holes/{lane.lane}/{hole.start}"]
                assert card.contains(bar.box)
                scales.append((bar.box.w + bar.line + 3) / hole.size)
        assert max(scales, default=1) == pytest.approx(min(scales, default=1), abs=0.01)


@pytest.mark.parametrize("aspect", CANVASES)
def test_a_request_that_fits_no_hole_sticks_out_of_the_largest(played, pair, aspect):
    seen = 0
    for state, shapes in moments(pair if aspect == "1:1" else played, aspect):
        need, paged = next_need(state), isinstance(state.memory, PagedMemory)
        over = [s for k, s in shapes.items() if k.endswith("/over")]
        if need is None or paged or need.slots <= largest_room(state):
            assert not over and "/limit" not in shapes
            continue
        (bar,) = over
        whole = shapes[f"/need/{need.request}/0"].box
        assert bar.box.right == pytest.approx(whole.right, abs=2)
        if largest_room(state):
            (top, _) = shapes["/limit"].points
            assert isinstance(shapes["/limit"], Line) and top[0] < whole.right
        seen += sum(hole.size for hole in free_holes(state)) >= need.slots
    assert seen >= 3, "the story is about requests that the sum would hold"


def test_the_same_request_runs_in_the_paged_lane(played):
    step = played.beats[4].end
    first, paged = step.lane("first").state, step.lane("paged").state
    assert first.waiting == ("G",) and "G" in paged.running
    assert sum(hole.size for hole in free_holes(first)) == next_need(first).slots == 12


@pytest.mark.parametrize("aspect", CANVASES)
def test_no_lane_of_four_says_less_than_it_has_to_say(played, aspect):
    for index in range(len(played.beats)):
        for picture in compose_beat(played, index, CANVASES[aspect]):
            assert [s.text for s in picture.shapes if isinstance(s, Text) and "…" in s.text] == []
            assert lint(picture, THEMES["print"]) == ()
