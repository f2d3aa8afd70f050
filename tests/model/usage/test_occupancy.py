"""Where every slot is: the parts of a split are worked out by hand, and add up to the capacity."""

from dataclasses import replace

from pagereel.model.core.state import (
    BlockTable,
    ContiguousMemory,
    LaneState,
    PagedMemory,
    Phase,
    Region,
    RequestState,
)
from pagereel.model.usage.occupancy import Split, split


def request(name, computed, final, phase=Phase.RUNNING):
    return RequestState(name, phase, prompt=1, sampled=0, computed=computed, final=final)


def state(memory, *requests, capacity=20):
    running = tuple(r.id for r in requests if r.phase is Phase.RUNNING)
    return LaneState(capacity, requests, running, (), memory)


PAGED = PagedMemory(
    block_size=4,
    blocks=(0, 1, 2, 3, 4),
    tables=(BlockTable("A", (3, 0)),),
    free=(1, 2, 4),
    references=((0, 1), (3, 1)),
)


def test_an_empty_lane_is_free():
    assert split(state(ContiguousMemory((), ask=8))) == Split(0, 0, 0, 4, 0, 16)
    assert split(state(ContiguousMemory(()))) == Split(0, 0, 0, 0, 0, 20)


def test_a_region_is_stored_then_reserved_then_never_used():
    memory = ContiguousMemory((Region("A", 0, 12, 12),))
    assert split(state(memory, request("A", 3, 5))) == Split(3, 2, 7, 0, 0, 8)


def test_a_hole_is_external_as_far_as_no_reservation_fits():
    memory = ContiguousMemory((Region("A", 0, 8, 8), Region("B", 11, 8, 8)), ask=8)
    parts = split(state(memory, request("A", 8, 8), request("B", 8, 8), capacity=30))
    assert parts == Split(16, 0, 0, 3 + 3, 0, 8)


def test_the_rest_of_a_held_block_is_internal():
    assert split(state(PAGED, request("A", 5, 9))) == Split(5, 0, 3, 0, 0, 12)


def test_a_shared_block_counts_once():
    memory = replace(
        PAGED,
        tables=(BlockTable("A", (3, 0)), BlockTable("B", (3, 1))),
        free=(2, 4),
        references=((0, 1), (1, 1), (3, 2)),
    )
    parts = split(state(memory, request("A", 6, 9), request("B", 5, 9)))
    assert parts == Split(4 + 2 + 1, 0, 2 + 3, 0, 0, 8)


def test_a_free_block_that_can_be_hit_is_cached_and_a_held_one_is_not():
    memory = replace(PAGED, cached=((1, "key"), (3, "other")))
    assert split(state(memory, request("A", 5, 9))) == Split(5, 0, 3, 0, 4, 8)


def test_the_null_block_holds_nothing():
    memory = replace(PAGED, tables=(BlockTable("A", (9, 0)),), free=(1, 2, 3, 4), null_block=9)
    memory = replace(memory, references=((0, 1),))
    assert split(state(memory, request("A", 6, 9))) == Split(2, 0, 2, 0, 0, 16)


def test_the_parts_of_figure_3_of_the_paper():
    memory = ContiguousMemory((Region("A", 0, 2048, 2048), Region("B", 2048, 512, 512)))
    first, second = request("A", 8, 10), request("B", 3, 5)
    parts = split(state(memory, first, second, capacity=2560))
    assert (parts.stored, parts.reserved, parts.internal) == (11, 2 + 2, 2038 + 507)
