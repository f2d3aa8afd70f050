"""What one engine step reads and writes: every token's K and V, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.core.geometry import Geometry
from pagereel.scenes.canvas import GAP
from pagereel.scenes.pictures.cards.movement import Subject, movement_card, subject
from pagereel.scenes.pictures.chip import CHIP, baseline, chip, chip_width
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Ink, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_CELL, SIZE_LABEL

PADDING, HEAD, ARCS, PILL, FOOT = 24, 48, 72, 36, 48
"""Inside the card; height of its headline, of the query's arcs, of a token, of the legend."""
NARROWEST, WIDEST, CELL_GAP = 76, 150, 6
"""A column is no narrower, and no wider; what lies between two."""
ROW_MAX, MORE = 176, 0.5
"""A layer is no higher; what the layers that are left out take, in rows."""
NARROW = 1200
"""In a box no wider, the numbers stand below."""


def layers_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """Layers as rows, tokens as columns; the step's entries and bytes beside them, or below."""
    about = subject(moment)
    if box.w > NARROW:
        side = Box(box.right - 424, box.y, 424, box.h)
        main = Box(box.x, box.y, box.w - side.w - GAP, box.h)
    else:
        height = min(304, max(206, box.h * 0.25))
        side = Box(box.x, box.bottom - height, box.w, height)
        main = Box(box.x, box.y, box.w, box.h - height - 16)
    yield Rect("layers", main, "card", "edge", 1.5, radius=16)
    if about:
        yield from _matrix(moment, about, main.inset(PADDING, 16))
    yield from movement_card(moment, about, side)


@dataclass(frozen=True, slots=True)
class _Table:
    """Where the columns and rows lie."""

    columns: tuple[int | None, ...]
    """Token positions; None stands for those that are left out."""
    rows: tuple[int | None, ...]
    """Layers from 1; None stands for those that are left out."""
    parts: tuple[str, ...]
    left: float
    top: float
    width: float
    pitch: float

    def x(self, column: int) -> float:
        """The left edge of a column."""
        return self.left + column * self.width

    def y(self, row: int) -> float:
        """The upper edge of a row."""
        skipped = sum(shown is None for shown in self.rows[:row])
        return self.top + (row - skipped * (1 - MORE)) * self.pitch

    def cell(self, row: int, column: int, part: int) -> Box:
        """The half of a cell that holds K or V, or all of it."""
        count = len(self.parts)
        height = (self.pitch - 14 - 3 * (count - 1)) / count
        y = self.y(row) + part * (height + 3)
        return Box(self.x(column), y, self.width - CELL_GAP, height)


def _matrix(moment: Moment, about: Subject, box: Box) -> Iterator[Shape]:
    geometry = moment.storyboard.geometry
    table = _lay_out(moment, about, box)
    yield from _headline(moment, about, box)
    yield from _heads(moment, about, table)
    yield from _query(moment, about, table)
    for row, layer in enumerate(table.rows):
        if layer is None:
            y = baseline(table.y(row) + table.pitch * MORE / 2 - 7, SIZE_LABEL)
            count = geometry.layers - sum(shown is not None for shown in table.rows)
            yield Text("layers/more", box.x, y, f"… {count} more layers, each with its own K/V",
                       SIZE_LABEL, "muted", moment.faces.text)  # fmt: skip
            continue
        yield from _row_labels(moment, table, row, layer, box.x)
        for column, position in enumerate(table.columns):
            if position is not None:
                yield from _cell(moment, about, table, (row, column), (layer, position))
    yield from _legend(moment, about, Box(box.x, box.bottom - 28, box.w, 28))


def _lay_out(moment: Moment, about: Subject, box: Box) -> _Table:
    geometry, measures = moment.storyboard.geometry, moment.faces.measures("text")
    parts = ("latent",) if geometry.latent else ("K", "V")
    labels = (f"layer {geometry.layers}", max(parts, key=len))
    gutter = sum(measures.width(label, SIZE_LABEL) for label in labels) + 40
    room = box.w - gutter
    most = int(room // NARROWEST)
    columns = _columns(about.tokens, most)
    in_the_end = min(about.tokens_at_the_end, most)
    top = box.y + HEAD + ARCS + PILL + 14
    height = box.bottom - FOOT - top
    rows = _rows(geometry, height, 2 * 24 + 3 if len(parts) == 2 else 34)
    weight = sum(MORE if row is None else 1 for row in rows)
    width = min(room / max(in_the_end, len(columns)), WIDEST)
    return _Table(columns, rows, parts, box.x + gutter, top, width, min(height / weight, ROW_MAX))


def _columns(count: int, most: int) -> tuple[int | None, ...]:
    """All positions, or the first two and the last ones."""
    if count <= most:
        return tuple(range(count))
    return (0, 1, None, *range(count - (most - 3), count))


def _rows(geometry: Geometry, height: float, least: float) -> tuple[int | None, ...]:
    """All layers if there is room, else the first ones and the last."""
    most = math.floor(height / (least + 14))
    if geometry.layers <= min(most, 5):
        return tuple(range(1, geometry.layers + 1))
    return (*range(1, max(2, min(4, most))), None, geometry.layers)


def _headline(moment: Moment, about: Subject, box: Box) -> Iterator[Shape]:
    """Whose K/V it is, and what the step does."""
    tags, faces = moment.tags(about.lane, about.holder.id), moment.faces
    middle, name = box.y + HEAD / 2, about.holder.id
    yield from chip(moment, "layers/chip", name, box.x, middle, frozenset())
    x = box.x + max(CHIP, chip_width(moment, name)) + 14
    told = _SAID[about.does]
    if about.does == "prefill" and about.read:
        told = "prefill goes on"
    yield Text(f"layers/does/{told}", x, baseline(middle, SIZE_BODY), told, SIZE_BODY, "text",
               faces.bold, tags=tags)  # fmt: skip
    spec = next(spec for spec in moment.storyboard.lanes if spec.name == about.lane)
    system = kind_of(spec).system
    step = f"step {about.number} · {system}" if about.number else system
    used = x - box.x + faces.measures("bold").width(told, SIZE_BODY) + 24
    if used + faces.measures("text").width(step, SIZE_LABEL) > box.w:
        return
    yield Text("layers/step", box.right, baseline(middle, SIZE_LABEL), step, SIZE_LABEL, "muted",
               faces.text, Anchor.END)  # fmt: skip


_SAID = {
    "": "nothing is stored",
    "prefill": "prefill: one pass for all tokens",
    "decode": "decode: one query asks all keys",
    "done": "done: its memory is free again",
}


SIZES = (SIZE_LABEL, 26, 24, 22, SIZE_CELL)
"""Sizes of a token's word, the largest first."""


def _heads(moment: Moment, about: Subject, table: _Table) -> Iterator[Shape]:
    """The tokens over their columns: bright if the step wrote them, outlined if only sampled."""
    tags, faces = moment.tags(about.lane, about.holder.id), moment.faces
    name, measures = about.holder.id, faces.measures("text")
    for column, position in enumerate(table.columns):
        box = Box(table.x(column), table.top - PILL - 14, table.width - CELL_GAP, PILL)
        y = baseline(box.centre[1], SIZE_LABEL)
        if position is None:
            left = about.tokens - len(table.columns) + 1
            yield Text("layers/gap", box.centre[0], y, f"+{left}", SIZE_LABEL, "muted", faces.text,
                       Anchor.MIDDLE)  # fmt: skip
            continue
        key, look = f"layers/{name}/{position}", _look(moment, about, position)
        yield Rect(key, box, look.fill, look.stroke, look.line, 8, tags=tags,
                   note=f"token {position} of {name}")  # fmt: skip
        word, room = moment.word(about.holder, position), box.w - 8
        size = next((s for s in SIZES if measures.width(word, s) <= room), SIZE_CELL)
        said = shorten(word, room, size, measures)
        yield Text(f"{key}/word", box.centre[0], baseline(box.centre[1], size), said, size,
                   look.ink, faces.text, Anchor.MIDDLE, box, tags=tags,
                   note="" if said == word else word)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _LayerLook:
    fill: Ink
    stroke: Ink = CLEAR
    line: float = 0
    ink: Ink = "text"


def _look(moment: Moment, about: Subject, position: int) -> _LayerLook:
    """How a token is drawn: read, written, kept, forgotten, or not computed at all."""
    name = about.holder.id
    edge = moment.ink(name, "edge")
    if position not in about.stored:
        known = position < about.computed
        return _LayerLook("slot", ink="muted") if known else _LayerLook(CLEAR, edge, 2)
    if position in about.written:
        return _LayerLook(moment.ink(name, "solid"), ink=moment.ink(name, "on"))
    stroke = moment.ink(name, "line") if position in about.read else CLEAR
    return _LayerLook(moment.ink(name, "pale"), stroke, 2 if position in about.read else 0)


def _cell(
    moment: Moment, about: Subject, table: _Table, at: tuple[int, int], of: tuple[int, int]
) -> Iterator[Shape]:
    """K and V of one token in one layer; a soft halo while the step reads them."""
    (row, column), (layer, position) = at, of
    if position >= about.computed:
        return
    key, name = f"layers/{layer}/{about.holder.id}/{position}", about.holder.id
    tags, look = moment.tags(about.lane, name), _look(moment, about, position)
    if position in about.read and position in about.stored:
        first, last = (table.cell(row, column, part) for part in (0, len(table.parts) - 1))
        around = Box(first.x, first.y, first.w, last.bottom - first.y).inset(-2)
        yield Rect(f"{key}/halo", around, stroke="halo", line=5, radius=9, tags=tags)
    for part, label in enumerate(table.parts):
        cell = table.cell(row, column, part)
        note = f"{label} of token {position} of {name} in layer {layer}"
        yield Rect(f"{key}/{label}", cell, look.fill, look.stroke, look.line, 6, tags=tags,
                   note=note)  # fmt: skip


def _row_labels(moment: Moment, table: _Table, row: int, layer: int, x: float) -> Iterator[Shape]:
    first, last = (table.cell(row, 0, part) for part in (0, len(table.parts) - 1))
    middle = (first.y + last.bottom) / 2
    yield Text(f"layers/label/{layer}", x, baseline(middle, SIZE_LABEL), f"layer {layer}",
               SIZE_LABEL, "text", moment.faces.text)  # fmt: skip
    for part, label in enumerate(table.parts):
        y = baseline(table.cell(row, 0, part).centre[1], SIZE_LABEL)
        yield Text(f"layers/label/{layer}/{label}", table.left - 14, y, label, SIZE_LABEL, "muted",
                   moment.faces.text, Anchor.END)  # fmt: skip


def _query(moment: Moment, about: Subject, table: _Table) -> Iterator[Shape]:
    """Arcs from the token that a decode step computes to every token whose key it asks; over the
    tokens of a prefill one bracket."""
    if about.does not in ("decode", "prefill"):
        return
    here, tags = about.written.start, moment.tags(about.lane, about.holder.id)
    y, ink = table.top - PILL - 14 - 5, moment.ink(about.holder.id, "line")
    middle = {p: table.x(c) + (table.width - CELL_GAP) / 2 for c, p in enumerate(table.columns)
              if p is not None}  # fmt: skip
    if about.does == "prefill":
        ends = [x for position, x in middle.items() if position in about.written]
        points = ((ends[0], y), (ends[0], y - 14), (ends[-1], y - 14), (ends[-1], y))
        yield Path("layers/pass", points, ink, 2, tags=tags, note="all computed in one pass")
        return
    start = middle[here]
    for position, end in middle.items():
        if position not in about.read:
            continue
        rise = min(ARCS - 20, 16 + (start - end) * 0.045) * 4 / 3
        points = ((start, y), (start - 6, y - rise), (end + 6, y - rise), (end, y))
        yield Path(f"layers/query/{position}", points, ink, 2, 9, smooth=True, tags=tags,
                   note=f"the query of token {here} asks the key of token {position}")  # fmt: skip


def _legend(moment: Moment, about: Subject, box: Box) -> Iterator[Shape]:
    """What the looks mean."""
    name, measures, x = about.holder.id, moment.faces.measures("text"), box.x
    meanings = (
        ("read", "read", _LayerLook(moment.ink(name, "pale"), moment.ink(name, "line"), 2)),
        ("written", "written", _LayerLook(moment.ink(name, "solid"))),
        ("sampled", "sampled, no K/V yet", _LayerLook(CLEAR, moment.ink(name, "edge"), 2)),
    )
    for key, meaning, look in meanings:
        if x + 44 + measures.width(meaning, SIZE_LABEL) > box.right:
            meaning = key  # the same in a word, where there is no room for more
        swatch = Box(x, box.y + 2, 32, 24)
        yield Rect(f"layers/legend/{key}/swatch", swatch, look.fill, look.stroke, look.line, 6)
        yield Text(f"layers/legend/{key}", x + 44, baseline(swatch.centre[1], SIZE_LABEL),
                   visible(meaning), SIZE_LABEL, "muted", moment.faces.text)  # fmt: skip
        x += 44 + measures.width(meaning, SIZE_LABEL) + 36
