"""The lane paged/vllm is set up by the engine's own names, and says what it cannot take."""

from dataclasses import fields

import pytest

from pagereel.model.allocators.kinds import KINDS, build, build_for_replay
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.options import BadOptions
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.allocators.vllm.leap import LeapingLane
from pagereel.model.core.request import Request
from pagereel.model.core.state import BlockTable


def test_all_wrong_settings_are_named_at_once():
    with pytest.raises(ValueError, match=r"num_blocks.*; max_num_batched_tokens.*; policy"):
        VllmConfig(num_blocks=1, max_num_seqs=99, policy="lifo")
    with pytest.raises(ValueError, match=r"unknown config keys: .'blocksize'."):
        VllmConfig.read({"blocksize": 4})


def test_a_storyboard_builds_the_lane_with_engine_settings():
    spec = LaneSpec(
        name="v",
        kind="paged/vllm",
        title="vLLM",
        slots=64,
        block_size=4,
        options=(("enable_prefix_caching", False), ("max_num_batched_tokens", 32)),
    )
    lane = build(spec)
    assert isinstance(lane, VllmLane)
    assert lane.config.num_blocks == 17
    assert not lane.config.enable_prefix_caching
    assert lane.snapshot().capacity == 64
    assert isinstance(build_for_replay(spec), LeapingLane)


def test_every_engine_setting_is_an_option_and_documented():
    given = {field.name for field in fields(VllmConfig)} - {"num_blocks", "block_size"}
    assert set(KINDS["paged/vllm"].options) == given


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"policy": "lifo", "reserve_full_isl": 1}, "reserve_full_isl must be true or false"),
        ({"max_num_batched_tokens": 4}, "max_num_batched_tokens must be >= max_num_seqs"),
        ({"sliding_window": 0}, "sliding_window must be a whole number from 1"),
        ({"budget": 4}, "no option budget"),
    ],
)
def test_an_option_that_the_engine_cannot_take_is_named(options, problem):
    spec = LaneSpec("v", "paged/vllm", "v", slots=64, options=tuple(options.items()))
    with pytest.raises(BadOptions, match=problem):
        build(spec)


def test_a_window_may_be_switched_off_by_name():
    spec = LaneSpec("v", "paged/vllm", "v", slots=64, options=(("sliding_window", None),))
    assert build(spec).config.sliding_window is None


def test_a_pool_can_start_with_a_free_queue_out_of_order():
    spec = LaneSpec("v", "paged/vllm", "v", slots=16, block_size=4, free_order=(3, 1, 4, 2))
    lane = build(spec)
    lane.submit(Request("A", range(10), range(2)))
    lane.schedule()
    assert lane.snapshot().memory.tables == (BlockTable("A", (3, 1, 4)),)
    with pytest.raises(ValueError, match="free_order must name blocks 1 to 4 once each"):
        VllmLane(VllmConfig(num_blocks=5), free_order=(0, 1, 2, 3))
