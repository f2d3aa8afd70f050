"""Play a storyboard: drive every lane through the beats, in sync, and freeze each moment."""

from __future__ import annotations

from model.events import Event
from model.lane import Lane
from model.lanes import build
from model.laws import uphold
from model.readings import Readings, fill
from model.request import Request
from model.storyboard import Abort, Admit, Advance, Beat, Storyboard, Verb
from model.timeline import Half, LaneStep, PlayedBeat, Step, Timeline


def play(storyboard: Storyboard) -> Timeline:
    """Play all beats. Raises `Refusal` for an impossible request, `LawBroken` for our mistakes."""
    stage = _Play(storyboard)
    return Timeline(storyboard, tuple(stage.beat(beat) for beat in storyboard.beats))


def tokens(storyboard: Storyboard) -> dict[str, Request]:
    """Each request with token ids in place of words: equal words get equal ids."""
    vocabulary: dict[str, int] = {}

    def ids(texts: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(vocabulary.setdefault(text, len(vocabulary) + 1) for text in texts)

    return {
        script.id: Request(script.id, ids(script.prompt), ids(script.output), script.arrival or 0)
        for script in storyboard.requests
    }


class _Play:
    """The lanes of one storyboard while they run."""

    def __init__(self, storyboard: Storyboard) -> None:
        self._storyboard = storyboard
        self._requests = tokens(storyboard)
        self._lanes: dict[str, Lane] = {spec.name: build(spec) for spec in storyboard.lanes}
        self._pending: dict[str, list[Event]] = {name: [] for name in self._lanes}
        self._arrivals = {
            script.id: script.arrival
            for script in storyboard.requests
            if script.arrival is not None
        }
        self._number = 0

    def beat(self, beat: Beat) -> PlayedBeat:
        steps: list[Step] = []
        for verb in beat.do:
            steps += self._perform(verb)
        if not steps:
            steps.append(self._freeze(Half.START))
        caption = fill(beat.say, Readings(self._storyboard, steps[-1]))
        return PlayedBeat(beat, tuple(steps), caption)

    def _perform(self, verb: Verb) -> list[Step]:
        match verb:
            case Admit(request):
                self._submit(request)
                return [self._freeze(Half.START)]
            case Abort(request):
                for name, lane in self._lanes.items():
                    if request in _alive(lane):
                        self._pending[name] += lane.abort(request)
                return [self._freeze(Half.START)]
            case Advance(steps):
                return [half for _ in range(steps) for half in self._advance()]

    def _advance(self) -> tuple[Step, Step]:
        self._number += 1
        for request in [r for r, step in self._arrivals.items() if step <= self._number]:
            self._submit(request)
        for name, lane in self._lanes.items():
            self._pending[name] += lane.schedule()
        scheduled = self._freeze(Half.SCHEDULED)
        for name, lane in self._lanes.items():
            self._pending[name] += lane.update()
        return scheduled, self._freeze(Half.SAMPLED)

    def _submit(self, request_id: str) -> None:
        self._arrivals.pop(request_id, None)
        for name, lane in self._lanes.items():
            self._pending[name] += lane.submit(self._requests[request_id])

    def _freeze(self, half: Half) -> Step:
        lanes = []
        for name, lane in self._lanes.items():
            state = lane.snapshot()
            uphold(state)
            lanes.append(LaneStep(name, state, tuple(self._pending[name])))
            self._pending[name].clear()
        return Step(self._number, half, tuple(lanes))


def _alive(lane: Lane) -> tuple[str, ...]:
    state = lane.snapshot()
    return state.running + state.waiting + state.swapped
