"""Outlines of formulas for pages: those of the course's models are packed into the engine."""

from __future__ import annotations

from collections.abc import Iterable

from pagereel.model.core.geometry import PRESETS, Geometry
from pagereel.model.storyboard.storyboard import FORMULAS
from pagereel.scenes.drawing.formulas import typeset
from pagereel.scenes.page.outlines import Outline, Outlines
from pagereel.scenes.pictures.cards.definition import formula
from pagereel.scenes.shapes.picture import Box, Formula

_DIGITS = 4
"""Of outlines that are 1 high: a hundredth of a pixel at 100."""


def outlines(geometries: Iterable[Geometry] = PRESETS.values()) -> Outlines:
    """Every formula that a definition can show, for these models."""
    shapes = tuple(geometries)
    sources = dict.fromkeys(formula(name, shape) for name in FORMULAS for shape in shapes)
    return {source: _outline(source) for source in sources}


def _outline(source: str) -> Outline:
    endless = Box(0, 0, 1e9, 1)
    curves = typeset(Formula("", endless, source)).round(_DIGITS)
    return [[float(value) for value in curve] for curve in curves.reshape(-1, 8).tolist()]
