"""The parts of a queue of blocks: tiles with an id, their words, and marks at the queue's ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scenes.pictures.chip import baseline
from scenes.pictures.moment import Moment
from scenes.shapes import CLEAR, Anchor, Box, Ink, Path, Rect, Shape, Text
from scenes.style import SIZE_LABEL
from scenes.typeface import balance

TILE, LEAST = 28, 36
"""Height of a tile, and its least width."""
LINE, LONGEST = 26, 130
"""Of words under a tile: from one line to the next, and the longest."""
ARROW, AFTER = 28, 20
"""Room for a mark's arrow, and after a mark at the head of a row."""


@dataclass(frozen=True, slots=True)
class Item:
    """One part of the queue: a tile with an id or address, a mark, or words alone."""

    key: str
    tile: str = ""
    words: str = ""
    """Beside the tile in a column, under it in a row."""
    fill: Ink = "slot"
    stroke: Ink = CLEAR
    ink: Ink = "text"
    arrow: str = ""
    """Of a mark: `out` at the head, `in` at the head, or `back` at the tail."""
    tags: frozenset[str] = frozenset()
    note: str = ""


def item_width(moment: Moment, item: Item, way: str) -> float:
    """How wide an item is with its words, in a `column` or in `rows`."""
    measures, tile = moment.faces.measures("text"), _tile_width(moment, item)
    if item.tile and way == "rows":
        lines = _lines(moment, item)
        return max(tile, *(measures.width(line, SIZE_LABEL) + 8 for line in lines), 0)
    words = measures.width(item.words, SIZE_LABEL) if item.words else 0
    after = AFTER if way == "rows" and item.arrow != "back" else 0
    mark = ARROW + after if item.arrow else 0
    return tile + (10 if tile and words else 0) + words + mark


def draw_item(moment: Moment, item: Item, box: Box, way: str) -> Iterator[Shape]:
    """A tile with its words, or a mark: an arrow and its words."""
    middle, faces = box.y + TILE / 2 + 3, moment.faces
    line = baseline(middle, SIZE_LABEL)
    if item.tile:
        yield from _tile(moment, item, Box(box.x, box.y + 3, _tile_width(moment, item), TILE))
        lines = _lines(moment, item) if way == "rows" else [item.words] if item.words else []
        for i, words in enumerate(lines):
            x = box.x if way == "rows" else box.x + _tile_width(moment, item) + 10
            y = line + LINE * (i + 1) + 4 if way == "rows" else line
            yield Text(f"{item.key}/words/{i}", x, y, words, SIZE_LABEL, "muted", faces.text,
                       tags=item.tags)  # fmt: skip
        return
    x = box.x
    if item.arrow:
        yield _arrow(item, x + 10, middle, way)
        x += ARROW
    yield Text(f"{item.key}/words", x, line, item.words, SIZE_LABEL, item.ink, faces.text,
               tags=item.tags)  # fmt: skip


def _tile_width(moment: Moment, item: Item) -> float:
    mono = moment.faces.measures("mono")
    return max(LEAST, mono.width(item.tile, SIZE_LABEL) + 14) if item.tile else 0


def _lines(moment: Moment, item: Item) -> list[str]:
    """The words under a tile, in two lines at most."""
    measures, longest = moment.faces.measures("text"), LONGEST
    while len(lines := balance(item.words, longest, SIZE_LABEL, measures)) > 2:
        longest += LONGEST // 4
    return lines if item.words else []


def _tile(moment: Moment, item: Item, box: Box) -> Iterator[Shape]:
    outline = 2 if item.stroke != CLEAR else 0
    yield Rect(item.key, box, item.fill, item.stroke, outline, 6, tags=item.tags,
               note=item.note)  # fmt: skip
    line = baseline(box.centre[1], SIZE_LABEL)
    yield Text(f"{item.key}/id", box.centre[0], line, item.tile, SIZE_LABEL, item.ink,
               moment.faces.mono, Anchor.MIDDLE, box, tags=item.tags)  # fmt: skip


def _arrow(item: Item, x: float, middle: float, way: str) -> Path:
    """Towards the head, for what leaves there or comes in at the tail; else away from it."""
    reach = 11 if way == "column" else 9
    dx, dy = (0, reach) if way == "column" else (reach, 0)
    ends = ((x + dx, middle + dy), (x - dx, middle - dy))
    points = ends[::-1] if item.arrow == "in" else ends
    return Path(f"{item.key}/arrow", points, item.ink, 2, head=9, tags=item.tags)
