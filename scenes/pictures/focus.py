"""Where to look: what a beat does not name dims, and call-outs point at what they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from model.readings import Readings, fill
from model.storyboard import CallOut
from scenes.extents import around, text_box
from scenes.pictures.chip import baseline
from scenes.pictures.moment import Moment
from scenes.shapes import Box, Path, Rect, Shape, Text
from scenes.style import SIZE_LABEL
from scenes.typeface import visible

DIM, DIM_TEXT = 0.4, 0.55
"""Opacity of what does not act; text stays readable."""


def named(target: str) -> frozenset[str]:
    """The tags a shape must all have: `request A in lane paged` means both."""
    return frozenset(part.strip() for part in target.split(" in "))


def dim(shapes: Sequence[Shape], targets: Sequence[str]) -> tuple[Shape, ...]:
    """Everything that has tags, but none of the targets', dimmed. No targets: nothing dims."""
    wanted = [named(target) for target in targets]
    if not wanted:
        return tuple(shapes)
    return tuple(
        shape if not shape.tags or any(tags <= shape.tags for tags in wanted) else _dimmed(shape)
        for shape in shapes
    )


def _dimmed(shape: Shape) -> Shape:
    """The shape at rest: pale instead of bright, and faded."""
    match shape:
        case Text(ink=str(ink)):
            return replace(shape, ink="text" if ink.endswith(" on") else ink, opacity=DIM_TEXT)
        case Rect(fill=str(fill)):
            return replace(shape, fill=fill.replace(" solid", " pale"), opacity=DIM)
    return replace(shape, opacity=DIM)


def call_out(
    moment: Moment, index: int, remark: CallOut, shapes: Sequence[Shape], frame: Box
) -> Iterator[Shape]:
    """A halo around the target, a label beside it where it covers no text, and a pointer."""
    area = target_box(shapes, remark.at)
    if area is None:
        return
    key = f"callout/{moment.number}/{index}"
    text = visible(fill(remark.text, Readings(moment.storyboard, moment.played.end)))
    width = moment.faces.measures("text").width(text, SIZE_LABEL) + 32
    halo = area.inset(-5)
    label = _place(halo, Box(0, 0, width, 44), shapes, _container(remark.at, shapes, frame))
    yield Rect(f"{key}/halo", halo.inset(-3.5), stroke="halo", line=7, radius=14)
    yield Rect(f"{key}/outline", halo, stroke="accent", line=3, radius=10, note=text)
    yield Path(f"{key}/pointer", _pointer(label, halo), "accent", line=3)
    yield Rect(key, label, "background", "accent", 2, radius=10)
    yield Text(f"{key}/text", label.x + 16, baseline(label.centre[1], SIZE_LABEL), text,
               SIZE_LABEL, "accent", moment.faces.text, room=label)  # fmt: skip


def _container(target: str, shapes: Sequence[Shape], frame: Box) -> Box:
    """Where the label may stand: in the card of the lane that the target names, else anywhere."""
    for name in named(target):
        for shape in shapes:
            if isinstance(shape, Rect) and name == shape.key.replace("lane/", "lane "):
                return shape.box.inset(8)
    return frame


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
    if not boxes:
        return None
    return around(boxes)


_PANELS = frozenset({"prompt", "table", "queue", "metrics"})


def _place(target: Box, size: Box, shapes: Sequence[Shape], frame: Box) -> Box:
    """The nearest place that covers no text: right, left, below, above, in growing distance."""
    texts = [text_box(shape) for shape in shapes if isinstance(shape, Text)]
    held = [s.box for s in shapes if isinstance(s, Rect) and _is_held(s)]
    best, least = size, float("inf")
    for distance in (28, 60, 100, 150, 210):
        for place in _around(target, size, distance):
            if not frame.contains(place):
                continue
            covered: float = sum(place.inset(-6).overlaps(text) for text in texts)
            covered += 0.1 * sum(place.overlaps(box) for box in held)
            covered += sum(_crosses(_pointer(place, target), text) for text in texts)
            if covered == 0:
                return place
            if covered < least:
                best, least = place, covered
    return best


def _around(target: Box, size: Box, distance: float) -> Iterator[Box]:
    x, y = target.centre
    for dy in (0, -80, 80, -160, 160):
        yield Box(target.right + distance, y - size.h / 2 + dy, size.w, size.h)
        yield Box(target.x - distance - size.w, y - size.h / 2 + dy, size.w, size.h)
    for dx in (0, -60, 60, -120, 120, -200, 200):
        yield Box(x - size.w / 2 + dx, target.bottom + distance, size.w, size.h)
        yield Box(x - size.w / 2 + dx, target.y - distance - size.h, size.w, size.h)


def _pointer(label: Box, target: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """From the label's nearest edge to the target's."""
    (lx, ly), ty = label.centre, target.centre[1]
    if label.x >= target.right or label.right <= target.x:
        start = (label.x if label.x >= target.right else label.right, ly)
        end = (target.right if label.x >= target.right else target.x, _within(ly, target))
        return start, end
    start = (lx, label.y if label.y >= target.bottom else label.bottom)
    return start, (min(max(lx, target.x), target.right), target.bottom if ly > ty else target.y)


def _is_held(cell: Rect) -> bool:
    """Whether a rectangle stands for memory that somebody holds."""
    return any(tag.startswith("request ") for tag in cell.tags)


def _crosses(line: tuple[tuple[float, float], tuple[float, float]], box: Box) -> bool:
    """Whether a straight line passes through a box."""
    (x0, y0), (x1, y1) = line
    steps = [i / 16 for i in range(17)]
    return any(box.contains(Box(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, 0, 0)) for t in steps)


def _within(y: float, box: Box) -> float:
    return min(max(y, box.y + 4), box.bottom - 4)
