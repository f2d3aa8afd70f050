"""Pools are those of real vLLM: recorded cases, and what follows from the rules."""

import json

import pytest

from pagereel.model.sizing.architecture import Architecture, Layer
from pagereel.model.sizing.capacity import Limits, Pool, form_groups, keeps
from pagereel.model.sizing.config import read_architecture
from pagereel.model.sizing.known import KNOWN
from pagereel.model.sizing.parallel import Parallel

from places import ROOT

RECORDED = json.loads((ROOT / "tests" / "fixtures" / "vllm" / "sizes.json").read_text("utf-8"))
GIB = 2**30


def pool_of(name, available, max_model_len, dtype="bfloat16", **more):
    parallel = Parallel(more.get("tensor", 1), more.get("pipeline", 1))
    model = read_architecture(KNOWN[name], name)
    groups = form_groups(model, parallel, dtype, 16, more.get("whole", False))
    limits = Limits(max_model_len, more.get("in_flight", 8192))
    return Pool(groups, limits, (available,) * parallel.pipeline)


def test_pools_are_those_that_real_vllm_made():
    wrong = []
    for case in RECORDED:
        pattern, latent, told = case["pattern"], case["latent"], case["vllm"]
        heads, dim = (0, 0) if latent else (case["heads"], case["head_dim"])
        kinds = [pattern[number % len(pattern)] for number in range(case["count"])]
        layers = tuple(Layer(heads, dim, latent, k.get("window"), k.get("chunk")) for k in kinds)
        parallel = Parallel(case["tensor"], case["pipeline"])
        model = Architecture("case", "", 64, layers)
        groups = form_groups(model, parallel, "bfloat16", case["block_size"])
        limits = Limits(case["max_model_len"], case["in_flight"])
        pool = Pool(groups, limits, (case["available"],) * case["pipeline"])
        own = {"groups": len(groups), "starts": pool.serves_one}
        if pool.serves_one:
            own |= {"blocks": pool.blocks, "tokens": pool.tokens, "concurrency": pool.concurrency}
        wrong += [] if own == told else [(case, own)]
    assert (len(RECORDED), wrong) == (60, [])


def test_the_published_log_of_gpt2_adds_up():
    pool = pool_of("gpt2", round(18.1044 * GIB), 512)
    assert (pool.blocks, pool.tokens) == (32_958, 527_328)
    assert f"{pool.concurrency:.2f}" == "1029.94"


def test_windows_make_room_for_more_requests_of_one_length():
    kept, all_of_it = (pool_of("gemma-3-27b", 20 * GIB, 131_072, whole=w) for w in (False, True))
    assert len(kept.groups) == 7 and len(all_of_it.groups) == 1
    assert kept.concurrency > 4 * all_of_it.concurrency


def test_the_scarcest_stage_decides():
    model = read_architecture(KNOWN["llama-3.1-8b"], "llama")
    groups = form_groups(model, Parallel(pipeline=2), "bfloat16", 16)
    pool = Pool(groups, Limits(8192, 8192), (10 * GIB, 5 * GIB))
    assert pool.block_bytes == (2**20, 2**20)
    assert pool.blocks == 5 * 1024


def test_a_request_needs_the_placeholder_beside_it():
    pool = pool_of("llama-3.1-8b", 2**21 * 512, 8192)
    assert (pool.blocks, pool.request_blocks, pool.serves_one) == (512, 512, False)
    assert pool.longest == 511 * 16
    assert pool.needed == (GIB,)


def test_no_memory_is_no_block_and_no_length():
    pool = pool_of("llama-3.1-8b", -5, 8192)
    assert (pool.blocks, pool.tokens, pool.longest, pool.serves_one) == (0, 0, 0, False)


def test_layers_that_differ_in_size_by_no_whole_multiple_are_refused():
    model = Architecture("odd", "", 1, (Layer(2, 64), Layer(3, 64)))
    with pytest.raises(ValueError, match="whole multiples"):
        form_groups(model, Parallel(), "bfloat16", 16)


def test_what_layers_keep_is_said_in_words():
    layers = read_architecture(KNOWN["gpt-oss-20b"], "gpt-oss").layers
    assert keeps(layers) == "12 keep 128 tokens, 12 keep all"
