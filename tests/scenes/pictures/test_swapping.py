"""What leaves one pool and enters another is one thing; what is lost goes, and is counted."""

import pytest

from pagereel.model.play import play
from pagereel.model.readings.history import forgotten
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.page.drawn import drawn
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.motion import derive
from pagereel.scenes.shapes.picture import Box, Picture, Rect, Rgba, Text
from pagereel.scenes.style import THEMES, paint

from places import ROOT

WIDE = CANVASES["16:9"]
B = ["Pack", "my", "box", "with", "five", "dozen", "jugs", "of", "old"]


@pytest.fixture(scope="module")
def running_out():
    return play(read(ROOT / "storyboards" / "11-preemption.yaml"))


def motion_into(timeline, beat, number=0):
    """The pictures before and after the motion into a picture of a beat, and that motion."""
    pictures = [compose_beat(timeline, beat - 1, WIDE)[-1], *compose_beat(timeline, beat, WIDE)]
    before, after = (paint(picture, THEMES["dark"]) for picture in pictures[number : number + 2])
    return before, after, derive(before, after)


def words(picture, start):
    return [s.text for s in picture.shapes if isinstance(s, Text) and s.key.startswith(start)]


def test_a_swapped_request_lies_in_the_cpu_pool_of_its_lane_word_for_word(running_out):
    picture = compose_beat(running_out, 2, WIDE)[-1]
    in_cpu = [s.text for s in picture.shapes if isinstance(s, Text) and "token/CPU" in s.key]
    assert sorted(in_cpu) == sorted(B)
    keys = {shape.key for shape in picture.shapes}
    assert "lane/paper/cpu" in keys and "lane/vllm/cpu" not in keys
    assert words(picture, "lane/paper/cpu/copied") == ["9.38 MiB copied"]


def test_the_pool_stands_there_from_the_start_where_a_lane_is_set_to_swap(running_out):
    first, last = (compose_beat(running_out, beat, WIDE)[-1] for beat in (1, 6))
    places = [{s.key: s.box for s in picture.shapes if s.key == "lane/paper/cpu"}
              for picture in (first, last)]  # fmt: skip
    assert places[0] == places[1] != {}


@pytest.mark.parametrize(
    ("beat", "picture", "source", "goal"),
    [(2, 1, "token/block ", "token/CPU "), (6, 0, "token/CPU ", "token/block ")],
)
def test_a_block_that_moves_between_the_pools_is_one_thing_on_its_way(
    running_out, beat, picture, source, goal
):
    before, _, motion = motion_into(running_out, beat, picture)
    boxes = {s.box: s.key for s in before.shapes if isinstance(s, Rect) and "token/" in s.key}
    moved = [
        (boxes[t.before.box], t.after.key)
        for t in motion.tracks
        if t.after and t.before and "lane/paper/token/" in t.after.key
        if isinstance(t.before, Rect) and t.before.box != t.after.box
    ]
    assert len(moved) >= len(B)
    assert sum(source in old and goal in new for old, new in moved) == len(B)
    left = {t.before.key for t in motion.tracks if t.after is None}
    assert not any(old in left for old, _ in moved)


def test_keys_and_values_that_are_lost_fly_to_the_count_of_what_must_be_computed_again(running_out):
    _, after, motion = motion_into(running_out, 4, 1)
    debt = next(s for s in after.shapes if s.key == "lane/vllm/debt/B")
    assert debt.text == "12 to"
    lost = [t for t in motion.tracks if t.after and t.before and t.after.opacity == 0]
    tokens = [t for t in lost if isinstance(t.before, Rect)]
    assert len(tokens) == 12
    assert all(t.before.key not in {s.key for s in after.shapes} for t in lost)
    assert motion.at(0.0)[-1].opacity == 1
    seen = [shape for shape in motion.at(1.0) if shape.opacity > 0]
    assert {shape.key for shape in seen} == {s.key for s in after.shapes if s.opacity > 0}


def test_the_count_is_what_the_lane_computes_again_later(running_out):
    past = [step for beat in running_out.beats[:5] for step in beat.steps]
    assert forgotten(past, "vllm", "B") == 12
    assert running_out.beats[6].end.lane("vllm").work.recomputed == 12


def test_what_stays_in_the_cache_is_not_lost(write):
    text = (ROOT / "storyboards" / "11-preemption.yaml").read_text("utf-8")
    head, _ = text.replace(", enable_prefix_caching: false", "").split("beats:")
    end = "beats: [{title: Preempt, do: [admit: A, admit: B, step: 4, preempt: B], say: Gone.}]\n"
    timeline = play(read(write("cached.yaml", head + end)))
    past = [step for beat in timeline.beats for step in beat.steps]
    before = past[-2].lane("vllm").state.request("B").computed
    assert forgotten(past, "vllm", "B") == before % 4
    for picture in compose_beat(timeline, 0, WIDE):
        assert lint(picture) == ()


def test_a_page_carries_what_leaves_on_its_way(running_out):
    pictures = [compose_beat(running_out, 4, WIDE)[0], *compose_beat(running_out, 4, WIDE)[1:]]
    baked = drawn(WIDE, pictures)
    rows, gone = baked["rows"], []
    for track in baked["motions"][0]:
        before, after = track[:2]
        if before >= 0 and after >= 0 and rows[after].get("o") == 0:
            gone.append(rows[before]["k"])
    assert len([key for key in gone if not key.endswith("/word")]) == 12


def test_what_leaves_to_nowhere_fades_as_ever():
    ink = Rgba(1, 1, 1, 1)
    cell = Rect("cell", Box(0, 0, 10, 10), ink, ink, 0, 0, pattern_ink=ink)
    before = Picture(100, 100, ink, (cell,))
    after = Picture(100, 100, ink, (), departures=(("cell", "nobody"), ("else", "cell")))
    (track,) = derive(before, after).tracks
    assert track.after is None and track.before == cell


@pytest.mark.parametrize("aspect", CANVASES)
def test_nothing_overlaps_in_any_aspect(running_out, aspect):
    for index in range(len(running_out.beats)):
        for picture in compose_beat(running_out, index, CANVASES[aspect]):
            assert lint(picture) == ()
