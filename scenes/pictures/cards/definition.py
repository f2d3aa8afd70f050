"""One term on a card: the word, what it means, and if it has one, its formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pagereel.model.core.geometry import Geometry
from pagereel.model.core.sizes import human_bytes
from pagereel.model.readings.readings import Readings, fill
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Formula, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_TITLE


def formula(name: str, geometry: Geometry) -> str:
    """The formula of that name (a key of `FORMULAS`). Raises KeyError."""
    return _SOURCES[name](geometry)


def _bytes_per_token(shape: Geometry) -> str:
    """What one slot weighs, factor by factor; in KiB as captions have it, where that is exact."""
    if shape.latent:
        factors = f'{shape.layers} "layers" dot {shape.latent} "latent elements"'
    else:
        heads = "KV head" if shape.kv_heads == 1 else "KV heads"
        factors = (
            f'2 dot {shape.layers} "layers" dot {shape.kv_heads} "{heads}" '
            f'dot {shape.head_dim} "elements"'
        )
    element = shape.bytes_per_layer // (shape.latent or 2 * shape.kv_heads * shape.head_dim)
    unit = "byte" if element == 1 else "bytes"
    total, whole = human_bytes(shape.bytes_per_token).split(" ")
    if "." in total:  # it is rounded
        total, whole = f"{shape.bytes_per_token:,}".replace(",", " thin "), "bytes"
    return f'{factors} dot {element} "{unit}" = {total} "{whole}"'


def _blocks(shape: Geometry) -> str:
    return '"blocks" = ceil("tokens" / "block size")'


def _waste(shape: Geometry) -> str:
    return '"empty slots of a sequence" < "block size"'


def _attention(shape: Geometry) -> str:
    """Softmax over the scores, then their mean of the values; not the paper's equation 4, whose
    printed form has the ones-vector inside the exponential."""
    score = "exp(q dot k_{0} slash sqrt(d))"
    weight = f"a_i = {score.format('i')} / (sum_(j <= t) {score.format('j')})"
    return f"o = sum_(i <= t) a_i v_i, quad {weight}"


_SOURCES: dict[str, Callable[[Geometry], str]] = {
    "bytes-per-token": _bytes_per_token,
    "blocks": _blocks,
    "waste": _waste,
    "attention": _attention,
}


TALL_FORMULAS = frozenset({"attention", "blocks"})
"""Formulas with a fraction."""


WIDEST, PADDING, LEADING = 1240, 48, 1.4
"""Of the inset; inside it; from line to line, in type sizes."""


def definition_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """The shot's definition as an inset in the middle of a box; the first shape is its ground."""
    told = moment.played.shot.define
    assert told is not None, "the reader gives every definition card its definition"
    width = min(WIDEST, box.w - 48)
    room, size = width - 2 * PADDING, SIZE_BODY + 6
    faces, pitch = moment.faces, size * LEADING
    said = visible(fill(told.text, Readings(moment.storyboard, moment.played.end)))
    lines = balance(said, room, size, faces.measures("text"))
    tall = 130 if told.formula in TALL_FORMULAS else 48
    formula_height = min(tall, tall * room / 1100) if told.formula else 0
    height = 2 * PADDING + SIZE_TITLE + 28 + pitch * len(lines)
    height += formula_height + 28 if formula_height else 0
    card = Box(box.centre[0] - width / 2, box.centre[1] - height / 2, width, height)
    inner, term = card.inset(PADDING), visible(told.term)
    key = f"definition/{moment.number}.{moment.shot}"
    yield Rect(key, card, "card", "accent", 3, radius=20, note=f"{term}: {said}")
    y = inner.y + SIZE_TITLE * 0.8
    yield Text(f"{key}/term", inner.x, y, term, SIZE_TITLE, "accent", faces.bold, room=inner)
    y = inner.y + SIZE_TITLE + 28
    for i, line in enumerate(lines):
        yield Text(
            f"{key}/{i}", inner.x, y + size * 0.8, line, size, "text", faces.text, room=inner
        )
        y += pitch
    if told.formula:
        source = formula(told.formula, moment.storyboard.geometry)
        place = Box(inner.x, y + 28, inner.w, formula_height)
        note = f"formula: {told.formula}"
        yield Formula(f"{key}/formula", place, source, "text", note=note)
