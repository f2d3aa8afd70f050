"""What a visitor does at a place is written into the storyboard from there, and read as any other.

Tasks are done by what he changes; requests come when he says, lanes become what he says.
"""

import json

import pytest

from pagereel.model.allocators.kinds import REPLAYED, build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.page.answer import answer
from pagereel.page.editing import refitted
from pagereel.read import document_of, read, read_timeline, read_with_claims
from pagereel.read.form.verbs import VERBS
from pagereel.scenes.page.deeds import DEEDS, deeds, tasks

from places import ROOT

COURSE = {path.stem[:2]: path for path in sorted((ROOT / "storyboards").glob("*.yaml"))}
FOX = COURSE["01"]
DECODES = (5, 0, 1)
"""In the middle of a step of 01: A alone runs, B and C have not come."""


def ask(*overrides, acts=(), goes_on=False, file=FOX):
    text = file.read_text("utf-8")
    told = answer(text, overrides, "phone", file.stem, acts=json.dumps(acts), goes_on=goes_on)
    return json.loads(told)


def own(told, tmp_path):
    """The storyboard that came of it and is saved, played as a file of its own."""
    path = tmp_path / "mine.yaml"
    path.write_text(told.get("sound", told["yaml"]), "utf-8")
    return read_timeline(path)


def test_every_verb_is_done_to_a_request_or_is_a_step():
    assert {*DEEDS, "step", "run"} == VERBS.keys()


def test_a_page_offers_what_some_lane_obeys_and_says_which():
    offered = {deed["verb"]: deed["lanes"] for deed in deeds(read(FOX))}
    assert offered["preempt"] == ["contiguous", "paged"]
    assert offered["compact"] == ["contiguous"]
    assert "swap" not in offered and "beam" not in offered


def test_what_is_done_follows_the_present_step_and_what_came_later_is_cut(tmp_path):
    act = [*DECODES, {"admit": "C"}, "step", {"preempt": "A"}, {"free": "C"}]
    mine = own(ask(acts=[act]), tmp_path)
    assert [beat.beat.title for beat in mine.beats[-2:]] == [
        "Each decode step writes one entry",
        "Your own steps",
    ]
    last = mine.beats[-1]
    assert last.steps[0].number == 2  # the step that had begun was finished
    ends = [shot.end.lane("paged").state for shot in last.shots]
    assert [state.running for state in ends] == [("A",), ("A", "C"), ("C",), ()]
    assert len(ends[-1].waiting) == 1


def test_what_came_later_can_go_on_after_it_and_says_what_is_false_now(tmp_path):
    told = ask(acts=[[*DECODES, {"admit": "C"}, "step"]], goes_on=True)
    titles = [beat["title"] for beat in told["story"]["beats"]]
    assert titles[5:8] == [titles[5], "Your own steps", titles[5]]
    false = {broken["beat"]: broken["claim"] for broken in told["broken"]}
    assert false[10] == "contiguous.refusals == 1"
    path = tmp_path / "mine.yaml"
    path.write_text(told["yaml"], "utf-8")
    assert len(read_with_claims(path).unmet) == len(told["broken"])


def test_acts_build_on_each_other(tmp_path):
    first = [*DECODES, {"admit": "B"}, {"step": 4}]
    again = [6, 1, 3, {"free": "A"}]  # in the second of his four steps
    mine = own(ask(acts=[first, again]), tmp_path)
    assert [beat.beat.title for beat in mine.beats[-2:]] == ["Your own steps", "Your own steps, 2"]
    assert mine.beats[-1].end.number == 4


def test_a_refusal_says_what_the_reader_says():
    (problem,) = ask(acts=[[*DECODES, {"preempt": "B"}]])["problems"]
    assert problem["message"] == "request `B` is preempted before it arrives"
    (problem,) = ask(acts=[[*DECODES, {"swap": "A"}]])["problems"]
    assert problem["remedy"] == "lanes that can: paged/paper"
    (problem,) = ask(acts=[[99, 0, 0, "step"]])["problems"]
    assert problem["message"] == "there is no beat 100"


@pytest.mark.parametrize("acts", ["[[0, 0]]", "[3]", "{}", '[[0, 0, 0, ["x"]]]'])
def test_links_with_nonsense_in_them_are_refused_in_words(acts):
    told = json.loads(answer(FOX.read_text("utf-8"), (), "phone", acts=acts))
    assert told["problems"][0]["message"] == "these are no steps"


@pytest.mark.parametrize(
    "text", ["beats: 3", "beats: [3]\nlanes: {a: {}}", "- x", "beats: [{shots: 4}]"]
)
def test_what_is_no_storyboard_is_told_as_such_whatever_is_done_to_it(text):
    told = json.loads(answer(text, ("lanes.a.kind=paged",), "phone"))
    assert told["problems"]


def test_a_request_comes_when_the_visitor_says_whatever_the_beats_do():
    told = ask("requests.C.arrival=2")
    beats = told["story"]["beats"]
    first = beats[5]["steps"][0]["memory"]["paged"]["requests"]
    assert "C" in first
    assert "problems" not in told


def test_a_request_can_stay_away_and_another_can_come(tmp_path):
    told = ask("requests.C.spare=true", "requests.D={prompt: Hi you, output: 3, arrival: 3}")
    end = own(told, tmp_path).beats[-1].end.lane("paged").state
    assert {request.id for request in end.requests} == {"A", "B", "D"}


@pytest.mark.parametrize("kind", REPLAYED)
@pytest.mark.parametrize("lane", ["contiguous", "paged"])
def test_a_lane_becomes_any_kind(lane, kind):
    document = document_of(FOX, [f"lanes.{lane}.kind={kind}"])
    form = refitted(document, [lane], ["kind"])["lanes"][lane]
    form.pop("free_order", None)  # names some blocks; the reader adds the others
    spec = LaneSpec(lane, **{**document["parameters"], "title": "", **form})
    assert build(spec).snapshot().capacity == 48


def test_the_form_has_the_options_of_the_kind_that_a_lane_has_become():
    told = ask("lanes.contiguous.kind=paged/vllm")
    keys = {setting["key"] for setting in told["story"]["settings"]}
    assert "lanes.contiguous.enable_prefix_caching" in keys
    assert "lanes.contiguous.placement" not in keys


WAYS = {
    "01": [("slots=72",), ("block_size=24",)],
    "04": [("lanes.first.placement=best-fit",), ("requests.G.prompt=12", "requests.F.prompt=1")],
    "07": [
        ('requests.B.prompt="You are a kind and patient helper Say no"',),
        ('requests.D.prompt="You are a kind bird"',),
    ],
    "pl": [("slots=160",), ("slots=32",)],
}
"""What does each task."""


@pytest.mark.parametrize("number", WAYS)
def test_no_task_is_done_from_the_start_and_each_can_be_done(number):
    file = COURSE[number]
    assert [task["done"] for task in tasks(read_timeline(file))] == [False, False]
    for place, way in enumerate(WAYS[number]):
        assert tasks(read_timeline(file, way))[place]["done"], (file.stem, way)


def test_a_text_in_which_a_task_is_done_is_no_mistake_of_the_visitor():
    text = FOX.read_text("utf-8").replace("slots: 48", "slots: 72")
    told = json.loads(answer(text, (), "phone"))
    assert told["story"]["tasks"][0]["done"]
