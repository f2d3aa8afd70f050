"""Formulas as outlines: set elsewhere, once, and here fitted into their boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from pagereel.scenes.shapes.picture import Box
from pagereel.scenes.svg import number

Outline = Sequence[Sequence[float]]
"""Closed outlines as cubic curves of eight numbers, x and y of four points; its height is 1, and it
begins at (0, 0)."""
Outlines = Mapping[str, Outline]
"""By the formula's source."""
NO_OUTLINES: Outlines = MappingProxyType({})


def fitted(outline: Outline, box: Box) -> str:
    """Path data, in pixels from the box's left top corner: as large as fits, centred in height.

    Each contour is told from its first point on, so that equal letters are equal texts: a packed
    page has a letter once.
    """
    width = max(x for curve in outline for x in curve[::2])
    scale = min(box.h, box.w / width)
    down = (box.h - scale) / 2
    drawn: list[str] = []
    last: tuple[float, float] | None = None
    for x0, y0, *others in outline:
        if (x0, y0) != last:
            drawn.append(f"{'z' if last else ''}M{_pair(x0 * scale, y0 * scale + down)}")
        away = [((x - x0) * scale, (y - y0) * scale) for x, y in _points(others)]
        drawn.append(_segment(away))
        last = others[-2], others[-1]
    return "".join(drawn) + "z"


def _points(flat: Sequence[float]) -> Iterator[tuple[float, float]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _segment(away: Sequence[tuple[float, float]]) -> str:
    """A curve from where the pen is; a line where its handles lie on the way, in thirds."""
    x, y = away[-1]
    thirds = ((x / 3, y / 3), (x * 2 / 3, y * 2 / 3))
    on_the_way = zip(away, thirds, strict=False)
    if all(abs(a - c) + abs(b - d) < _STRAIGHT for (a, b), (c, d) in on_the_way):
        return f"l{_pair(x, y)}"
    return "c" + " ".join(_pair(a, b) for a, b in away)


_STRAIGHT = 0.02
"""Pixels that a line's handles may lie off."""


def _pair(x: float, y: float) -> str:
    """Two numbers, as short as a path takes them."""
    first, second = number(x), number(y)
    return first + ("" if second.startswith("-") else " ") + second
