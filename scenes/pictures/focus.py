"""Where to look: what a beat does not name dims."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pagereel.scenes.shapes.picture import CLEAR, Ink, Rect, Rgba, Shape, Text
from pagereel.scenes.style import AT_REST, SUNK


def named(target: str) -> frozenset[str]:
    """The tags a shape must all have: `request A in lane paged` means both."""
    return frozenset(part.strip() for part in target.split(" in "))


TELLING = frozenset({"metrics", "gauges", "history", "holes"})
"""Panels that tell of the lanes: while they alone are looked at, the lanes keep their colours."""


def dim(shapes: Sequence[Shape], targets: Sequence[str]) -> tuple[Shape, ...]:
    """Everything that has tags, but none of the targets', dimmed. No targets: nothing dims."""
    wanted = [named(target) for target in targets]
    if not wanted:
        return tuple(shapes)
    is_told = TELLING.issuperset(targets)
    looks: dict[frozenset[str], Callable[[Shape], Shape]] = {frozenset(): _as_it_is}
    for tags in {shape.tags for shape in shapes if shape.tags}:  # shared by many: judged once
        rests = _paled if is_told and _is_of_lane(tags) else _dimmed
        looks[tags] = _as_it_is if any(target <= tags for target in wanted) else rests
    return tuple(looks[shape.tags](shape) for shape in shapes)


def _as_it_is(shape: Shape) -> Shape:
    return shape


def _is_of_lane(tags: frozenset[str]) -> bool:
    return any(tag.startswith("lane ") for tag in tags)


def _paled(shape: Shape) -> Shape:
    """The shape without what is brightest in it, and with its hue."""
    if isinstance(shape, Rect) and isinstance(shape.fill, str):
        return shape._replace(fill=shape.fill.replace(" solid", " pale"))
    if isinstance(shape, Text) and isinstance(shape.ink, str) and shape.ink.endswith(" on"):
        return shape._replace(ink="text")
    return shape


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
