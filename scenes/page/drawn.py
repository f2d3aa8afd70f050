"""Pictures and the motions between them as plain data: rows of shapes, and tracks over them.

A row is one shape in short keys; equal shapes are one row. Colours stay roles: a page looks them up
in the theme that is chosen. Lengths are pixels of the canvas, to a hundredth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from pagereel.scenes.canvas import Canvas
from pagereel.scenes.page.outlines import NO_OUTLINES, Outlines, fitted
from pagereel.scenes.shapes.motion import Track, derive
from pagereel.scenes.shapes.picture import (
    CLEAR,
    Anchor,
    Formula,
    Path,
    Pattern,
    Picture,
    Rect,
    Shape,
    Text,
)
from pagereel.scenes.style import THEMES, Theme, colour

Row = dict[str, Any]
"""One shape: `k` its key, then what its kind has, and `o` opacity, `n` note, `g` tags, if any.

A rectangle has `b` its box, `f` fill, `s` stroke and `l` its width, `r` radius, `p` pattern and
`pi` its ink; a text `x` `y` `t` `z` size `f` `e` face `a` anchor; a path `d` its points, `s` `l`,
`h` the head, `c` where it is a curve; a formula `b` `y` its source `f`, and `o2`
its outline from the box's left top corner, where it is known.
"""
NOBODY = -1
"""In the place of a row: the shape enters, or leaves."""
_INKS = ("f", "s", "pi")
"""Keys of a row whose values are roles."""


class _Rows:
    """The rows so far, each shape once."""

    def __init__(self, outlines: Outlines) -> None:
        self._outlines = outlines
        self._places: dict[Shape, int] = {}
        self.rows: list[Row] = []

    def place(self, shape: Shape) -> int:
        """Where a shape is among the rows."""
        found = self._places.get(shape)
        if found is None:
            found = self._places[shape] = len(self.rows)
            self.rows.append(row(shape, self._outlines))
        return found


def drawn(
    canvas: Canvas, pictures: Sequence[Picture], outlines: Outlines = NO_OUTLINES
) -> dict[str, Any]:
    """All pictures of a storyboard, unpainted and in order, and the motion from each to the next.

    A track is `[before, after, start, end]`: rows, and thousandths of the motion. One that leaves
    is drawn beneath all; with a fifth number just beneath that shape of the picture after.
    """
    rows = _Rows(outlines)
    shown = [[rows.place(shape) for shape in _seen(picture)] for picture in pictures]
    return {
        "size": [canvas.width, canvas.height],
        "pictures": shown,
        "motions": [_tracks(rows, *pair) for pair in pairwise(pictures)],
        "alts": [picture.alt for picture in pictures],
        "rows": rows.rows,
    }


def _seen(picture: Picture) -> Iterable[Shape]:
    return (shape for shape in picture.shapes if shape.opacity > 0)


def _tracks(rows: _Rows, before: Picture, after: Picture) -> list[list[float]]:
    """What moves from one picture to the next, in drawing order."""
    motion = derive(before, after)
    found: list[list[float]] = []
    above = 0
    for track, is_still in zip(motion.tracks, motion.still, strict=True):
        ends = [shape for shape in (track.before, track.after) if shape is not None]
        if not is_still and any(shape.opacity > 0 for shape in ends):
            found.append(_track(rows, track))
            if _leaves(track) and above:
                found[-1].append(above)
        above += track.after is not None and track.after.opacity > 0
    return found


def _leaves(track: Track) -> bool:
    """Whether the shape is not among those of the picture after."""
    return track.after is None or track.after.opacity <= 0


def _track(rows: _Rows, track: Track) -> list[float]:
    before = NOBODY if track.before is None else rows.place(track.before)
    after = NOBODY if track.after is None else rows.place(track.after)
    return [before, after, _short(track.start * 1000, 3), _short(track.end * 1000, 3)]


def row(shape: Shape, outlines: Outlines = NO_OUTLINES) -> Row:
    """One shape as plain data; what is as usual is left out."""
    found: Row
    match shape:
        case Rect():
            found = _rect(shape)
        case Text():
            found = {"x": _short(shape.x), "y": _short(shape.y), "t": shape.text}
            found |= {"z": _short(shape.size), "f": shape.ink}
            if shape.face != "text":
                found["e"] = shape.face
            if shape.anchor is not Anchor.START:
                found["a"] = shape.anchor.value
        case Path():
            points = [[_short(x), _short(y)] for x, y in shape.points]
            found = {"d": points, "s": shape.ink, "l": _short(shape.line)}
            if shape.head:
                found["h"] = _short(shape.head)
            if shape.smooth:
                found["c"] = 1
        case Formula():
            found = {"b": [_short(v) for v in shape.box], "y": shape.typst, "f": shape.ink}
            if shape.typst in outlines:
                found["o2"] = fitted(outlines[shape.typst], shape.box)
    told: Row = {"k": shape.key} | found
    if shape.opacity < 1:
        told["o"] = _short(shape.opacity)
    if shape.note:
        told["n"] = shape.note
    if shape.tags:
        told["g"] = sorted(shape.tags)
    return told


def _rect(rect: Rect) -> Row:
    found: Row = {"b": [_short(value) for value in rect.box]}
    if rect.fill != CLEAR:
        found["f"] = rect.fill
    if rect.stroke != CLEAR and rect.line:
        found |= {"s": rect.stroke, "l": _short(rect.line)}
    if rect.radius:
        found["r"] = _short(rect.radius)
    if rect.pattern is not Pattern.NONE:
        found |= {"p": rect.pattern.value, "pi": rect.pattern_ink}
    return found


def _short(value: float, digits: int = 2) -> float:
    """To a hundredth, or to so many digits; a whole number without a point."""
    near = round(value, digits)
    return int(near) if near == int(near) else near


def palettes(rows: Iterable[Row]) -> dict[str, dict[str, str]]:
    """For every theme, the colours of the roles that these rows and a page's ground have."""
    roles = sorted({row[key] for row in rows for key in _INKS if key in row} | _GROUND)
    return {
        name: {role: _css(role, theme) for role in roles if role != CLEAR}
        for name, theme in THEMES.items()
    }


_GROUND = {"background", "card", "slot", "edge", "text", "muted", "accent", "warning"}
"""Roles that a page has whatever its pictures show."""


def _css(role: str, theme: Theme) -> str:
    *channels, opacity = colour(role, theme)
    red, green, blue = (round(channel * 255) for channel in channels)
    if opacity == 1:
        return f"#{red:02x}{green:02x}{blue:02x}"
    return f"rgba({red},{green},{blue},{opacity:g})"
