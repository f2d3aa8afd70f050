"""Time: what a time lapse shows, what a lane's history holds, and what its ledger counts."""

from dataclasses import replace
from itertools import pairwise

import pytest

from pagereel.model.core.events import BlockCopied, Preempted, Refused, RegionCopied, RegionMoved
from pagereel.model.play import play
from pagereel.model.readings.history import Mark, Trouble, marks, periods
from pagereel.model.readings.subjects import ledger
from pagereel.model.storyboard.storyboard import Run
from pagereel.model.storyboard.timeline import LAPSE, Half
from pagereel.model.usage.occupancy import split
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import LAPSE_MOTION, clips
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Rect
from pagereel.scenes.style import THEMES
from pagereel.scenes.text.frame import frames

from places import ROOT

STORYBOARDS = ROOT / "storyboards"
STORY = """\
title: Load
parameters: {slots: 32, block_size: 4, max_len: 16}
lanes:
  flat: {kind: contiguous, title: Contiguous}
  paged: {kind: paged, title: Paged}
requests:
  A: {prompt: 4, output: 9, arrival: 1}
  B: {prompt: 4, output: 9, arrival: 2}
  C: {prompt: 4, output: 9, arrival: 3}
  D: {prompt: 4, output: 9, arrival: 4}
beats:
  - {title: Start, do: [step: 2], say: Two run.}
  - {title: Lapse, do: [run: 30], say: All go through., beside: history}
  - {title: Costs, say: Both pay., beside: gauges}
  - {title: History, say: All of it., card: history}
"""


@pytest.fixture
def timeline(write):
    return play(read(write("load.yaml", STORY)))


@pytest.fixture(scope="module")
def course():
    """The course's own story under load."""
    return play(read(STORYBOARDS / "06-side-by-side-under-load.yaml"))


def through(timeline):
    return tuple(step for beat in timeline.beats for step in beat.steps)


def events(past, lane, *kinds):
    happened = (event for step in past for event in step.lane(lane).events)
    return [event for event in happened if isinstance(event, kinds)]


def test_a_time_lapse_plays_every_step_and_shows_a_few_of_them(timeline):
    lapse = timeline.beats[1]
    assert [step.number for step in lapse.steps if step.half is Half.SAMPLED] == [*range(3, 33)]
    shown = [lapse.steps[place] for place, _ in lapse.shots[0].shown]
    assert len(shown) == LAPSE == len(compose_beat(timeline, 1, CANVASES["16:9"]))
    assert all(step.half is Half.SAMPLED for step in shown) and shown[-1] is lapse.end
    gaps = {b.number - a.number for a, b in pairwise(shown)}
    assert gaps <= {2, 3}


def test_a_time_lapse_ends_in_the_same_state_as_steps_do(write):
    run, steps = (
        play(read(write(name, STORY.replace("run:", verb))))
        for name, verb in (("run.yaml", "run:"), ("step.yaml", "step:"))
    )
    assert through(run) == through(steps)
    assert list(frames(run)) == list(frames(steps))
    assert run.beats[1].beat.do == (Run(30),)


def test_a_short_time_lapse_shows_every_step(write):
    played = play(read(write("short.yaml", STORY.replace("run: 30", "run: 5")))).beats[1]
    assert [played.steps[place].number for place, _ in played.shots[0].shown] == [3, 4, 5, 6, 7]


def test_a_time_lapse_runs_through_and_rests_at_its_end(timeline):
    clip = clips(timeline, CANVASES["16:9"], THEMES["dark"], 60)[1]
    *passing, last = clip.legs
    assert {leg.rest for leg in passing} == {1}
    assert {leg.motion for leg in clip.legs} == {round(LAPSE_MOTION * 60)}
    assert last.rest >= 60


def test_the_areas_are_as_high_as_the_split_of_every_half_step(timeline):
    picture = compose_beat(timeline, 3, CANVASES["16:9"])[-1]
    for lane in ("flat", "paged"):
        key = f"history/{lane}/"
        rects = {s.key.removeprefix(key): s for s in picture.shapes if s.key.startswith(key)}
        (left, bottom), (right, _) = rects["x"].points
        top = rects["capacity"].points[0][1]
        told = periods(through(timeline), lane)
        assert len(told) == 64
        for period in told:
            x = left + (period.start + 0.25) * (right - left) / 32
            for part in ("stored", "reserved", "internal", "external"):
                box = area_at(rects, part, x)
                slots = getattr(period.split, part)
                outline = 2 if part == "external" and slots else 0
                height = (box.h if box else 0) + outline
                assert height == pytest.approx(slots * (bottom - top) / 32), (part, period)


def area_at(rects, part, x):
    """The box of a part of the areas at some x; there is at most one."""
    found = [
        shape.box
        for key, shape in rects.items()
        if key.startswith(f"{part}/") and isinstance(shape, Rect)
        if shape.box.x - 1 <= x <= shape.box.right + 1
    ]
    assert len(found) <= 1
    return found[0] if found else None


def test_both_lanes_have_the_same_axes_and_they_never_change(course):
    def axes(number):
        beat = course.beats[number]
        *before, last = beat.shots
        shown = replace(last, shot=replace(last.shot, card="history"))
        beats = list(course.beats)
        beats[number] = replace(beat, shots=(*before, shown))
        whole = replace(course, beats=tuple(beats))
        shapes = compose_beat(whole, number, CANVASES["16:9"])[-1].shapes
        return {s.key: s.points for s in shapes if s.key.endswith(("/x", "/y"))}

    def lengths(lane):
        return [abs(b[0] - a[0] + b[1] - a[1]) for a, b in (card[f"{lane}/x"], card[f"{lane}/y"])]

    card = axes(9)
    assert lengths("history/reserved") == pytest.approx(lengths("history/paged"))
    assert axes(4) == axes(6) == card


def test_a_history_knows_who_was_refused_and_preempted_and_when(course):
    past = through(course)
    first, *_ = marks(past, "reserved")
    assert first == Mark(Trouble.REFUSED, ("C",), 3, 11)
    steps = sum(mark.last - mark.first + 1 for mark in marks(past, "reserved"))
    assert steps == len(events(past, "reserved", Refused))
    fallen = [m for m in marks(past, "paged") if m.trouble is Trouble.PREEMPTED]
    assert [m.requests for m in fallen] == [(e.request,) for e in events(past, "paged", Preempted)]


def test_a_ledger_counts_what_the_events_say(course):
    past = through(course)[:40]
    kept = ledger(past[-1].lane("paged"))
    state = past[-1].lane("paged").state
    assert kept.refused == len(events(past, "paged", Refused)) > 0
    assert kept.running == len(state.running)
    assert kept.table_entries == sum(len(table.blocks) for table in state.memory.tables)
    parts = split(state)
    assert kept.wasted == parts.internal
    assert kept.utilisation == round(100 * parts.stored / (parts.stored + parts.internal), 1)
    lost = [  # what stood in the dropped tables is written anew, from position 0
        next(r.computed for r in before.lane("paged").state.requests if r.id == event.request)
        for before, step in pairwise(past)
        for event in step.lane("paged").events
        if isinstance(event, Preempted)
    ]
    assert kept.recomputed == sum(lost) > 0


@pytest.mark.parametrize(
    ("board", "lane", "kinds"),
    [
        ("08-copy-on-write", "paper", (BlockCopied,)),
        ("11-preemption", "paper", ()),
    ],
)
def test_a_ledger_counts_copies(board, lane, kinds):
    timeline = play(read(STORYBOARDS / f"{board}.yaml"))
    past = through(timeline)
    names = [spec.name for spec in timeline.storyboard.lanes]
    lane = lane if lane in names else names[-1]
    size = past[-1].lane(lane).state.memory.block_size
    moved = [e for e in events(past, lane, object) if type(e).__name__.startswith("BlockSwapped")]
    copied = len(events(past, lane, *kinds)) + len(moved)
    assert ledger(past[-1].lane(lane)).copied == copied * size > 0


def test_a_growing_tensor_is_copied_at_every_step(write):
    story = STORY.replace("kind: contiguous,", "kind: contiguous/dynamic,")
    timeline = play(read(write("dynamic.yaml", story)))
    past = through(timeline)
    moved = sum(e.entries for e in events(past, "flat", RegionMoved, RegionCopied))
    assert ledger(past[-1].lane("flat")).copied == moved > 0


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("lanes", [1, 3, 4])
def test_history_and_gauges_fit_for_every_number_of_lanes(write, lanes, aspect):
    kinds = ("contiguous/max", "contiguous/oracle", "paged/vllm", "paged/paper")[:lanes]
    listed = "".join(f"  lane-{i}: {{kind: {kind}}}\n" for i, kind in enumerate(kinds))
    story = STORY[: STORY.index("  flat:")] + listed + STORY[STORY.index("requests:") :]
    timeline = play(read(write("many.yaml", story)))
    for beat in (1, 2, 3):
        assert lint(compose_beat(timeline, beat, CANVASES[aspect])[-1]) == ()
