"""Requests with limits of their own: what is reserved, what is left, and who still fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.allocators.contiguous.placement import PLACEMENTS
from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import Admitted, Refused
from pagereel.model.core.lane import TooLarge
from pagereel.model.usage.occupancy import Hole, free_holes, largest_room, next_need, split

from driving import ask, contiguous, of, regions, step


def test_a_request_reserves_its_prompt_and_what_its_client_allows():
    lane = contiguous("contiguous", 40, max_len=16)
    for request in (ask("A", 3, 2, max_tokens=5), ask("B", 3, 2), ask("C", 9, 2, max_tokens=99)):
        lane.submit(request)
    step(lane)
    assert regions(lane) == {"A": (0, 8), "B": (8, 16), "C": (24, 16)}


def test_figure_3_of_the_paper_is_two_requests_with_limits():
    lane = contiguous("contiguous", 2560, max_len=2048)
    lane.submit(ask("A", 7, 4, max_tokens=2041))
    lane.submit(ask("B", 3, 3, max_tokens=509))
    step(lane)
    step(lane)
    parts = split(lane.snapshot())
    assert regions(lane) == {"A": (0, 2048), "B": (2048, 512)}
    assert (parts.stored, parts.reserved, parts.internal) == (8 + 4, 2 + 1, 2038 + 507)


def test_a_request_may_not_answer_more_than_it_asks_for():
    with pytest.raises(ValueError, match="answers 6 of at most 5"):
        ask("A", 3, 6, max_tokens=5)


def test_a_limit_that_outgrows_the_pool_is_too_large_and_a_small_one_is_not():
    lane = contiguous("contiguous", 16, max_len=32)
    lane.submit(ask("A", 3, 2, max_tokens=13))
    with pytest.raises(TooLarge) as refusal:
        lane.submit(ask("B", 3, 2, max_tokens=14))
    assert (refusal.value.needed, refusal.value.capacity) == (17, 16)


@pytest.mark.parametrize("placement", ["first-fit", "best-fit"])
def test_a_request_is_refused_that_the_holes_together_would_hold(placement):
    lane = contiguous("contiguous", 32, max_len=32, placement=placement)
    for request, length in zip("ABCD", (1, 4, 1, 4), strict=True):
        lane.submit(ask(request, 4, length, max_tokens=4))
    step(lane)
    lane.submit(ask("E", 8, 2, max_tokens=4))
    refused = of(Refused, step(lane))
    assert refused == [Refused("E", needed=12, free=16, largest_hole=8)]
    state = lane.snapshot()
    assert free_holes(state) == (Hole(0, 8), Hole(16, 8))
    assert split(state).external == 16, "all of it: nobody overtakes the head of the queue"
    assert (largest_room(state), next_need(state).slots) == (8, 12)


def test_the_same_request_runs_where_blocks_may_lie_apart():
    lane = build(LaneSpec("x", "paged", "X", 32, block_size=4))
    for request, length in zip("ABCD", (1, 4, 1, 4), strict=True):
        lane.submit(ask(request, 7, length, max_tokens=4))
    step(lane)
    lane.submit(ask("E", 12, 2, max_tokens=4))
    state = lane.snapshot()
    assert free_holes(state) == tuple(Hole(4 * block, 4) for block in (0, 1, 4, 5))
    assert (largest_room(state), next_need(state).slots) == (16, 12)
    assert [event.request for event in of(Admitted, step(lane))] == ["E"]


def test_free_chunks_that_touch_are_no_room_unless_they_are_buddies():
    lane = contiguous("contiguous/oracle", 32, block_size=4, max_len=32)
    for request, prompt in zip("ABCD", (3, 7, 7, 3), strict=True):
        lane.submit(ask(request, prompt, 8 - prompt))
    step(lane)
    lane.submit(ask("E", 9, 7))
    assert of(Refused, step(lane)) == [Refused("E", needed=16, free=16, largest_hole=8)]
    assert free_holes(lane.snapshot()) == (Hole(8, 8), Hole(16, 8))


@pytest.mark.parametrize("arrived", [False, True])
def test_what_the_next_request_can_use_is_not_external(arrived):
    lane = contiguous("contiguous", 32, max_len=32)
    lane.submit(ask("A", 4, 9, max_tokens=9))
    step(lane)
    if arrived:
        lane.submit(ask("B", 4, 2, max_tokens=6))
    assert split(lane.snapshot()).external == 0, "19 slots are more than B asks for"


def test_nobody_knows_what_comes_next_once_requests_differ():
    lane = contiguous("contiguous", 20, max_len=8)
    assert split(lane.snapshot()).external == 4, "as long as all ask alike, the rest is lost"
    lane.submit(ask("A", 2, 2, max_tokens=2))
    step(lane)
    assert (split(lane.snapshot()).external, lane.snapshot().memory.ask) == (0, None)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(0, 9)), max_size=12))
def test_a_refused_head_fits_no_hole_and_everything_free_is_external(sizes):
    lane = contiguous("contiguous", 40, max_len=30)
    for i, (prompt, length, spare) in enumerate(sizes):
        lane.submit(ask(f"r{i}", prompt, length, max_tokens=length + spare))
    for _ in range(8):
        refused = of(Refused, lane.schedule())
        state = lane.snapshot()
        assert bool(refused) == bool(state.waiting)
        if refused:
            assert next_need(state).slots > largest_room(state)
            assert split(state).free == 0
        lane.update()


@pytest.mark.parametrize(
    ("sizes", "placement"), [((8, 12), "best-fit"), ((20, 22, 5), "first-fit")]
)
def test_neither_placement_is_better_with_every_order_of_sizes(sizes, placement):
    found = (Hole(0, 12), Hole(20, 8)) if sum(sizes) == 20 else (Hole(0, 26), Hole(30, 24))

    def fits(place):
        left = list(found)
        for size in sizes:
            hole = place(tuple(left), size)
            if hole is None:
                return False
            left[left.index(hole)] = Hole(hole.start + size, hole.size - size)
        return True

    assert {name for name, place in PLACEMENTS.items() if fits(place)} == {placement}
