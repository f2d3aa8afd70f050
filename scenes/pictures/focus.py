"""Where to look: what a beat does not name dims."""

from __future__ import annotations

from collections.abc import Sequence

from pagereel.scenes.shapes.picture import CLEAR, Ink, Rect, Rgba, Shape, Text
from pagereel.scenes.style import AT_REST, SUNK


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
    """The shape at rest: it has lost its colour, and can still be read."""
    if isinstance(shape, Rect):  # most are, and so they are made as fast as can be
        key, box, fill, stroke, line, radius, pattern, ink, opacity, tags, note = shape
        rest = _rest(fill.replace(" solid", " pale") if isinstance(fill, str) else fill)
        edge, lines = _rest(stroke), ink if ink == "muted" else _rest(ink)
        return Rect(key, box, rest, edge, line, radius, pattern, lines, opacity, tags, note)
    if isinstance(shape, Text):
        return shape._replace(ink="muted")
    return shape._replace(ink=_rest(shape.ink))


_STAYING = frozenset({CLEAR, "background", "card", "slot", SUNK})
"""What has no colour to lose, and lies under all else."""


def _rest(ink: Ink) -> Ink:
    return ink if isinstance(ink, Rgba) or ink in _STAYING else AT_REST + ink
