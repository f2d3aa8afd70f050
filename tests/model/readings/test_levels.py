"""What each level of a paged memory weighs: exact products from one number up to the pool."""

import math
import re

import pytest

from pagereel.model.core.geometry import PRESETS
from pagereel.model.core.sizes import UNITS, exact_bytes
from pagereel.model.core.state import PagedMemory
from pagereel.model.readings.levels import counted, pool_blocks, route, sizes
from pagereel.read import read_timeline

from places import ROOT

BOARDS = ROOT / "storyboards"


@pytest.fixture(scope="module")
def gpu():
    return read_timeline(BOARDS / "14-where-did-my-gpu-memory-go.yaml")


def state_of(timeline, lane):
    state = timeline.beats[-1].end.lane(lane).state
    assert isinstance(state.memory, PagedMemory)
    return state


def told(timeline, lane):
    state = state_of(timeline, lane)
    return {size.level: size for size in sizes(timeline.storyboard, state, state.memory)}


def toy(tmp_path, model):
    path = tmp_path / "s.yaml"
    path.write_text(
        f"title: x\nmodel: {model}\nparameters: {{slots: 8, block_size: 4}}\n"
        "lanes: {p: {kind: paged}}\nrequests: {A: {prompt: 3, output: 2}}\n"
        "beats: [{title: x, say: x, do: [admit: A, step]}]\n",
        "utf-8",
    )
    return read_timeline(path)


def test_a_route_passes_every_level_between_its_stops():
    assert route(("pool", "slot", "pool")) == ("pool", "block", "slot", "block", "pool")
    assert route(("vector", "slot")) == ("vector", "layers", "slot")
    assert route(("gpu", "pool")) == ("gpu", "pool")
    assert route(("block",)) == ("block",)
    assert route(("block", "block")) == ("block",)


def test_the_pool_of_a_gpu_has_the_block_that_no_request_gets(gpu):
    state = state_of(gpu, "vllm")
    blocks = pool_blocks(gpu.storyboard, state, state.memory)
    assert len(blocks) == 983 and blocks[0] == 0
    assert len(state.memory.blocks) == 982


def test_the_sizes_of_opt_13b_on_its_card(gpu):
    found = told(gpu, "vllm")
    assert list(found) == ["gpu", "pool", "block", "slot", "layers", "vector", "number"]
    assert found["slot"].size_bytes == 819_200
    assert found["block"].product == "16 slots × 800 KiB"
    assert found["pool"].product == "983 blocks × 12.50 MiB"
    assert found["vector"].product == "40 heads × 128 numbers × 2 B"
    assert found["gpu"].product == ""


@pytest.mark.parametrize("model", PRESETS)
def test_every_product_is_its_level(model, tmp_path):
    found = told(toy(tmp_path, model), "p")
    for size in found.values():
        parts = re.findall(r"([\d,.]+)(?: ([KMG]?i?B)\b)?", size.product)
        if parts:
            factors = [
                float(number.replace(",", "")) * UNITS[unit or "B"] for number, unit in parts
            ]
            assert math.prod(factors) == size.size_bytes, size
    assert found["slot"].told in found["block"].product


def test_a_latent_has_no_heads_and_no_second_vector(tmp_path):
    found = told(toy(tmp_path, "deepseek-v3"), "p")
    assert found["vector"].name == "one latent"
    assert found["vector"].product == "576 numbers × 2 B"
    assert found["layers"].size_bytes == found["vector"].size_bytes == 1152


def test_one_head_is_no_heads(tmp_path):
    assert told(toy(tmp_path, "gemma-2b"), "p")["vector"].product == "1 head × 256 numbers × 2 B"
    assert counted(1, "block") == "1 block" and counted(5119, "block") == "5,119 blocks"


def test_factors_are_not_rounded():
    assert exact_bytes(3_276_800) == "3,200 KiB"
    assert exact_bytes(13_107_200) == "12.50 MiB"
    assert exact_bytes(819_200) == "800 KiB"
    assert exact_bytes(1_152) == "1,152 B"
    assert exact_bytes(2) == "2 B" and exact_bytes(2048) == "2 KiB"
