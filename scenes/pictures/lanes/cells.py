"""Token slots: what each holds, drawn so that it can be told without its colour."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from pagereel.model.core.state import Holder, RequestState
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.lanes.grid import SIZES, Grid
from pagereel.scenes.pictures.moment import Moment, shown_word
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Ink, Pattern, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import face, shorten
from pagereel.scenes.style import SUNK


class Holds(StrEnum):
    """What is in a slot."""

    STORED = "stored"
    NEWEST = "newest"
    UNREAD = "unread"
    """Stored, but the retention policy lets no later token read it."""
    RESERVED = "reserved"
    INTERNAL = "internal"
    EXTERNAL = "external"
    CACHED = "cached"
    FREE = "free"


class Slot(NamedTuple):
    """One slot, ready to be drawn."""

    lane: str
    key: str
    box: Box
    holds: Holds
    holder: Holder | None = None
    """The request or sequence that holds it."""
    position: int = 0
    """The token position it holds, when it holds one."""
    place: str = ""
    """What `token_key` knows the place of its entry by."""
    tags: frozenset[str] = frozenset()
    ghost: str = ""
    """The word whose K/V a cached slot still holds."""
    sharers: tuple[str, ...] = ()
    """Who else's table holds it."""
    group: int = 0
    """The group of layers whose K/V it holds."""


MEANING = {
    Holds.STORED: "K/V of token {position} of {holder}",
    Holds.NEWEST: "K/V of token {position} of {holder}, written in this step",
    Holds.UNREAD: "K/V of token {position} of {holder}, stored but not read any more",
    Holds.RESERVED: "reserved for {holder}: it will be used",
    Holds.INTERNAL: "held by {holder}, and not used",
    Holds.EXTERNAL: "free, but the hole is too small for the next request",
    Holds.CACHED: "free, still holding a prefix that can be hit",
    Holds.FREE: "free",
}


def unread(holder: Holder, position: int) -> bool:
    """Whether the entry at this position is kept though its retention policy never reads it."""
    if not isinstance(holder, RequestState) or holder.readable is None:
        return False
    return not any(position in span for span in holder.readable)


def draw(moment: Moment, slot: Slot, grid: Grid) -> Iterator[Shape]:
    """The slot's cell; over it, tagged `token`, the token whose K/V it holds, with its word.

    A token has a key of its own, not the slot's: so it can fly in from the prompt, and fade out
    when its slot is freed.
    """
    radius = min(6, slot.box.h / 5)
    look = _LOOKS[slot.holds]
    name = slot.holder.id if slot.holder else ""
    ink = CLEAR if look.pattern is Pattern.NONE else moment.ink(name, "edge", slot.group)
    fill = moment.ink(name, "kept", slot.group) if look.fill == "kept" else look.fill
    note = MEANING[slot.holds]
    if slot.holder:
        note = note.format(position=slot.position, holder=name)
    line = 2 if look.stroke != CLEAR else 0
    yield Rect(slot.key, slot.box, fill, look.stroke, line, radius, look.pattern, ink,
               tags=slot.tags, note=note)  # fmt: skip
    if slot.holder and slot.holds in (Holds.STORED, Holds.NEWEST, Holds.UNREAD):
        yield from _token(moment, slot, slot.holder, grid, radius)
    elif slot.ghost and grid.has_words:
        yield _word(moment, slot, f"{slot.key}/ghost", slot.ghost, grid)._replace(ink="muted")


class _CellLook(NamedTuple):
    fill: Ink
    stroke: Ink = CLEAR
    pattern: Pattern = Pattern.NONE


_LOOKS = {
    Holds.STORED: _CellLook("slot"),
    Holds.NEWEST: _CellLook("slot"),
    Holds.UNREAD: _CellLook("slot"),
    Holds.RESERVED: _CellLook("kept", pattern=Pattern.HATCH),
    Holds.INTERNAL: _CellLook(SUNK, pattern=Pattern.DOTS),
    Holds.EXTERNAL: _CellLook(CLEAR, "muted"),
    Holds.CACHED: _CellLook(CLEAR, "edge"),
    Holds.FREE: _CellLook("slot"),
}
"""How a cell looks; the request's colour is added to its pattern, and its tint to what is reserved:
so that from afar, too, that is told from what is lost. A stored token lies over it."""


def _token(
    moment: Moment, slot: Slot, holder: Holder, grid: Grid, radius: float
) -> Iterator[Shape]:
    bright = slot.holds is Holds.NEWEST
    tags = slot.tags | {"token"}
    word = moment.word(holder, slot.position)
    key = token_key(slot.lane, slot.place, word)
    fill = moment.ink(holder.id, "solid" if bright else "pale", slot.group)
    if slot.holds is Holds.UNREAD:
        edge = moment.ink(holder.id, "edge", slot.group)
        yield Rect(key, slot.box.inset(1), "slot", edge, 2, radius=radius, tags=tags)
    elif (slot.lane, holder.id, slot.position) in moment.read:
        yield Rect(key, slot.box.inset(1), fill, "text", 3, radius=radius, tags=tags)
    else:
        yield Rect(key, slot.box, fill, radius=radius, tags=tags)
    yield from _bands(moment, slot, tags)
    if not grid.has_words:
        return
    ink = _INKS.get(slot.holds) or moment.ink(holder.id, "on", slot.group)
    yield _word(moment, slot, f"{key}/word", word, grid)._replace(ink=ink, tags=tags)


BAND, LEAST_BAND = 0.2, 4
"""Height of the band along the foot of a shared entry: of its cell's, and in pixels at least."""


def _bands(moment: Moment, slot: Slot, tags: frozenset[str]) -> Iterator[Rect]:
    """Along the foot of an entry, under its word, the colours of all others whose it is too."""
    height = max(slot.box.h * BAND, LEAST_BAND)
    for place, name in enumerate(slot.sharers):
        width = slot.box.w / len(slot.sharers)
        band = Box(slot.box.x + place * width, slot.box.bottom - height, width, height)
        key, note = f"lane/{slot.lane}/share/{slot.place}/{name}", f"in the block table of {name}"
        yield Rect(key, band, moment.ink(name, "solid"), radius=min(3, height / 2), tags=tags,
                   note=note)  # fmt: skip


def _word(moment: Moment, slot: Slot, key: str, word: str, grid: Grid) -> Text:
    measures, room = moment.faces.measures("text"), slot.box.w - 4
    sizes = [size for size in SIZES if size <= grid.word_size]
    size = next((size for size in sizes if measures.width(word, size) <= room), sizes[-1])
    said = shorten(word, room, size, measures)
    return Text(
        key=key,
        x=slot.box.centre[0],
        y=baseline(slot.box.centre[1], size),
        text=said,
        size=size,
        face=moment.faces.text,
        anchor=Anchor.MIDDLE,
        room=slot.box,
        tags=slot.tags,
        note="" if said == word else word,
    )


_INKS = {Holds.STORED: "text", Holds.UNREAD: "muted"}
"""The colour of a token's word; the newest has its own on its request's colour."""


def token_key(lane: str, place: str, word: str) -> str:
    """The key of a stored token in a lane, by its place and its word as it is shown.

    In a pool the place is its slot, as entries stay where they are, whoever shares them; in a
    region it is the holder's position, as regions move with all that is in them.
    """
    return f"lane/{lane}/token/{place}/{word}"


LONG = 9
"""Letters; a longer word is smaller than the others, where it has to be."""


def longest_word(moment: Moment) -> float:
    """Width at a size of 1 of the longest word that cells have to hold whole."""
    return _longest(tuple(moment.storyboard.vocabulary), moment.faces.text)


@lru_cache(maxsize=16)
def _longest(words: tuple[str, ...], name: str) -> float:
    measures, shown = face(name), map(shown_word, words)
    return max((measures.width(word, 1) for word in shown if len(word) <= LONG), default=0.0)


def in_block(block: int, offset: int) -> str:
    """The place of an entry in a pool of blocks."""
    return f"block {block}/{offset}"


def in_region(holder: str, position: int) -> str:
    """The place of an entry in a contiguous memory."""
    return f"{holder}/{position}"
