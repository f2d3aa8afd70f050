"""One term on a card: the word, what it means, and if it has one, its formula."""

from __future__ import annotations

from collections.abc import Iterator

from model.readings import Readings, fill
from scenes.pictures.cards.formula import formula
from scenes.pictures.moment import Moment
from scenes.shapes import Box, Formula, Rect, Shape, Text
from scenes.style import SIZE_BODY, SIZE_DISPLAY, SIZE_TITLE
from scenes.typeface import balance, visible

PADDING, BAR = 72, 6
"""Inside the card; width of the accent at its left edge."""
TALL_FORMULAS = frozenset({"attention", "blocks"})
"""Formulas with a fraction."""


def definition_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """The beat's definition, centred in height."""
    told = moment.played.beat.define
    assert told is not None, "the reader gives every definition card its definition"
    narrow = box.w < 1200
    inner = box.inset(PADDING if not narrow else 48, 40)
    size = SIZE_TITLE if not narrow else SIZE_BODY + 6
    faces, pitch = moment.faces, size * 1.4
    said = visible(fill(told.text, Readings(moment.storyboard, moment.played.end)))
    lines = balance(said, min(inner.w, 1360), size, faces.measures("text"))
    tall = 150 if told.formula in TALL_FORMULAS else 56
    formula_height = min(tall, tall * inner.w / 1400) + 64 if told.formula else 0
    height = 56 + 36 + pitch * len(lines) + formula_height
    y = inner.centre[1] - height / 2
    yield Rect("definition", box, "card", "edge", 1.5, radius=16)
    bar = Box(inner.x, y, BAR, 56)
    yield Rect("definition/bar", bar, "accent", radius=BAR / 2)
    term = visible(told.term)
    yield Text(f"definition/{term}", inner.x + 32, y + 48, term, SIZE_DISPLAY, "text", faces.bold)
    y += 56 + 36
    for i, line in enumerate(lines):
        key = f"definition/{term}/{i}"
        yield Text(key, inner.x, y + size, line, size, "text", faces.text, room=inner)
        y += pitch
    if told.formula:
        source = formula(told.formula, moment.storyboard.geometry)
        place = Box(inner.x, y + 56, inner.w, formula_height - 64)
        note = f"formula: {told.formula}"
        yield Formula("definition/formula", place, source, "text", note=note)
