"""The parts of paged/vllm that are worth a test of their own: free queue and prefix keys."""

import random

import pytest

from pagereel.model.allocators.vllm.attention import attention
from pagereel.model.allocators.vllm.block_hash import PrefixKeys
from pagereel.model.allocators.vllm.block_pool import SEGMENT, FreeQueue
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.core.request import Request


def test_a_free_queue_is_an_ordered_set_of_blocks():
    rng, queue, order = random.Random(5), FreeQueue(), []
    others = list(range(600))
    for _ in range(20_000):
        if not order or (others and rng.random() < 0.55):
            order.append(others.pop())
            queue.append(order[-1])
        elif rng.random() < 0.5:
            others.append(order.pop(0))
            assert queue.popleft() == others[-1]
        else:
            others.append(order.pop(rng.randrange(len(order))))
            queue.remove(others[-1])
        assert len(queue) == len(order)
        if rng.random() < 0.05:
            assert queue.freeze() == tuple(order)
            rng.shuffle(others)
    with pytest.raises(IndexError):
        FreeQueue().popleft()


def test_a_free_queue_does_not_grow_with_what_passed_through_it():
    queue = FreeQueue()
    queue.append(0)
    for _ in range(50 * SEGMENT):
        queue.append(1)
        queue.remove(1)
    assert len(queue._segments) <= 3
    assert queue.freeze() == (0,)


def test_keys_tell_salts_and_prefixes_apart_and_cross_into_the_output():
    plain = PrefixKeys(Request("a", (1, 2, 3), (4, 5, 6)), 2)
    other = PrefixKeys(Request("b", (1, 2), (3, 4, 9)), 2)
    salted = PrefixKeys(Request("c", (1, 2, 3), (4, 5, 6), cache_salt="s"), 2)
    assert [plain.key(0), plain.key(1)] == [other.key(0), other.key(1)]
    assert plain.key(2) != plain.key(1) != salted.key(1)
    assert PrefixKeys(Request("d", range(4), (1,)), 2).key(1) == "d:1"


def window_hits(found, most, window):
    lane = VllmConfig(num_blocks=99, block_size=4, sliding_window=window)
    return attention(lane).hits(lambda index: index + 1 if index in found else None, most)


def test_a_window_wants_a_run_of_blocks_and_takes_the_rightmost():
    assert window_hits({0, 1, 2, 3, 4}, most=5, window=9) == [0, 0, 0, 4, 5]
    assert window_hits({0, 1, 2, 4}, most=5, window=9) == [0, 2, 3]
    assert window_hits({2, 3}, most=6, window=9) == [0, 0, 3, 4]


def test_a_run_at_the_start_may_be_shorter_than_the_window():
    assert window_hits({0, 4}, most=5, window=9) == [1]
    assert window_hits({1, 3}, most=5, window=9) == []


def test_full_attention_hits_from_the_start_without_a_gap():
    whole = attention(VllmConfig())
    assert whole.hits(lambda index: index + 1 if index != 2 else None, 5) == [1, 2]
