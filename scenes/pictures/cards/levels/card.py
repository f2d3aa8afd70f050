"""The card as a whole: the level where the camera is, its name, and the ladder of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pagereel.model.core.state import BlockTable, PagedMemory
from pagereel.model.readings.levels import Size, counted, pool_blocks
from pagereel.model.storyboard.storyboard import LEVELS
from pagereel.scenes.pictures.cards.levels.journey import Journey, looked_at
from pagereel.scenes.pictures.cards.levels.ladder import (
    is_known,
    is_multiplied,
    ladder,
    rungs,
    width,
)
from pagereel.scenes.pictures.cards.levels.pool import (
    block_door,
    block_id,
    block_view,
    gpu_door,
    gpu_view,
    pool_door,
    pool_view,
)
from pagereel.scenes.pictures.cards.levels.slot import (
    layer_looked_at,
    layers_door,
    layers_view,
    slot_door,
    slot_view,
    vector_view,
)
from pagereel.scenes.pictures.cards.levels.view import View, clamped, mapped
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Path, Pattern, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE

WIDE = 1200
"""In a box no wider, the ladder stands below."""
TITLE, GAP, RUNG, LOW_RUNG, HIGH = 76, 16, 58, 36, 900
"""Height of the level's name; between the cards; of a row of a ladder below; of one in a box that
is not high."""


def levels_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """One level fills the card, its neighbours peek in; beside it or below, the bytes."""
    view, shown, side = _lay_out(moment, box)
    yield Rect("levels", view.card, "card", "edge", 1.5, radius=16)
    yield from _seen(view)
    yield from _title(view, shown)
    yield from ladder(moment, view.journey, shown, side)


Draw = Callable[[View], Iterator[Shape]]
Door = Callable[[View], tuple[Box, Box]]
"""Where the level inside stands in a level's picture, and where in its own."""
_DRAW: dict[str, Draw] = {
    "gpu": gpu_view,
    "pool": pool_view,
    "block": block_view,
    "slot": slot_view,
    "layers": layers_view,
    "vector": vector_view,
}
_DOORS: dict[str, Door] = {
    "gpu": gpu_door,
    "pool": pool_door,
    "block": block_door,
    "slot": slot_door,
    "layers": layers_door,
}
NEAR = 600
"""Shapes of the level outside that slide out of the frame; those farther off fade."""


def _seen(view: View) -> Iterator[Shape]:
    """The level where the camera is; and unseen, where the levels beside it come from and go to,
    so that all grows and moves as one."""
    own = tuple(_DRAW[view.level](view))
    keys = {shape.key for shape in own}
    levels = list(LEVELS)
    at = levels.index(view.level)
    outside, inside = levels[at - 1] if at else "", levels[at + 1] if view.level in _DOORS else ""
    if outside in view.journey.route:
        around = _around(view, outside, keys)
        yield from around
        keys |= {shape.key for shape in around}
    yield from own
    if inside in view.journey.route:
        here, full = _DOORS[view.level](view)
        for shape in _DRAW[inside](replace(view, level=inside)):
            if isinstance(shape, Rect | Path) and shape.key not in keys:
                yield _unseen(mapped(shape, full, here))


def _around(view: View, outside: str, own: set[str]) -> list[Rect | Path]:
    """The level outside as near as the camera is, without what is still there: what has left the
    card lies at its edges."""
    beside = replace(view, level=outside)
    here, full = _DOORS[outside](beside)
    x, y = here.centre
    shapes = (shape for shape in _DRAW[outside](beside) if shape.key not in own)
    rects = [shape for shape in shapes if isinstance(shape, Rect)]
    rects.sort(key=lambda rect: (rect.box.centre[0] - x) ** 2 + (rect.box.centre[1] - y) ** 2)
    near = {rect.key for rect in rects[:NEAR]}
    return [
        _unseen(clamped(rect, view.card))
        for rect in (mapped(shape, here, full) for shape in rects if shape.key in near)
        if isinstance(rect, Rect)
    ]


def _unseen(shape: Rect | Path) -> Rect | Path:
    if isinstance(shape, Rect):
        return shape._replace(opacity=0, pattern=Pattern.NONE, pattern_ink=CLEAR)
    return shape._replace(opacity=0)


def _lay_out(moment: Moment, box: Box) -> tuple[View, tuple[Size, ...], Box]:
    journey, looked = Journey.of(moment), looked_at(moment)
    shown = rungs(moment, looked)
    if box.w > WIDE:
        side_width = width(moment, shown)
        side = Box(box.right - side_width, box.y, side_width, box.h)
        card = Box(box.x, box.y, box.w - side_width - GAP, box.h)
    else:
        height = (RUNG if box.h > HIGH else LOW_RUNG) * len(shown) + 24
        side = Box(box.x, box.bottom - height, box.w, height)
        card = Box(box.x, box.y, box.w, box.h - height - GAP)
    area = Box(card.x, card.y + TITLE, card.w, card.h - TITLE)
    view = View(moment, journey, journey.level, looked, card, area, _owners(looked.memory))
    return view, shown, side


def _owners(memory: PagedMemory) -> dict[int, tuple[BlockTable, int]]:
    found: dict[int, tuple[BlockTable, int]] = {}
    for table in memory.tables:
        for row, block in enumerate(table.blocks):
            found.setdefault(block, (table, row))
    return found


def _title(view: View, shown: tuple[Size, ...]) -> Iterator[Shape]:
    """What it is, and what it weighs."""
    level, faces, card = view.journey.level, view.moment.faces, view.card
    told, weighs = _name(view), _weight(shown, level)
    bold, room = faces.measures("bold"), card.w - 2 * 28
    sizes = (SIZE_TITLE, 34, SIZE_BODY)
    size = next((s for s in sizes if bold.width(f"{told}  {weighs}", s) + 16 <= room), SIZE_LABEL)
    y, x = card.y + 52, card.x + 28
    if level == "block":  # its number comes from beside the block, where it stands in the pool
        first, _, rest = told.partition(str(view.looked.block))
        number = x + bold.width(first, size)
        yield Text(f"levels/title/{level}", x, y, first, size, "text", faces.bold, room=card)
        yield block_id(view, view.looked.block, (number, y), size, Anchor.START)
        x = number + faces.measures("mono").width(str(view.looked.block), size)
        told, level = rest, "slots"
    yield Text(f"levels/title/{level}", x, y, told, size, "text", faces.bold, room=card)
    yield Text(f"levels/weight/{view.journey.level}", card.right - 28, y, weighs, size, "accent",
               faces.bold, Anchor.END, card)  # fmt: skip


def _weight(shown: tuple[Size, ...], level: str) -> str:
    found = next(size.told for size in shown if size.level == level)
    return f"{found} each" if level == "layers" else found


def _name(view: View) -> str:
    """The level in a few words, with its numbers."""
    storyboard, looked = view.moment.storyboard, view.looked
    geometry = storyboard.geometry
    match view.journey.level:
        case "gpu":
            assert storyboard.gpu is not None, "the reader gives the level its GPU"
            return visible(storyboard.gpu.name)
        case "pool":
            blocks = pool_blocks(storyboard, looked.step.state, looked.memory)
            return f"The pool: {counted(len(blocks), 'block')}"
        case "block":
            return f"Block {looked.block}: {counted(looked.memory.block_size, 'slot')}"
        case "slot":
            return "One slot: one token" if looked.holder else "One slot, still free"
        case "layers":
            inside = "one latent" if geometry.latent else "a key and a value"
            return f"{counted(geometry.layers, 'layer')}, each with {inside}"
    layer = layer_looked_at(view)
    if geometry.latent:
        return f"Layer {layer}: {counted(geometry.latent, 'number')}"
    heads, numbers = counted(geometry.kv_heads, "head"), counted(geometry.head_dim, "number")
    each = f"{heads} of {numbers}{' each' if geometry.kv_heads > 1 else ''}"
    return f"The key in layer {layer}: {each}"


def levels_in_words(moment: Moment) -> Iterator[str]:
    """The level and its bytes, and what was multiplied so far."""
    view, shown, _ = _lay_out(moment, Box(0, 0, 1600, 800))
    journey = view.journey
    yield f"{_name(view)}, {_weight(shown, journey.level)}."
    for size in reversed(shown):
        if is_known(journey, size) and is_multiplied(journey, size):
            yield f"{size.name.capitalize()}: {size.product} = {size.told}."
