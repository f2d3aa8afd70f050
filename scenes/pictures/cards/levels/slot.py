"""The inner levels: one slot, the layers in it, and one vector."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.readings.levels import counted
from pagereel.scenes.pictures.cards.levels.pool import slot_boxes, slot_shapes
from pagereel.scenes.pictures.cards.levels.view import View, mapped, peeks
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.lanes.cells import in_block, token_key
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.style import SIZE_BODY, SIZE_DISPLAY, SIZE_LABEL, SIZE_TITLE

MOST_LAYERS, MOST_HEADS = 128, 128
"""More of them are not drawn one by one: they could not be told apart."""
ABOVE, HIGH = 0.42, 150
"""Of a slot's height, what its word takes; pixels in which a line under it has room."""
HEAD = 76
"""Over the layers: the word, and what the two columns are."""


def slot_view(view: View) -> Iterator[Shape]:
    """The slot with its word, and small in it the layers that keep it."""
    boxes = slot_boxes(view)
    own = f"lane/{view.lane}/block/{view.looked.block}/{view.looked.offset}"
    for key, place in peeks(view, boxes, own, view.thing):
        offset = int(key.rpartition("/")[2])
        beside = slot_shapes(view, view.looked.block, offset, place)
        yield from (shape for shape in beside if isinstance(shape, Rect))
    box = view.thing
    yield from _ground(view, box)
    room = _room(view)
    middle, above = box.centre[0], room.y - box.y
    is_high = above >= HIGH
    at = middle, box.y + above * (0.36 if is_high else 0.48)
    yield from _word(view, at, SIZE_DISPLAY, box.w - 32)
    if is_high:
        yield Text("levels/slot/kept", middle, room.y - 20, _kept(view), SIZE_BODY, "text",
                   view.moment.faces.text, Anchor.MIDDLE, box, tags=view.tags)  # fmt: skip
    inside = _layers_box(view)
    for bar in _bars(view, inside):
        yield mapped(bar, inside, room)
    yield from view.eye("layers", room)


def _room(view: View) -> Box:
    """Where the layers stand in the slot's picture."""
    box = view.thing
    return Box(box.x + 24, box.y + box.h * ABOVE, box.w - 48, box.h * (1 - ABOVE) - 20)


def slot_door(view: View) -> tuple[Box, Box]:
    """Where the layers stand in the slot's picture, and where in their own."""
    return _room(view), _layers_box(view)


def layers_door(view: View) -> tuple[Box, Box]:
    """Where the vector stands among the layers, and where in its own picture."""
    return _bar(view, _layers_box(view), layer_looked_at(view), 0), view.thing


def _kept(view: View) -> str:
    """What lies below the word."""
    geometry, of = view.moment.storyboard.geometry, "its" if view.looked.holder else "room for a"
    inside = f"{of} latent" if geometry.latent else f"{of} key and {'a ' * (of != 'its')}value"
    return f"{inside} in each of {counted(geometry.layers, 'layer')}"


def _ground(view: View, box: Box) -> Iterator[Rect]:
    """The slot, and the token that lies in it."""
    key = f"lane/{view.lane}/block/{view.looked.block}/{view.looked.offset}"
    yield Rect(key, box, "slot", radius=12, tags=view.tags, note="one slot")
    if view.looked.holder is not None:
        fill = "slot" if view.level == "layers" else view.ink("pale")
        yield Rect(_token(view), box, fill, view.ink("line"), 2, 12, tags=view.tags)


def _token(view: View) -> str:
    place = in_block(view.looked.block, view.looked.offset)
    return token_key(view.lane, place, _shown(view))


def _shown(view: View) -> str:
    holder = view.looked.holder
    return view.moment.word(holder, view.looked.position) if holder else ""


def _word(view: View, at: tuple[float, float], size: float, width: float) -> Iterator[Text]:
    holder, faces = view.looked.holder, view.moment.faces
    if holder is None:
        return
    if not view.moment.storyboard.knows_words(view.moment.storyboard.owner(holder.id).id):
        return
    word, measures = _shown(view), faces.measures("text")
    sizes = [s for s in (SIZE_DISPLAY, SIZE_TITLE, SIZE_BODY, SIZE_LABEL)
             if s <= size and measures.width(word, s) <= width]  # fmt: skip
    if sizes:
        yield Text(f"{_token(view)}/word", at[0], baseline(at[1], sizes[0]), word, sizes[0], "text",
                   faces.text, Anchor.MIDDLE, tags=view.tags)  # fmt: skip


def _parts(view: View) -> tuple[str, ...]:
    """What a layer keeps."""
    return ("latent",) if view.moment.storyboard.geometry.latent else ("key", "value")


def _shown_layers(view: View) -> int:
    return min(view.moment.storyboard.geometry.layers, MOST_LAYERS)


def layer_looked_at(view: View) -> int:
    """The layer, from 1, whose vector the camera goes into: one in the middle."""
    return (_shown_layers(view) + 1) // 2


def _layers_box(view: View) -> Box:
    """Where the layers' bars stand when the camera is there."""
    label = f"layer {view.moment.storyboard.geometry.layers}"
    gutter = view.moment.faces.measures("text").width(label, SIZE_LABEL) + 28
    box = _opened(view)
    return Box(box.x + gutter, box.y + HEAD, box.w - gutter - 24, box.h - HEAD - 16)


def _opened(view: View) -> Box:
    """The slot when it is looked into."""
    return view.area.inset(28, 0)._replace(h=view.area.h - 24)


def _bar(view: View, box: Box, layer: int, part: int) -> Box:
    """The place of a vector in a box for all of them; layers count from 1."""
    count, pitch = len(_parts(view)), box.h / _shown_layers(view)
    width, gap = box.w / count, max(min(8.0, pitch * 0.22), 0.5)
    x, y = box.x + part * width, box.y + (layer - 1) * pitch
    return Box(x + 8 * (part > 0), y, width - 8 * (count - 1), pitch - gap)


def _bars(view: View, box: Box) -> Iterator[Rect]:
    for layer in range(1, _shown_layers(view) + 1):
        for part, name in enumerate(_parts(view)):
            yield _vector(view, layer, name, _bar(view, box, layer, part))


def _vector(view: View, layer: int, name: str, box: Box) -> Rect:
    """A key is full, a value outlined."""
    key, radius = f"levels/layer/{layer}/{name}", min(6, box.h / 4)
    note = f"{name} in layer {layer}"
    if name == "value":
        line = min(2, box.h / 6)
        return Rect(key, box.inset(line / 2), view.ink("pale"), view.ink("line"), line, radius,
                    tags=view.tags, note=note)  # fmt: skip
    return Rect(key, box, view.ink("solid"), radius=radius, tags=view.tags, note=note)


def layers_view(view: View) -> Iterator[Shape]:
    """The slot opened: layers as rows, in each a key and a value."""
    opened, box, faces = _opened(view), _layers_box(view), view.moment.faces
    yield from _ground(view, opened)
    yield from _bars(view, box)
    line = baseline(opened.y + HEAD / 2, SIZE_BODY)
    for part, name in enumerate(_parts(view)):
        first = _bar(view, box, 1, part)
        is_last = part == len(_parts(view)) - 1 and part > 0
        x, anchor = (first.right, Anchor.END) if is_last else (first.x, Anchor.START)
        yield Text(f"levels/layers/{name}", x, line, name, SIZE_BODY, "text", faces.bold, anchor,
                   tags=view.tags)  # fmt: skip
    middle = opened.centre[0]
    yield from _word(view, (middle, opened.y + HEAD / 2), SIZE_TITLE, opened.w * 0.4)
    yield from _layer_labels(view, box, opened.x + 14)
    yield from view.eye("vector", _bar(view, box, layer_looked_at(view), 0))


def _layer_labels(view: View, box: Box, x: float) -> Iterator[Text]:
    """The first and the last one, the one that is looked at, and all others if there is room."""
    count, drawn = view.moment.storyboard.geometry.layers, _shown_layers(view)
    chosen, last = (1, layer_looked_at(view), drawn), float("-inf")
    roomy = box.h / drawn >= SIZE_LABEL + 4
    for layer in range(1, drawn + 1):
        middle = _bar(view, box, layer, 0).centre[1]
        if not roomy and (layer not in chosen or middle - last < SIZE_LABEL + 4):
            continue
        last = middle
        number = count if layer == drawn else layer
        yield Text(f"levels/layer/{layer}/label", x, baseline(middle, SIZE_LABEL),
                   f"layer {number}", SIZE_LABEL, "text", view.moment.faces.text,
                   tags=view.tags)  # fmt: skip


def vector_view(view: View) -> Iterator[Shape]:
    """One key: a row a head, a column a number; the value beside it, and the next layer."""
    inside, layer, parts = _layers_box(view), layer_looked_at(view), _parts(view)
    boxes = {
        f"levels/layer/{each}/{name}": _bar(view, inside, each, part)
        for each in range(1, _shown_layers(view) + 1)
        for part, name in enumerate(parts)
    }
    own = f"levels/layer/{layer}/{parts[0]}"
    for key, place in peeks(view, boxes, own, view.thing):
        yield _vector(view, int(key.split("/")[2]), key.rpartition("/")[2], place)
    box = view.thing
    yield Rect(own, box, "card", view.ink("solid"), 3, 8, tags=view.tags,
               note=f"{parts[0]} in layer {layer}")  # fmt: skip
    yield from _numbers(view, box.inset(10))


def _numbers(view: View, box: Box) -> Iterator[Shape]:
    """Rows of heads, cut into numbers; the first one marked."""
    geometry = view.moment.storyboard.geometry
    heads, numbers = geometry.kv_heads, geometry.head_dim
    if geometry.latent:
        heads, numbers = 1, geometry.latent
    rows = min(heads, MOST_HEADS)
    pitch, width = box.h / rows, box.w / numbers
    gap = min(8.0, pitch * 0.2)
    for row in range(rows):
        place = Box(box.x, box.y + row * pitch + gap / 2, box.w, pitch - gap)
        yield Rect(f"levels/head/{row}", place, view.ink("pale"), radius=min(4, place.h / 4),
                   tags=view.tags, note=f"head {row + 1}: {numbers} numbers")  # fmt: skip
    if width >= LEAST_NUMBER:
        for column in range(1, numbers):
            x = box.x + column * width
            yield Path(f"levels/number/{column}", ((x, box.y), (x, box.bottom)), "card",
                       min(2, width / 4), tags=view.tags)  # fmt: skip
    first = Box(box.x, box.y + gap / 2, max(width, 2), pitch - gap)
    yield Rect("levels/number", first.inset(-2), view.ink("solid"), "text", 3, 2, tags=view.tags,
               note="one number")  # fmt: skip


LEAST_NUMBER = 3
"""Pixels: narrower numbers are not cut apart."""
