"""Where a GPU's memory goes: arithmetic that a published log and the paper's numbers check."""

from dataclasses import replace

import pytest

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.geometry import PRESETS
from pagereel.model.core.sizes import human_bytes
from pagereel.model.play import play
from pagereel.model.readings.gpu import budget
from pagereel.model.readings.readings import Readings, UnknownName
from pagereel.model.storyboard.storyboard import Beat, Shot, Storyboard
from pagereel.model.usage.budget import UTILIZATION, Budget, Gpu

GIB = 2**30
A100 = Gpu("A100", 40 * GIB, 26 * 10**9, 600 * 2**20, UTILIZATION, "the paper")


def board(gpu=A100, model="opt-13b", **lane):
    lane = {"kind": "paged/vllm", "slots": 64, "block_size": 16} | lane
    lanes = (LaneSpec("lane", title="Lane", **lane),)
    return Storyboard(
        "s", "S", "", "", PRESETS[model], lanes, (), (Beat("One", (Shot("", ()),)),), gpu
    )


def read(storyboard, name):
    return Readings(storyboard, play(storyboard).beats[0].end)[name].value


def test_a_published_log_of_vllm_adds_up():
    """GPT-2 in 16 bits: 18.10 GiB = 527,328 tokens, and 1029.94 requests of 512 at once."""
    room = Gpu("the log's", round(18.1044 * GIB), 0, 0, utilization=1)
    found = Budget(room, PRESETS["gpt2"].bytes_per_token, 16, null_blocks=1)
    assert (found.blocks, found.tokens) == (32_958, 527_328)
    assert f"{found.concurrency(512):.2f}" == "1029.94"
    assert human_bytes(found.pool_bytes) == "18.10 GiB"


def test_the_papers_card_holds_the_papers_pool():
    """12 GiB of 800 KiB a token: 15.7K slots."""
    found = budget(board())
    assert f"{found.pool_bytes / GIB:.1f}" == "12.0"
    assert (found.tokens, found.slots) == (15_728, 15_712)
    assert found.tokens == 983 * 16 == 12 * GIB // 819_200


@pytest.mark.parametrize("model", PRESETS)
@pytest.mark.parametrize("utilization", [0.65, 0.92, 1])
def test_the_parts_are_the_whole_card(model, utilization):
    found = budget(board(replace(A100, utilization=utilization), model))
    parts = (A100.weights_bytes, A100.activations_bytes, found.pool_bytes, found.alone_bytes)
    assert sum(parts) == A100.memory_bytes
    assert min(parts) > 0
    assert found.claimed_bytes <= A100.memory_bytes * utilization
    assert 0 <= found.room_bytes - found.pool_bytes < found.block_bytes


def test_the_engine_claims_what_vllm_does_by_default():
    assert UTILIZATION == 0.92


def test_vllm_keeps_one_block_for_itself():
    assert read(board(), "gpu.slots") == read(board(), "gpu.tokens") - 16
    assert read(board(kind="paged"), "gpu.slots") == read(board(), "gpu.tokens")


@pytest.mark.parametrize(("length", "requests"), [(1, 982), (16, 982), (17, 491), (2048, 7)])
def test_requests_take_whole_blocks(length, requests):
    assert read(board(), f"gpu.length {length}.requests") == requests


@pytest.mark.parametrize("name", ["gpu.size", "gpu.length 0.requests", "gpu.length x.requests"])
def test_what_a_card_does_not_have_cannot_be_read(name):
    with pytest.raises(UnknownName):
        read(board(), name)


def test_without_a_card_there_is_nothing_to_read():
    with pytest.raises(UnknownName):
        read(board(gpu=None), "gpu.pool")


def test_a_card_without_room_has_no_blocks():
    found = budget(board(replace(A100, weights_bytes=39 * GIB)))
    assert found.room_bytes < 0
    assert (found.blocks, found.slots, found.pool_bytes) == (0, 0, 0)
