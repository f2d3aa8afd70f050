"""The parts of paged/vllm that are worth a test of their own: free queue, hashes and hits."""

import random

import pytest

from pagereel.model.allocators.vllm.block_hash import BlockHashes
from pagereel.model.allocators.vllm.block_pool import SEGMENT, BlockPool, FreeKVCacheBlockQueue
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.single_type_kv_cache_manager import (
    get_manager_for_kv_cache_spec,
)
from pagereel.model.core.request import Request


def test_a_free_queue_is_an_ordered_set_of_blocks():
    rng, queue, order = random.Random(5), FreeKVCacheBlockQueue(), []
    others = list(range(600))
    for _ in range(20_000):
        if not order or (others and rng.random() < 0.4):
            added, others = others[:3], others[3:]
            order += added
            queue.append_n(added)
        elif rng.random() < 0.5:
            count = min(len(order), rng.choice((1, 2, 40)))
            taken, order = order[:count], order[count:]
            assert queue.popleft_n(count) == taken
            others += taken
        else:
            others.append(order.pop(rng.randrange(len(order))))
            queue.remove(others[-1])
        assert len(queue) == len(order)
        if rng.random() < 0.05:
            assert queue.get_all_free_blocks() == tuple(order)
            rng.shuffle(others)
    with pytest.raises(IndexError):
        FreeKVCacheBlockQueue().popleft_n(1)


def test_a_free_queue_does_not_grow_with_what_passed_through_it():
    queue = FreeKVCacheBlockQueue()
    queue.append_n([0])
    for _ in range(50 * SEGMENT):
        queue.append_n([1])
        queue.remove(1)
    assert len(queue._segments) <= 3
    assert queue.get_all_free_blocks() == (0,)


def test_hashes_tell_salts_and_prefixes_apart_and_cross_into_the_output():
    plain = BlockHashes(Request("a", (1, 2, 3), (4, 5, 6)), 2)
    other = BlockHashes(Request("b", (1, 2), (3, 4, 9)), 2)
    salted = BlockHashes(Request("c", (1, 2, 3), (4, 5, 6), cache_salt="s"), 2)
    assert [plain[0], plain[1]] == [other[0], other[1]]
    assert plain[2] != plain[1] != salted[1]
    assert BlockHashes(Request("d", range(4), (1,)), 2)[1] == "d:1"


def hits(found, most, **config):
    """What is hit where the blocks with these indices are cached, block i as block i + 1."""
    pool = BlockPool(99)
    names = [f"prefix {index}" for index in range(most)]
    pool.cache_full_blocks(range(1, 98), names, found)
    settings = VllmConfig(num_blocks=99, block_size=4, **config)
    manager = get_manager_for_kv_cache_spec(settings, settings.sliding_window)
    return manager.find_longest_cache_hit(names, most, pool)


def test_a_window_wants_a_run_of_blocks_and_takes_the_rightmost():
    assert hits({0, 1, 2, 3, 4}, most=5, sliding_window=9) == [0, 0, 0, 4, 5]
    assert hits({0, 1, 2, 4}, most=5, sliding_window=9) == [0, 2, 3]
    assert hits({2, 3}, most=6, sliding_window=9) == [0, 0, 3, 4]


def test_a_run_at_the_start_may_be_shorter_than_the_window():
    assert hits({0, 4}, most=5, sliding_window=9) == [1]
    assert hits({1, 3}, most=5, sliding_window=9) == []


def test_full_attention_hits_from_the_start_without_a_gap():
    assert hits({0, 1, 3, 4}, most=5) == [1, 2]
