"""Real fonts: where the files come from, and each glyph's outline as cubic curves.

FiraGO (text) and Fira Mono (numbers, ids) come with the package pymupdf-fonts, both under the SIL
Open Font License; Noto Sans, Noto Sans Symbols 2 and Noto Sans Math fill in what they lack. If the
package is missing, the face that Pillow carries (Aileron, CC0) takes their place.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont
from numpy.typing import NDArray

_SYMBOLS = ("NotoSansSymbols2_Regular", "NotoSansMath_Regular")
SOURCES: dict[str, tuple[str, ...]] = {
    "text": ("FiraGO_Regular", "NotoSans_Regular", *_SYMBOLS),
    "bold": ("FiraGO_Bold", "NotoSans_Bold", *_SYMBOLS),
    "mono": ("FiraMono_Regular", *_SYMBOLS),
    "fallback": ("Pillow",),
}
"""The fonts of each face, in the order in which they are asked for a character."""

Curves = NDArray[np.float64]
"""Shape (n, 4, 2): n cubic curves of four points (x, y), y up, 1 = one em."""


class FontMissing(RuntimeError):
    """The package that carries a font is not installed."""


@cache
def font(source: str) -> TTFont:
    """Open one font. Raises `FontMissing`."""
    return TTFont(io.BytesIO(font_file(source)))


def font_file(source: str) -> bytes:
    """The font's file, as its package carries it. Raises `FontMissing`."""
    if source == "Pillow":
        from PIL import ImageFont

        carried = ImageFont.load_default(20)
        assert isinstance(carried, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
        return bytes(carried.font_bytes)
    try:
        module = importlib.import_module(f"pymupdf_fonts.{source}")
    except ImportError as problem:
        raise FontMissing(source) from problem
    return bytes(module.fontbuffer)


def find(face: str, character: str) -> tuple[str, str] | None:
    """The font of the face that has the character, and the glyph's name in it; None if none has."""
    for source in SOURCES[face]:
        name = _characters(source).get(ord(character))
        if name is not None:
            return source, name
    return None


@cache
def outline(face: str, character: str) -> Curves:
    """A character's outline; that of an empty box if no font of the face has it."""
    found = find(face, character)
    if found is None:
        return _EMPTY_BOX
    source, name = found
    opened = font(source)
    pen = _CubicPen(opened.getGlyphSet())
    opened.getGlyphSet()[name].draw(pen)
    curves: Curves = np.array(pen.curves, dtype=np.float64).reshape(-1, 4, 2)
    return curves / float(opened["head"].unitsPerEm)


@cache
def _characters(source: str) -> dict[int, str]:
    return dict(font(source).getBestCmap())


Point = tuple[float, float]


class _CubicPen(BasePen):  # type: ignore[misc]  # fontTools ships no types
    """Collects closed contours as cubic curves."""

    def __init__(self, glyphs: Any) -> None:  # noqa: ANN401  # fontTools' own glyph set type
        super().__init__(glyphs)
        self.curves: list[tuple[Point, Point, Point, Point]] = []

    def _moveTo(self, point: Point) -> None:  # noqa: N802  # fontTools' name
        self._first = self._last = point

    def _lineTo(self, point: Point) -> None:  # noqa: N802  # fontTools' name
        (x0, y0), (x1, y1) = self._last, point
        third = (x0 + (x1 - x0) / 3, y0 + (y1 - y0) / 3)
        rest = (x0 + (x1 - x0) * 2 / 3, y0 + (y1 - y0) * 2 / 3)
        self._curveToOne(third, rest, point)

    def _curveToOne(self, first: Point, second: Point, point: Point) -> None:  # noqa: N802  # fontTools' name
        self.curves.append((self._last, first, second, point))
        self._last = point

    def _closePath(self) -> None:  # noqa: N802  # fontTools' name
        if self._last != self._first:
            self._lineTo(self._first)


def _box(corners: list[Point]) -> Iterator[tuple[Point, Point, Point, Point]]:
    pen = _CubicPen(None)
    pen._moveTo(corners[0])
    for corner in corners[1:]:
        pen._lineTo(corner)
    pen._closePath()
    yield from pen.curves


_EMPTY_BOX: Curves = np.array(
    [
        *_box([(0.1, 0.0), (0.9, 0.0), (0.9, 0.7), (0.1, 0.7)]),
        *_box([(0.16, 0.06), (0.16, 0.64), (0.84, 0.64), (0.84, 0.06)]),
    ]
)
"""What a character that no font has is drawn as: a frame one em wide."""
