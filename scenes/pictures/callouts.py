"""Call-outs: a halo around a part of the picture, and a remark that points at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagereel.model.readings.readings import Readings, fill
from pagereel.model.storyboard.storyboard import ABOVE, BESIDE, CallOut
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.focus import named
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.extents import around, text_box
from pagereel.scenes.shapes.picture import Box, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import visible
from pagereel.scenes.style import SIZE_LABEL

HEIGHT, STEP = 44, 24
"""Of a label; and of the raster in which a place is looked for where none is near."""
NEAR_ENOUGH = 0.12
"""Covers little enough to stay in the target's own card."""
Line = tuple[tuple[float, float], tuple[float, float]]
Edges = tuple[float, float, float, float]
"""Left, top, right and bottom of a box."""


def call_out(
    moment: Moment, index: int, remark: CallOut, shapes: Sequence[Shape], frame: Box
) -> Iterator[Shape]:
    """A halo around the target, a label beside it where it covers no text, and a pointer."""
    area = target_box(shapes, remark.at)
    if area is None:
        return
    key, measures = f"callout/{moment.number}/{index}", moment.faces.measures("text")
    text = visible(fill(remark.text, Readings(moment.storyboard, moment.played.end)))
    size = Box(0, 0, measures.width(text, SIZE_LABEL) + 32, HEIGHT)
    halo = area.inset(-5)
    label = _place(halo, size, _Ground.of(shapes), _cards(remark.at, shapes, frame))
    yield Rect(f"{key}/halo", halo.inset(-3.5), stroke="halo", line=7, radius=14)
    yield Rect(f"{key}/outline", halo, stroke="accent", line=3, radius=10, note=text)
    yield Path(f"{key}/pointer", _pointer(label, halo), "accent", line=3)
    yield Rect(key, label, "background", "accent", 2, radius=10)
    yield Text(f"{key}/text", label.x + 16, baseline(label.centre[1], SIZE_LABEL), text,
               SIZE_LABEL, "accent", moment.faces.text, room=label)  # fmt: skip


def target_box(shapes: Sequence[Shape], target: str) -> Box | None:
    """The box around all rectangles that the target names; None if it names none.

    A request's prompt row, table or queue chip counts only where the target names that panel:
    `request A in lane paged` is the memory it holds.
    """
    wanted = named(target)
    elsewhere = _PANELS - wanted
    named_by_all = [s for s in shapes if isinstance(s, Rect) and wanted <= s.tags]
    boxes = [s.box for s in named_by_all if not elsewhere & s.tags]
    boxes = boxes or [s.box for s in named_by_all]
    return around(boxes) if boxes else None


_PANELS = frozenset({"table", "queue", *ABOVE, *BESIDE})


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a label and its pointer should not cover: words at no price, held memory if need be."""

    texts: tuple[Edges, ...]
    held: tuple[Edges, ...]
    cards: tuple[Box, ...]
    """A label lies on one of them or beside it, not across its edge."""

    @classmethod
    def of(cls, shapes: Sequence[Shape]) -> _Ground:
        texts = tuple(_edges(text_box(shape)) for shape in shapes if isinstance(shape, Text))
        rects = [shape for shape in shapes if isinstance(shape, Rect)]
        held = tuple(_edges(rect.box) for rect in rects if _is_held(rect))
        return cls(texts, held, tuple(rect.box for rect in rects if rect.fill == "card"))

    def price(self, label: Box, target: Box, least: float) -> float:
        """0 for a place that covers nothing and whose pointer crosses no word.

        Something that is not below `least`, wherever the price is not.
        """
        # Many places, and many boxes in each: plain arithmetic.
        x, y, right, bottom = _edges(label.inset(-6))
        words = 0
        for a, b, r, d in self.texts:
            if x < r and a < right and y < d and b < bottom:
                words += 1
                if words >= least:
                    break
        if words:
            return float(words)
        pointer = _pointer(label, target)
        across = any(card.overlaps(label) and not card.contains(label) for card in self.cards)
        found = _crossed(pointer, self.texts) * 0.5 + across * 0.3
        if found >= least:
            return found
        x, y, right, bottom = _edges(label)
        beside = [b for b in self.held if x >= b[2] or b[0] >= right or y >= b[3] or b[1] >= bottom]
        held = len(self.held) - len(beside) + _crossed(pointer, beside)
        return found + held * 0.02


def _is_held(cell: Rect) -> bool:
    """Whether a rectangle stands for memory that somebody holds."""
    return any(tag.startswith("request ") for tag in cell.tags)


def _cards(target: str, shapes: Sequence[Shape], frame: Box) -> list[Box]:
    """Where the label may stand: the card of the lane that the target names, then anywhere."""
    lanes = [f"lane/{name.removeprefix('lane ')}" for name in named(target)]
    own = [s.box.inset(8) for s in shapes if isinstance(s, Rect) and s.key in lanes]
    return [*own, frame]


def _place(target: Box, size: Box, ground: _Ground, cards: Sequence[Box]) -> Box:
    """The nearest place that covers nothing; else the one that covers least."""
    best, least = size.moved(target.x, target.bottom + 28), float("inf")
    for card in cards:
        for candidates in (_around(target, size), _all_over(card, target, size)):
            for place in candidates:
                if not card.contains(place) or place.inset(-12).overlaps(target):
                    continue
                price = ground.price(place, target, least)
                if price == 0:
                    return place
                if price < least:
                    best, least = place, price
        if least <= NEAR_ENOUGH:
            return best
    return best


def _around(target: Box, size: Box) -> Iterator[Box]:
    """Right, left, below and above the target, in growing distance."""
    x, y = target.centre
    for distance in (28, 60, 100, 150, 210):
        for dy in (0, -80, 80, -160, 160):
            yield Box(target.right + distance, y - size.h / 2 + dy, size.w, size.h)
            yield Box(target.x - distance - size.w, y - size.h / 2 + dy, size.w, size.h)
        for dx in (0, -60, 60, -120, 120, -200, 200):
            yield Box(x - size.w / 2 + dx, target.bottom + distance, size.w, size.h)
            yield Box(x - size.w / 2 + dx, target.y - distance - size.h, size.w, size.h)


def _all_over(card: Box, target: Box, size: Box) -> list[Box]:
    """Every place of a raster over the card, the nearest to the target first."""
    columns = range(int((card.w - size.w) // STEP) + 1)
    rows = range(int((card.h - size.h) // STEP) + 1)
    places = [
        Box(card.x + column * STEP, card.y + row * STEP, size.w, size.h)
        for row in rows
        for column in columns
    ]
    x, y = target.centre
    return sorted(places, key=lambda p: (p.centre[0] - x) ** 2 + (p.centre[1] - y) ** 2)


def _pointer(label: Box, target: Box) -> Line:
    """From the label's nearest edge to the target's."""
    (lx, ly), ty = label.centre, target.centre[1]
    if label.x >= target.right or label.right <= target.x:
        start = (label.x if label.x >= target.right else label.right, ly)
        end = (target.right if label.x >= target.right else target.x, _within(ly, target))
        return start, end
    start = (lx, label.y if label.y >= target.bottom else label.bottom)
    return start, (min(max(lx, target.x), target.right), target.bottom if ly > ty else target.y)


def _within(y: float, box: Box) -> float:
    return min(max(y, box.y + 4), box.bottom - 4)


def _edges(box: Box) -> Edges:
    return box.x, box.y, box.right, box.bottom


def _crossed(line: Line, boxes: Sequence[Edges]) -> int:
    """How many boxes a straight line passes through."""
    (x0, y0), (x1, y1) = line
    left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    near = [b for b in boxes if b[0] <= right and b[2] >= left and b[1] <= bottom and b[3] >= top]
    return sum(_crosses(line, box) for box in near)


def _crosses(line: Line, box: Edges) -> bool:
    """Whether it passes through a box that is near."""
    ((x0, y0), (x1, y1)), (x, y, right, bottom) = line, box
    first, last = 0.0, 1.0
    for start, way, low, high in ((x0, x1 - x0, x, right), (y0, y1 - y0, y, bottom)):
        if way:
            ends = sorted(((low - start) / way, (high - start) / way))
            first, last = max(first, ends[0]), min(last, ends[1])
    return first <= last
