"""What the schedulers of the lanes have decided: a row for each, or one for those that agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from pagereel.model.core.events import Aborted, Arrived, Event, Finished
from pagereel.model.core.state import LaneState, Phase, RequestState
from pagereel.model.storyboard.timeline import Half, LaneStep, Step
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Box, Rect, Shape
from pagereel.scenes.shapes.typeface import visible

BAR, ABOVE = 5, 3
"""Height of the bar, and the gap above it."""


class Progress(NamedTuple):
    """`done` of `total` tokens, of the prompt or of the answer."""

    done: int
    total: int
    of: str
    """`prompt` or `answer`."""


def progress(request: RequestState) -> Progress:
    """Where a request is. One that computes its prompt and former answer again is in its prompt."""
    due = request.prompt + max(request.sampled - 1, 0)
    if request.phase is Phase.RUNNING and request.computed < due:
        return Progress(request.computed, request.prompt + request.sampled, "prompt")
    return Progress(request.sampled, request.final - request.prompt + 1, "answer")


def told(request: RequestState) -> str:
    """The same in words: `prompt 6/16`, then `3/7`."""
    word = "prompt " if progress(request).of == "prompt" else ""
    return word + counted(request)


def counted(request: RequestState) -> str:
    """The same in numbers alone: `6/16`."""
    done, total, _ = progress(request)
    return f"{done}/{total}"


def bar(
    moment: Moment, key: str, request: RequestState, box: Box, tags: frozenset[str]
) -> Iterator[Shape]:
    """A thin bar: pale with an outline for the prompt, saturated for the answer."""
    done, total, of = progress(request)
    note = f"{request.id}: {done} of {total} tokens of its {of}"
    reading = of == "prompt"
    yield Rect(f"{key}/track", box, "slot", moment.ink(request.id, "edge") if reading else CLEAR,
               1.5 if reading else 0, BAR / 2, tags=tags, note=note)  # fmt: skip
    filled = Box(box.x, box.y, box.w * min(done / max(total, 1), 1), box.h)
    kind = "edge" if reading else "solid"
    yield Rect(f"{key}/bar", filled, moment.ink(request.id, kind), radius=BAR / 2, tags=tags)


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """The schedulers of lanes that agree."""

    lanes: tuple[str, ...]
    titles: tuple[str, ...]
    """Of these lanes; or, if they are all, one that says so."""
    state: LaneState
    over: tuple[str, ...]
    """Requests that are done or gave up, the latest first."""
    arrived: frozenset[str]
    """Those that have come since the engine step before."""
    tokens: int
    """Computed in this engine step."""

    @property
    def key(self) -> str:
        """What the keys of its shapes start with."""
        return f"queue/{self.lanes[0]}"

    def tags(self, moment: Moment, name: str = "") -> frozenset[str]:
        """What focus and call-outs name a part by."""
        named = frozenset({"queue", *(f"lane {lane}" for lane in self.lanes)})
        return named | (moment.tags(self.lanes[0], name) if name else frozenset())

    def agrees(self, other: ScheduleRow) -> bool:
        """Whether the two look the same but for their names."""
        return _schedule(self.state) == _schedule(other.state) and (
            (self.over, self.arrived, self.tokens) == (other.over, other.arrived, other.tokens)
        )


def rows(moment: Moment) -> list[ScheduleRow]:
    """Of the lanes that are there, in order; where several agree, at the place of the first."""
    there = [step for step in moment.step.lanes if moment.is_visible(f"lane {step.lane}")]
    found: list[ScheduleRow] = []
    for step in there:
        row = _read(moment, step)
        same = next((i for i, other in enumerate(found) if other.agrees(row)), None)
        if same is None:
            found.append(row)
        else:
            lanes, titles = found[same].lanes + row.lanes, found[same].titles + row.titles
            if len(lanes) == len(there):
                titles = ("both lanes" if len(lanes) == 2 else "all lanes",)
            found[same] = replace(found[same], lanes=lanes, titles=titles)
    return found


def _read(moment: Moment, step: LaneStep) -> ScheduleRow:
    events = moment.events(step.lane)
    new = [event for past in _since(moment) for event in past.lane(step.lane).events]
    arrived = frozenset(event.request for event in new if isinstance(event, Arrived))
    tokens = step.work.step_tokens if any(not isinstance(e, Arrived) for e in events) else 0
    title = next(spec.title for spec in moment.storyboard.lanes if spec.name == step.lane)
    return ScheduleRow(
        (step.lane,), (visible(title),), step.state, _over(moment, step), arrived, tokens
    )


def _since(moment: Moment) -> list[Step]:
    """The moments after the engine step before: arrivals, and this step's halves."""
    found: list[Step] = []
    for step in reversed(moment.past):
        if found and step.half is Half.SAMPLED:
            break
        found.append(step)
    return found


def _over(moment: Moment, step: LaneStep) -> tuple[str, ...]:
    """Who has left the lane, the latest first: the state knows who, the past knows when."""
    left: list[Event] = [e for past in moment.past for e in past.lane(step.lane).events]
    names = [event.request for event in left if isinstance(event, Finished | Aborted)]
    known = {r.id for r in step.state.requests if r.phase in (Phase.FINISHED, Phase.ABORTED)}
    return tuple(dict.fromkeys(name for name in reversed(names) if name in known))


def _schedule(state: LaneState) -> tuple[object, ...]:
    """All of a state that a row shows."""
    shown = [(r.id, r.phase, r.prompt, r.sampled, r.computed, r.final) for r in state.requests]
    return state.running, state.waiting, state.swapped, sorted(shown)
