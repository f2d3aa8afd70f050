"""The two caches of transformers: preallocated rows, and tensors that grow by copying."""

import pytest

from pagereel.model.core.events import (
    Admitted,
    OutOfMemory,
    RegionFreed,
    RegionMoved,
    RegionReserved,
)
from pagereel.model.core.lane import GroupNotServed
from pagereel.model.core.state import Phase
from pagereel.model.usage.occupancy import Split, split

from driving import ask, contiguous, of, regions, step


def test_a_static_row_is_held_until_the_whole_batch_ends():
    lane = contiguous("contiguous/static", 40, max_len=16, options=(("max_batch", 2),))
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
    lane = contiguous("contiguous/static", 32, max_len=16)
    lane.submit(ask("A", 4, 1))
    lane.submit(ask("B", 4, 9))
    step(lane)
    assert len(of(RegionFreed, lane.abort("B"))) == 2
    assert regions(lane) == {}
    with pytest.raises(KeyError):
        lane.abort("B")


def test_a_dynamic_cache_holds_old_and_new_tensor_during_the_copy():
    lane = contiguous("contiguous/dynamic", 20)
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
    lane = contiguous("contiguous/dynamic", 20)
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
        contiguous(kind, 64, max_len=16).submit(ask("A", 4, 2, n=2))


def test_nobody_joins_a_static_batch_that_runs():
    lane = contiguous("contiguous/static", 48, max_len=16)
    lane.submit(ask("A", 4, 3))
    step(lane)
    lane.submit(ask("B", 4, 3))
    step(lane)
    assert (lane.snapshot().running, lane.snapshot().waiting) == (("A",), ("B",))


def test_a_static_cache_without_a_length_is_a_mistake():
    with pytest.raises(ValueError, match="needs a max_len, not 0"):
        contiguous("contiguous/static", 48)
