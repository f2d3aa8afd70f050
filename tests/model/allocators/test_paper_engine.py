"""The blocks of the SOSP 2023 engine: the paper's own examples, sharing and copying."""

import pytest

from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.beams import BeamSearch, Choice
from pagereel.model.core.events import BlockCopied, BlockFreed
from pagereel.model.core.state import Phase

from driving import ask, of, paper, step


def tables(lane):
    return {table.request: table.blocks for table in lane.snapshot().memory.tables}


def references(lane):
    return dict(lane.snapshot().memory.references)


@pytest.mark.parametrize("kind", ["paged", "paged/paper"])
def test_figure_6_a_prompt_of_seven_takes_blocks_7_and_1_and_the_second_decode_takes_3(kind):
    order = (7, 1, 3, 0, 2, 4, 5, 6, 8)
    lane = build(LaneSpec("right", kind, "Paged", 36, block_size=4, free_order=order))
    lane.submit(ask("A", 7, 4))

    step(lane)
    assert tables(lane) == {"A": (7, 1)}
    step(lane)
    assert tables(lane) == {"A": (7, 1)}, "the first decode fills the last slot of block 1"
    step(lane)
    assert tables(lane) == {"A": (7, 1, 3)}


def test_figure_8_the_first_writer_copies_and_the_last_sharer_writes_in_place():
    lane = paper(9, free_order=(7, 1, 3, 0, 2, 4, 5, 6, 8))
    lane.submit(ask("A", 7, 4, n=2))
    step(lane)
    assert tables(lane) == {"A1": (7, 1), "A2": (7, 1)}
    assert references(lane) == {7: 2, 1: 2}

    events = lane.schedule()

    assert of(BlockCopied, events) == [BlockCopied("A1", 1, source=1, target=3)]
    assert tables(lane) == {"A1": (7, 3), "A2": (7, 1)}
    assert references(lane) == {7: 2, 1: 1, 3: 1}


def test_rule_b9_two_samples_of_a_prompt_of_seven_use_three_blocks_and_one_copy():
    lane = paper(10)
    lane.submit(ask("A", 7, 2, n=2))
    step(lane)

    copies = of(BlockCopied, lane.schedule())

    assert len(copies) == 1
    assert len(references(lane)) == 3


def test_k_sharers_cost_one_copy_less_than_k():
    lane = paper(20)
    lane.submit(ask("A", 6, 3, n=4))
    step(lane)
    assert len(of(BlockCopied, step(lane))) == 3


def test_a_full_last_block_is_never_copied():
    lane = paper(20)
    lane.submit(ask("A", 8, 3, n=3))
    step(lane)
    assert of(BlockCopied, step(lane)) == []
    assert len(references(lane)) == 2 + 3


def test_the_stack_hands_out_the_highest_block_first_and_the_freed_block_next():
    lane = paper(8)
    lane.submit(ask("A", 8, 1))
    step(lane)
    assert lane.snapshot().memory.free[:3] == (6, 7, 5), "B8: freed front to back, so 6 is on top"


def test_sequences_of_a_group_end_at_their_own_lengths():
    lane = paper(20)
    lane.submit(ask("A", 4, 3, n=2, outputs=((1, 2, 3), (9,))))
    step(lane)
    assert [s.phase for s in lane.snapshot().sequences] == [Phase.RUNNING, Phase.FINISHED]
    assert list(tables(lane)) == ["A1"]
    step(lane)
    step(lane)
    assert lane.snapshot().request("A").phase is Phase.FINISHED
    assert lane.snapshot().sequences[0].output == (1, 2, 3)


def test_a_dropped_beam_gives_its_name_to_a_fork_of_a_surviving_one():
    search = BeamSearch(
        2,
        (
            (Choice(0, 1, -0.1), Choice(0, 2, -0.2)),
            (Choice(0, 3, -0.1), Choice(0, 4, -0.2), Choice(1, 5, -3.0)),
        ),
    )
    lane = paper(20)
    lane.submit(ask("A", 4, 3, beam=search))
    step(lane)
    assert [s.output for s in lane.snapshot().sequences] == [(1,), (2,)]

    events = step(lane)

    first, second = lane.snapshot().sequences
    assert (first.output, second.output) == ((1, 3), (1, 4))
    assert second.score == pytest.approx(-0.3)
    assert tables(lane)["A1"] == tables(lane)["A2"]
    assert [event.request for event in of(BlockFreed, events)] == ["A2", "A2"]
