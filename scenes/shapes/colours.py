"""Arithmetic of colours: what lies between two, and how far apart they are to the eye."""

from __future__ import annotations

import math

from pagereel.scenes.shapes.picture import (
    Rgba,
)


def mix(first: Rgba, second: Rgba, share: float) -> Rgba:
    """A colour between two: `share` 0 is the first, 1 the second."""
    return Rgba(*(a + (b - a) * share for a, b in zip(first, second, strict=True)))


def contrast(first: Rgba, second: Rgba) -> float:
    """WCAG contrast ratio of two opaque colours, 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(of: Rgba) -> float:
    """Relative luminance after WCAG, 0 to 1."""

    red, green, blue = (_linear(part) for part in of[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def turned(of: Rgba, degrees: float, lighter: float, share: float) -> Rgba:
    """The same colour with its hue turned, lighter or darker, and a share of its chroma.

    In Oklch (Björn Ottosson, "A perceptual color space for image processing", 2020), where hue,
    lightness (0 to 1) and chroma can be changed one without the other. A colour that no screen
    shows loses chroma until one does.
    """
    light, a, b = _oklab(of)
    hue, chroma = math.atan2(b, a) + math.radians(degrees), math.hypot(a, b) * share
    for step in range(21):
        c = chroma * (1 - step / 20)
        linear = _from_oklab(min(light + lighter, 1.0), c * math.cos(hue), c * math.sin(hue))
        if all(-0.001 <= part <= 1.001 for part in linear):
            break
    red, green, blue = (_encoded(min(max(part, 0.0), 1.0)) for part in linear)
    return Rgba(red, green, blue, of.a)


def _oklab(of: Rgba) -> tuple[float, float, float]:
    r, g, b = (_linear(part) for part in of[:3])
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(light: float, a: float, b: float) -> tuple[float, float, float]:
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _encoded(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
