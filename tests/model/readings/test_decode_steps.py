"""A decode step reads what its events say, in the order of its block table."""

import pytest

from pagereel.model.core.events import EntriesRead
from pagereel.model.play import play
from pagereel.model.readings.attention import decode_step
from pagereel.model.storyboard.attention import Attend
from pagereel.read import read

from places import TESTS


@pytest.fixture(scope="module")
def toured():
    return play(read(TESTS / "tour" / "attention.yaml"))


def step(timeline, beat, lane="all", request="A"):
    steps = [step for played in timeline.beats[: beat + 1] for step in played.steps]
    return decode_step(timeline.storyboard, steps, Attend(lane, request))


@pytest.mark.parametrize("lane", ["all", "window"])
def test_as_many_entries_are_read_as_the_events_say(toured, lane):
    found = step(toured, 1, lane)
    (event,) = (e for e in found.lane.events if isinstance(e, EntriesRead))
    assert len(found.cached) == event.count == sum(len(row.reads) for row in found.rows)
    assert found.cached == tuple(sorted(found.cached))


def test_blocks_are_read_in_the_order_of_the_table(toured):
    found = step(toured, 1)
    assert [row.block for row in found.rows] == [4, 0]
    assert [row.reads for row in found.rows] == [(0, 1, 2, 3), (4, 5, 6)]
    assert found.position == 7 and found.answer == " all"


def test_a_window_reads_the_last_ones_alone(toured):
    assert step(toured, 1, "window").cached == (2, 3, 4, 5, 6)


def test_weights_add_up_to_one_and_other_words_have_equal_ones(toured):
    known, unknown = step(toured, 1), step(toured, 3, request="B")
    assert sum(known.weights.values()) == pytest.approx(1)
    assert unknown.scores is None and set(unknown.weights.values()) == {1 / 3}


def test_a_prefill_is_no_decode_step(toured):
    assert step(toured, 0) is None


def test_what_has_ended_still_tells_its_last_step(toured):
    assert step(toured, 3).number == 5
