"""How much room a shape takes: the boxes that layout, lint and drawing reason about."""

from __future__ import annotations

from pagereel.scenes.shapes.picture import Anchor, Box, Formula, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import face

_SHARE_LEFT = {Anchor.START: 0.0, Anchor.MIDDLE: 0.5, Anchor.END: 1.0}


def text_box(text: Text) -> Box:
    """What a line of text covers: from the top of its capitals to the foot of its descenders."""
    measures = face(text.face)
    width = measures.width(text.text, text.size)
    above = text.size * measures.cap_height / 1000
    return Box(text.x - width * _SHARE_LEFT[text.anchor], text.y - above, width, above * 1.3)


def extent(shape: Shape) -> Box:
    """The smallest box known to hold the shape, its outline included."""
    match shape:
        case Rect():
            return shape.box.inset(-shape.line / 2) if shape.line else shape.box
        case Formula():
            return shape.box
        case Text():
            return text_box(shape)
        case Path():
            xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
            pad = max(shape.line / 2, shape.head / 2)
            box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
            return box.inset(-pad)


def around(boxes: list[Box]) -> Box:
    """The smallest box that holds them all; there must be one."""
    left, top = min(x for x, _, _, _ in boxes), min(y for _, y, _, _ in boxes)
    right, bottom = max(x + w for x, _, w, _ in boxes), max(y + h for _, y, _, h in boxes)
    return Box(left, top, right - left, bottom - top)
