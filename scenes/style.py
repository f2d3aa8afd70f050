"""Canvas, type, and themes: every size and colour on screen comes from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from pagereel.scenes.shapes.colours import contrast, luminance, mix, turned
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
SIZE_DISPLAY, SIZE_TITLE, SIZE_BODY, SIZE_LABEL = 56, 40, 32, 28
"""The type scale, in units of the canvas. Nothing is smaller than a label, but for:"""
SIZE_CELL = 20
"""The least for what stands on the cells of a lane's memory: words of tokens, ids of blocks."""


class Hue(NamedTuple):
    """The colour of one request."""

    newest: str
    """A token written in this step, and the request's letter."""
    older: str
    """A token written before: words in the theme's text colour can be read on it."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours that roles stand for."""

    name: str
    background: str
    card: str
    """The surface that a lane lies on."""
    slot: str
    """An empty slot: it can be seen on its card without its outline."""
    edge: str
    """Outlines of slots and cards."""
    text: str
    muted: str
    """Labels and what is said in passing."""
    accent: str
    """What a call-out says."""
    warning: str
    """A refusal."""
    text_mix: float
    """How much of the text colour a hue takes to be readable as text or line."""
    hues: tuple[Hue, ...]
    """Of the requests in their order; a ninth has the first one's again."""


_ON_DARK = (
    Hue("#feb63f", "#7c4c0a"),
    Hue("#61b6f0", "#1a6090"),
    Hue("#34eb99", "#035521"),
    Hue("#fa6ca6", "#852c48"),
    Hue("#9b81f8", "#4f3688"),
    Hue("#fd895b", "#963e2d"),
    Hue("#e4e73d", "#6a6e08"),
    Hue("#d0e4d9", "#5c6f64"),
)
_ON_PAPER = (
    Hue("#faa709", "#f3c984"),
    Hue("#0495d5", "#73d4fe"),
    Hue("#02764c", "#94dca5"),
    Hue("#c43485", "#f696b3"),
    Hue("#6e47d0", "#b2a4f1"),
    Hue("#e5654d", "#f4aa90"),
    Hue("#9aa000", "#ded674"),
    Hue("#6e4d32", "#bba793"),
)
THEMES = {
    theme.name: theme
    for theme in (
        Theme("dark", "#0b1020", "#141a2a", "#303b57", "#5a6a8c", "#edf2f7", "#aab6c9", "#ffe3a3",
              "#ff9d8a", 0.35, _ON_DARK),
        Theme("light", "#eef1f5", "#ffffff", "#c9d0da", "#8d99a8", "#141b24", "#414c5a", "#7a4d00",
              "#a63a00", 0.45, _ON_PAPER),
        Theme("print", "#ffffff", "#ffffff", "#d0d0d0", "#808080", "#000000", "#3c3c3c", "#5c3d00",
              "#8c2f00", 0.55, _ON_PAPER),
    )
}  # fmt: skip
"""Neighbours among the hues stay apart with each of the common colour blindnesses; tests compute
it, after Machado, Oliveira and Fernandes 2009."""


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
    if ink == SUNK:
        return mix(_rgb(theme.card), _rgb(theme.slot), 0.4)
    if ink == "halo":
        return _rgb(theme.accent)._replace(a=0.22)
    if ink.startswith(AT_REST):
        full = ink.removeprefix(AT_REST)
        is_thin = full.endswith((" edge", " line")) or full in ("text", "accent", "warning")
        return _at_rest(colour(full, theme), theme, 0.4 if is_thin else 0.75)
    if ink.startswith("request "):
        _, whose, kind = ink.split(" ")
        return _REQUEST[kind](_tinted(whose, theme), theme)
    if ink not in _PLAIN:
        raise KeyError(f"no colour role is named {ink!r}")
    return _rgb(getattr(theme, ink))


SUNK = "sunk"
"""A slot that is held and will not be used: nearer to the card than one that is free."""
AT_REST = "resting "
"""Before a role's name: the same for what does not act, with next to no colour."""
_PLAIN = {"background", "card", "slot", "edge", "text", "muted", "accent", "warning"}


def _at_rest(full: Rgba, theme: Theme, share: float) -> Rgba:
    """A colour that has nearly lost its hue, and has come near to a slot's, by a share."""
    grey = luminance(full) ** (1 / 2.2)
    return mix(mix(full, Rgba(grey, grey, grey, 1), 0.6), _rgb(theme.slot), share)


class _Tones(NamedTuple):
    """A hue, tinted for one sequence."""

    newest: Rgba
    older: Rgba


def _tinted(whose: str, theme: Theme) -> _Tones:
    """The tones of a request (`3`), or of one of its sequences (`3.1`)."""
    place, _, sequence = whose.partition(".")
    hue = theme.hues[int(place) % len(theme.hues)]
    tint = TINTS[int(sequence or 0) % len(TINTS)]
    return _Tones(
        turned(_rgb(hue.newest), tint.degrees, tint.newest, tint.chroma),
        turned(_rgb(hue.older), tint.degrees, tint.older, tint.chroma),
    )


class Tint(NamedTuple):
    """What makes a sequence's colours of its request's."""

    degrees: float
    """By which the hue is turned."""
    newest: float
    """How much lighter the newest tone is, of 1."""
    older: float
    """How much lighter the older one is."""
    chroma: float
    """The share of chroma that it keeps."""


TINTS = (
    Tint(0, 0, 0, 1),
    Tint(28, 0.05, 0, 1),
    Tint(-28, -0.05, -0.06, 1),
    Tint(0, 0.02, -0.02, 0.25),
)
"""Of a request's sequences in turn; a fifth looks like the first, and is told by its name."""


def _on(tones: _Tones, theme: Theme) -> Rgba:
    """Text on the newest tone: black or white, whichever reads better."""
    black, white = Rgba(0.04, 0.05, 0.07, 1), Rgba(1, 1, 1, 1)
    return black if contrast(black, tones.newest) >= contrast(white, tones.newest) else white


LEAST_PATTERN = 3
"""Contrast of a request's hatching, dots and rings against an empty slot."""


def _edge(tones: _Tones, theme: Theme) -> Rgba:
    """The hue, as far towards the text colour as a thin line needs on a slot, kept or not."""
    grounds, text = (_rgb(theme.slot), _kept(tones, theme)), _rgb(theme.text)
    ways = (mix(tones.newest, text, step / 10) for step in range(10))
    seen = (w for w in ways if min(contrast(w, ground) for ground in grounds) >= LEAST_PATTERN)
    return next(seen, text)


def _kept(tones: _Tones, theme: Theme) -> Rgba:
    """A slot that is reserved: it has a tint of the hue."""
    return mix(_rgb(theme.slot), tones.older, 0.5)


_REQUEST: dict[str, Callable[[_Tones, Theme], Rgba]] = {
    "solid": lambda tones, theme: tones.newest,
    "on": _on,
    "pale": lambda tones, theme: tones.older,
    "kept": _kept,
    "line": lambda tones, theme: mix(tones.newest, _rgb(theme.text), theme.text_mix),
    "edge": _edge,
}


def _rgb(text: str) -> Rgba:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return Rgba(red, green, blue, 1)
