"""Hold what verbs ordered against what happened: an order that nobody obeyed is a mistake."""

from __future__ import annotations

from collections.abc import Iterable

from model.events import Aborted, Preempted, Recovery
from model.kinds import KINDS
from model.lanes import LaneSpec
from model.state import Phase
from model.storyboard import Storyboard
from model.timeline import PlayedBeat, Step
from model.verbs import Advance, Free, Preempt, Swap
from pagereel.read.review import Review

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
        step = 0
        for index, verb in enumerate(played.beat.do):
            span = review.at("beats", number, "do", index)
            for message, remedy in _unheard(verb, played.steps[step], lanes) if lanes else ():
                review.complain(span, message, remedy)
            step += 2 * verb.count if isinstance(verb, Advance) else 1
        for moment in played.steps:
            last = moment.number
            events = [event for lane in moment.lanes for event in lane.events]
            given_up |= {event.request for event in events if isinstance(event, Aborted)}
    for script in storyboard.requests:
        if lanes and 0 < (script.abort or 0) <= last and script.id not in given_up:
            span = review.key("requests", script.id, "abort")
            message = f"request `{script.id}` has finished in every lane by then"
            review.complain(span, message, "abort it earlier")


def _unheard(verb: object, moment: Step, lanes: Lanes) -> Iterable[tuple[str, str]]:
    """The problem of a verb that changed nothing; none if it did."""
    events = [event for lane in moment.lanes for event in lane.events]
    match verb:
        case Free(request) if Aborted(request) not in events:
            yield f"request `{request}` has finished in every lane by then", "free it earlier"
        case Preempt(request) if not _preempted(events, request, {*Recovery}):
            yield _reason(request, "preempt", moment, lanes)
        case Swap(request) if not _preempted(events, request, {Recovery.SWAP}):
            yield _reason(request, "swap", moment, lanes)


def _preempted(events: Iterable[object], request: str, ways: set[Recovery]) -> bool:
    return any(
        isinstance(event, Preempted) and event.request == request and event.recovery in ways
        for event in events
    )


def _reason(request: str, verb: str, moment: Step, lanes: Lanes) -> tuple[str, str]:
    """Why no lane obeyed, and what to do about it."""
    fit = [name for name, spec in lanes.items() if verb in KINDS[spec.kind].obeys]
    if not fit:
        return f"no lane here can {verb}", able(verb)
    phases = {name: _phase(request, moment, name) for name in fit}
    if Phase.RUNNING in phases.values():
        message = f"the CPU blocks of no lane have room for request `{request}`"
        return message, "more `swap_blocks`"
    told = ", ".join(f"{phase} in lane `{name}`" for name, phase in phases.items())
    return f"request `{request}` does not run then", f"it is {told}"


def _phase(request: str, moment: Step, lane: str) -> str:
    try:
        return moment.lane(lane).state.request(request).phase
    except KeyError:
        return "not there"
