"""Formulas, set by Typst: no LaTeX, no network, no Manim; every output sets them alike."""

from __future__ import annotations

import io
import tempfile
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import svgelements
import typst

from pagereel.scenes.drawing.glyphs import FontMissing, font_file
from pagereel.scenes.drawing.outline import Curves
from pagereel.scenes.shapes.picture import Formula


def typeset(formula: Formula) -> Curves:
    """The formula's outlines inside its box, as large as fits, centred in height, in pixels."""
    curves = _set(formula.typst)
    width = float(curves[..., 0].max())
    scale = min(formula.box.h, formula.box.w / width)
    placed: Curves = curves * scale + (formula.box.x, formula.box.centre[1] - scale / 2)
    return placed


@lru_cache(maxsize=64)
def _set(source: str) -> Curves:
    """A formula's outlines, scaled to a height of 1, from (0, 0) down to the right."""
    fonts, preamble = _fonts()
    page = "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#set text(size: 10pt)\n"
    document = f"{page}{preamble}\n$ {source} $".encode()
    drawn = typst.compile(document, format="svg", font_paths=fonts)
    flat = np.array(list(_curves(bytes(drawn))), dtype=np.float64)
    low, high = flat.reshape(-1, 2).min(axis=0), flat.reshape(-1, 2).max(axis=0)
    curves: Curves = (flat - low) / (high[1] - low[1])
    return curves


def _curves(drawn: bytes) -> list[list[tuple[float, float]]]:
    """Every outline of an SVG as cubic curves, closed."""
    found = []
    for element in svgelements.SVG.parse(io.BytesIO(drawn), reify=True).elements():
        if isinstance(element, svgelements.Shape) and element.fill.value is not None:
            cubics = map(_cubic, abs(svgelements.Path(element)))
            found += [[(point.real, point.imag) for point in cubic] for cubic in cubics if cubic]
    return found


def _cubic(segment: Any) -> list[complex]:  # noqa: ANN401  # svgelements ships no types
    """Four points of the same curve; none for what draws nothing."""
    if isinstance(segment, svgelements.Move) or segment.start == segment.end:
        return []
    start, end = complex(segment.start), complex(segment.end)
    match segment:
        case svgelements.CubicBezier():
            return [start, complex(segment.control1), complex(segment.control2), end]
        case svgelements.QuadraticBezier():
            handle = complex(segment.control)
            return [start, start + (handle - start) * 2 / 3, end + (handle - end) * 2 / 3, end]
    return [start, start + (end - start) / 3, start + (end - start) * 2 / 3, end]


@cache
def _fonts() -> tuple[typst.Fonts, str]:
    """The text face beside Typst's own, and the line that makes Typst use it."""
    with tempfile.TemporaryDirectory(prefix="pagereel-fonts-") as folder:
        try:
            (Path(folder) / "FiraGO-Regular.ttf").write_bytes(font_file("FiraGO_Regular"))
            preamble = _PREAMBLE
        except FontMissing:
            preamble = ""
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        # Typst opens the file when it first needs it, and never again: it has not to stay.
        typst.compile(f'{preamble}\n$ "a" $'.encode(), format="svg", font_paths=fonts)
    return fonts, preamble


_PREAMBLE = '#show math.equation: set text(font: ("FiraGO", "New Computer Modern Math"))'
