"""Token slots: what each holds, drawn so that it can be told without its colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from model.state import RequestState
from scenes.pictures.chip import baseline
from scenes.pictures.moment import Moment
from scenes.shapes import CLEAR, Anchor, Box, Ink, Pattern, Rect, Shape, Text
from scenes.style import SIZE_LABEL
from scenes.typeface import shorten, visible


class Holds(StrEnum):
    """What is in a slot."""

    STORED = "stored"
    NEWEST = "newest"
    RESERVED = "reserved"
    INTERNAL = "internal"
    EXTERNAL = "external"
    CACHED = "cached"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot, ready to be drawn."""

    key: str
    box: Box
    holds: Holds
    request: str | None = None
    position: int = 0
    """The token position it holds, when it holds one."""
    tags: frozenset[str] = frozenset()


MEANING = {
    Holds.STORED: "K/V of token {position} of request {request}",
    Holds.NEWEST: "K/V of token {position} of request {request}, written in this step",
    Holds.RESERVED: "reserved for request {request}: it will be used",
    Holds.INTERNAL: "held by request {request} and never used",
    Holds.EXTERNAL: "free, but the hole is too small for the next request",
    Holds.CACHED: "free, still holding a prefix that can be hit",
    Holds.FREE: "free",
}


def newest(request: RequestState, position: int) -> bool:
    """Whether the request's latest step wrote the K/V at this position."""
    if request.computed <= request.prompt:
        return position < request.computed
    return position == request.computed - 1


def draw(moment: Moment, slot: Slot, *, words: str) -> Iterator[Shape]:
    """The slot's cell, and its word under the key prefix `words` if there is one to show."""
    look = _look(moment, slot)
    yield Rect(
        slot.key,
        slot.box,
        look.fill,
        look.stroke,
        2 if look.stroke != CLEAR else 0,
        pattern=look.pattern,
        pattern_ink=look.pattern_ink,
        radius=min(6, slot.box.h / 5),
        tags=slot.tags,
        note=MEANING[slot.holds].format(position=slot.position, request=slot.request),
    )
    if words and slot.request is not None and slot.holds in (Holds.STORED, Holds.NEWEST):
        yield _word(moment, slot, words)


class _Look(NamedTuple):
    fill: Ink = CLEAR
    stroke: Ink = CLEAR
    pattern: Pattern = Pattern.NONE
    pattern_ink: Ink = CLEAR


def _look(moment: Moment, slot: Slot) -> _Look:
    """Fill, outline and pattern: colour says whose, pattern says what."""
    match slot.holds:
        case Holds.EXTERNAL:
            return _Look(stroke="muted")
        case Holds.CACHED:
            return _Look("slot", "muted")
        case Holds.FREE:
            return _Look("slot")
    assert slot.request is not None, f"{slot.key} is held by nobody"
    match slot.holds:
        case Holds.STORED:
            return _Look(moment.ink(slot.request, "pale"))
        case Holds.NEWEST:
            return _Look(moment.ink(slot.request, "solid"))
        case Holds.RESERVED:
            return _Look("slot", CLEAR, Pattern.HATCH, moment.ink(slot.request, "edge"))
        case Holds.INTERNAL:
            return _Look("slot", CLEAR, Pattern.DOTS, moment.ink(slot.request, "edge"))


def _word(moment: Moment, slot: Slot, words: str) -> Text:
    assert slot.request is not None
    word = visible(moment.token(slot.request, slot.position).strip(" ")) or "␣"
    bright = slot.holds is Holds.NEWEST
    return Text(
        key=f"{words}/{slot.request}/{slot.position}",
        x=slot.box.centre[0],
        y=baseline(slot.box.centre[1], SIZE_LABEL),
        text=shorten(word, slot.box.w - 8, SIZE_LABEL, moment.faces.measures("text")),
        size=SIZE_LABEL,
        ink=moment.ink(slot.request, "on") if bright else "text",
        face=moment.faces.text,
        anchor=Anchor.MIDDLE,
        room=slot.box,
        tags=slot.tags,
    )
