"""What a page's form changes that is more than one value: when requests come, and kinds of lanes.

A document is what YAML makes of a storyboard.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from pagereel.model.allocators.kinds import KINDS
from pagereel.page.acting import (
    ARRIVALS,
    DONE_TO,
    Document,
    Verb,
    key_of,
    requests_of,
    sifted,
    without_key,
)
from pagereel.read import Reviewed

Path = tuple[str | int, ...]


def rescheduled(document: Document, timed: Iterable[str], away: Iterable[str]) -> Document:
    """The storyboard in which some requests come by themselves, and others not at all."""
    requests = dict(document.get("requests") or {})
    for name in (gone := {*away} & requests.keys()):
        requests[name] = {**without_key(requests[name], "arrival"), "spare": True}
    moved = {*timed} - gone

    def stays(verb: Verb) -> bool:
        for name in moved & {*requests_of(verb, ARRIVALS)}:
            key = {"fork": "n", "beam": "beam"}.get(key_of(verb))
            if key and isinstance(verb, dict):
                requests[name] = {**requests[name], key: verb[key_of(verb)][name]}
            return False
        return not gone & {*requests_of(verb, DONE_TO)}

    return {**document, "requests": requests, "beats": sifted(document["beats"], stays)}


def sound(document: Document, found: Reviewed) -> Document:
    """The storyboard without what it says and does in vain: it can be checked and rendered.

    `found` is what its reading has come to.
    """
    false: dict[int, set[str]] = {}
    for unmet in found.unmet:
        false.setdefault(unmet.beat, set()).add(unmet.claim.text)
    beats = [
        _sound(beat, ("beats", number), false.get(number, set()), found.unheard)
        for number, beat in enumerate(document["beats"])
    ]
    told = {**document, "beats": beats}
    if "tasks" in document:
        told["tasks"] = [t for i, t in enumerate(document["tasks"]) if i not in found.done]
    requests = {
        name: without_key(form, "abort") if ("requests", name, "abort") in found.unheard else form
        for name, form in document.get("requests", {}).items()
    }
    return told | ({"requests": requests} if requests else {})


def _sound(form: Document, path: Path, false: set[str], unheard: Container[Path]) -> Document:
    """A beat or a shot likewise."""
    told = {**form}
    if "expect" in form:
        told["expect"] = [claim for claim in form["expect"] if claim not in false]
    if "do" in form:
        told["do"] = [v for i, v in enumerate(form["do"]) if (*path, "do", i) not in unheard]
    if "question" in form and false & {*form["question"]["options"].values()}:
        del told["question"]
    if "shots" in form:
        told["shots"] = [
            _sound(shot, (*path, "shots", i), false, unheard)
            for i, shot in enumerate(form["shots"])
        ]
    return told


def refitted(document: Document, names: Iterable[str], kept: Iterable[str]) -> Document:
    """The storyboard in which these lanes say nothing that their kind does not know.

    What they lack they get from their slots. `kept` are keys that the visitor has set himself: he
    is told if they do not fit.
    """
    lanes = dict(document["lanes"])
    for name in names:
        if lanes.get(name, {}).get("kind") in KINDS:
            lanes[name] = _refitted(lanes[name], document.get("parameters") or {}, {*kept})
    return {**document, "lanes": lanes}


def _refitted(lane: Document, shared: Document, kept: set[str]) -> Document:
    kind = KINDS[lane["kind"]]
    known = {"kind", "title", *kind.takes, *kind.options, *kept}
    if kind.null_blocks:  # blocks are numbered otherwise
        known.discard("free_order")
    told = {key: value for key, value in lane.items() if key in known}
    if "max_len" not in kind.takes or "max_len" in kept:
        return told
    given: dict[str, Any] = {"block_size": 16, **shared, **told}
    most = given.get("max_len", given["slots"])
    if "block_size" not in kind.takes:
        return told if "max_len" in given else {**told, "max_len": most}
    # A buddy allocator halves its largest chunk down to a block.
    size = given["block_size"]
    while size < most and 2 * size <= given["slots"]:
        size *= 2
    return {**told, "max_len": size}
