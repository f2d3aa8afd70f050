"""What captions can read of groups, windows and swapped requests."""

import pytest

from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.geometry import PRESETS
from pagereel.model.core.request import Request
from pagereel.model.readings.readings import Readings, UnknownName
from pagereel.model.storyboard.storyboard import Script, Storyboard
from pagereel.model.storyboard.timeline import Half, LaneStep, Step


def readings(kind, request, steps, slots=48, **options):
    spec = LaneSpec("lane", kind, "L", slots, block_size=4, options=tuple(options.items()))
    lane = build(spec)
    lane.submit(request)
    for _ in range(steps):
        lane.schedule()
        lane.update()
    prompt, output = (("word",) * len(part) for part in (request.prompt, request.output))
    script = Script(request.id, prompt, output, n=request.n)
    board = Storyboard("b", "B", "", "", PRESETS["gpt2"], (spec,), (script,), ())
    return Readings(board, Step(steps, Half.SAMPLED, (LaneStep("lane", lane.snapshot(), ()),)))


def test_a_sequence_of_a_group_is_read_by_its_name():
    at = readings("paged/paper", Request("A", range(7), range(4), n=2), steps=2)
    assert str(at["lane.A1.table"]) == "11, 9"
    assert str(at["lane.A2.table"]) == "11, 10"
    assert at["lane.A1.stored"].value == 8
    assert at["lane.A2.refusals"].value == 0
    assert at["lane.block 11.references"].value == 2
    assert at["lane.block 9.filled"].value == 4
    assert str(at["lane.saving"]) == "25 %"
    assert str(at["lane.A.table"]) == "11, 9, 10"
    assert [at[f"lane.A.{name}"].value for name in ("blocks", "held", "stored")] == [3, 12, 12]
    assert at["lane.swapped"].value == 0
    with pytest.raises(UnknownName):
        at["lane.A3.table"]


def test_a_window_is_read_as_what_is_stored_and_what_may_be_read():
    request = Request("A", range(10), range(20))
    at = readings("paged", request, 12, retention="sliding-window", window=6)
    assert at["lane.A.computed"].value == 21
    assert at["lane.A.stored"].value == 9
    assert at["lane.A.readable"].value == 5
    assert at["lane.A.held"].value == 12
    assert at["lane.A.empty"].value == 3


def test_without_a_policy_everything_computed_is_stored_and_readable():
    at = readings("paged", Request("A", range(10), range(20)), 12)
    assert [at[f"lane.A.{name}"].value for name in ("computed", "stored", "readable")] == [21] * 3
