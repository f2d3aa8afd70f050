"""Canvas, type, and themes: every size and colour on screen comes from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from pagereel.scenes.shapes.colours import contrast, mix
from pagereel.scenes.shapes.picture import (
    CLEAR,
    Formula,
    Ink,
    Path,
    Picture,
    Rect,
    Rgba,
    Shape,
    Text,
)

UNIT = 8
"""The grid, in pixels at 1080p."""
SIZE_DISPLAY, SIZE_TITLE, SIZE_BODY, SIZE_LABEL = 56, 40, 28, 22
"""The type scale. Nothing is smaller than a label."""


HUES = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
"""Okabe-Ito: told apart with every common colour blindness. Request i has hue i modulo 7."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours that roles stand for."""

    name: str
    background: str
    card: str
    """The surface that a lane lies on."""
    slot: str
    """An empty slot."""
    edge: str
    """Outlines of slots and cards."""
    text: str
    muted: str
    """Labels and what is said in passing."""
    accent: str
    """What a call-out says."""
    warning: str
    """A refusal."""
    pale: float
    """How much of its hue an older token keeps."""
    text_mix: float
    """How much of the text colour a hue takes to be readable as text or line."""


THEMES = {
    theme.name: theme
    for theme in (
        Theme("dark", "#0f1318", "#171d24", "#232d38", "#3a4653", "#edf2f7", "#a3b1bf", "#ffd166",
              "#ff9d7a", 0.30, 0.35),
        Theme("light", "#fbfbf9", "#f1f2ef", "#ffffff", "#c3c9cf", "#1b232b", "#515d69", "#8a5a00",
              "#a63a00", 0.26, 0.58),
        Theme("print", "#ffffff", "#ffffff", "#efefef", "#9aa0a6", "#000000", "#404040", "#5c3d00",
              "#8c2f00", 0.22, 0.66),
    )
}  # fmt: skip


def paint(picture: Picture, theme: Theme) -> Picture:
    """The picture with every role replaced by the theme's colour."""
    return replace(
        picture,
        background=colour(picture.background, theme),
        shapes=tuple(_paint(shape, theme) for shape in picture.shapes),
    )


def _paint(shape: Shape, theme: Theme) -> Shape:
    match shape:
        case Rect():
            return shape._replace(
                fill=colour(shape.fill, theme),
                stroke=colour(shape.stroke, theme),
                pattern_ink=colour(shape.pattern_ink, theme),
            )
        case Text() | Path() | Formula():
            return shape._replace(ink=colour(shape.ink, theme))


@lru_cache(maxsize=4096)
def colour(ink: Ink, theme: Theme) -> Rgba:
    """What a role looks like in a theme. Raises KeyError for a role that does not exist."""
    if isinstance(ink, Rgba):
        return ink
    if ink == CLEAR:
        return Rgba(0, 0, 0, 0)
    if ink == "halo":
        return _rgb(theme.accent)._replace(a=0.22)
    if ink.startswith("request "):
        _, index, kind = ink.split(" ")
        return _REQUEST[kind](_rgb(HUES[int(index) % len(HUES)]), theme)
    if ink not in _PLAIN:
        raise KeyError(f"no colour role is named {ink!r}")
    return _rgb(getattr(theme, ink))


_PLAIN = {"background", "card", "slot", "edge", "text", "muted", "accent", "warning"}


def _on(hue: Rgba, theme: Theme) -> Rgba:
    """Text on the saturated hue: black or white, whichever reads better."""
    black, white = Rgba(0.04, 0.05, 0.07, 1), Rgba(1, 1, 1, 1)
    return black if contrast(black, hue) >= contrast(white, hue) else white


_REQUEST: dict[str, Callable[[Rgba, Theme], Rgba]] = {
    "solid": lambda hue, theme: hue,
    "on": _on,
    "pale": lambda hue, theme: mix(_rgb(theme.slot), hue, theme.pale),
    "line": lambda hue, theme: mix(hue, _rgb(theme.text), theme.text_mix),
    "edge": lambda hue, theme: mix(_rgb(theme.slot), hue, 0.75),
}


def _rgb(text: str) -> Rgba:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return Rgba(red, green, blue, 1)
