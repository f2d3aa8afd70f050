"""Hold what verbs ordered against what happened: an order that nobody obeyed is a mistake."""

from __future__ import annotations

from collections.abc import Iterable

from model.events import Aborted, Preempted, Recovery
from model.kinds import KINDS
from model.lanes import LaneSpec
from model.state import Phase
from model.storyboard import Storyboard
from model.timeline import PlayedBeat, Step
from model.verbs import Advance, Free, Preempt, Run, Swap, Verb, moments
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
            told = _unheard(verb, played.steps[step], storyboard, lanes) if lanes else ()
            for message, remedy in told:
                review.complain(span, message, remedy)
            step += moments(verb)
        for moment in played.steps:
            last = moment.number
            events = [event for lane in moment.lanes for event in lane.events]
            given_up |= {event.request for event in events if isinstance(event, Aborted)}
    for script in storyboard.requests:
        names = {script.id, *script.sequence_ids}
        if lanes and 0 < (script.abort or 0) <= last and not names & given_up:
            span = review.key("requests", script.id, "abort")
            message = f"request `{script.id}` has finished in every lane by then"
            review.complain(span, message, "abort it earlier")


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


def _reason(verb: str, names: tuple[str, ...], moment: Step, lanes: Lanes) -> tuple[str, str]:
    """Why no lane obeyed, and what to do about it."""
    fit = [name for name, spec in lanes.items() if verb in KINDS[spec.kind].obeys]
    if not fit:
        return f"no lane here can {verb}", able(verb)
    phases = {name: _phase(names, moment, name) for name in fit}
    if Phase.RUNNING in phases.values():
        message = f"the CPU blocks of no lane have room for request `{names[0]}`"
        return message, "more `swap_blocks`"
    told = ", ".join(f"{phase} in lane `{name}`" for name, phase in phases.items())
    return f"request `{names[0]}` does not run then", f"it is {told}"


def _phase(names: tuple[str, ...], moment: Step, lane: str) -> str:
    """The phase of a request, or of its independent samples; the first of those there are."""
    known = moment.lane(lane).state.requests
    return next((request.phase for request in known if request.id in names), "not there")
