"""tests/tour has a small storyboard for every lane, policy, verb, event and option of a request.

And storyboards/README.md has a line for each. After a wanted change of the text frames:
PAGEREEL_UPDATE_GOLDEN=1 pytest tests/model/storyboard/test_tour.py
"""

import os
import re
import typing

import pytest

from pagereel.model.allocators.kinds import KINDS, REPLAYED, build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.beams import BeamSearch
from pagereel.model.core.events import Event
from pagereel.model.core.lane import Compacting, GroupNotServed, Preemptive, Swapping
from pagereel.model.core.request import Request
from pagereel.model.play import play
from pagereel.model.storyboard.verbs import Verb
from pagereel.read import read, read_timeline
from pagereel.read.form.schema import RequestForm
from pagereel.read.form.verbs import VERBS
from pagereel.render.layout import look
from pagereel.scenes.text.frame import frames

from places import ROOT, TESTS

TOUR = {path.stem: path for path in sorted((TESTS / "tour").glob("*.yaml"))}
REFERENCE = (ROOT / "storyboards" / "README.md").read_text("utf-8")
RETENTION = {"all", "sliding-window", "pinned-prefix", "recent-n"}


@pytest.fixture(scope="module")
def timelines():
    return {name: play(read(path)) for name, path in TOUR.items()}


def names(union):
    return {member.__name__ for member in typing.get_args(union)}


def said(word):
    """Whether the reference has the word as code, alone or in a longer piece."""
    prose = re.sub(r"```.*?```", "", REFERENCE, flags=re.DOTALL)
    pieces = re.findall(r"`([^`]+)`", prose)
    return any(word in re.split(r"[\s:{},\[\]]+", piece) for piece in pieces)


@pytest.mark.parametrize("name", TOUR)
def test_a_storyboard_of_the_tour_as_text(name, timelines):
    text = "\n".join(frames(timelines[name]))
    golden = TOUR[name].with_suffix(".txt")
    if os.environ.get("PAGEREEL_UPDATE_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("name", TOUR)
def test_no_picture_of_the_tour_has_a_fault(name):
    assert look(read_timeline(TOUR[name])).faults == ()


def test_every_lane_is_in_the_tour_and_in_the_reference(timelines):
    toured = {lane.kind for timeline in timelines.values() for lane in timeline.storyboard.lanes}
    assert toured == set(REPLAYED)
    assert [kind for kind in KINDS if not said(kind)] == []


def test_every_retention_policy_is_in_the_tour_and_in_the_reference(timelines):
    lanes = [lane for timeline in timelines.values() for lane in timeline.storyboard.lanes]
    toured = {dict(lane.options).get("retention") for lane in lanes}
    assert toured >= RETENTION
    assert [policy for policy in RETENTION if not said(policy)] == []
    assert all(policy in KINDS["paged"].options["retention"].sets for policy in RETENTION)


def test_every_verb_is_in_the_tour_in_the_schema_and_in_the_reference(timelines):
    beats = [beat for timeline in timelines.values() for beat in timeline.storyboard.beats]
    assert {type(verb).__name__ for beat in beats for verb in beat.do} == names(Verb)
    assert len(VERBS) == len(names(Verb))
    assert [verb for verb in VERBS if f"| `{verb}: " not in REFERENCE.replace("`step`, ", "")] == []


def test_every_event_is_in_the_tour(timelines):
    happened = {
        type(event).__name__
        for timeline in timelines.values()
        for beat in timeline.beats
        for step in beat.steps
        for lane in step.lanes
        for event in lane.events
    }
    assert happened == names(Event)


def test_every_option_of_a_lane_and_key_of_a_request_is_in_the_reference():
    options = {option for kind in KINDS.values() for option in kind.options}
    assert [word for word in sorted(options | {*RequestForm.model_fields}) if not said(word)] == []


def test_every_key_of_a_request_is_in_the_tour():
    text = "".join(path.read_text("utf-8") for path in TOUR.values())
    assert [key for key in RequestForm.model_fields if f"{key}:" not in text] == []


def lane_that_runs(kind, **request):
    lane = build(LaneSpec("lane", kind, "", 64, block_size=4, max_len=16))
    lane.submit(Request("A", (1, 2, 3, 4, 5), (6, 7, 8), **request))
    lane.schedule()
    lane.update()
    return lane


def serves(kind, **request):
    try:
        lane_that_runs(kind, **request)
    except GroupNotServed:
        return False
    return True


@pytest.mark.parametrize("kind", REPLAYED)
def test_what_a_kind_says_it_obeys_is_what_its_lane_does(kind):
    lane = lane_that_runs(kind)
    does = {
        "fork": serves(kind, n=2),
        "beam": serves(kind, beam=BeamSearch(2)),
        "preempt": isinstance(lane, Preemptive) and lane.can_preempt("A"),
        "swap": isinstance(lane, Swapping) and lane.can_swap_out("A"),
        "compact": isinstance(lane, Compacting) and lane.can_compact("A"),
    }
    assert {verb for verb, able in does.items() if able} == set(KINDS[kind].obeys)
    for verb in KINDS[kind].obeys:
        row = next(line for line in REFERENCE.splitlines() if line.startswith(f"| `{verb}: "))
        assert f"`{kind}`" in row
