"""Contiguous memory: one region a request, placed where the policy says, never overlapping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.allocators.contiguous.placement import PLACEMENTS, best_fit, first_fit
from pagereel.model.allocators.contiguous.pool import ContiguousPool
from pagereel.model.core.events import RegionFreed, RegionReserved
from pagereel.model.core.lane import NoRoom, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import Region
from pagereel.model.usage.occupancy import Hole, holes


def request(name="A", prompt=3, output=2):
    return Request(name, range(prompt), range(output))


def region(start, size):
    return Region("A", start, size, size)


def test_an_empty_memory_is_one_hole():
    assert holes((), 8) == (Hole(0, 8),)


def test_a_full_memory_has_no_hole():
    assert holes((region(0, 8),), 8) == ()


def test_holes_lie_before_between_and_after_regions():
    assert holes((region(2, 3), region(5, 1), region(8, 2)), 12) == (
        Hole(0, 2),
        Hole(6, 2),
        Hole(10, 2),
    )


def test_first_fit_takes_the_first_hole_that_is_large_enough():
    assert first_fit((Hole(0, 2), Hole(5, 9), Hole(20, 4)), 4) == Hole(5, 9)


def test_best_fit_takes_the_tightest_hole_and_the_first_of_equals():
    candidates = (Hole(0, 2), Hole(5, 9), Hole(20, 4), Hole(30, 4))
    assert best_fit(candidates, 4) == Hole(20, 4)


@pytest.mark.parametrize("place", PLACEMENTS.values(), ids=list(PLACEMENTS))
def test_no_placement_finds_a_hole_where_none_is_large_enough(place):
    assert place((Hole(0, 2), Hole(5, 3)), 4) is None
    assert place((), 1) is None


@given(st.lists(st.integers(1, 9), max_size=8), st.integers(1, 9))
def test_every_placement_agrees_on_whether_there_is_room(sizes, size):
    candidates = tuple(Hole(10 * i, size) for i, size in enumerate(sizes))
    found = [place(candidates, size) for place in PLACEMENTS.values()]
    assert {hole is None for hole in found} == {max(sizes, default=0) < size}
    assert all(hole.size >= size for hole in found if hole)


def test_a_request_reserves_the_maximum_whatever_it_needs():
    pool = ContiguousPool(16, 8, first_fit)
    assert pool.admit(request(), entries=3) == (RegionReserved("A", 0, 8),)
    assert pool.memory().regions == (Region("A", 0, 8, 8),)


def test_growing_inside_the_region_changes_nothing():
    pool = ContiguousPool(16, 8, first_fit)
    pool.admit(request(), 3)
    before = pool.memory()
    assert pool.grow(request(), 4) == ()
    assert pool.memory() == before


def test_a_freed_region_is_a_hole_again_and_regions_stay_in_address_order():
    pool = ContiguousPool(24, 8, first_fit)
    for name in "ABC":
        pool.admit(request(name), 3)
    assert pool.free(request("A")) == (RegionFreed("A", 0, 8),)
    pool.admit(request("D"), 3)
    assert [(r.request, r.start) for r in pool.memory().regions] == [("D", 0), ("B", 8), ("C", 16)]


def test_a_refusal_carries_what_was_needed_what_is_free_and_the_largest_hole():
    pool = ContiguousPool(20, 8, first_fit)
    for name in "AB":
        pool.admit(request(name), 3)
    pool.free(request("A"))
    pool.admit(request("C"), 3)
    with pytest.raises(NoRoom) as refusal:
        pool.admit(request("D"), 3)
    assert (refusal.value.needed, refusal.value.free, refusal.value.largest_hole) == (8, 4, 4)


def test_a_refusal_changes_nothing():
    pool = ContiguousPool(8, 8, first_fit)
    pool.admit(request("A"), 3)
    before = pool.memory()
    with pytest.raises(NoRoom):
        pool.admit(request("B"), 3)
    assert pool.memory() == before


def test_a_request_that_outgrows_a_region_is_too_large():
    pool = ContiguousPool(16, 8, first_fit)
    pool.check(request(prompt=5, output=4))
    with pytest.raises(TooLarge) as refusal:
        pool.check(request(prompt=6, output=4))
    assert (refusal.value.needed, refusal.value.capacity) == (9, 8)


def test_a_region_that_outgrows_the_pool_is_too_large():
    with pytest.raises(TooLarge) as refusal:
        ContiguousPool(7, 8, first_fit).check(request())
    assert (refusal.value.needed, refusal.value.capacity) == (8, 7)


def test_the_state_says_how_large_the_next_reservation_is():
    assert ContiguousPool(16, 8, first_fit).memory().ask == 8
