"""Paged memory: blocks leave the head of the free queue and return to its tail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.allocators.paged import PagedPool
from pagereel.model.core.events import BlockFreed, BlockTaken
from pagereel.model.core.lane import NoRoom, TooLarge
from pagereel.model.core.request import Request


def request(name="A", prompt=3, output=2):
    return Request(name, range(prompt), range(output))


def test_blocks_are_taken_from_the_head_of_the_free_queue():
    pool = PagedPool(4, (7, 1, 3, 0))
    assert pool.admit(request(), 7) == (BlockTaken("A", 0, 7), BlockTaken("A", 1, 1))
    assert pool.memory().free == (3, 0)


def test_a_request_takes_no_block_before_it_needs_it():
    pool = PagedPool(4, range(4))
    pool.admit(request(), 4)
    assert pool.grow(request(), 4) == ()
    assert pool.grow(request(), 5) == (BlockTaken("A", 1, 1),)
    assert pool.grow(request(), 8) == ()


def test_a_table_lists_blocks_in_logical_order():
    pool = PagedPool(2, (3, 0, 2, 1))
    pool.admit(request(), 3)
    pool.admit(request("B"), 1)
    pool.grow(request(), 5)
    (first, second) = pool.memory().tables
    assert (first.request, first.blocks) == ("A", (3, 0, 1))
    assert (second.request, second.blocks) == ("B", (2,))


def test_freed_blocks_go_to_the_tail_in_table_order():
    pool = PagedPool(2, (3, 0, 2, 1))
    pool.admit(request(), 3)
    assert pool.free(request()) == (BlockFreed("A", 3, 0), BlockFreed("A", 0, 0))
    assert pool.memory().free == (2, 1, 3, 0)


def test_a_refusal_at_admission_carries_its_numbers_and_changes_nothing():
    pool = PagedPool(4, range(2))
    pool.admit(request("A"), 4)
    before = pool.memory()
    with pytest.raises(NoRoom) as refusal:
        pool.admit(request("B"), 5)
    assert (refusal.value.needed, refusal.value.free, refusal.value.largest_hole) == (8, 4, 4)
    assert pool.memory() == before


def test_a_refusal_to_grow_changes_nothing():
    pool = PagedPool(4, range(1))
    pool.admit(request("A"), 4)
    before = pool.memory()
    with pytest.raises(NoRoom):
        pool.grow(request("A"), 5)
    assert pool.memory() == before


def test_a_request_is_too_large_when_an_empty_pool_has_too_few_blocks():
    pool = PagedPool(4, range(2))
    pool.check(request(prompt=7, output=2))
    with pytest.raises(TooLarge) as refusal:
        pool.check(request(prompt=8, output=2))
    assert (refusal.value.needed, refusal.value.capacity) == (12, 8)


def test_the_last_token_needs_no_slot():
    assert request(prompt=3, output=2).final_entries == 4


@given(
    st.integers(1, 5),
    st.integers(1, 12),
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 30)), max_size=30),
)
def test_every_block_is_either_free_or_in_exactly_one_table(block_size, count, doings):
    pool, alive = PagedPool(block_size, range(count)), {}
    for name, entries in doings:
        try:
            if name not in alive:
                pool.admit(request(name), entries)
                alive[name] = entries
            elif entries % 3 == 0:
                pool.free(request(name))
                del alive[name]
            else:
                pool.grow(request(name), alive[name] + 1)
                alive[name] += 1
        except NoRoom as refusal:
            assert refusal.needed > refusal.free == len(pool.memory().free) * block_size
        memory = pool.memory()
        held = [block for table in memory.tables for block in table.blocks]
        assert sorted([*held, *memory.free]) == list(range(count))
        assert {t.request: len(t.blocks) for t in memory.tables} == {
            name: -(-entries // block_size) for name, entries in alive.items()
        }
