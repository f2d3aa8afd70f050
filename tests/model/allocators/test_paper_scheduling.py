"""The queues of the SOSP 2023 engine: admission, preemption, swapping."""

import pytest

from pagereel.model.allocators.paper.settings import SwapFull
from pagereel.model.core.events import (
    BlockSwappedIn,
    BlockSwappedOut,
    Preempted,
    Recovery,
    Refused,
    SwappedIn,
)
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.state import Phase
from pagereel.model.usage.laws import uphold

from driving import ask, of, paper, step


def test_admission_leaves_the_watermark_free():
    lane = paper(100, watermark=0.05)
    lane.submit(ask("A", 4 * 95, 1))
    lane.submit(ask("B", 4, 1))
    events = lane.schedule()
    assert of(Refused, events) == [Refused("B", needed=24, free=20, largest_hole=20)]
    assert lane.snapshot().request("B").refusals == 1


def test_a_step_stops_admitting_at_the_token_budget_and_at_the_number_of_sequences():
    lane = paper(100, max_num_batched_tokens=20)
    lane.submit(ask("A", 12, 3))
    lane.submit(ask("B", 9, 3))
    lane.schedule()
    assert lane.snapshot().running == ("A",)

    lane = paper(100, max_num_seqs=3)
    lane.submit(ask("A", 4, 3, n=2))
    lane.submit(ask("B", 4, 3, n=2))
    lane.schedule()
    assert lane.snapshot().running == ("A",)


def test_a_lone_sequence_is_preempted_by_recompute_and_the_youngest_goes_first():
    lane = paper(6, watermark=0)
    for name in "AB":
        lane.submit(ask(name, 11, 6))
    seen = []
    for _ in range(20):
        seen += of(Preempted, step(lane))
    assert seen == [Preempted("B", Recovery.RECOMPUTE, 3)]
    assert all(request.phase is Phase.FINISHED for request in lane.snapshot().requests)


def test_a_group_is_swapped_out_whole_and_comes_back_with_its_sharing():
    lane = paper(9, watermark=0)
    lane.submit(ask("A", 8, 10))
    lane.submit(ask("B", 7, 5, n=2))
    events, swapped_states = [], []
    for _ in range(20):
        events += step(lane)
        if lane.snapshot().swapped:
            swapped_states.append(lane.snapshot())
    out, back = of(BlockSwappedOut, events), of(BlockSwappedIn, events)
    assert of(Preempted, events) == [Preempted("B", Recovery.SWAP, len(out))]
    assert of(SwappedIn, events) == [SwappedIn("B", len(back))]
    assert len(out) == len(back) == len({event.source for event in out}), "each block moves once"
    swap = swapped_states[0].memory.swap
    assert {table.request for table in swap.tables} == {"B1", "B2"}
    assert 2 in dict(swap.references).values(), "the prompt's block is shared on the CPU too"
    assert all(request.phase is Phase.FINISHED for request in lane.snapshot().requests)


@pytest.mark.parametrize(("watermark", "back"), [(0, 4), (0.125, 4), (0.19, 8)])
def test_a_swapped_group_comes_back_only_if_it_leaves_the_watermark_free(watermark, back):
    # B needs the 6 blocks it left with and one for each sequence. At step 4 A holds 6 of 16, so
    # that 2 would stay free (a watermark of 0 or 2, but not 3); after step 7 A has ended.
    lane = paper(16, block_size=1, watermark=watermark)
    lane.submit(ask("A", 2, 8))
    lane.submit(ask("C", 2, 4))
    lane.submit(ask("B", 2, 4, n=2))
    assert [number for number in range(12) if of(SwappedIn, step(lane))] == [back]


def test_a_recomputed_request_goes_before_all_others_that_wait():
    lane = paper(6, watermark=0, max_num_seqs=2)
    for name in "ABC":
        lane.submit(ask(name, 11, 6))
    while not of(Preempted, step(lane)):
        pass
    assert lane.snapshot().waiting == ("B", "C")


def test_a_group_with_one_sequence_left_is_recomputed():
    lane = paper(7, watermark=0)
    lane.submit(ask("A", 11, 12))
    lane.submit(ask("B", 7, 9, n=2, outputs=(range(9), (1,))))
    while not (preempted := of(Preempted, step(lane))):
        pass
    assert [event.recovery for event in preempted] == [Recovery.RECOMPUTE]


def test_swapped_groups_are_kept_oldest_first():
    lane = paper(12, block_size=1, watermark=0, swap_blocks=40)
    for name in "ABCDE":
        lane.submit(ask(name, 2, 6, n=2))
    while len(lane.snapshot().swapped) < 3:
        lane.schedule()
        lane.update()
    assert lane.snapshot().swapped == ("C", "D", "E")


def test_running_sequences_use_up_the_token_budget():
    lane = paper(100, max_num_batched_tokens=12)
    lane.submit(ask("A", 4, 5, n=3))
    lane.submit(ask("B", 10, 2))
    lane.submit(ask("C", 9, 2))
    step(lane)
    step(lane)
    assert lane.snapshot().running == ("A",), "3 of 12 tokens are A's, so 10 do not fit"


def test_nothing_is_admitted_while_a_group_is_swapped():
    lane = paper(9, watermark=0)
    lane.submit(ask("A", 8, 10))
    lane.submit(ask("B", 7, 5, n=2))
    for _ in range(30):
        step(lane)
        if lane.snapshot().swapped:
            break
    lane.submit(ask("C", 1, 1))
    lane.schedule()
    assert lane.snapshot().swapped == ("B",)
    assert lane.snapshot().waiting == ("C",)


def test_the_engine_fails_where_the_cpu_pool_is_too_small():
    lane = paper(9, watermark=0, swap_blocks=1)
    lane.submit(ask("A", 8, 10))
    lane.submit(ask("B", 7, 5, n=2))
    with pytest.raises(SwapFull, match="swapping out B needs"):
        for _ in range(20):
            step(lane)


def test_groups_that_go_on_growing_can_overflow_a_cpu_pool_as_large_as_the_gpus():
    # Swapped out one after the other, and each larger than the one before: 2, 2, 4 and 6 blocks.
    lane = paper(12, block_size=1, watermark=0)
    for name in "ABCDE":
        lane.submit(ask(name, 2, 6, n=2))
    with pytest.raises(SwapFull, match="swapping out B needs 6 CPU blocks, 4 are free"):
        for _ in range(5):
            step(lane)


def test_a_group_that_could_not_finish_alone_is_too_large():
    with pytest.raises(TooLarge):
        paper(8, watermark=0).submit(ask("A", 8, 9, n=3))
    with pytest.raises(TooLarge):
        paper(100, max_num_batched_tokens=16).submit(ask("A", 16, 2))


def test_an_abort_frees_a_request_wherever_it_is():
    lane = paper(9, watermark=0)
    lane.submit(ask("A", 8, 10))
    lane.submit(ask("B", 7, 5, n=2))
    while not lane.snapshot().swapped:
        step(lane)
    lane.submit(ask("C", 1, 1))
    for name in "BCA":
        lane.abort(name)
        uphold(lane.snapshot())
    memory = lane.snapshot().memory
    assert len(memory.free) == 9
    assert len(memory.swap.free) == 9
    with pytest.raises(KeyError):
        lane.abort("A")
