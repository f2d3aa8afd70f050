"""Formulas, set by Manim's Typst support: no LaTeX, no network."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from manim.mobject.text.typst_mobject import MathTypst

from scenes.glyphs import FontMissing, font_file
from scenes.outline import Curves
from scenes.shapes import Formula


def typeset(formula: Formula) -> Curves:
    """The formula's outlines inside its box, as large as fits, centred in height, in pixels."""
    curves = _set(formula.typst)
    width = float(curves[..., 0].max())
    scale = min(formula.box.h, formula.box.w / width)
    placed: Curves = curves * scale + (formula.box.x, formula.box.centre[1] - scale / 2)
    return placed


@lru_cache(maxsize=64)
def _set(typst: str) -> Curves:
    """A formula's outlines, scaled to a height of 1, from (0, 0) down to the right."""
    folder, preamble = _font()
    formula = MathTypst(typst, typst_preamble=preamble, font_paths=[folder])
    family = formula.family_members_with_points()
    flat = np.concatenate([np.asarray(part.points, dtype=np.float64) for part in family])[:, :2]
    flat = flat * (1, -1)
    low, high = flat.min(axis=0), flat.max(axis=0)
    curves: Curves = ((flat - low) / (high[1] - low[1])).reshape(-1, 4, 2)
    return curves


@cache
def _font() -> tuple[str, str]:
    """A folder with the text face, and the line that makes Typst use it beside its math face."""
    folder = tempfile.TemporaryDirectory(prefix="pagereel-fonts-")
    atexit.register(folder.cleanup)
    try:
        data = font_file("FiraGO_Regular")
    except FontMissing:
        return folder.name, ""
    (Path(folder.name) / "FiraGO-Regular.ttf").write_bytes(data)
    return folder.name, _PREAMBLE


_PREAMBLE = '#show math.equation: set text(font: ("FiraGO", "New Computer Modern Math"))'
