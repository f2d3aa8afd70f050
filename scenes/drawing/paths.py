"""Shapes as Manim objects, and the camera that draws them from kept paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import VGroup, VMobject
from manim.camera.camera import Camera

from pagereel.scenes.drawing.formulas import typeset
from pagereel.scenes.drawing.outline import Curves, Part, outline
from pagereel.scenes.shapes.picture import Shape

PIXELS = 135.0
"""1080p pixels in one of Manim's units of length."""
LINE = 100 / PIXELS
"""Manim's stroke width for a line of one pixel: it draws a hundredth of a unit for each."""


class Drawing(VGroup):
    """Shapes as Manim objects, redrawn from scratch as often as needed."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        super().__init__()
        self.draw(shapes)

    def draw(self, shapes: Sequence[Shape]) -> None:
        """Show these shapes instead of the ones before; the objects are used again."""
        parts = [part for shape in shapes for part in outline(shape, typeset)]
        pool: list[Any] = self.submobjects
        pool += [_Curves() for _ in range(len(parts) - len(pool))]
        del pool[len(parts) :]
        for curves, part in zip(pool, parts, strict=True):
            curves.become_part(part)


class _Curves(VMobject):
    """One part of a shape. Its curves stay in pixels; the camera knows what to do with them."""

    part: Part

    def become_part(self, part: Part) -> None:
        """Take the part's look."""
        self.part = part
        self.points = _SOMETHING
        self.fill_rgbas = np.array([part.fill])
        self.stroke_rgbas = np.array([part.stroke])
        self.stroke_width = part.line * LINE


_SOMETHING = np.zeros((4, 3))
"""Manim draws only what has points; the camera takes the part's own."""


class PathCamera(Camera):
    """Draws parts from kept paths: most words and cells are the same in every frame."""

    def set_cairo_context_path(self, ctx: Any, vmobject: Any) -> Any:  # noqa: ANN401  # as in Manim
        """Begin the part's path: moved to its place, from pixels (y down) to units (y up)."""
        part: Part = vmobject.part
        path = _kept_path(ctx, part.curves)
        ctx.save()
        ctx.scale(1 / PIXELS, -1 / PIXELS)
        left, top = self.frame_width * PIXELS / 2, self.frame_height * PIXELS / 2
        ctx.translate(part.x - left, part.y - top)
        ctx.append_path(path)
        ctx.restore()
        return self


def _kept_path(ctx: Any, curves: Curves) -> Any:  # noqa: ANN401  # pycairo ships no types
    """The curves as a path, made once for each array; leaves the context without one.

    Cairo rounds points to fractions of a device pixel, so a path is made on a fine grid of its
    own: it must not depend on where it is first drawn.
    """
    ctx.new_path()
    kept = _PATHS.get(id(curves))
    if kept is not None and kept[0] is curves:
        return kept[1]
    ctx.save()
    ctx.identity_matrix()
    ctx.scale(_FINE, _FINE)
    last = None
    for start, first, second, end in curves.tolist():
        if start != last:
            ctx.new_sub_path()
            ctx.move_to(*start)
        ctx.curve_to(*first, *second, *end)
        last = end
    path = ctx.copy_path()
    ctx.new_path()
    ctx.restore()
    if len(_PATHS) > 4096:
        _PATHS.clear()
    _PATHS[id(curves)] = (curves, path)
    return path


_FINE = 32
_PATHS: dict[int, tuple[Curves, Any]] = {}
"""Paths by the identity of their curves, which are kept with them."""
