"""The outer levels: the GPU, its pool of blocks, and one block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pagereel.model.core.sizes import human_bytes
from pagereel.model.core.state import Holder
from pagereel.model.readings.gpu import budget
from pagereel.model.readings.levels import pool_blocks
from pagereel.scenes.pictures.cards.levels.view import View, cell, columns, mapped, peeks
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.lanes.cells import in_block, token_key
from pagereel.scenes.pictures.lanes.field import block_field, is_large
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Ink, Pattern, Rect, Shape, Text
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE, SUNK

LINE = 38
"""From one line under the GPU to the next; there is room for two."""
ID = 44
"""Room left of a block for its id."""
ROW, SLOT, LOW = 4, 2.0, 0.6
"""Slots of a block that stand in one row; a slot's width to its height; least height of a row that
is looked at, of all the room."""
WORD = 62, 27
"""A slot no smaller has room for a word."""


def gpu_view(view: View) -> Iterator[Shape]:
    """The card to scale, side by side, and in the pool's part the pool's blocks."""
    found, faces = budget(view.moment.storyboard), view.moment.faces
    assert found is not None, "the reader gives the level its GPU"
    box = _gpu_box(view)
    shares: tuple[tuple[str, int, Ink], ...] = (
        ("weights", found.gpu.weights_bytes, "edge"),
        ("activations", found.gpu.activations_bytes, "muted"),
        ("K/V pool", found.pool_bytes, CLEAR),
        ("left alone", found.alone_bytes, CLEAR),
    )
    x, others = box.x, []
    for name, size_bytes, fill in shares:
        width = box.w * size_bytes / found.gpu.memory_bytes
        part, told = Box(x, box.y, max(width - 4, 0), box.h), f"{name}: {human_bytes(size_bytes)}"
        x += width
        if name == "K/V pool":
            yield Rect("levels/pool", part.inset(1), CLEAR, "edge", 2, 8, note=told)
        else:
            stroke, line = ("muted", 2) if fill == CLEAR else (CLEAR, 0)
            yield Rect(f"levels/gpu/{name}", part.inset(line / 2), fill, stroke, line,
                       min(6, part.w / 2), note=told)  # fmt: skip
        fits = faces.measures("text").width(told, SIZE_BODY) <= part.w - 24
        if fits and name != "K/V pool":
            yield Text(f"levels/gpu/{name}/name", part.x + 16, part.y + 44, told, SIZE_BODY, "text",
                       faces.text, room=part)  # fmt: skip
        else:
            others.append(told)
    for rect in _rects(_pool(view, _pool_box(view))):
        yield mapped(rect, *reversed(gpu_door(view)))
    yield from view.eye("pool", _pool_part(view))
    whole = " · ".join(others)
    fits = faces.measures("text").width(whole, SIZE_BODY) <= box.w
    lines = (whole,) if fits else (" · ".join(others[:-1]), others[-1])
    for i, said in enumerate(lines):
        yield Text(f"levels/gpu/others/{i}", box.right, box.bottom + 12 + (i + 1) * LINE, said,
                   SIZE_BODY, "text", faces.text, Anchor.END)  # fmt: skip


def _gpu_box(view: View) -> Box:
    return Box(view.area.x + 28, view.area.y + 4, view.area.w - 56, view.area.h - 36 - 2 * LINE)


def _pool_part(view: View) -> Box:
    """The pool's share of the GPU, to scale."""
    found, box = budget(view.moment.storyboard), _gpu_box(view)
    assert found is not None, "the reader gives the level its GPU"
    before = found.gpu.weights_bytes + found.gpu.activations_bytes
    scale = box.w / found.gpu.memory_bytes
    return Box(box.x + before * scale, box.y, found.pool_bytes * scale - 4, box.h)


def gpu_door(view: View) -> tuple[Box, Box]:
    """Where the pool stands in the GPU's picture, and where in its own."""
    return _pool_part(view).inset(10), _pool_box(view)


def pool_door(view: View) -> tuple[Box, Box]:
    """Where the block stands in the pool's picture, and where in its own."""
    return _block_boxes(view, _pool_box(view))[view.looked.block], _block_box(view)


def block_door(view: View) -> tuple[Box, Box]:
    """Where the slot stands in the block's picture, and where in its own."""
    return _slot_box(view, _block_box(view), view.looked.offset), view.thing


FALL = 0.24
"""Of a block's height: room over it for a token that is on its way into it."""


def _block_box(view: View) -> Box:
    """Where a block stands when it is looked at; a row of slots is no higher than they need."""
    box = view.thing
    fall = round(FALL * box.h) * view.is_falling
    room = Box(box.x, box.y + fall, box.w, box.h - fall)
    if view.looked.memory.block_size > ROW:
        return room
    height = min(room.h, max(box.w / view.looked.memory.block_size, LOW * box.h))
    return Box(room.x, room.y + (room.h - height) * (0.5 - 0.5 * view.is_falling), room.w, height)


def _rects(shapes: Iterator[Shape]) -> Iterator[Rect]:
    return (shape for shape in shapes if isinstance(shape, Rect))


def _pool_box(view: View) -> Box:
    return Box(view.area.x + 28, view.area.y + 12, view.area.w - 56, view.area.h - 36)


def pool_view(view: View) -> Iterator[Shape]:
    """Every block of the pool."""
    box = _pool_box(view)
    if "gpu" in view.journey.route:
        yield Rect("levels/pool", box.inset(-10), CLEAR, "edge", 2, 8)
    yield from _pool(view, box)
    yield from view.eye("block", _block_boxes(view, box)[view.looked.block])


def _pool(view: View, box: Box) -> Iterator[Shape]:
    """Large: a field of cells. Else slot by slot, with words where they can be read."""
    blocks = pool_blocks(view.moment.storyboard, view.looked.step.state, view.looked.memory)
    if is_large(view.looked.step.state):
        memory = replace(view.looked.memory, blocks=blocks)
        yield from block_field(view.moment, view.looked.step, memory, box)
        return
    boxes = _block_boxes(view, box)
    for block in blocks:
        yield _outline(view, block, boxes[block])
        if boxes[block].h > SIZE_LABEL:
            at = boxes[block].x - 12, baseline(boxes[block].centre[1], SIZE_LABEL)
            yield block_id(view, block, at, SIZE_LABEL, Anchor.END)
        for offset in range(view.looked.memory.block_size):
            yield from slot_shapes(view, block, offset, _slot_box(view, boxes[block], offset))


def _block_boxes(view: View, box: Box) -> dict[int, Box]:
    """Where each block of the pool stands."""
    blocks = pool_blocks(view.moment.storyboard, view.looked.step.state, view.looked.memory)
    if is_large(view.looked.step.state):
        memory, start = replace(view.looked.memory, blocks=blocks), f"lane/{view.lane}/block/"
        cells = block_field(view.moment, view.looked.step, memory, box)
        found = {shape.key.removeprefix(start): shape for shape in _rects(cells)}
        return {block: found[str(block)].box for block in blocks}
    size, side = view.looked.memory.block_size, _across(view)
    across = columns(box, len(blocks), SLOT * side / -(-size // side))
    rows = -(-len(blocks) // across)  # down first, as a lane's blocks stand
    order = (index % rows * across + index // rows for index in range(len(blocks)))
    cells_ = (cell(box, len(blocks), across, index) for index in order)
    return {
        block: Box(place.x + ID, place.y, place.w - ID - 8, place.h)
        for block, place in zip(blocks, cells_, strict=True)
    }


def block_view(view: View) -> Iterator[Shape]:
    """One block, its slots and their words, and its neighbours at the edges."""
    boxes = {f"lane/{view.lane}/block/{b}": box for b, box in
             _block_boxes(view, _pool_box(view)).items()}  # fmt: skip
    own = f"lane/{view.lane}/block/{view.looked.block}"
    for key, place in peeks(view, boxes, own, _block_box(view)):
        block = int(key.rpartition("/")[2])
        yield _outline(view, block, place)._replace(fill=_fill(view, block))
    yield _outline(view, view.looked.block, _block_box(view))
    yield from _slots(view, _block_box(view))
    here, _ = block_door(view)
    if view.is_falling and view.looked.holder is not None:
        room = _block_box(view).y - view.thing.y
        over = Box(here.x, view.thing.y + 8, here.w, room - 22)
        yield from _token(view, view.looked.holder, view.looked.position, view.looked.block, over)
    yield from view.eye("slot", here)


def _slots(view: View, box: Box) -> Iterator[Shape]:
    """The slots of the block that is looked at."""
    for offset in range(view.looked.memory.block_size):
        yield from slot_shapes(view, view.looked.block, offset, _slot_box(view, box, offset))


def slot_boxes(view: View) -> dict[str, Box]:
    """Where the slots of the block stand when it is looked at, by their keys."""
    return {
        f"lane/{view.lane}/block/{view.looked.block}/{offset}": _slot_box(view, view.thing, offset)
        for offset in range(view.looked.memory.block_size)
    }


def _slot_box(view: View, block: Box, offset: int) -> Box:
    """A slot's place in its block, which has the same rows however large it is."""
    size, pad = view.looked.memory.block_size, 0.02 * min(block.w, block.h)
    return cell(block.inset(pad), size, _across(view), offset)


def _across(view: View) -> int:
    """Slots of a block side by side: all in a row, as in a lane, if they are few."""
    size = view.looked.memory.block_size
    return size if size <= ROW else columns(view.thing, size, SLOT)


def block_id(view: View, block: int, at: tuple[float, float], size: float, anchor: Anchor) -> Text:
    """A block's number."""
    ink = "text" if block in view.owners else "muted"
    return Text(f"lane/{view.lane}/block/{block}/id", *at, str(block), size, ink,
                view.moment.faces.mono, anchor, tags=_tags(view, block))  # fmt: skip


def _outline(view: View, block: int, box: Box) -> Rect:
    owner = view.owners.get(block)
    ink = view.moment.ink(owner[0].request, "line") if owner else "edge"
    return Rect(f"lane/{view.lane}/block/{block}", box, CLEAR, ink, 2, 8, tags=_tags(view, block),
                note=f"physical block {block}")  # fmt: skip


def _fill(view: View, block: int) -> Ink:
    owner = view.owners.get(block)
    return view.moment.ink(owner[0].request, "pale") if owner else "slot"


def _tags(view: View, block: int) -> frozenset[str]:
    owner = view.owners.get(block)
    tags = view.moment.tags(view.lane, owner[0].request) if owner else {f"lane {view.lane}", "free"}
    return frozenset({*tags, f"block {block}"})


def slot_shapes(view: View, block: int, offset: int, box: Box) -> Iterator[Shape]:
    """One slot, the token in it, and its word where there is room."""
    owner, tags, size = view.owners.get(block), _tags(view, block), view.looked.memory.block_size
    key, radius = f"lane/{view.lane}/block/{block}/{offset}", min(6, box.h / 5)
    if owner is None:
        yield Rect(key, box, "slot", radius=radius, tags=tags, note="free")
        return
    holder = view.looked.step.state.holder(owner[0].request)
    position, name = owner[1] * size + offset, holder.id
    if position >= holder.computed:
        yield Rect(key, box, SUNK, CLEAR, 0, radius, Pattern.DOTS, view.moment.ink(name, "edge"),
                   tags=tags, note=f"held by {name}, and not used")  # fmt: skip
        return
    is_looked_at = (block, offset) == (view.looked.block, view.looked.offset)
    if view.is_falling and is_looked_at:
        yield Rect(key, box, "slot", view.moment.ink(name, "edge"), 2, radius, tags=tags)
        return
    yield Rect(key, box, "slot", radius=radius, tags=tags)
    yield from _token(view, holder, position, block, box)


def _token(view: View, holder: Holder, position: int, block: int, box: Box) -> Iterator[Shape]:
    """A token, and its word where there is room."""
    moment, name, tags = view.moment, holder.id, _tags(view, block)
    word, is_new = moment.word(holder, position), (view.lane, name, position) in moment.written
    offset = position % view.looked.memory.block_size
    key = token_key(view.lane, in_block(block, offset), word)
    yield Rect(key, box, moment.ink(name, "solid" if is_new else "pale"), radius=min(6, box.h / 5),
               tags=tags, note=f"K/V of token {position} of {name}")  # fmt: skip
    size = _word_size(view, box)
    known = moment.storyboard.knows_words(moment.storyboard.owner(name).id)
    if known and size and moment.faces.measures("text").width(word, size) <= box.w - 8:
        yield Text(f"{key}/word", box.centre[0], baseline(box.centre[1], size), word, size,
                   moment.ink(name, "on") if is_new else "text", moment.faces.text, Anchor.MIDDLE,
                   box, tags=tags)  # fmt: skip


def _word_size(view: View, box: Box) -> float:
    """Of all words alike: the largest at which all of those that can be seen fit; 0 where a pool
    has no room for them, in a block the least."""
    if box.w < WORD[0] or box.h < WORD[1]:
        return 0
    measures = view.moment.faces.measures("text")
    longest = max((measures.width(word, 1) for word in _words(view)), default=0.0)
    sizes = (SIZE_TITLE, SIZE_BODY, SIZE_LABEL)
    found = (s for s in sizes if s <= box.h * 0.75 and s * longest <= box.w - 10)
    return next(found, 0 if view.level == "pool" else SIZE_LABEL)


def _words(view: View) -> Iterator[str]:
    """In the block that is looked at; in a pool that is small, all words."""
    size, state = view.looked.memory.block_size, view.looked.step.state
    for block, (table, row) in view.owners.items():
        if block == view.looked.block or not is_large(state):
            holder = state.holder(table.request)
            for position in range(row * size, min((row + 1) * size, holder.computed)):
                yield view.moment.word(holder, position)
