"""Free memory at one scale: each lane's holes, the largest marked, and whoever needs a place.

Holes stand largest first, so that what the next request needs can lie under the largest one: what
sticks out does not fit, however much is free beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pagereel.model.core.state import PagedMemory
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import Hole, Need, free_holes, largest_room, next_need
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Ink, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_LABEL

GAP, SEAM = 12, 3
"""Between cards; what a bar is shorter than its slots, so that neighbours are told apart."""
LINE, LEAST, MOST, LOW = 34, 26, 56, 116
"""Height of a line of text; of a bar where room is short, and where it is not; of a card's inside
that has no room for bars."""


def holes(moment: Moment, box: Box) -> Iterator[Shape]:
    """A card for each lane, in the lanes' order: one below the other, or two side by side."""
    steps = moment.step.lanes
    across = 2 if box.w > box.h else 1
    down = math.ceil(len(steps) / across)
    width, height = (box.w - GAP * (across - 1)) / across, (box.h - GAP * (down - 1)) / down
    most = _slots_across(moment)
    for i, step in enumerate(steps):
        x, y = box.x + i % across * (width + GAP), box.y + i // across * (height + GAP)
        yield from _lane(moment, step, Box(x, y, width, height), most)


def _slots_across(moment: Moment) -> float:
    """How many slots a card is wide: as many eighths of the memory as this beat's bars need.

    The same for all lanes and all steps of a beat: bars can be compared.
    """
    lanes = [lane for step in (*moment.played.steps, moment.step) for lane in step.lanes]
    free = [sum(hole.size for hole in free_holes(lane.state)) for lane in lanes]
    needs = [need.slots for need in (next_need(lane.state) for lane in lanes) if need]
    most, capacity = max(*free, *needs), max(lane.state.capacity for lane in lanes)
    return capacity * max(math.ceil(8 * most / capacity), 2) / 8


@dataclass(frozen=True, slots=True)
class _Card:
    """What the parts of one lane's card share."""

    moment: Moment
    step: LaneStep
    inner: Box
    scale: float
    """Pixels a slot."""
    bar: float
    """Height of a bar."""
    gap: float
    key: str
    tags: frozenset[str]

    @property
    def block(self) -> int:
        """Slots of a block; 0 if the lane is contiguous."""
        memory = self.step.state.memory
        return memory.block_size if isinstance(memory, PagedMemory) else 0

    @property
    def top(self) -> float:
        """Where the holes begin."""
        return self.inner.y + LINE + self.gap

    @property
    def below(self) -> float:
        """Where the bar of the request begins."""
        return self.top + self.bar + self.gap

    def width(self, slots: int) -> float:
        """Of a bar for so many slots."""
        return max(round(slots * self.scale - SEAM, 2), 2)

    def measure(self, text: str, face: str = "text") -> float:
        """Pixels of a label."""
        return self.moment.faces.measures(face).width(text, SIZE_LABEL)


def _lane(moment: Moment, step: LaneStep, box: Box, across: float) -> Iterator[Shape]:
    inner = box.inset(24, 6)
    slack = max(inner.h - 2 * LINE - 2 * LEAST, 0)
    bar = min(MOST, LEAST + slack * 0.2)
    gap = min(20, (inner.h - 2 * LINE - 2 * bar) / 3)
    key, tags = f"holes/{step.lane}", frozenset({"holes", f"lane {step.lane}"})
    card = _Card(moment, step, inner, inner.w / across, bar, gap, key, tags)
    yield Rect(key, box, "card", "edge", 1.5, radius=16)
    yield from _head(card)
    need = next_need(step.state)
    if inner.h < LOW:
        yield _verdict(card, need)._replace(y=baseline(inner.bottom - LINE / 2, SIZE_LABEL))
        return
    found = sorted(free_holes(step.state), key=lambda hole: (-hole.size, hole.start))
    yield from _holes(card, found, need)
    if need:
        yield from _need(card, need)
    yield _verdict(card, need)


def _head(card: _Card) -> Iterator[Shape]:
    """The lane's title, and how much is free in all."""
    spec = next(s for s in card.moment.storyboard.lanes if s.name == card.step.lane)
    faces, line = card.moment.faces, baseline(card.inner.y + LINE / 2, SIZE_LABEL)
    free = f"{sum(hole.size for hole in free_holes(card.step.state))} free"
    room = card.inner.w - card.measure(free) - 16
    title = shorten(visible(spec.title), room, SIZE_LABEL, faces.measures("bold"))
    yield Text(f"{card.key}/title", card.inner.x, line, title, SIZE_LABEL, "text", faces.bold,
               tags=card.tags)  # fmt: skip
    yield Text(f"{card.key}/free", card.inner.right, line, free, SIZE_LABEL, "muted",
               faces.text, Anchor.END, tags=card.tags)  # fmt: skip


def _holes(card: _Card, found: list[Hole], need: Need | None) -> Iterator[Shape]:
    """The holes side by side; those too small for the request are outlined, as external is."""
    x = card.inner.x
    for place, hole in enumerate(found):
        box = Box(x, card.top, card.width(hole.size), card.bar)
        is_small = bool(need and not card.block and hole.size < need.slots)
        is_largest = place == 0 and not card.block
        fill, stroke, line = _look(is_small, is_largest)
        key = f"{card.key}/{hole.start}"
        note = f"{hole.size} free slots from {hole.start}"
        yield Rect(key, box.inset(line / 2), fill, stroke, line, min(6, box.w / 3), tags=card.tags,
                   note=note)  # fmt: skip
        label = str(hole.size)
        if not card.block and card.measure(label, "mono") + 10 <= box.w:
            ink = "text" if is_largest else "muted"
            yield Text(f"{key}/size", box.centre[0], baseline(box.centre[1], SIZE_LABEL), label,
                       SIZE_LABEL, ink, card.moment.faces.mono, Anchor.MIDDLE, box,
                       tags=card.tags)  # fmt: skip
        x += hole.size * card.scale


def _look(is_small: bool, is_largest: bool) -> tuple[Ink, Ink, float]:
    """Fill, outline and its width."""
    fill: Ink = CLEAR if is_small else "slot"
    if is_largest:
        return fill, "accent", 3
    return fill, "muted" if is_small else CLEAR, 2 if is_small else 0


def _need(card: _Card, need: Need) -> Iterator[Shape]:
    """What the request needs, in one piece or in blocks; what sticks out of the largest hole."""
    moment, tags = card.moment, card.tags | card.moment.tags(card.step.lane, need.request)
    key, note = f"{card.key}/need/{need.request}", f"{need.request} needs {need.slots} slots"
    largest = largest_room(card.step.state)
    pieces = [card.block] * (need.slots // card.block) if card.block else [need.slots]
    x, right = card.inner.x, card.inner.x
    for place, slots in enumerate(pieces):
        box = Box(x, card.below, card.width(slots), card.bar)
        yield Rect(f"{key}/{place}", box, moment.ink(need.request, "solid"), radius=6, tags=tags,
                   note=note)  # fmt: skip
        x, right = x + slots * card.scale, box.right
    if not card.block and largest < need.slots:
        yield from _overhang(card, f"{key}/over", largest, right, tags)
    bar = Box(card.inner.x, card.below, right - card.inner.x, card.bar)
    yield _label(card, need, bar, tags)


def _overhang(
    card: _Card, key: str, largest: int, right: float, tags: frozenset[str]
) -> Iterator[Shape]:
    """The part of the bar that is longer than the largest hole, and a line at that hole's end."""
    end = card.inner.x + (card.width(largest) if largest else 0)
    over = Box(end, card.below, right - end, card.bar).inset(1.5)
    yield Rect(key, over, "card", "warning", 3, radius=6, tags=tags,
               note=f"longer than the largest hole, {largest} slots")  # fmt: skip
    if largest:
        line = ((end, card.top), (end, card.below + card.bar))
        yield Path(f"{card.key}/limit", line, "warning", 3, tags=tags)


def _label(card: _Card, need: Need, bar: Box, tags: frozenset[str]) -> Text:
    """Who it is and how much it needs, on the part of the bar that fits a hole; else beside it."""
    text = f"{visible(need.request)} {need.slots}"
    clear = min(bar.w, card.width(largest_room(card.step.state)))
    fits = not card.block and card.measure(text, "bold") + 16 <= clear
    x = bar.x + 8 if fits else bar.right + 10
    room = bar if fits else Box(x, bar.y, card.inner.right - x, bar.h)
    key = f"{card.key}/need/{need.request}/label"
    ink = card.moment.ink(need.request, "on") if fits else "text"
    return Text(key, x, baseline(bar.centre[1], SIZE_LABEL), text, SIZE_LABEL, ink,
                card.moment.faces.bold, room=room, tags=tags)  # fmt: skip


def _verdict(card: _Card, need: Need | None) -> Text:
    """Whether it fits, in a few words."""
    text, ink = _said(card, need)
    line = card.below + card.bar + card.gap + LINE / 2
    return Text(f"{card.key}/verdict", card.inner.x, baseline(line, SIZE_LABEL), text, SIZE_LABEL,
                ink, card.moment.faces.text, room=card.inner, tags=card.tags)  # fmt: skip


def _said(card: _Card, need: Need | None) -> tuple[str, Ink]:
    largest = largest_room(card.step.state)
    if card.block:
        free = largest // card.block
        if need is None:
            return f"any of {free} blocks", "muted"
        blocks = need.slots // card.block
        return (f"any {blocks} of {free} blocks", "text") if blocks <= free else (
            f"{blocks} blocks needed, {free} free", "warning")  # fmt: skip
    if need is None:
        return f"largest hole {largest}" if largest else "no hole", "muted"
    if need.slots <= largest:
        return f"largest hole {largest}, fits", "text"
    found = f"largest {largest}" if largest else "no hole"
    return f"{found}, needs {need.slots}", "warning"
