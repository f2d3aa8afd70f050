"""One term on a card: the word, what it means, and if it has one, its formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pagereel.model.core.geometry import Geometry
from pagereel.model.core.sizes import human_bytes
from pagereel.model.readings.readings import Readings, fill
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Formula, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_DISPLAY, SIZE_TITLE


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


PADDING, BAR = 72, 6
"""Inside the card; width of the accent at its left edge."""
TALL_FORMULAS = frozenset({"attention", "blocks"})
"""Formulas with a fraction."""


def definition_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """The beat's definition, centred in height."""
    told = moment.played.shot.define
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
