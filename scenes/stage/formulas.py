"""Formulas, set by Manim's Typst support: no LaTeX, no network."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from manim.mobject.text.typst_mobject import MathTypst

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
    family = MathTypst(typst).family_members_with_points()
    flat = np.concatenate([np.asarray(part.points, dtype=np.float64) for part in family])[:, :2]
    flat = flat * (1, -1)
    low, high = flat.min(axis=0), flat.max(axis=0)
    curves: Curves = ((flat - low) / (high[1] - low[1])).reshape(-1, 4, 2)
    return curves
