"""The card `race`: bars, squares and verdicts say what the timeline says, in every aspect."""

import pytest

from pagereel.model.play import play
from pagereel.model.readings.race import course
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.motion import derive
from pagereel.scenes.shapes.picture import Pattern, Rect, Text
from pagereel.scenes.style import THEMES, paint

from places import ROOT

BOARDS = ROOT / "storyboards"
WIDE = CANVASES["16:9"]


@pytest.fixture(scope="module")
def load():
    return play(read(BOARDS / "06-side-by-side-under-load.yaml"))


@pytest.fixture(scope="module")
def traffic():
    return play(read(BOARDS / "16-production-traffic.yaml"))


def pictures(timeline, canvas=WIDE, which=-1):
    races = [i for i, played in enumerate(timeline.beats) if played.shots[-1].shot.card == "race"]
    return compose_beat(timeline, races[which], canvas)


def shapes(picture, start):
    return {shape.key: shape for shape in picture.shapes if shape.key.startswith(start)}


def texts(picture):
    return [shape.text for shape in picture.shapes if isinstance(shape, Text)]


def test_each_lane_has_one_verdict(load):
    shown = texts(pictures(load)[-1])
    assert shown.count("64 words") == 2
    assert "in 35 readings" in shown and "in 20 readings" in shown
    assert shown.count("of the model, 23.94 GiB each") == 2


def test_a_square_of_a_step_is_as_high_as_its_request_got_tokens(load):
    end = pictures(load)[-1]
    past = [step for beat in load.beats for step in beat.steps]
    told = course(load.storyboard, past, "paged")
    for reading in told.readings:
        key = f"race/paged/weights/{reading.number}/"
        squares = [key_ for key_ in shapes(end, key) if not key_.endswith("/tokens")]
        assert squares == [f"{key}{name}" for name, _ in reading.made]
        number = shapes(end, key)[f"{key}tokens"]
        assert number.text == str(reading.tokens)


def test_waiting_running_and_preempted_differ_in_shape_and_pattern(load):
    bars = shapes(pictures(load)[-1], "race/paged/")
    waiting, prefill = bars["race/paged/G/waiting/6"], bars["race/paged/F/prefill/5"]
    decode, preempted = bars["race/paged/F/decode/6"], bars["race/paged/F/preempted/7"]
    assert waiting.box.h < decode.box.h / 3
    assert prefill.line > 0 and decode.line == 0
    assert preempted.pattern is Pattern.HATCH and decode.pattern is Pattern.NONE
    assert preempted.box.w == pytest.approx(2 * prefill.box.w, abs=4)
    assert "race/paged/F/done" in bars


def test_bars_grow_and_the_clock_goes_on_while_a_beat_steps(load):
    first, *_, last = pictures(load, which=0)
    key, now = "race/reserved/H/waiting/7", "race/reserved/now"
    grown = [shapes(picture, key)[key].box for picture in (first, last)]
    assert grown[0].x == grown[1].x and grown[0].w < grown[1].w
    times = [shapes(picture, now)[now].points[0][0] for picture in (first, last)]
    assert times[0] < times[1]
    ticks = [shapes(picture, "race/clock/") for picture in (first, last)]
    assert ticks[0] == ticks[1]


def test_tokens_fall_from_their_rows_onto_the_weights(load):
    first, second, *_ = (paint(picture, THEMES["dark"]) for picture in pictures(load, which=0))
    fallen = [track for track in derive(first, second).tracks
              if track.after and track.before and isinstance(track.after, Rect)]  # fmt: skip
    rows = {shape.key: shape.box for shape in second.shapes if "/token/" in shape.key}
    flying = [track for track in fallen if "/weights/" in track.after.key
              and track.before.box in rows.values()]  # fmt: skip
    assert flying and all(t.before.box.y < t.after.box.y for t in flying)


def test_a_recording_is_a_stack_as_high_as_requests_ran(traffic):
    picture = pictures(traffic)[-1]
    shown = texts(picture)
    assert {"10,201 tokens", "31,539 tokens", "in 1,200 steps"} <= set(shown)
    now = shapes(picture, "race/paged/now")["race/paged/now"].points[0][0]
    at_the_end = [key for key, shape in shapes(picture, "race/paged/r").items()
                  if shape.box.right > now - 3]  # fmt: skip
    assert len(at_the_end) == 68


def test_the_legend_speaks_of_preemption_only_where_there_was_one(load):
    batches = play(read(BOARDS / "10-continuous-batching.yaml"))
    assert "preempted" in texts(pictures(load)[-1])
    assert "preempted" not in texts(pictures(batches)[-1])


def test_what_it_says_is_in_the_words_for_those_who_cannot_see_it(load):
    assert pictures(load)[-1].alt.endswith(
        "Lane paged: 64 words in 20 readings of the model, 23.94 GiB each, 3.2 words a reading."
    )


MANY = """\
title: Many steps
model: deepseek-v3
parameters: {slots: 4096, block_size: 16}
lanes: {a: {kind: paged}, b: {kind: paged/vllm}, c: {kind: contiguous, max_len: 600}, d: {kind: paged/paper}}
requests: {A: {prompt: 40, output: 400}, B: {prompt: Pack, output: " my box", arrival: 3}}
beats:
  - {title: Nothing yet, say: "", card: race}
  - {title: Long, do: [admit: A, run: STEPS], say: "", card: race}
"""  # noqa: E501  # one lane a line would hide the rest


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("steps", ["3", "64", "390"])
def test_four_lanes_and_many_steps_fit_in_every_aspect(write, aspect, steps):
    timeline = play(read(write("many.yaml", MANY.replace("STEPS", steps))))
    for index in range(len(timeline.beats)):
        for picture in compose_beat(timeline, index, CANVASES[aspect]):
            assert lint(picture) == ()
            boxes = [shape.box for shape in picture.shapes if hasattr(shape, "box")]
            assert all(box.w >= 0 and box.h >= 0 for box in boxes)


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("which", [0, -1])
def test_nothing_overlaps_in_any_aspect(load, aspect, which):
    for picture in pictures(load, CANVASES[aspect], which):
        assert lint(picture) == ()
