"""A replay that leaps gives the states, counts and metrics of one that takes every step."""

import json
import random
import runpy
from dataclasses import replace

import pytest

from pagereel.model.allocators.kinds import build_for_replay
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.allocators.vllm.leap import LeapingLane, lane_for_workload
from pagereel.model.core.journal import Silence
from pagereel.model.core.request import Request
from pagereel.model.replay.driver import Stalled, Stepped, replay
from pagereel.model.replay.meter import Meter, StateKeeper
from pagereel.model.traces.playing import trace_of
from pagereel.model.traces.workload import read_workload

from driving import Both
from places import TESTS

CASES = TESTS / "fixtures" / "vllm" / "cases"
WORKLOADS = runpy.run_path(str(TESTS / "conformance" / "workloads.py"))
random_workload, even_workload = WORKLOADS["random_workload"], WORKLOADS["even_workload"]


class BothOfVllm(Both):
    """vLLM's lane, which counts for itself, beside the one that leaps."""

    def __init__(self, config):
        super().__init__(LeapingLane(config), VllmLane(config, Silence()))

    def take_a_step(self):
        self.stepping.schedule()
        self.stepping.update()


class HalfSteps(BothOfVllm):
    """The same, but looks between `schedule` and `update` too."""

    def leap(self, limit):
        for lane in (self.leaping, self.stepping):
            lane.schedule()
        self.snapshot()
        for lane in (self.leaping, self.stepping):
            lane.update()
        return 1


@pytest.mark.parametrize("every", [1, 3, 1000])
@pytest.mark.parametrize("seed", range(60))
def test_leaping_and_stepping_reach_the_same_states(seed, every):
    workload = read_workload(random_workload(seed + 1000 * every))
    keeper = StateKeeper(every)
    lane = replay(lambda: BothOfVllm(workload.config), workload.by_arrival, keeper)
    assert not lane.gauge().in_flight
    assert lane.snapshot().memory.references == ()


@pytest.mark.parametrize("seed", range(60))
def test_leaping_and_stepping_agree_in_the_middle_of_a_step(seed):
    workload = read_workload(random_workload(seed))
    replay(lambda: HalfSteps(workload.config), workload.by_arrival, StateKeeper(1))


@pytest.mark.parametrize("seed", range(40))
def test_counts_from_events_equal_the_counts_of_a_leaping_lane(seed):
    workload = read_workload(random_workload(seed))
    counted, leapt = Meter(), Meter()
    replay(lambda: Stepped(VllmLane(workload.config)), workload.by_arrival, counted)
    replay(lambda: LeapingLane(workload.config), workload.by_arrival, leapt)
    ours, theirs = leapt.summary(), counted.summary()
    assert ours.tally == theirs.tally
    assert ours == replace(theirs, means=ours.means)
    assert ours.means.stored == pytest.approx(theirs.means.stored)
    assert ours.means.waiting == pytest.approx(theirs.means.waiting)
    assert ours.means.internal == pytest.approx(theirs.means.internal)


def restless(seed):
    """Random requests, of which many give up: before they come, at once, or after their end."""
    document, rng = random_workload(seed), random.Random(seed)
    for request in document["requests"]:
        if rng.random() < 0.4:
            late = rng.choice([-3, -1, 0, 0, 1, 2, 5, 30, 300])
            request["abort"] = max(0, request["arrival"] + late)
    return read_workload(document)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("seed", range(16))
def test_a_replay_counts_what_its_trace_has(seed, is_async):
    workload = restless(seed)
    config = replace(workload.config, async_scheduling=is_async)
    workload = replace(workload, config=config)
    tally = replay(lambda: lane_for_workload(config), workload.by_arrival, Meter()).tally
    *steps, last = trace_of(workload)
    found, aborted = last["summary"], sum(len(step["aborted"]) for step in steps)
    assert (tally.steps, tally.aborted) == (found["steps"], aborted)
    assert (tally.computed, tally.sampled) == (found["scheduled_tokens"], found["sampled_tokens"])
    assert (tally.admitted, tally.hit) == (found["admissions"], found["prefix_hit_tokens"])
    assert (tally.preemptions, tally.finished) == (found["preemptions"], found["finished"])


@pytest.mark.parametrize("seed", range(16))
def test_a_replay_of_several_groups_counts_what_its_trace_has(seed):
    workload = read_workload(WORKLOADS["hybrid_workload"](seed))
    tally = replay(lambda: lane_for_workload(workload.config), workload.by_arrival, Meter()).tally
    *_, last = trace_of(workload)
    found = last["summary"]
    assert (tally.steps, tally.computed) == (found["steps"], found["scheduled_tokens"])
    assert (tally.preemptions, tally.hit) == (found["preemptions"], found["prefix_hit_tokens"])


def test_leaping_over_groups_reaches_the_states_of_stepping():
    document = even_workload(30, running=10, blocks=400, seed=3)
    document["config"]["groups"] = [None, 100, 100, 40]
    workload = read_workload(document)
    lane = replay(lambda: BothOfVllm(workload.config), workload.by_arrival, StateKeeper(50))
    assert lane.tally.finished == 30 and lane.tally.preemptions


def test_what_a_preempted_request_finds_of_itself_is_no_hit():
    document = json.loads((CASES / "05-preempt-resume.json").read_text(encoding="utf-8"))
    workload = read_workload(document)
    tally = replay(lambda: LeapingLane(workload.config), workload.by_arrival, Meter()).tally
    assert tally.hit == tally.hit_again == 4
    assert tally.hit_rate == 0


def crowded(seed, **settings):
    """60 requests of some hundred tokens that come one by one into a pool for a few of them."""
    document = even_workload(60, running=20, blocks=150, seed=seed)
    document["config"] |= settings
    rng = random.Random(seed)
    for request in document["requests"]:
        request["arrival"], request["priority"] = rng.randint(0, 900), rng.randint(0, 3)
        if rng.random() < 0.1:
            request["abort"] = request["arrival"] + rng.randint(1, 400)
    return read_workload(document)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"policy": "priority"},
        {"policy": "priority", "reserve_full_isl": False, "watermark": 0.05},
        {"max_num_batched_tokens": 64, "long_prefill_token_threshold": 32},
        {"sliding_window": 100, "num_lookahead_tokens": 3},
        {"enable_prefix_caching": False, "reserve_full_isl": False},
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_leaping_and_stepping_agree_where_requests_crowd(seed, settings):
    workload = crowded(seed, **settings)
    lane = replay(lambda: BothOfVllm(workload.config), workload.by_arrival, StateKeeper(50))
    assert lane.tally.finished + lane.tally.aborted == 60
    assert lane.tally.preemptions or "sliding_window" in settings


def test_a_more_urgent_request_ends_a_wait_that_was_being_leapt_over():
    config = VllmConfig(num_blocks=9, block_size=4, max_num_batched_tokens=64, policy="priority")
    requests = [
        Request("runs", range(8), range(20), arrival=0, priority=0),
        Request("large", range(24), range(2), arrival=0, priority=2),
        Request("urgent", range(3), range(2), arrival=7, priority=1),
    ]
    replay(lambda: BothOfVllm(config), requests, StateKeeper(1))
    replay(lambda: BothOfVllm(config), requests, StateKeeper(1000))


def traffic(count, seed=3, prompt=200, output=60):
    rng, arrival = random.Random(seed), 0
    for number in range(count):
        arrival += rng.randint(0, 30)
        sizes = rng.randint(1, prompt), rng.randint(1, output)
        yield Request(f"r{number}", range(sizes[0]), range(sizes[1]), arrival)


CONFIG = VllmConfig(
    num_blocks=120, block_size=16, max_num_seqs=32, max_num_batched_tokens=256, max_model_len=512
)


def test_a_long_replay_keeps_a_short_curve_and_exact_means():
    short, full = Meter(points=20), Meter(points=1_000_000)
    replay(lambda: LeapingLane(CONFIG), traffic(200), short)
    replay(lambda: Stepped(VllmLane(CONFIG)), traffic(200), full)
    assert 2 <= len(short.curve) <= 20
    assert len(full.curve) == full.summary().tally.steps
    mean = sum(point.gauge.split.stored for point in full.curve) / len(full.curve)
    assert short.summary().means.stored == pytest.approx(mean)
    assert 0 < short.summary().occupancy < short.summary().utilisation <= 1


def test_a_silent_lane_forgets_requests_that_ended():
    lane = replay(lambda: LeapingLane(CONFIG), traffic(300), Meter())
    assert lane.snapshot().requests == ()
    assert lane.tally.finished == 300


def test_a_preempted_request_computes_again_what_it_lost():
    config = VllmConfig(num_blocks=9, block_size=4, enable_prefix_caching=False)
    requests = [Request("a", range(8), range(20)), Request("b", range(8), range(20))]
    meter = Meter()
    replay(lambda: LeapingLane(config), requests, meter)
    tally = meter.summary().tally
    assert tally.preemptions > 0
    assert tally.computed == 2 * (8 + 20 - 1) + tally.recomputed


def test_a_request_that_can_never_fit_is_turned_away():
    meter = Meter()
    replay(lambda: LeapingLane(CONFIG), [Request("big", range(600), range(9))], meter)
    assert meter.turned_away_ids == ["big"]


def test_a_replay_of_another_lane_counts_the_same_tokens():
    spec = LaneSpec(name="c", kind="contiguous", title="c", slots=2000, max_len=300)
    meter = Meter()
    requests = list(traffic(40))
    replay(lambda: build_for_replay(spec), requests, meter)
    assert meter.summary().tally.sampled == sum(len(request.output) for request in requests)


def test_requests_that_wait_for_ever_end_the_replay():
    class Idle(BothOfVllm):
        def leap(self, limit):
            return 1

    with pytest.raises(Stalled, match="stalled at step 1 with 1 requests waiting"):
        replay(lambda: Idle(CONFIG), [Request("a", (1,), (2,))], Meter())
