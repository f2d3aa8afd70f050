"""What of a picture is seen: nearer, where the camera looks, and around what lies over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pagereel.scenes.pictures.callouts import target_box
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.extents import extent
from pagereel.scenes.shapes.picture import Box, Formula, Path, Rect, Shape, Text
from pagereel.scenes.style import SIZE_CELL, SIZE_LABEL

Place = Callable[[float, float], tuple[float, float]]
"""Where the camera puts a point."""
AIR, NEAREST = 40, 3.2
"""Left around what the camera looks at, in pixels of the frame; how much it enlarges at most."""


def around(shapes: Sequence[Shape], inset: Sequence[Shape]) -> tuple[Shape, ...]:
    """The shapes without those that an inset hides, wholly or in part; cards may go on under it."""
    if not inset:
        return tuple(shapes)
    lid = extent(inset[0]).inset(-12)
    return tuple(shape for shape in shapes if not _hidden(shape, lid))


def _hidden(shape: Shape, lid: Box) -> bool:
    box = extent(shape)
    if isinstance(shape, Rect) and not lid.contains(box):
        return False
    return lid.overlaps(box)


def framed(shapes: Sequence[Shape], target: str, stage: Box) -> tuple[Shape, ...]:
    """The shapes of the stage, enlarged so that a target fills it; what leaves it is not drawn.

    What stands outside the stage (the headline) stays as it is. A target that names nothing, or
    fills the stage already, is looked at from where everything is seen.
    """
    area = target_box(shapes, target)
    if area is None:
        return tuple(shapes)
    room = stage.inset(AIR)
    scale = min(room.w / area.w, room.h / area.h, NEAREST)
    if scale <= 1:
        return tuple(shapes)
    return tuple(_moved(shapes, area, scale, stage))


Panel = Callable[[Moment, Box], Iterator[Shape]]


def fitted(draw: Panel, moment: Moment, box: Box, smaller: float) -> Iterator[Shape]:
    """A panel as if its box were larger, and all of it then so much smaller; 1: as it is.

    Where words would be less than the least that way, in the box's own size.
    """
    if smaller < 1:
        whole = Box(0, 0, box.w / smaller, box.h / smaller)
        shapes = tuple(draw(moment, whole))
        sizes = (shape.size for shape in shapes if isinstance(shape, Text) and shape.text)
        if min(sizes, default=SIZE_LABEL) * smaller >= SIZE_CELL:
            for shape in shapes:
                yield _scaled(
                    shape, lambda x, y: (box.x + x * smaller, box.y + y * smaller), smaller
                )
            return
    yield from draw(moment, box)


def _moved(shapes: Sequence[Shape], area: Box, scale: float, stage: Box) -> Iterator[Shape]:
    (x0, y0), (x1, y1) = area.centre, stage.centre

    def at(x: float, y: float) -> tuple[float, float]:
        return x1 + (x - x0) * scale, y1 + (y - y0) * scale

    for shape in shapes:
        if not stage.contains(extent(shape)):
            yield shape
            continue
        near = _scaled(shape, at, scale)
        if stage.contains(extent(near)):
            yield near
        elif isinstance(near, Rect) and (part := _common(near.box, stage)):
            yield near._replace(box=part)


def _common(box: Box, stage: Box) -> Box | None:
    """What two boxes share; None: nothing."""
    if not box.overlaps(stage):
        return None
    x, y = max(box.x, stage.x), max(box.y, stage.y)
    return Box(x, y, min(box.right, stage.right) - x, min(box.bottom, stage.bottom) - y)


def _scaled(shape: Shape, at: Place, scale: float) -> Shape:
    match shape:
        case Rect():
            return shape._replace(
                box=_box(shape.box, at, scale), line=shape.line * scale, radius=shape.radius * scale
            )
        case Formula():
            return shape._replace(box=_box(shape.box, at, scale))
        case Text():
            x, y = at(shape.x, shape.y)
            room = _box(shape.room, at, scale) if shape.room else None
            return shape._replace(x=x, y=y, size=shape.size * scale, room=room)
        case Path():
            points = tuple(at(*point) for point in shape.points)
            return shape._replace(points=points, line=shape.line * scale, head=shape.head * scale)


def _box(box: Box, at: Place, scale: float) -> Box:
    return Box(*at(box.x, box.y), box.w * scale, box.h * scale)
