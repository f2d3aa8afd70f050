"""Requests that are groups: their names, their beams, and what their sharing saves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.allocators.groups import NameTaken
from pagereel.model.allocators.kinds import KINDS, REPLAYED, build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.options import BadOptions
from pagereel.model.core.beams import BeamSearch, Choice, advance, first, seeded_choices
from pagereel.model.core.request import Request
from pagereel.model.usage.occupancy import Sharing, sharing, split


def paper(slots=80):
    return build(LaneSpec("right", "paged/paper", "Paged", slots, block_size=4))


@pytest.mark.parametrize(
    ("name", "n", "names"),
    [("A", 1, ("A",)), ("A", 2, ("A1", "A2")), ("r7", 2, ("r7.1", "r7.2")), ("", 2, ("1", "2"))],
)
def test_sequences_are_called_after_their_request(name, n, names):
    assert Request(name, (1,), (2,), n=n).sequence_ids == names


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n": 0}, "asks for n = 0"),
        ({"n": 2, "beam": BeamSearch(2)}, "asks for n = 2"),
        ({"n": 2, "outputs": ((1,),)}, "has 1 outputs, n = 2"),
        ({"n": 2, "outputs": ((1,), ())}, "has an empty output"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Request(**{"id": "A", "prompt": (1,), "output": (2,), **wrong})


def test_two_sequences_cannot_have_the_same_name():
    lane = paper()
    lane.submit(Request("A1", (1,), (2,)))
    with pytest.raises(NameTaken, match="would be A1"):
        lane.submit(Request("A", (1,), (2,), n=2))
    lane.submit(Request("B", (1,), (2,), n=2))
    with pytest.raises(NameTaken):
        lane.submit(Request("B", (1,), (2,)))


def test_the_longest_output_decides_how_many_entries_a_group_ends_with():
    assert Request("A", range(7), (1,), n=2, outputs=((1,), (1, 2, 3))).final_entries == 9


@pytest.mark.parametrize(
    ("width", "steps", "message"),
    [
        (1, (), "at least two beams, not 1"),
        (2, ((Choice(0, 1, -1.0),),), "step 0 offers 1 choices to 2 beams"),
        (2, ((Choice(0, 1, -1.0), Choice(1, 2, -1.0)),), "step 0 names a beam that is not in 0"),
    ],
)
def test_a_beam_search_that_makes_no_sense_is_refused(width, steps, message):
    with pytest.raises(ValueError, match=message):
        BeamSearch(width, steps)


def test_discarded_beams_pop_the_further_candidates_of_others_last_first():
    # Best four, in order: (2, t1), (2, t2), (2, t3), (1, t4); beams 0 and 3 are discarded.
    choices = [Choice(2, 1, -0.1), Choice(2, 2, -0.2), Choice(2, 3, -0.3), Choice(1, 4, -0.4)]
    choices += [Choice(0, 9, -5.0), Choice(3, 9, -5.0)]
    steps = advance([0.0] * 4, choices)
    assert [(step.parent, step.token) for step in steps] == [(2, 3), (1, 4), (2, 1), (2, 2)]


@given(st.integers(2, 5), st.integers(0, 99), st.integers(1, 9))
def test_the_best_candidates_go_on_and_survivors_keep_their_best(width, seed, step):
    scores = [-0.5 * beam for beam in range(width)]
    choices = seeded_choices(seed, step, width, width)
    steps = advance(scores, choices)
    ranked = sorted((scores[c.beam] + c.logprob for c in choices), reverse=True)
    assert sorted((step.score for step in steps), reverse=True) == ranked[:width]
    survivors = {step.parent for step in steps}
    for beam in survivors:
        own = [step.score for step in steps if step.parent == beam]
        assert steps[beam].parent == beam
        assert steps[beam].score == max(own)


@given(st.integers(2, 6), st.integers(0, 99))
def test_the_first_tokens_are_the_best_of_the_one_prompt(width, seed):
    choices = seeded_choices(seed, 0, 1, width + 3)
    steps = first(width, choices)
    assert [step.parent for step in steps] == list(range(width))
    assert [s.score for s in steps] == sorted((c.logprob for c in choices), reverse=True)[:width]


def test_seeded_choices_are_the_same_everywhere():
    assert seeded_choices(7, 3, 1, 2) == (
        Choice(0, 29_596, -3.6888390965759754),
        Choice(0, 40_267, -0.5892519094049931),
    )
    assert all(-4 <= choice.logprob < 0 for choice in seeded_choices(1, 2, 30, 30))


def test_a_shared_block_counts_once_and_the_saving_is_the_papers():
    lane = paper()
    lane.submit(Request("A", range(8), range(3), n=3))
    lane.schedule()
    memory = lane.snapshot().memory
    assert sharing(memory) == Sharing(held=2, unshared=6)
    assert sharing(memory).saving == pytest.approx(4 / 6)
    assert split(lane.snapshot()).stored == 8


def test_an_empty_pool_saves_nothing():
    assert sharing(paper().snapshot().memory).saving == 0


@pytest.mark.parametrize("kind", [kind for kind in REPLAYED if not kind.startswith("paged/vllm")])
def test_every_documented_option_is_the_kinds_own(kind):
    with pytest.raises(BadOptions) as caught:
        build(LaneSpec("x", kind, "X", 64, max_len=64, options=(("no such thing", 1),)))
    known = ", ".join(KINDS[kind].options) or "none"
    assert caught.value.problems == (f"no option no such thing (there are: {known})",)


def test_all_wrong_options_are_reported_together():
    wrong = (("watermark", 1), ("max_num_seqs", 0), ("preemption", "never"), ("swap_blocks", True))
    with pytest.raises(BadOptions) as caught:
        build(LaneSpec("x", "paged/paper", "X", 64, options=wrong))
    assert len(caught.value.problems) == 4


def test_names_on_tables_lead_to_their_sequence_and_their_request():
    lane = paper()
    lane.submit(Request("A", range(8), range(3), n=2))
    lane.submit(Request("B", range(4), range(3)))
    lane.schedule()
    state = lane.snapshot()
    assert (state.holder("A2").id, state.owner("A2").id) == ("A2", "A")
    assert state.holder("B") == state.owner("B") == state.request("B")
    with pytest.raises(KeyError):
        state.owner("A3")
