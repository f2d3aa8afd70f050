"""Cards that tell what has been grow as it did; numbers that are new are drawn from nothing."""

import pytest

from pagereel.model.play import play
from pagereel.model.storyboard.chart import Bars, MemoryOverTime
from pagereel.read import read, read_timeline
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.pictures.compose import compose_beat, moments
from pagereel.scenes.shapes.picture import Rect

from places import ROOT

TRAFFIC = ROOT / "storyboards" / "16-production-traffic.yaml"
MEASURED = ROOT / "storyboards" / "17-measured.yaml"
WIDE = CANVASES["16:9"]


@pytest.fixture(scope="module")
def traffic():
    return play(read(TRAFFIC))


def beat(timeline, card):
    return next(i for i, b in enumerate(timeline.beats) if b.shots[-1].shot.card == card)


def rights(picture, start):
    return max((s.box.right for s in picture.shapes if s.key.startswith(start)), default=0)


@pytest.mark.parametrize(("card", "start"), [("race", "race/paged/made/"),
                                             ("history", "history/paged/stored/")])  # fmt: skip
def test_the_past_is_told_from_left_to_right_as_a_time_lapse(traffic, card, start):
    index = beat(traffic, card)
    told = [p for p in compose_beat(traffic, index, WIDE) if p.said == 0]
    reached = [rights(picture, start) for picture in told]
    assert reached == sorted(reached) and len(set(reached)) > 12
    assert all(picture.is_lapse for picture in told)
    assert len([m for m in moments(traffic, index) if m.shot == 1]) == 1, "and is told once"


def test_a_replay_shows_its_numbers_one_after_another(traffic):
    pictures = compose_beat(traffic, beat(traffic, "replay"), WIDE)
    shown = [sum(s.key.endswith("/value") for s in picture.shapes) for picture in pictures]
    assert shown == [0, 2, 2, 4, 4, 6, 6, 8], "two lanes, a number a sentence"


def test_charts_are_drawn_from_nothing_row_by_row_or_as_time_went():
    timeline = read_timeline(MEASURED)
    for index, played in enumerate(timeline.beats):
        if played.shots[0].shot.card != "chart":
            continue
        body, pictures = played.shots[0].shot.chart.body, compose_beat(timeline, index, WIDE)
        if isinstance(body, Bars):
            widths = [
                [s.box.w for s in p.shapes if s.key.startswith("chart/") and s.key.endswith("/bar")]
                for p in pictures
            ]
            assert set(widths[0]) == {2} and min(widths[-1]) > 2
            assert [sum(w > 2 for w in row) for row in widths] == [*range(len(body.rows) + 1)]
        if isinstance(body, MemoryOverTime):
            reached = [rights(picture, "chart/panel/0/held/") for picture in pictures]
            assert reached == sorted(reached) and reached[0] < reached[1]


def test_a_budget_is_claimed_share_by_share_and_its_pool_fills_again_as_it_did():
    timeline = read_timeline(ROOT / "storyboards" / "14-where-did-my-gpu-memory-go.yaml")
    titles = [played.beat.title for played in timeline.beats]
    start = compose_beat(
        timeline, titles.index("Weights first, and the pool is what is left"), WIDE
    )
    claimed = [rights(picture, "budget/weights") for picture in start]
    assert claimed[0] < claimed[1] == claimed[-1]
    assert [rights(picture, "budget/left alone") > claimed[-1] for picture in start][-1]
    loaded = compose_beat(timeline, titles.index("Under load: the pool fills up"), WIDE)
    stored = [rights(p, "budget/enlarged/stored") for p in loaded if rights(p, "budget/enlarged")]
    assert stored == sorted(stored) and len(set(stored)) > 2


@pytest.mark.parametrize("aspect", CANVASES)
def test_quoted_bars_come_one_after_the_other_and_can_be_seen_in_every_aspect(aspect):
    timeline = read_timeline(ROOT / "storyboards" / "03-contiguous-reservation.yaml")
    pictures = compose_beat(timeline, beat(timeline, "quoted"), CANVASES[aspect])
    seen = [
        [s.box for s in p.shapes if isinstance(s, Rect) and s.key.endswith("/token states")]
        for p in pictures
    ]
    seen = [[box for box in boxes if box.w > 2] for boxes in seen]
    assert [len(boxes) for boxes in seen] == [0, 1, 2, 3, 4]
    assert min(box.h for box in seen[-1]) > 24
