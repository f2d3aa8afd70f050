"""Play the beats once, and hold captions, claims and targets against the states they end in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pagereel.model.allocators.kinds import KINDS, build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import Aborted, Preempted, Recovery, RegionSlid
from pagereel.model.core.lane import GroupNotServed, Refusal, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import ContiguousMemory, LaneState, PagedMemory, Phase
from pagereel.model.play import play, tokens
from pagereel.model.readings.readings import Readings
from pagereel.model.storyboard.storyboard import Beat, Script, Storyboard
from pagereel.model.storyboard.timeline import Half, LaneStep, PlayedBeat, Step
from pagereel.model.storyboard.verbs import (
    Advance,
    Compact,
    Free,
    Preempt,
    Run,
    Swap,
    Verb,
    moments,
)
from pagereel.read.document.problem import Problem
from pagereel.read.form.fields import TAG
from pagereel.read.meaning.recorded import check_agreement
from pagereel.read.meaning.review import Review

Lanes = dict[str, LaneSpec]


def able(verb: str) -> str:
    """A remedy that names the lane kinds which can obey a verb."""
    return "lanes that can: " + ", ".join(k for k, kind in KINDS.items() if verb in kind.obeys)


def check_deeds(
    beats: Iterable[PlayedBeat], storyboard: Storyboard, lanes: Lanes, review: Review
) -> None:
    """Report every verb that changed no lane, and every `abort` that came too late."""
    given_up: set[str] = set()
    last = 0
    for number, played in enumerate(beats):
        for (path, _), shot in zip(review.shots(number), played.shots, strict=True):
            step = 0
            for index, verb in enumerate(shot.shot.do):
                place = (*path, "do", index)
                told = _unheard(verb, shot.steps[step], storyboard, lanes) if lanes else ()
                for message, remedy in told:
                    review.unheard[place] = Problem(review.at(*place), message, remedy)
                step += moments(verb)
        for moment in played.steps:
            last = moment.number
            events = [event for lane in moment.lanes for event in lane.events]
            given_up |= {event.request for event in events if isinstance(event, Aborted)}
    for script in storyboard.requests:
        names = {script.id, *script.sequence_ids}
        if lanes and 0 < (script.abort or 0) <= last and not names & given_up:
            key = ("requests", script.id, "abort")
            message = f"request `{script.id}` has finished in every lane by then"
            review.unheard[key] = Problem(review.key(*key), message, "abort it earlier")


def _unheard(
    verb: Verb, moment: Step, storyboard: Storyboard, lanes: Lanes
) -> Iterable[tuple[str, str]]:
    """The problem of a verb that changed nothing; none if it did."""
    if isinstance(verb, Advance | Run) or verb.request not in storyboard.scripts:
        return
    request, names = verb.request, storyboard.script(verb.request).sequence_ids
    events = [
        event
        for lane in moment.lanes
        for event in lane.events
        if event.request in (request, *names)
    ]
    preempted = [event.recovery for event in events if isinstance(event, Preempted)]
    match verb:
        case Free() if not any(isinstance(event, Aborted) for event in events):
            yield f"request `{request}` has finished in every lane by then", "free it earlier"
        case Preempt() if not preempted:
            yield _reason("preempt", (request, *names), moment, lanes)
        case Swap() if Recovery.SWAP not in preempted:
            yield _reason("swap", (request, *names), moment, lanes)
        case Compact() if not any(isinstance(event, RegionSlid) for event in events):
            yield _reason("compact", (request, *names), moment, lanes)


def _reason(verb: str, names: tuple[str, ...], moment: Step, lanes: Lanes) -> tuple[str, str]:
    """Why no lane obeyed, and what to do about it."""
    fit = [name for name, spec in lanes.items() if verb in KINDS[spec.kind].obeys]
    if not fit:
        return f"no lane here can {verb}", able(verb)
    phases = {name: _phase(names, moment, name) for name in fit}
    if Phase.RUNNING in phases.values() and verb == "compact":
        return f"no lane has a hole before request `{names[0]}`", "leave it out"
    if Phase.RUNNING in phases.values():
        message = f"the CPU blocks of no lane have room for request `{names[0]}`"
        return message, "more `swap_blocks`"
    told = ", ".join(f"{phase} in lane `{name}`" for name, phase in phases.items())
    return f"request `{names[0]}` does not run then", f"it is {told}"


def _phase(names: tuple[str, ...], moment: Step, lane: str) -> str:
    """The phase of a request, or of its independent samples; the first of those there are."""
    known = moment.lane(lane).state.requests
    return next((request.phase for request in known if request.id in names), "not there")


_BLANK = LaneState(0, (), (), (), ContiguousMemory(()))


class Rehearsal:
    """What is known of each beat's end: the state if it could be played, else the names alone."""

    def __init__(self, storyboard: Storyboard, lanes: dict[str, LaneSpec], review: Review) -> None:
        self._storyboard, self._lanes, self._review = storyboard, lanes, review
        self._check_sizes()
        self.beats = self._play()
        """What could be played, without captions."""

    def readings(self, beat: int, shot: int = -1) -> Readings:
        """What captions and claims of a shot can read; values count for played lanes alone."""
        shown = self._storyboard.beats[beat].shots[shot]
        if shown.excerpt and beat < len(self.beats):
            return Readings(shown.excerpt.story, self.beats[beat].shots[shot].end)
        return Readings(self._storyboard, self._end(beat, shot), shown.chart)

    def panels(self, beat: int, shot: int) -> tuple[str, str]:
        """The panels above and beside the lanes; a question takes the place of the first."""
        shown = self._storyboard.beats[beat].shots[shot]
        return shown.above, shown.beside

    def is_played(self, beat: int, lane: str) -> bool:
        """Whether the lane's state at the end of the beat is what the author meant."""
        return beat < len(self.beats) and lane in self._lanes

    def blocks(self, beat: int, lane: str) -> tuple[int, ...]:
        """Block ids of one lane; none if it is contiguous. Raises KeyError."""
        memory = self._end(beat).lane(lane).state.memory
        return memory.blocks if isinstance(memory, PagedMemory) else ()

    def _end(self, beat: int, shot: int = -1) -> Step:
        end = self.beats[beat].shots[shot].end if beat < len(self.beats) else None
        played = {step.lane: step for step in (end.lanes if end else ())}
        return Step(
            end.number if end else 0,
            Half.START,
            tuple(
                played.get(lane.name, LaneStep(lane.name, _BLANK, ()))
                for lane in self._storyboard.lanes
            ),
        )

    def _check_sizes(self) -> None:
        """Report every request that some lane could never hold."""
        if self._review.sound_beats == 0:
            return
        requests = tokens(self._storyboard)
        self._check_names(requests)
        for request in requests.values():
            served = [self._serves(name, request) for name in self._lanes]
            if self._lanes and not any(served):
                many = f"no lane here serves the {request.width} sequences of `{request.id}`"
                self._review.complain(
                    self._review.key("requests", request.id),
                    many,
                    able("beam" if request.beam else "fork"),
                )
                self._review.distrust_from(0)

    def _serves(self, lane: str, request: Request) -> bool:
        """Whether the lane takes the request at all; that it could never fit is reported."""
        try:
            build(self._lanes[lane]).submit(request)
        except GroupNotServed:
            return False
        except TooLarge as refusal:
            self._report_size(lane, refusal)
        except Refusal as refusal:
            span = self._review.key("requests", request.id)
            self._review.complain(span, f"lane `{lane}` refuses it: {refusal}")
            self._review.distrust_from(0)
        return True

    def _check_names(self, requests: dict[str, Request]) -> None:
        """Report requests whose sequences would be called like others."""
        taken: dict[str, str] = {}
        for request in requests.values():
            for name in dict.fromkeys((request.id, *request.sequence_ids)):
                if taken.setdefault(name, request.id) != request.id:
                    span = self._review.key("requests", request.id)
                    message = f"`{name}` would name a sequence of `{request.id}`"
                    if name == request.id:
                        message = f"`{name}` names a sequence of `{taken[name]}`"
                    self._review.complain(
                        span, message, f"and `{taken[name]}` has that name already"
                    )
                    self._review.distrust_from(0)

    def _report_size(self, lane: str, refusal: TooLarge) -> None:
        self._review.complain(
            self._review.key("requests", refusal.request),
            f"request `{refusal.request}` does not fit into lane `{lane}`: "
            f"{refusal.needed:,} slots of {refusal.capacity:,}",
            "fewer tokens, or more "
            + ("`max_len`" if self._by_length(lane, refusal) else "`slots`"),
        )
        self._review.distrust_from(0)

    def _by_length(self, lane: str, refusal: TooLarge) -> bool:
        spec = self._lanes[lane]
        return refusal.capacity == spec.max_len and spec.max_len < spec.slots

    def _play(self) -> tuple[PlayedBeat, ...]:
        silent = tuple(map(_silent, self._storyboard.beats))
        lanes = tuple(self._lanes.values())
        for count in range(self._review.sound_beats, 0, -1):
            playable = replace(self._storyboard, lanes=lanes, beats=silent[:count])
            try:
                beats = play(playable).beats
            except Refusal as refusal:
                reason = str(refusal)
            else:
                if count < self._review.sound_beats:
                    span = self._review.at("beats", count)
                    self._review.complain(span, f"beat {count + 1} cannot be played: {reason}")
                    self._review.distrust_from(count)
                check_deeds(beats, self._storyboard, self._lanes, self._review)
                check_agreement(beats, self._lanes, self._review)
                return beats
        return ()


def _silent(beat: Beat) -> Beat:
    return replace(beat, shots=tuple(replace(shot, say="") for shot in beat.shots))


def stand_ins(names: tuple[str, ...], lanes: dict[str, LaneSpec]) -> tuple[LaneSpec, ...]:
    """Every lane of the file; one that is not sound is there by name alone."""
    return tuple(lanes.get(name, LaneSpec(name, "", "", 0)) for name in names)


def absent(names: tuple[str, ...], scripts: dict[str, Script]) -> tuple[Script, ...]:
    """Every request of the file; one that is not valid is there by name alone."""
    return tuple(scripts.get(name, Script(name, (TAG,), (TAG,), None)) for name in names)
