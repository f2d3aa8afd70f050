"""Where to look: what a beat does not name dims."""

from __future__ import annotations

from collections.abc import Sequence

from pagereel.scenes.shapes.picture import Rect, Shape, Text

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
    acts = {frozenset[str](): True}  # many shapes share their tags: each set is judged once
    for tags in {shape.tags for shape in shapes if shape.tags}:
        acts[tags] = any(target <= tags for target in wanted)
    return tuple(shape if acts[shape.tags] else _dimmed(shape) for shape in shapes)


def _dimmed(shape: Shape) -> Shape:
    """The shape at rest: pale instead of bright, and faded."""
    if isinstance(shape, Rect):  # most are, and so they are made as fast as can be
        key, box, fill, stroke, line, radius, pattern, ink, _, tags, note = shape
        rest = fill.replace(" solid", " pale") if isinstance(fill, str) else fill
        return Rect(key, box, rest, stroke, line, radius, pattern, ink, DIM, tags, note)
    if isinstance(shape, Text) and isinstance(shape.ink, str):
        rest = "text" if shape.ink.endswith(" on") else shape.ink
        return shape._replace(ink=rest, opacity=DIM_TEXT)
    return shape._replace(opacity=DIM)
