"""Where in a contiguous memory a reservation goes: the first hole that fits, or the tightest."""

from __future__ import annotations

from collections.abc import Callable

from pagereel.model.usage.occupancy import Hole

Placement = Callable[[tuple[Hole, ...], int], Hole | None]
"""Chooses a hole for `size` slots; None if no hole is large enough."""


def first_fit(candidates: tuple[Hole, ...], size: int) -> Hole | None:
    """The first hole in address order that is large enough."""
    return next((hole for hole in candidates if hole.size >= size), None)


def best_fit(candidates: tuple[Hole, ...], size: int) -> Hole | None:
    """The smallest hole that is large enough; the first of equals."""
    fitting = [hole for hole in candidates if hole.size >= size]
    return min(fitting, key=lambda hole: hole.size, default=None)


PLACEMENTS: dict[str, Placement] = {"first-fit": first_fit, "best-fit": best_fit}
