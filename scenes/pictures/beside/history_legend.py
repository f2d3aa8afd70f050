"""What the areas and signs of a history mean: in lines, on a card of its own, or with numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from model.history import Trouble
from model.state import ContiguousMemory
from model.timeline import LaneStep
from model.waste import Split, split
from scenes.pictures.beside.area import SIGNS, Story
from scenes.pictures.beside.splitbar import Part, parts, swatch
from scenes.pictures.charts.rows import flow
from scenes.pictures.chip import baseline
from scenes.pictures.moment import Moment
from scenes.shapes import Box, Rect, Shape, Text
from scenes.style import SIZE_LABEL

TAGS = frozenset({"history"})
LINE = 29
"""From line to line of a card."""


class Entry(NamedTuple):
    """A part's look, or a sign, and what stands beside it."""

    look: Part | Trouble
    label: str


def seen(stories: Sequence[Story]) -> tuple[list[Part], list[Trouble]]:
    """The parts that held a slot so far in some lane, and the troubles that there were."""
    splits = [period.split for told in stories for period in told.periods]
    most = {name: max((getattr(s, name) for s in splits), default=0) for name in _NAMES}
    troubles = {mark.trouble for told in stories for mark in told.marks}
    shown = [part for part in parts(Split(**most, free=0)) if part.slots]
    return shown, [trouble for trouble in Trouble if trouble in troubles]


_NAMES = ("stored", "reserved", "internal", "external", "cached")


def possible(moment: Moment, stories: Sequence[Story]) -> tuple[list[Part], list[Trouble]]:
    """What can come in these lanes: known from the start, so that nothing has to make room."""
    states = [step.state for step in moment.step.lanes]
    reserves = int(any(isinstance(state.memory, ContiguousMemory) for state in states))
    caches = int(any(part.name == "cached" for part in seen(stories)[0]))
    looks = parts(Split(1, reserves, 1, reserves, caches, 0))
    return [part for part in looks if part.slots], list(Trouble)


def named(looks: Sequence[Part], troubles: Sequence[Trouble]) -> tuple[Entry, ...]:
    """Entries that say what a look is called."""
    return (*(Entry(p, p.name) for p in looks), *(Entry(t, t.value) for t in troubles))


def numbered(step: LaneStep, stories: Sequence[Story]) -> tuple[Entry, ...]:
    """Entries that say how many slots of a lane are of a part now."""
    looks, troubles = seen(stories)
    now = {part.name: part.slots for part in parts(split(step.state))}
    counted = (Entry(part, f"{now.get(part.name, 0)} {part.name}") for part in looks)
    return (*counted, *(Entry(trouble, trouble.value) for trouble in troubles))


def legend_lines(
    moment: Moment, entries: Sequence[Entry], box: Box
) -> tuple[tuple[Shape, ...], float]:
    """Entries one after the other from the top of a box; and how high they are."""
    measures = moment.faces.measures("text")
    places, height = flow([44 + measures.width(e.label, SIZE_LABEL) for e in entries], box)
    drawn = [
        _entry(moment, f"history/legend/{entry.label}", entry, Box(x, y, 32, 28), TAGS)
        for entry, (x, y) in zip(entries, places, strict=True)
    ]
    return tuple(shape for shapes in drawn for shape in shapes), height


def legend_height(entries: Sequence[Entry]) -> float:
    """How high a card with entries in two columns is."""
    return LINE * -(-len(entries) // 2) + 16


def legend_card(moment: Moment, entries: Sequence[Entry], card: Box) -> Iterator[Shape]:
    """Entries in two columns, on a card."""
    yield Rect("history/legend", card, "card", "edge", 1.5, radius=16)
    for i, entry in enumerate(entries):
        place = Box(card.x + 16 + (i % 2) * 132, card.y + 8 + LINE * (i // 2), 24, 28)
        yield from _entry(moment, f"history/legend/{entry.label}", entry, place, TAGS)


def legend_column(
    moment: Moment, told: Story, entries: Sequence[Entry], box: Box
) -> Iterator[Shape]:
    """Entries one below the other; what fits."""
    pitch = min(34, max(25, box.h / max(len(entries), 1)))
    for i, entry in enumerate(entries[: int(box.h // pitch)]):
        name = entry.look.name if isinstance(entry.look, Part) else entry.label
        place = Box(box.x, box.y + pitch * i, 20, 28)
        yield from _entry(moment, f"{told.key}/{name}", entry, place, told.tags)


def _entry(
    moment: Moment, key: str, entry: Entry, box: Box, tags: frozenset[str]
) -> Iterator[Shape]:
    """A swatch or a sign, and its label to the right."""
    if isinstance(entry.look, Trouble):
        yield from SIGNS[entry.look](f"{key}/sign", box.centre, tags)
    else:
        yield swatch(f"{key}/swatch", entry.look, box.inset(0, 3), tags)
    yield Text(key, box.right + 10, baseline(box.centre[1], SIZE_LABEL), entry.label, SIZE_LABEL,
               "text", moment.faces.text, tags=tags)  # fmt: skip
