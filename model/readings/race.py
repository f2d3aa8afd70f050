"""What each request did at each engine step, and how many tokens each reading of the weights made.

An engine step reads the model's weights once, however many requests are in its batch, and gives
each of them that is due one its next token. So the batch decides how much a reading is worth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, groupby, pairwise
from typing import NamedTuple

from pagereel.model.core.events import EntriesWritten, Event, TokenSampled
from pagereel.model.core.once import Kept
from pagereel.model.core.state import LaneState, Phase
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import Half, LaneStep, Step
from pagereel.model.storyboard.verbs import Advance, Run


class Doing(StrEnum):
    """What a request does at an engine step."""

    WAITING = "waiting"
    """In the queue, or in the batch without a turn."""
    PREFILL = "prefill"
    """Its prompt is computed, or after a preemption all that it had, in one go or in pieces."""
    DECODE = "decode"
    """Its newest token is fed back, and the next one comes."""
    PREEMPTED = "preempted"
    """It ran, lost its memory, and waits to run again."""


class Stint(NamedTuple):
    """Engine steps, one after the other, at which a request did the same."""

    request: str
    doing: Doing
    start: float
    """In engine steps: the first one goes from 0 to 1, its scheduled half from 0 to 0.5."""
    end: float


class Reading(NamedTuple):
    """One engine step that computed something: the weights were read once."""

    number: int
    """The engine step's."""
    made: tuple[tuple[str, int], ...]
    """(request, tokens it got), in the engine's order; nobody may have got one."""
    is_done: bool
    """Whether the model has answered."""

    @property
    def tokens(self) -> int:
        """Tokens that this reading of the weights made."""
        return sum(tokens for _, tokens in self.made)


class Spell(NamedTuple):
    """Steps, one after the other, at the end of which a request ran."""

    request: str
    place: int
    """The lowest, from 0, that nobody else had then: as high as they stack, so many ran."""
    start: float
    end: float


class Crowd(NamedTuple):
    """How many there were after an engine step, or at the end of a recorded stretch of steps."""

    number: int
    running: int
    waiting: int
    tokens: int
    """Made in it."""


@dataclass(frozen=True, slots=True)
class Course:
    """One lane of the race so far, step by step."""

    stints: tuple[Stint, ...]
    readings: tuple[Reading, ...]
    ended: tuple[tuple[str, int], ...]
    """(request, engine step at which it got its last token), in order of arrival."""

    @property
    def tokens(self) -> int:
        """Tokens made so far."""
        return sum(reading.tokens for reading in self.readings)


_COURSES = Kept[LaneStep, Course]()


def course(storyboard: Storyboard, past: Sequence[Step], lane: str) -> Course:
    """A lane that was played, from the storyboard's first step to the last of these.

    Raises IndexError where there is no step.
    """
    return _COURSES.of(past[-1].lane(lane), lambda: _course(storyboard, past, lane))


def _course(storyboard: Storyboard, past: Sequence[Step], lane: str) -> Course:
    stints: list[Stint] = []
    readings: list[Reading] = []
    ended: dict[str, int] = {}
    for number, halves in groupby(_halves(past), lambda step: step.number):
        moments = [step.lane(lane) for step in halves]
        stints += _stints(storyboard, number, moments)
        events = [event for moment in moments for event in moment.events]
        if any(isinstance(event, EntriesWritten | TokenSampled) for event in events):
            made = _made(storyboard, events)
            readings.append(Reading(number, made, is_done=len(moments) == 2))
        for request in moments[-1].state.requests:
            if request.phase is Phase.FINISHED:
                ended.setdefault(request.id, number)
    return Course(tuple(_joined(stints)), tuple(readings), tuple(ended.items()))


def _halves(past: Iterable[Step]) -> Iterator[Step]:
    """What is no part of an engine step takes no time."""
    return (step for step in past if step.half is not Half.START)


def _stints(storyboard: Storyboard, number: int, moments: Sequence[LaneStep]) -> Iterator[Stint]:
    """Everybody who was there when the step was scheduled, as far as the step has come."""
    scheduled, end = moments[0], number - (0.5 if len(moments) == 1 else 0)
    turns = {
        storyboard.owner(event.request).id: event
        for event in reversed(scheduled.events)
        if isinstance(event, EntriesWritten)
    }
    for request in scheduled.state.requests:
        if request.phase not in (Phase.FINISHED, Phase.ABORTED):
            turn = turns.get(request.id)
            doing = _doing(request.phase, turn, request.prompt)
            yield Stint(request.id, doing, number - 1, end)


def _doing(phase: Phase, turn: EntriesWritten | None, prompt: int) -> Doing:
    if turn is not None:
        return Doing.PREFILL if turn.start < prompt else Doing.DECODE
    return Doing.PREEMPTED if phase in (Phase.PREEMPTED, Phase.SWAPPED) else Doing.WAITING


def _made(storyboard: Storyboard, events: Iterable[Event]) -> tuple[tuple[str, int], ...]:
    owners = (storyboard.owner(e.request).id for e in events if isinstance(e, TokenSampled))
    return tuple(Counter(owners).items())


def _joined(stints: Iterable[Stint]) -> Iterator[Stint]:
    """Neighbours that are alike become one, in order of request and time."""
    for _, own in groupby(sorted(stints, key=lambda s: s.request), lambda s: s.request):
        for _, alike in groupby(own, lambda s: s.doing):
            first, *others = alike
            yield first._replace(end=others[-1].end if others else first.end)


def crowds(past: Sequence[Step], lane: str) -> tuple[Crowd, ...]:
    """How many ran and waited, step by step; of a recording, stretch by stretch."""
    found, before = [], 0
    for number, state in _ends(past, lane):
        answered = sum(request.sampled for request in state.requests)
        waiting = len(state.waiting) + len(state.swapped)
        found.append(Crowd(number, len(state.running), waiting, answered - before))
        before = answered
    return tuple(found)


def spells(past: Sequence[Step], lane: str) -> tuple[Spell, ...]:
    """Who ran from when to when, stacked, in the order in which they began."""
    found: list[Spell] = []
    now: dict[str, int] = {}  # the spell of each that runs
    for number, state in _ends(past, lane):
        running = frozenset(state.running)
        now = {name: at for name, at in now.items() if name in running}
        taken = {found[at].place for at in now.values()}
        for name in state.running:
            if name in now:
                found[now[name]] = found[now[name]]._replace(end=number)
            else:
                place = next(place for place in count() if place not in taken)
                taken.add(place)
                now[name] = len(found)
                found.append(Spell(name, place, number - 1, number))
    return tuple(found)


def _ends(past: Iterable[Step], lane: str) -> Iterator[tuple[int, LaneState]]:
    return ((step.number, step.lane(lane).state) for step in past if step.half is Half.SAMPLED)


def most_at_once(storyboard: Storyboard) -> int:
    """Requests that can run at once in any lane, as far as it is known before the first step."""
    asked = len(storyboard.scripts)
    runs = [spec.recorded for spec in storyboard.lanes]
    if not all(runs):
        return asked
    steps = (step for recorded in runs if recorded for step in recorded.steps)
    return max((len(step.sampled.running) for step in steps), default=asked)


def most_made(storyboard: Storyboard) -> int:
    """Tokens that recorded lanes made in one stretch at most; of others, one for each request."""
    found = [len(storyboard.scripts)]
    for recorded in (spec.recorded for spec in storyboard.lanes):
        states = (recorded.start, *(s.sampled for s in recorded.steps)) if recorded else ()
        sums = [sum(request.sampled for request in state.requests) for state in states]
        found += [after - before for before, after in pairwise(sums)]
    return max(found)


def horizon(storyboard: Storyboard, card: str) -> int:
    """Engine steps until the last shot with that card ends: how long its clock is."""
    shots = [shot for beat in storyboard.beats for shot in beat.shots]
    last = max(place for place, shot in enumerate(shots) if shot.card == card)
    verbs = (verb for shot in shots[: last + 1] for verb in shot.do)
    return sum(verb.count for verb in verbs if isinstance(verb, Advance | Run))


def weights_bytes(storyboard: Storyboard) -> int | None:
    """What one reading of the weights reads: of the storyboard's GPU, else of its model in 16 bits.

    None where neither says. A step looks up single rows of the table of input tokens only; models
    that keep it apart from the output's have a few percent of their weights there.
    """
    if storyboard.gpu is not None:
        return storyboard.gpu.weights_bytes
    return 2 * storyboard.geometry.parameters or None
