"""Arithmetic of colours: what lies between two, and how far apart they are to the eye."""

from __future__ import annotations

from pagereel.scenes.shapes.picture import (
    Rgba,
)


def mix(first: Rgba, second: Rgba, share: float) -> Rgba:
    """A colour between two: `share` 0 is the first, 1 the second."""
    return Rgba(*(a + (b - a) * share for a, b in zip(first, second, strict=True)))


def contrast(first: Rgba, second: Rgba) -> float:
    """WCAG contrast ratio of two opaque colours, 1 to 21."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(of: Rgba) -> float:
    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(of.r) + 0.7152 * linear(of.g) + 0.0722 * linear(of.b)
