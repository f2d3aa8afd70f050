"""What the pictures of all levels share: where they stand, whose colour, and what peeks in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pagereel.model.core.state import BlockTable
from pagereel.scenes.pictures.cards.levels.journey import (
    DEPTH,
    Journey,
    Looked,
    falls_in,
    travels,
)
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Box, Path, Rect

PEEK, ROOM = 32, 24
"""What is seen of a neighbour at the card's edge, and the room between it and what is looked at."""
_FREE = {"solid": "edge", "pale": "slot", "line": "muted", "on": "text", "edge": "muted"}
"""Inks of what belongs to nobody."""


@dataclass(frozen=True)
class View:
    """One picture's frame, and what it shows."""

    moment: Moment
    journey: Journey
    level: str
    """Which is drawn: where the camera is, or one beside it, to say where its parts come from."""
    looked: Looked
    card: Box
    area: Box
    """Inside the card, below the title; what fills it leaves room for neighbours."""
    owners: Mapping[int, tuple[BlockTable, int]]
    """Of each block that is held: the first table that has it, and its row there."""

    @property
    def lane(self) -> str:
        """Whose memory it is."""
        return self.looked.step.lane

    @property
    def thing(self) -> Box:
        """Where what is looked at stands, with its neighbours at the edges."""
        sides = self.card.inset(PEEK + ROOM, 0)
        return Box(sides.x, self.area.y, sides.w, self.card.bottom - PEEK - ROOM - self.area.y)

    @property
    def tags(self) -> frozenset[str]:
        """Of the slot that is looked at, and all inside it."""
        holder = self.looked.holder
        own = frozenset({f"lane {self.lane}"})
        return self.moment.tags(self.lane, holder.id) if holder else own

    def ink(self, kind: str) -> str:
        """A colour role of whoever's token is looked at."""
        holder = self.looked.holder
        return self.moment.ink(holder.id, kind) if holder else _FREE[kind]

    def eye(self, level: str, box: Box) -> Iterator[Rect]:
        """The frame that the camera goes into next, or has come out of."""
        if travels(self.moment) and level in self.journey.route:
            yield Rect(f"levels/eye/{level}", box.inset(-5), CLEAR, "accent", 5, 10, tags=self.tags)

    @property
    def is_falling(self) -> bool:
        """Whether the newest token is over its slot, and not in it yet."""
        outside = DEPTH[self.level] < DEPTH["slot"]
        return outside and falls_in(self.moment, self.journey, self.looked)


class Peek(NamedTuple):
    """A neighbour of what is looked at, as far as it can be seen."""

    key: str
    box: Box


def peeks(view: View, boxes: Mapping[str, Box], thing: str, box: Box) -> Iterator[Peek]:
    """The neighbours left, right and below of what fills a box, at the card's edges; `boxes` says
    where all of them stood a level further out."""
    here, card = boxes[thing], view.card.inset(1)
    beside = {k: b for k, b in boxes.items() if abs(b.centre[1] - here.centre[1]) < here.h / 2}
    below = {k: b for k, b in boxes.items() if abs(b.centre[0] - here.centre[0]) < here.w / 2}
    left = [k for k, b in beside.items() if b.centre[0] < here.x]
    right = [k for k, b in beside.items() if b.centre[0] > here.right]
    under = [k for k, b in below.items() if b.centre[1] > here.bottom]
    if left:
        key = max(left, key=lambda key: boxes[key].x)
        yield Peek(key, Box(card.x, box.y, PEEK, box.h))
    if right:
        key = min(right, key=lambda key: boxes[key].x)
        yield Peek(key, Box(card.right - PEEK, box.y, PEEK, box.h))
    if under:
        key = min(under, key=lambda key: boxes[key].y)
        yield Peek(key, Box(box.x, card.bottom - PEEK, box.w, PEEK))


def columns(box: Box, count: int, ratio: float) -> int:
    """Of so many cells in rows how many stand side by side, so that each is about `ratio` times as
    wide as it is high, and few places stay empty."""

    def fault(across: int) -> float:
        down = -(-count // across)
        empty = (across * down - count) / count
        return abs(math.log(box.w / across / (box.h / down) / ratio)) + 8 * empty

    return min(range(1, count + 1), key=fault)


def cell(box: Box, count: int, across: int, index: int) -> Box:
    """One of so many cells in rows."""
    down, right = divmod(index, across)
    w, h = box.w / across, box.h / -(-count // across)
    gap = min(12.0, 0.08 * min(w, h))
    return Box(box.x + right * w + gap / 2, box.y + down * h + gap / 2, w - gap, h - gap)


def mapped(shape: Rect | Path, source: Box, place: Box) -> Rect | Path:
    """A shape of a picture that fills `source`, where that picture fills `place`."""
    x, y = place.w / source.w, place.h / source.h

    def at(left: float, top: float) -> tuple[float, float]:
        return place.x + (left - source.x) * x, place.y + (top - source.y) * y

    scale = min(x, y, 1.0)
    if isinstance(shape, Path):
        points = tuple(at(*point) for point in shape.points)
        return shape._replace(points=points, line=shape.line * scale)
    box = Box(*at(shape.box.x, shape.box.y), shape.box.w * x, shape.box.h * y)
    return shape._replace(box=box, line=shape.line * scale, radius=shape.radius * scale)


def clamped(rect: Rect, card: Box) -> Rect:
    """As much of a rectangle as lies on the card; one that lies beside it is a line at its edge."""
    x, right = (min(max(at, card.x), card.right) for at in (rect.box.x, rect.box.right))
    y, bottom = (min(max(at, card.y), card.bottom) for at in (rect.box.y, rect.box.bottom))
    return rect._replace(box=Box(x, y, right - x, bottom - y), line=min(rect.line, 2))
