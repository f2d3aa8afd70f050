"""What a visitor does to the state that he sees, written into the storyboard from there on.

A document is what YAML makes of a storyboard; what comes out is another one, to be read as any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
Verb = str | dict[str, Any]
"""An item of `do`, as a file has it."""
TITLE = "Your own steps"
ARRIVALS = ("admit", "fork", "beam")
DONE_TO = (*ARRIVALS, "preempt", "swap", "compact", "free")
"""Verbs that are done to one request."""


class NoSuchPlace(ValueError):
    """An act is to be done at a place that the storyboard does not have."""


@dataclass(frozen=True, slots=True)
class Act:
    """Verbs of the visitor, and the place from which on they are done."""

    beat: int
    """From 0, in the storyboard as the acts before have left it."""
    shot: int
    """From 0."""
    done: int
    """Moments of the shot that are over."""
    do: tuple[Verb, ...]


def acts_of(text: str) -> tuple[Act, ...]:
    """Acts from JSON, each `[beat, shot, done, verb, ...]`. Raises `NoSuchPlace` for others."""
    given = json.loads(text)
    if not isinstance(given, list):
        raise NoSuchPlace("these are no steps")
    return tuple(map(_act, given))


def _act(given: object) -> Act:
    match given:
        case [int(beat), int(shot), int(done), *verbs] if verbs and min(beat, shot, done) >= 0:
            do = tuple(verb for verb in verbs if isinstance(verb, str | dict))
            if len(do) == len(verbs):
                return Act(beat, shot, done, do)
    raise NoSuchPlace("these are no steps")


def is_actable(document: object) -> bool:
    """Whether a document has a storyboard's shape; what else is wrong is told when it is read."""
    if not isinstance(document, dict):
        return False
    beats, forms = document.get("beats"), [document.get("lanes"), document.get("requests", {})]
    if not isinstance(beats, list) or not all(isinstance(form, dict) for form in forms):
        return False
    named = [one for form in forms for one in form.values()]
    if not all(isinstance(one, dict) for one in (*beats, *named, document.get("parameters", {}))):
        return False
    if not all(isinstance(task, dict) for task in document.get("tasks", [])):
        return False
    lists = [beat.get("shots", []) for beat in beats]
    if not all(isinstance(shots, list) for shots in lists):
        return False
    shots = [*beats, *(shot for shots in lists for shot in shots)]
    return all(isinstance(shot, dict) and isinstance(shot.get("do", []), list) for shot in shots)


def acted(document: Mapping[str, Any], acts: Iterable[Act], goes_on: bool) -> Document:
    """The storyboard with these acts, one after the other.

    What the author lets happen after each is cut, or done after it where it `goes_on`. Raises
    `NoSuchPlace`.
    """
    found = {**document}
    for act in acts:
        found = _with(found, act, goes_on)
    return _with_spare(found)


def _with(document: Document, act: Act, goes_on: bool) -> Document:
    beats = document["beats"]
    if act.beat >= len(beats):
        raise NoSuchPlace(f"there is no beat {act.beat + 1}")
    before, rest = _split(beats[act.beat], act)
    later = [*rest, *beats[act.beat + 1 :]] if goes_on else []
    kept = [*beats[: act.beat], *before]
    told = {**document, "beats": [*kept, _own(document, act, kept), *_without(later, act.do)]}
    titles = [beat.get("title") for beat in told["beats"]]
    if told.get("poster") not in titles:
        told.pop("poster", None)
    if "tasks" in told:
        told["tasks"] = [task for task in told["tasks"] if task.get("beat", titles[0]) in titles]
    return told


def _split(beat: Document, act: Act) -> tuple[list[Document], list[Document]]:
    """A beat up to the place of an act, and what is left of it, each as a beat or nothing."""
    shots = beat.get("shots") or [beat]
    if act.shot >= len(shots):
        raise NoSuchPlace(f"there is no shot {act.shot + 1}")
    done, left = _cut(shots[act.shot].get("do") or [], act.done)
    if not left and act.shot == len(shots) - 1:
        return [beat], []
    begun = {**shots[act.shot], "do": done}
    going_on = {**shots[act.shot], "do": left}
    if left:
        begun.pop("question", None)
    head = [*shots[: act.shot], begun]
    tail = [*([going_on] if left else []), *shots[act.shot + 1 :]]
    if "shots" not in beat:
        return [without_key(begun, "expect")], [going_on]
    first = without_key({**beat, "shots": head}, "expect")
    return [first], [{**beat, "shots": tail}]


def without_key(form: Document, key: str) -> Document:
    """A part of a document that does not say this."""
    return {name: value for name, value in form.items() if name != key}


def _cut(do: Sequence[Verb], moments: int) -> tuple[list[Verb], list[Verb]]:
    """Verbs up to a moment, and the others; an engine step that has begun is finished."""
    done: list[Verb] = []
    for place, verb in enumerate(do):
        if moments <= 0:
            return done, [*do[place:]]
        count, key = _steps(verb), key_of(verb)
        if not count:
            done.append(verb)
            moments -= 1
            continue
        taken = min(count, (moments + 1) // 2)
        done.append({key: taken})
        if taken < count:
            return done, [{key: count - taken}, *do[place + 1 :]]
        moments -= 2 * count
    return done, []


def key_of(verb: Verb) -> str:
    """Which verb it is; empty for none."""
    return verb if isinstance(verb, str) else next(iter(verb), "")


def _steps(verb: Verb) -> int:
    """Engine steps of a verb; 0 for those that take none."""
    if isinstance(verb, str):
        return int(verb == "step")
    count = verb.get("step", verb.get("run", 0))
    return count if isinstance(count, int) else 0


def requests_of(verb: Verb, keys: Iterable[str]) -> Iterator[str]:
    """The request that a verb of one of these kinds is done to."""
    if isinstance(verb, dict) and key_of(verb) in keys:
        given = verb[key_of(verb)]
        yield from given if isinstance(given, dict) else [str(given)]


def _own(document: Document, act: Act, kept: Sequence[Document]) -> Document:
    """The visitor's beat: a shot for each thing that he does, with all lanes to be seen."""
    shots: list[Document] = [{"do": [verb], "say": _said(verb)} for verb in act.do]
    lanes = document.get("lanes")
    names = [f"lane {name}" for name in lanes] if isinstance(lanes, dict) else []
    shots[0]["show"] = [*names, document.get("above") or "prompt"]
    mine = sum(str(beat.get("title", "")).startswith(TITLE) for beat in kept)
    return {"title": f"{TITLE}, {mine + 1}" if mine else TITLE, "shots": shots}


_SAID = {
    "admit": "{} comes.",
    "preempt": "{} has to give its memory back, where a lane can take it.",
    "swap": "{} is moved to the CPU.",
    "compact": "{} moves up.",
    "free": "{} gives up.",
}


def _said(verb: Verb) -> str:
    """What happens, as a caption that holds whatever comes of it."""
    key = key_of(verb)
    if key in ("step", "run"):
        steps = _steps(verb)
        return "One more step." if steps == 1 else f"{steps} more steps."
    (name,) = [*requests_of(verb, (key,))] or [""]
    if key in ("fork", "beam") and isinstance(verb, dict):
        count = verb[key].get(name) if isinstance(verb[key], dict) else ""
        what = "samples" if key == "fork" else "beams"
        return f"{name} comes, and asks for {count} {what}."
    return _SAID.get(key, "{}").format(name)


def _without(beats: Iterable[Document], mine: Sequence[Verb]) -> list[Document]:
    """Later beats, in which nobody comes or gives up again whom the visitor has sent or freed."""
    sent = {name for verb in mine for name in requests_of(verb, ARRIVALS)}
    freed = {name for verb in mine for name in requests_of(verb, ("free",))}

    def stays(verb: Verb) -> bool:
        comes, goes = requests_of(verb, ARRIVALS), requests_of(verb, ("free",))
        return not (sent & {*comes} or freed & {*goes})

    return sifted(beats, stays)


def _with_spare(document: Document) -> Document:
    """The storyboard in which those may stay away who come after its end."""
    verbs = [
        verb
        for beat in document["beats"]
        for shot in beat.get("shots") or [beat]
        for verb in shot.get("do") or []
    ]
    sent = {name for verb in verbs for name in requests_of(verb, ARRIVALS)}
    steps = sum(map(_steps, verbs))

    def is_there(name: str, request: Document) -> bool:
        arrival, abort = request.get("arrival"), request.get("abort")
        comes = name in sent if arrival is None else max(arrival, 1) <= steps
        return comes and (abort is None or abort <= steps)

    requests = document.get("requests")
    if not isinstance(requests, dict):
        return document
    told = {
        name: request
        if not isinstance(request, dict) or is_there(name, request)
        else {**request, "spare": True}
        for name, request in requests.items()
    }
    return {**document, "requests": told}


def sifted(forms: Iterable[Document], stays: Callable[[Verb], bool]) -> list[Document]:
    """Beats or shots with those verbs alone that stay."""
    told = []
    for form in forms:
        one = {**form}
        if form.get("do"):
            one["do"] = [verb for verb in form["do"] if stays(verb)]
        if form.get("shots"):
            one["shots"] = sifted(form["shots"], stays)
        told.append(one)
    return told
