"""Contiguous lanes: placement, the Orca baselines' chunks, and the two transformers caches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.beams import BeamSearch, Choice
from model.contiguous.buddy import BuddyAllocator, power_of_two
from model.contiguous.placement import Hole, best_fit, first_fit
from model.events import (
    Admitted,
    OutOfMemory,
    Refused,
    RegionCopied,
    RegionFreed,
    RegionMoved,
    RegionReserved,
)
from model.lane import GroupNotServed, TooLarge
from model.lanes import LaneSpec, build
from model.laws import uphold
from model.request import Request
from model.state import Phase
from model.waste import Split, split


def lane_of(kind, slots, **more):
    return build(LaneSpec("left", kind, "Contiguous", slots, **more))


def ask(name, prompt, output, **more):
    return Request(name, range(prompt), range(100, 100 + output), **more)


def step(lane):
    events = lane.schedule()
    uphold(lane.snapshot())
    events += lane.update()
    uphold(lane.snapshot())
    return events


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def regions(lane):
    return {r.request: (r.start, r.size) for r in lane.snapshot().memory.regions}


def test_first_fit_takes_the_first_hole_and_best_fit_the_tightest():
    holes = (Hole(0, 9), Hole(20, 5), Hole(30, 5), Hole(40, 8))
    assert first_fit(holes, 5) == Hole(0, 9)
    assert best_fit(holes, 5) == Hole(20, 5)
    assert best_fit(holes, 6) == Hole(40, 8)
    assert first_fit(holes, 10) is None
    assert best_fit(holes, 10) is None


@pytest.mark.parametrize(("placement", "start"), [("first-fit", 0), ("best-fit", 30)])
def test_a_reservation_goes_where_the_placement_says(placement, start):
    lane = lane_of("contiguous", 59, max_len=10, placement=placement)
    for name, length in zip("ABCDE", (1, 1, 9, 1, 9), strict=True):
        lane.submit(ask(name, 2, length))
    step(lane)
    assert regions(lane) == {"C": (20, 10), "E": (40, 10)}
    lane.submit(ask("F", 2, 1))
    lane.schedule()
    assert regions(lane)["F"] == (start, 10)


@pytest.mark.parametrize(("placement", "start"), [("first-fit", 3), ("best-fit", 10)])
def test_a_growing_tensor_moves_to_the_hole_that_the_placement_chooses(placement, start):
    lane = lane_of("contiguous/dynamic", 30, placement=placement)
    lane.submit(ask("A", 3, 3))
    lane.submit(ask("B", 6, 1))
    lane.submit(ask("C", 1, 3))
    lane.submit(ask("D", 4, 1))
    lane.submit(ask("E", 10, 2))
    step(lane)
    moved = of(RegionMoved, lane.schedule())
    assert moved[0] == RegionMoved("A", source=0, target=start, entries=3)


def test_rule_o10_a_buddy_allocator_splits_and_restores_eleven_blocks():
    buddies = BuddyAllocator(11, largest=8)
    start = buddies.chunks
    assert start == ((0, 8), (8, 2), (10, 1))

    sizes = [power_of_two(blocks) for blocks in (3, 1, 2)]
    starts = [buddies.allocate(size) for size in sizes]

    assert starts == [0, 10, 8]
    assert buddies.chunks == ((4, 4),)
    for first, size in zip(starts, sizes, strict=True):
        buddies.free(first, size)
    assert buddies.chunks == start


@given(
    st.integers(1, 200),
    st.integers(0, 6),
    st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=60),
)
def test_a_buddy_allocator_never_overlaps_and_freeing_all_restores_the_start(count, power, moves):
    buddies = BuddyAllocator(count, largest=2**power)
    start = buddies.chunks
    held = []
    for release, choice in moves:
        if release and held:
            buddies.free(*held.pop(choice % len(held)))
        elif buddies.can_allocate([size := 2 ** min(choice, power)]):
            held.append((buddies.allocate(size), size))
        tiles = sorted([*held, *buddies.chunks])
        assert all(first % size == 0 for first, size in tiles), "every chunk is aligned"
        ends = [first + size for first, size in tiles]
        assert [first for first, _ in tiles] == [0, *ends[:-1]]
        assert ends[-1] == count
    for chunk in held:
        buddies.free(*chunk)
    assert buddies.chunks == start


@given(st.integers(1, 40), st.lists(st.sampled_from([1, 2, 4, 8]), min_size=1, max_size=8))
def test_chunks_can_be_had_at_once_exactly_if_one_after_the_other_can(count, sizes):
    asked, taken = BuddyAllocator(count, 8), BuddyAllocator(count, 8)
    possible = True
    for size in sizes:
        possible = possible and taken.can_allocate([size])
        if possible:
            taken.allocate(size)
    assert asked.can_allocate(sizes) is possible


def test_max_leaves_a_free_tail_of_8_9_percent_on_the_papers_pool():
    lane = lane_of("contiguous/max", 15_728, max_len=2048)
    for number in range(9):
        lane.submit(ask(f"r{number}", 100, 300))
    step(lane)
    parts = split(lane.snapshot())
    assert len(lane.snapshot().running) == 7
    assert parts.external == 15_728 - 7 * 2048
    assert round(100 * parts.external / 15_728, 1) == 8.9


@pytest.mark.parametrize(
    ("kind", "asked", "size"),
    [("max", 64, 64), ("pow2", 7 + 32, 64), ("oracle", 7 + 25, 32)],
)
def test_each_baseline_asks_for_its_own_and_gets_a_power_of_two_of_blocks(kind, asked, size):
    lane = lane_of(f"contiguous/{kind}", 128, block_size=4, max_len=64)
    lane.submit(ask("A", 7, 25))
    lane.schedule()
    (region,) = lane.snapshot().memory.regions
    assert (region.asked, region.size) == (asked, size)


def test_the_four_parts_of_a_pow2_chunk_are_told_apart():
    lane = lane_of("contiguous/pow2", 64, block_size=4, max_len=64)
    lane.submit(ask("A", 7, 25))
    lane.schedule()
    # 39 asked for, of which 7 + 25 - 1 will ever be stored; the chunk is 64
    assert split(lane.snapshot()) == Split(
        stored=7, reserved=24, internal=8, external=25, cached=0, free=0
    )


def test_free_chunks_below_what_the_head_asks_are_of_no_use():
    lane = lane_of("contiguous/oracle", 44, block_size=4, max_len=32)
    lane.submit(ask("A", 8, 8))
    lane.submit(ask("B", 20, 8))
    lane.schedule()
    state = lane.snapshot()
    assert state.memory.chunks == ((16, 16), (32, 8), (40, 4))
    assert split(state).external == 28
    assert state.request("B").refusals == 1


@pytest.mark.parametrize(("kind", "external"), [("max", 12), ("pow2", 0), ("oracle", 0)])
def test_what_no_request_could_ever_use_is_external_even_with_an_empty_queue(kind, external):
    lane = lane_of(f"contiguous/{kind}", 28, block_size=4, max_len=16)
    assert split(lane.snapshot()).external == external


def test_an_orca_group_waits_for_all_its_chunks_and_copies_its_prompt_into_each():
    lane = lane_of("contiguous/max", 48, block_size=4, max_len=16)
    lane.submit(ask("A", 5, 4, n=2))
    lane.submit(ask("B", 5, 4, n=2))
    events = lane.schedule()
    assert of(RegionReserved, events) == [
        RegionReserved("A1", 32, 16),
        RegionReserved("A2", 16, 16),
    ]
    assert of(RegionCopied, events) == [RegionCopied("A2", "A1", 32, 16, entries=5)]
    assert of(Refused, events) == [Refused("B", needed=32, free=16, largest_hole=16)]
    assert split(lane.snapshot()).stored == 10


def test_an_orca_beam_that_is_dropped_gets_a_copy_of_its_new_parent():
    search = BeamSearch(
        2,
        (
            (Choice(0, 1, -0.1), Choice(0, 2, -0.2)),
            (Choice(0, 3, -0.1), Choice(0, 4, -0.2), Choice(1, 5, -3.0)),
        ),
    )
    lane = lane_of("contiguous/max", 32, block_size=4, max_len=16)
    lane.submit(ask("A", 5, 3, beam=search))
    step(lane)
    assert of(RegionCopied, step(lane)) == [RegionCopied("A2", "A1", 16, 0, entries=6)]


def test_sequences_of_an_orca_group_give_their_chunks_back_one_by_one():
    lane = lane_of("contiguous/oracle", 64, block_size=4, max_len=16)
    lane.submit(ask("A", 4, 3, n=2, outputs=((1, 2, 3), (9,))))
    step(lane)
    assert list(regions(lane)) == ["A1"]
    for _ in range(2):
        step(lane)
    assert lane.snapshot().memory.regions == ()


def test_what_outgrows_the_maximum_or_the_pool_is_too_large():
    with pytest.raises(TooLarge):
        lane_of("contiguous/oracle", 64, block_size=4, max_len=16).submit(ask("A", 10, 8))
    with pytest.raises(TooLarge):
        lane_of("contiguous/max", 40, block_size=4, max_len=16).submit(ask("A", 1, 1, n=3))
    with pytest.raises(ValueError, match="no power of two"):
        lane_of("contiguous/max", 64, block_size=4, max_len=24)


def test_a_static_row_is_held_until_the_whole_batch_ends():
    lane = lane_of("contiguous/static", 40, max_len=16, options=(("max_batch", 2),))
    lane.submit(ask("A", 4, 2))
    lane.submit(ask("B", 4, 4))
    lane.submit(ask("C", 4, 1))
    for _ in range(3):
        assert of(RegionFreed, step(lane)) == []
    state = lane.snapshot()
    assert state.request("A").phase is Phase.FINISHED
    assert regions(lane) == {"A": (0, 16), "B": (16, 16)}
    # A's row is wasted now; B holds 6 of the 7 entries it will have; 8 slots are no row
    assert split(state) == Split(
        stored=6, reserved=1, internal=9 + 16, external=8, cached=0, free=0
    )
    assert len(of(RegionFreed, step(lane))) == 2
    assert of(Admitted, step(lane)) == [Admitted("C")]


def test_a_static_batch_ends_when_its_last_request_is_aborted():
    lane = lane_of("contiguous/static", 32, max_len=16)
    lane.submit(ask("A", 4, 1))
    lane.submit(ask("B", 4, 9))
    step(lane)
    assert len(of(RegionFreed, lane.abort("B"))) == 2
    assert regions(lane) == {}
    with pytest.raises(KeyError):
        lane.abort("B")


def test_a_dynamic_cache_holds_old_and_new_tensor_during_the_copy():
    lane = lane_of("contiguous/dynamic", 20)
    lane.submit(ask("A", 6, 3))
    step(lane)
    assert split(lane.snapshot()) == Split(6, 0, 0, 0, 0, 14)
    events = lane.schedule()
    assert events[:3] == (
        RegionReserved("A", 6, 7),
        RegionMoved("A", source=0, target=6, entries=6),
        RegionFreed("A", 0, 6),
    )
    assert lane.snapshot().memory.peak == 6 + 7


def test_a_dynamic_request_that_cannot_be_copied_is_lost():
    lane = lane_of("contiguous/dynamic", 20)
    lane.submit(ask("A", 7, 4))
    lane.submit(ask("B", 6, 2))
    step(lane)
    events = step(lane)
    assert of(OutOfMemory, events) == [OutOfMemory("A", needed=8, free=7, largest_hole=7)]
    state = lane.snapshot()
    assert state.request("A").phase is Phase.ABORTED
    assert state.request("B").phase is Phase.FINISHED


@pytest.mark.parametrize("kind", ["contiguous", "contiguous/static", "contiguous/dynamic"])
def test_lanes_of_single_sequences_refuse_groups(kind):
    with pytest.raises(GroupNotServed, match="asks for 2 sequences"):
        lane_of(kind, 64, max_len=16).submit(ask("A", 4, 2, n=2))
