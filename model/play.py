"""Play a storyboard: drive every lane through the beats, in sync, and freeze each moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace

from pagereel.model.allocators.kinds import build
from pagereel.model.core.events import EntriesRead, EntriesWritten, Event
from pagereel.model.core.lane import Compacting, GroupNotServed, Lane, Preemptive, Swapping
from pagereel.model.core.request import Request
from pagereel.model.readings.readings import Readings, fill
from pagereel.model.storyboard.script import Script
from pagereel.model.storyboard.storyboard import ABOVE, BESIDE, Beat, Shot, Storyboard
from pagereel.model.storyboard.timeline import (
    Half,
    LaneStep,
    PlayedBeat,
    PlayedShot,
    Step,
    Timeline,
)
from pagereel.model.storyboard.verbs import (
    Admit,
    Advance,
    Compact,
    Fork,
    Free,
    Preempt,
    Run,
    Search,
    Swap,
    Verb,
)
from pagereel.model.usage.counters import Worksheet
from pagereel.model.usage.laws import uphold


def play(storyboard: Storyboard) -> Timeline:
    """Play all beats. Raises `Refusal` for an impossible request, `LawBroken` for our mistakes.

    What a lane cannot do, it does not do, while others do.
    """
    stage = _Play(storyboard)
    return Timeline(storyboard, tuple(stage.beat(beat) for beat in storyboard.beats))


def caption(storyboard: Storyboard, shot: Shot, end: Step) -> str:
    """What is said in a shot, with every placeholder filled in from the step it ends in."""
    if shot.excerpt:
        storyboard = shot.excerpt.story
    return fill(shot.say, Readings(storyboard, end, shot.chart))


def tokens(storyboard: Storyboard) -> dict[str, Request]:
    """Each request with token ids in place of words: equal words get equal ids."""
    ids = storyboard.vocabulary
    return {name: _request(script, ids) for name, script in storyboard.scripts.items()}


def _request(script: Script, ids: dict[str, int]) -> Request:
    return Request(
        id=script.id,
        prompt=tuple(map(ids.__getitem__, script.prompt)),
        output=tuple(map(ids.__getitem__, script.output)),
        arrival=script.arrival or 0,
        outputs=tuple(tuple(map(ids.__getitem__, output)) for output in script.outputs),
        beam=script.search(ids),
        **{name: getattr(script, name) for name in _AS_WRITTEN},
    )


_WORDS = {"id", "prompt", "output", "outputs", "arrival", "beam"}
_AS_WRITTEN = {f.name for f in fields(Request)} & {f.name for f in fields(Script)} - _WORDS
"""What a request has as its script has it: neither words nor made of them."""


def visible(shown: Iterable[str]) -> frozenset[str]:
    """What is there, from the names of a shot's `show`: lanes, `above`, `beside`."""
    places = {**dict.fromkeys(ABOVE, "above"), **dict.fromkeys(BESIDE, "beside")}
    return frozenset(places.get(name, name) for name in shown)


class _Play:
    """The lanes of one storyboard while they run."""

    def __init__(self, storyboard: Storyboard) -> None:
        self._storyboard = storyboard
        self._requests = tokens(storyboard)
        self._lanes: dict[str, Lane] = {spec.name: build(spec) for spec in storyboard.lanes}
        self._pending: dict[str, list[Event]] = {name: [] for name in self._lanes}
        self._work = {name: Worksheet() for name in self._lanes}
        self._moved: dict[str, tuple[EntriesRead | EntriesWritten, ...]] = {}
        self._arrivals = {s.id: s.arrival for s in storyboard.requests if s.arrival is not None}
        self._ends = {s.id: s.abort for s in storyboard.requests if s.abort is not None}
        self._arrived: set[str] = set()
        self._number = 0
        self._excerpts: dict[int, Timeline] = {}
        self._visible = visible((*(f"lane {name}" for name in self._lanes), *ABOVE, *BESIDE))

    def beat(self, beat: Beat) -> PlayedBeat:
        return PlayedBeat(beat, tuple(self._shot(shot) for shot in beat.shots))

    def _shot(self, shot: Shot) -> PlayedShot:
        steps: list[Step] = []
        for verb in shot.do:
            steps += self._perform(verb)
        if not steps:
            steps.append(self._freeze(Half.START))
        if shot.show is not None and not shot.excerpt:
            self._visible = visible(shot.show)
        there, other = self._visible, None
        if shot.excerpt:  # what is there are the other storyboard's lanes
            there = visible(shot.show or [f"lane {spec.name}" for spec in shot.excerpt.story.lanes])
            other = self._excerpt(shot.excerpt.story)
        played = PlayedShot(shot, tuple(steps), "", there, other)
        return replace(played, caption=caption(self._storyboard, shot, played.end))

    def _excerpt(self, story: Storyboard) -> Timeline:
        """Another storyboard, played once for all shots that show something of it."""
        if id(story) not in self._excerpts:
            self._excerpts[id(story)] = play(story)
        return self._excerpts[id(story)]

    def _perform(self, verb: Verb) -> list[Step]:
        match verb:
            case Advance(steps) | Run(steps):
                return [half for _ in range(steps) for half in self._advance()]
            case Admit(request) | Fork(request) | Search(request):
                self._submit(request)
            case Free(request):
                self._abort(request)
            case Preempt(request):
                self._tell(lambda lane: _preempt(lane, request))
            case Compact(request):
                self._tell(lambda lane: _compact(lane, request))
            case Swap(request):
                self._tell(lambda lane: _swap_out(lane, request))
        return [self._freeze(Half.START)]

    def _advance(self) -> tuple[Step, Step]:
        self._number += 1
        for sheet in self._work.values():
            sheet.begin_step()
        for request in [r for r, step in self._arrivals.items() if step <= self._number]:
            self._submit(request)
        for request in [r for r, step in self._ends.items() if step <= self._number]:
            if request in self._arrived:
                self._abort(request)
        self._tell(lambda lane: lane.schedule())
        scheduled = self._freeze(Half.SCHEDULED)
        self._tell(lambda lane: lane.update())
        return scheduled, self._freeze(Half.SAMPLED)

    def _submit(self, request_id: str) -> None:
        self._arrivals.pop(request_id, None)
        self._arrived.add(request_id)
        for sheet in self._work.values():
            sheet.meet(self._requests[request_id])
        self._tell(lambda lane: _submit(lane, self._requests[request_id]))

    def _abort(self, request_id: str) -> None:
        self._ends.pop(request_id, None)
        self._tell(lambda lane: _abort(lane, request_id))

    def _tell(self, order: Callable[[Lane], tuple[Event, ...]]) -> None:
        """Give every lane the same order."""
        for name, lane in self._lanes.items():
            self._pending[name] += order(lane)

    def _freeze(self, half: Half) -> Step:
        lanes = []
        for name, lane in self._lanes.items():
            state = lane.snapshot()
            uphold(state)
            events = tuple(self._pending[name])
            work = self._work[name].add(events)
            if half is Half.SCHEDULED:
                moved = (e for e in events if isinstance(e, EntriesRead | EntriesWritten))
                self._moved[name] = tuple(moved)
            lanes.append(LaneStep(name, state, events, work, self._moved.get(name, ())))
            self._pending[name].clear()
        return Step(self._number, half, tuple(lanes))


def _submit(lane: Lane, request: Request) -> tuple[Event, ...]:
    try:
        return lane.submit(request)
    except GroupNotServed:
        return ()


def _abort(lane: Lane, request_id: str) -> tuple[Event, ...]:
    state = lane.snapshot()
    alive = state.running + state.waiting + state.swapped
    return lane.abort(request_id) if request_id in alive else ()


def _preempt(lane: Lane, request_id: str) -> tuple[Event, ...]:
    if isinstance(lane, Preemptive) and lane.can_preempt(request_id):
        return lane.preempt(request_id)
    return ()


def _swap_out(lane: Lane, request_id: str) -> tuple[Event, ...]:
    if isinstance(lane, Swapping) and lane.can_swap_out(request_id):
        return lane.swap_out(request_id)
    return ()


def _compact(lane: Lane, request_id: str) -> tuple[Event, ...]:
    if isinstance(lane, Compacting) and lane.can_compact(request_id):
        return lane.compact(request_id)
    return ()
