"""Playing a storyboard drives all lanes in step and freezes every moment with its events."""

from dataclasses import replace

import pytest

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import Aborted, Admitted, Arrived, EntriesWritten
from pagereel.model.core.geometry import PRESETS
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.state import Phase
from pagereel.model.play import play, tokens
from pagereel.model.storyboard.storyboard import (
    Admit,
    Advance,
    Beat,
    Free,
    Script,
    Shot,
    Storyboard,
    words,
)
from pagereel.model.storyboard.timeline import Half

FLAT = LaneSpec("flat", "contiguous", "Flat", slots=24, max_len=12)
PAGED = LaneSpec("paged", "paged", "Paged", slots=24, block_size=4)
A = Script("A", ("a", "b", "c"), ("d", "e", "f"))
B = Script("B", ("a", "x"), ("y",))


def board(*beats, requests=(A, B), lanes=(FLAT, PAGED)):
    return Storyboard("board", "Board", "", "", PRESETS["gpt2"], lanes, requests, beats)


def beat(*do, say=""):
    return Beat("Beat", (Shot(say, do),))


def test_text_splits_into_words_and_joins_again():
    assert words("The quick  brown fox ") == ("The", " quick", "  brown", " fox", " ")
    assert "".join(words(" a\tb\n c")) == " a\tb\n c"


def test_equal_words_get_equal_ids():
    ids = tokens(board())
    assert ids["A"].prompt[0] == ids["B"].prompt[0]
    assert len({*ids["A"].prompt, *ids["A"].output}) == 6


def test_a_beat_in_which_nothing_happens_has_one_moment():
    (played,) = play(board(beat())).beats
    assert [(step.number, step.half) for step in played.steps] == [(0, Half.START)]
    assert all(lane.events == () for lane in played.end.lanes)


def test_admitting_puts_the_request_into_every_queue():
    (played,) = play(board(beat(Admit("A")))).beats
    assert [step.half for step in played.steps] == [Half.START]
    for lane in played.end.lanes:
        assert lane.events == (Arrived("A"),)
        assert lane.state.waiting == ("A",)


def test_a_step_is_two_moments_of_all_lanes():
    (played,) = play(board(beat(Admit("A"), Advance(2)))).beats
    assert [(step.number, step.half) for step in played.steps] == [
        (0, Half.START),
        (1, Half.SCHEDULED),
        (1, Half.SAMPLED),
        (2, Half.SCHEDULED),
        (2, Half.SAMPLED),
    ]
    assert all([lane.lane for lane in step.lanes] == ["flat", "paged"] for step in played.steps)


def test_events_belong_to_the_moment_they_lead_to():
    (played,) = play(board(beat(Admit("A"), Advance(1)))).beats
    start, scheduled, _ = played.steps
    assert Admitted("A") not in start.lane("paged").events
    assert Admitted("A") in scheduled.lane("paged").events
    assert EntriesWritten("A", 0, 3) in scheduled.lane("paged").events


def test_no_event_is_lost_or_told_twice():
    timeline = play(board(beat(Admit("A")), beat(Advance(1)), beat(Admit("B"), Advance(4))))
    steps = [step for played in timeline.beats for step in played.steps]
    told = [event for step in steps for event in step.lane("flat").events]
    assert [event for event in told if isinstance(event, Arrived)] == [Arrived("A"), Arrived("B")]
    written = [event for event in told if isinstance(event, EntriesWritten)]
    assert [(e.request, e.start, e.count) for e in written] == [
        ("A", 0, 3), ("A", 3, 1), ("B", 0, 2), ("A", 4, 1)
    ]  # fmt: skip


def test_a_beat_starts_from_the_state_the_one_before_ended_in():
    timeline = play(board(beat(Admit("A"), Advance(1)), beat()))
    assert timeline.beats[1].end.lane("flat").state == timeline.beats[0].end.lane("flat").state


def test_a_request_arrives_before_its_step_without_being_admitted():
    requests = (replace(A, arrival=2), B)
    (played,) = play(board(beat(Advance(2)), requests=requests)).beats
    first, _, second, _ = played.steps
    assert first.lane("flat").state.requests == ()
    assert second.lane("flat").events[0] == Arrived("A")
    assert second.lane("flat").state.request("A").phase is Phase.RUNNING


def test_step_zero_and_step_one_are_both_before_the_first():
    for arrival in (0, 1):
        requests = (replace(A, arrival=arrival), B)
        (played,) = play(board(beat(Advance(1)), requests=requests)).beats
        assert played.steps[0].lane("paged").events[0] == Arrived("A")


def test_requests_of_one_step_arrive_in_the_order_of_the_storyboard():
    requests = (replace(B, arrival=1), replace(A, arrival=1))
    (played,) = play(board(beat(Advance(1)), requests=requests)).beats
    assert [r.id for r in played.end.lane("flat").state.requests] == ["B", "A"]


def test_admitting_by_hand_takes_the_place_of_a_later_arrival():
    requests = (replace(A, arrival=3), B)
    (played,) = play(board(beat(Admit("A"), Advance(4)), requests=requests)).beats
    arrivals = [e for step in played.steps for e in step.lane("flat").events if e == Arrived("A")]
    assert len(arrivals) == 1


def test_aborting_reaches_only_the_lanes_in_which_the_request_is_alive():
    lanes = (replace(FLAT, slots=12), PAGED)
    timeline = play(
        board(
            beat(Admit("A"), Admit("B"), Advance(1)),
            beat(Free("B")),
            lanes=lanes,
        )
    )
    flat, paged = timeline.beats[1].end.lanes
    assert flat.events == (Aborted("B"),)
    assert flat.state.request("B").phase is Phase.ABORTED
    assert paged.events == ()
    assert paged.state.request("B").phase is Phase.FINISHED


def test_the_caption_is_filled_from_the_state_the_beat_ends_in():
    timeline = play(board(beat(Admit("A"), Advance(1), say="{paged.A.stored} stored")))
    assert timeline.beats[0].caption == "3 stored"


def test_an_impossible_request_is_refused_by_name():
    with pytest.raises(TooLarge, match="request A needs 5 slots; the lane holds 4"):
        play(board(beat(Admit("A")), lanes=(replace(FLAT, max_len=4),)))


def test_playing_twice_gives_the_same_timeline():
    story = board(beat(Admit("A"), Admit("B"), Advance(3)))
    assert play(story) == play(story)
