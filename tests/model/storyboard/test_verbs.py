"""What verbs do to lanes: those that can obey do, the others go on without."""

import pytest

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import Aborted, Arrived, BlockSwappedOut, Preempted, Recovery
from pagereel.model.core.geometry import PRESETS
from pagereel.model.core.state import Phase
from pagereel.model.play import play
from pagereel.model.readings.readings import Readings
from pagereel.model.storyboard.script import Script
from pagereel.model.storyboard.storyboard import (
    Admit,
    Advance,
    Beat,
    Fork,
    Free,
    Preempt,
    Shot,
    Storyboard,
    Swap,
)

WORDS = ("a", "b", "c", "d", "e")


def played(script, *verbs, kinds=("paged/paper",), **options):
    lanes = tuple(
        LaneSpec(kind, kind, "", 64, block_size=4, max_len=16, options=tuple(options.items()))
        for kind in kinds
    )
    beats = (Beat("x", (Shot("x", do=verbs),)),)
    return play(Storyboard("b", "B", "", "", PRESETS["gpt2"], lanes, (script,), beats))


def last(timeline, kind="paged/paper"):
    return timeline.beats[-1].end.lane(kind)


@pytest.mark.parametrize("kind", ["contiguous", "paged", "paged/paper", "paged/vllm"])
def test_a_preempted_request_loses_its_memory_and_is_computed_again(kind):
    script = Script("A", WORDS, WORDS)
    timeline = played(script, Admit("A"), Advance(), Preempt("A"), Advance(), kinds=(kind,))
    steps = [step.lane(kind) for step in timeline.beats[0].steps]
    assert any(isinstance(event, Preempted) for event in steps[3].events)
    assert (steps[3].state.running, steps[3].state.waiting) == ((), ("A",))
    assert steps[-1].state.request("A").computed == 6
    assert steps[-1].state.request("A").sampled == 2


def test_the_papers_engine_preempts_samples_by_swapping_and_a_lone_request_by_recompute():
    group = played(Script("A", WORDS, WORDS, n=2), Admit("A"), Advance(), Preempt("A"))
    lone = played(Script("A", WORDS, WORDS), Admit("A"), Advance(), Preempt("A"))
    assert Preempted("A", Recovery.SWAP, 2) in last(group).events
    assert Preempted("A", Recovery.RECOMPUTE, 2) in last(lone).events


def test_vllm_preempts_all_samples_and_the_older_stays_in_front():
    kind = "paged/vllm"
    script = Script("A", WORDS, WORDS, n=2)
    timeline = played(script, Admit("A"), Advance(), Preempt("A"), kinds=(kind,))
    assert last(timeline, kind).state.waiting == ("A1", "A2")


def test_a_swapped_request_keeps_its_entries_on_the_cpu_and_comes_back():
    script = Script("A", WORDS, WORDS)
    out = played(script, Admit("A"), Advance(), Swap("A"))
    back = played(script, Admit("A"), Advance(), Swap("A"), Advance())
    assert last(out).state.request("A").phase is Phase.SWAPPED
    assert sum(isinstance(event, BlockSwappedOut) for event in last(out).events) == 2
    assert last(back).state.request("A").computed == 6


def test_a_verb_leaves_lanes_alone_that_cannot_obey():
    kinds = ("contiguous", "contiguous/oracle", "contiguous/static", "paged/paper")
    script = Script("A", WORDS, WORDS)
    end = played(script, Fork("A", 2), Advance(), Swap("A"), kinds=kinds).beats[-1].end
    assert end.lane("contiguous").state.requests == ()
    assert end.lane("contiguous/static").state.requests == ()
    assert end.lane("contiguous/oracle").state.running == ("A",)
    assert end.lane("paged/paper").state.swapped == ("A",)


def test_a_swap_without_room_on_the_cpu_changes_nothing():
    script = Script("A", WORDS, WORDS)
    timeline = played(script, Admit("A"), Advance(), Swap("A"), swap_blocks=1)
    assert last(timeline).state.running == ("A",)


def test_a_client_gives_up_by_the_verb_or_by_itself():
    script = Script("A", WORDS, WORDS)
    freed = played(script, Admit("A"), Advance(), Free("A"))
    alone = played(Script("A", WORDS, WORDS, abort=2), Admit("A"), Advance(2))
    assert last(freed).events[0] == Aborted("A")
    assert alone.beats[0].steps[3].lane("paged/paper").events[0] == Aborted("A")


def test_a_request_that_gives_up_as_it_arrives_still_arrived():
    timeline = played(Script("A", WORDS, WORDS, arrival=2, abort=2), Advance(2))
    events = timeline.beats[0].steps[2].lane("paged/paper").events
    assert events == (Arrived("A"), Aborted("A"))


def test_independent_samples_are_read_together_under_the_name_of_their_request():
    kind = "paged/vllm"
    timeline = played(Script("A", WORDS, WORDS, n=2), Admit("A"), Advance(), kinds=(kind,))
    at = Readings(timeline.storyboard, timeline.beats[-1].end)
    assert at[f"{kind}.A.phase"].value == "running"
    assert at[f"{kind}.A.table"].value == (1, 2, 3)
    assert at[f"{kind}.A.stored"].value == 6
