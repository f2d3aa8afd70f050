"""The race: what each request did at each step, and what each reading of the weights made."""

import pytest

from pagereel.model.core.geometry import PRESETS
from pagereel.model.play import play
from pagereel.model.readings.race import (
    Doing,
    course,
    crowds,
    horizon,
    most_at_once,
    spells,
    weights_bytes,
)
from pagereel.model.storyboard.timeline import Half
from pagereel.read import read

from places import ROOT

BOARDS = ROOT / "storyboards"


@pytest.fixture(scope="module")
def preempting():
    return play(read(BOARDS / "11-preemption.yaml"))


@pytest.fixture(scope="module")
def batches():
    return play(read(BOARDS / "10-continuous-batching.yaml"))


@pytest.fixture(scope="module")
def traffic():
    return play(read(BOARDS / "16-production-traffic.yaml"))


def past(timeline):
    return [step for beat in timeline.beats for step in beat.steps]


def stints(timeline, lane, request):
    told = course(timeline.storyboard, past(timeline), lane)
    return [(s.doing, s.start, s.end) for s in told.stints if s.request == request]


def test_what_is_computed_again_is_prefill_and_what_is_copied_back_is_not(preempting):
    assert stints(preempting, "vllm", "B") == [
        (Doing.PREFILL, 0, 1),
        (Doing.DECODE, 1, 7),
        (Doing.PREEMPTED, 7, 9),
        (Doing.PREFILL, 9, 10),
        (Doing.DECODE, 10, 11),
    ]
    assert stints(preempting, "paper", "B")[2:] == [(Doing.PREEMPTED, 4, 9), (Doing.DECODE, 9, 14)]


def test_a_step_of_a_long_prompt_reads_the_weights_and_makes_nothing_for_it(batches):
    told = course(batches.storyboard, past(batches), "continuous")
    assert stints(batches, "continuous", "E")[0] == (Doing.PREFILL, 4, 7)
    made = {reading.number: dict(reading.made) for reading in told.readings}
    assert "E" not in made[5] | made[6] and made[7] == {"B": 1, "D": 1, "E": 1}
    assert dict(told.ended) == {"A": 2, "C": 4, "B": 7, "D": 8, "E": 10}


def test_the_tokens_of_all_readings_are_those_that_the_requests_have(batches, preempting):
    for timeline in (batches, preempting):
        for lane in timeline.beats[-1].end.lanes:
            told = course(timeline.storyboard, past(timeline), lane.lane)
            assert told.tokens == sum(request.sampled for request in lane.state.requests)


def test_idle_steps_read_no_weights(preempting):
    told = course(preempting.storyboard, past(preempting), "vllm")
    assert [reading.number for reading in told.readings] == list(range(1, 12))
    assert preempting.beats[-1].end.number == 14


def test_half_a_step_reaches_half_as_far_and_is_no_reading_yet(batches):
    steps = past(batches)
    half = next(i for i, s in enumerate(steps) if s.number == 3 and s.half is Half.SCHEDULED)
    told = course(batches.storyboard, steps[: half + 1], "continuous")
    assert {stint.end for stint in told.stints if stint.request == "B"} == {1, 2.5}
    assert [reading.is_done for reading in told.readings] == [True, True, False]


def test_samples_of_one_request_each_make_a_token(write):
    timeline = play(read(write("two.yaml", """\
title: Samples
model: gpt2
parameters: {slots: 32, block_size: 4}
lanes: {paged: {kind: paged/paper}}
requests: {A: {prompt: Tell me a story, outputs: [" Once upon a", " In a far"]}}
beats: [{title: Two, do: [fork: {A: 2}, step: 3], say: "", card: race}]
""")))  # fmt: skip
    told = course(timeline.storyboard, past(timeline), "paged")
    assert [reading.made for reading in told.readings] == [(("A", 2),)] * 3


def test_those_that_run_in_a_recording_stack_as_high_as_they_are_many(traffic):
    steps = past(traffic)
    assert most_at_once(traffic.storyboard) >= 68
    for lane in ("reserved", "paged"):
        counted, found = crowds(steps, lane), spells(steps, lane)
        assert sum(each.tokens for each in counted) == sum(
            request.sampled for request in traffic.beats[-1].end.lane(lane).state.requests
        )
        for each in counted:
            places = [s.place for s in found if s.start < each.number <= s.end]
            assert len(places) == len(set(places)) == each.running


def test_the_clock_ends_where_the_last_race_does(batches, traffic):
    assert horizon(batches.storyboard, "race") == 11
    assert horizon(traffic.storyboard, "race") == 30


def test_the_weights_are_those_of_the_card_or_of_the_model(batches, preempting):
    assert weights_bytes(batches.storyboard) == 2 * 8_030_261_248
    assert weights_bytes(preempting.storyboard) == 2 * PRESETS["llama-2-13b"].parameters
    pool = read(BOARDS / "14-where-did-my-gpu-memory-go.yaml")
    assert weights_bytes(pool) == pool.gpu.weights_bytes
