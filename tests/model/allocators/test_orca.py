"""The Orca baselines of the paper: what each asks for, gets, and wastes."""

import pytest

from pagereel.model.core.beams import BeamSearch, Choice
from pagereel.model.core.events import Refused, RegionCopied, RegionReserved
from pagereel.model.core.lane import TooLarge
from pagereel.model.usage.occupancy import (
    FreeRun,
    RegionSplit,
    Split,
    free_runs,
    split,
    split_region,
)

from driving import ask, contiguous, of, regions, step


def test_max_leaves_a_free_tail_of_8_9_percent_on_the_papers_pool():
    lane = contiguous("contiguous/max", 15_728, max_len=2048)
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
    lane = contiguous(f"contiguous/{kind}", 128, block_size=4, max_len=64)
    lane.submit(ask("A", 7, 25))
    lane.schedule()
    (region,) = lane.snapshot().memory.regions
    assert (region.asked, region.size) == (asked, size)


def test_the_four_parts_of_a_pow2_chunk_are_told_apart():
    lane = contiguous("contiguous/pow2", 64, block_size=4, max_len=64)
    lane.submit(ask("A", 7, 25))
    lane.schedule()
    # 39 asked for, of which 7 + 25 - 1 will ever be stored; the chunk is 64
    assert split(lane.snapshot()) == Split(
        stored=7, reserved=24, internal=8, external=25, cached=0, free=0
    )


def test_free_chunks_below_what_the_head_asks_are_of_no_use():
    lane = contiguous("contiguous/oracle", 44, block_size=4, max_len=32)
    lane.submit(ask("A", 8, 8))
    lane.submit(ask("B", 20, 8))
    lane.schedule()
    state = lane.snapshot()
    assert state.memory.chunks == ((16, 16), (32, 8), (40, 4))
    assert split(state).external == 28
    assert state.request("B").refusals == 1


@pytest.mark.parametrize(("kind", "external"), [("max", 12), ("pow2", 0), ("oracle", 0)])
def test_what_no_request_could_ever_use_is_external_even_with_an_empty_queue(kind, external):
    lane = contiguous(f"contiguous/{kind}", 28, block_size=4, max_len=16)
    assert split(lane.snapshot()).external == external


def test_an_orca_group_waits_for_all_its_chunks_and_copies_its_prompt_into_each():
    lane = contiguous("contiguous/max", 48, block_size=4, max_len=16)
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
    lane = contiguous("contiguous/max", 32, block_size=4, max_len=16)
    lane.submit(ask("A", 5, 3, beam=search))
    step(lane)
    assert of(RegionCopied, step(lane)) == [RegionCopied("A2", "A1", 16, 0, entries=6)]


def test_sequences_of_an_orca_group_give_their_chunks_back_one_by_one():
    lane = contiguous("contiguous/oracle", 64, block_size=4, max_len=16)
    lane.submit(ask("A", 4, 3, n=2, outputs=((1, 2, 3), (9,))))
    step(lane)
    assert list(regions(lane)) == ["A1"]
    for _ in range(2):
        step(lane)
    assert lane.snapshot().memory.regions == ()


def test_what_outgrows_the_maximum_or_the_pool_is_too_large():
    with pytest.raises(TooLarge):
        contiguous("contiguous/oracle", 64, block_size=4, max_len=16).submit(ask("A", 10, 8))
    with pytest.raises(TooLarge):
        contiguous("contiguous/max", 40, block_size=4, max_len=16).submit(ask("A", 1, 1, n=3))
    with pytest.raises(ValueError, match="no power of two"):
        contiguous("contiguous/max", 64, block_size=4, max_len=24)


def test_the_parts_of_a_chunk_and_of_the_free_chunks_are_told_in_address_order():
    lane = contiguous("contiguous/pow2", 112, block_size=4, max_len=64)
    lane.submit(ask("A", 7, 25))
    lane.submit(ask("B", 20, 30))
    lane.schedule()
    state = lane.snapshot()
    (region,) = state.memory.regions
    assert split_region(region, state.holder("A")) == RegionSplit(7, 24, 8, 25)
    assert free_runs(state.memory, state.capacity) == (FreeRun(64, 32, 32), FreeRun(96, 16, 16))
