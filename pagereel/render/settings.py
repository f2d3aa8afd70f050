"""How outputs look and how fast they play: what can be chosen, and what is where nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pagereel.model.core.quoting import shown
from pagereel.render.encoding.formats import FORMATS, Format
from pagereel.scenes.canvas import CANVASES, Canvas
from pagereel.scenes.style import THEMES, Theme


@dataclass(frozen=True, slots=True)
class Quality:
    """Lines and frame rate."""

    height: int
    """Pixels of the shorter side; of 16:9, its lines."""
    rate: int
    """Frames a second."""


QUALITIES = {"draft": Quality(480, 15), "slides": Quality(1080, 30), "final": Quality(1080, 60)}
GIF_SIDE, GIF_RATES = 800, {"draft": 10, "slides": 20, "final": 25}
"""GIFs are for pages that load at once: 800 pixels on the longer side, fewer frames a second."""
CAPTIONS = ("burn", "track", "none")
"""Drawn in the picture (and in a track that is off); in a track that is on; neither."""
STILLS, TEXTS = ("png", "svg"), ("embed", "outline")
"""Kinds of single frames; whether text in SVG stays text and brings the fonts, or is drawn."""
MOMENTS = ("beat", "step")
"""Which frames: those that the beats end in, or every step on the way as well."""
SPEEDS = (0.1, 10.0)
"""The slowest and the fastest."""
SLOWEST, FASTEST = 0.67, 1.5
"""Motions in a film of a given length; within these speeds they still show what causes what."""
DECKS = ("pptx", "pdf")
"""Files of slides."""
SLIDES = {"16:9": (12_192_000, 6_858_000), "4:3": (9_144_000, 6_858_000)}
"""Width and height of slides by their shape, in EMU: 914,400 an inch."""


def choose(what: str, given: str, known: Iterable[str]) -> None:
    """Raise ValueError unless what was given is known."""
    if given not in known:
        raise ValueError(f"{what} {shown(str(given))} is none of {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Settings:
    """One choice of each."""

    quality: str = "slides"
    aspect: str = "16:9"
    theme: str = "dark"
    speed: float = 1.0
    format: str = "mp4"
    captions: str = "burn"

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot be chosen."""
        choose("quality", self.quality, QUALITIES)
        choose("aspect", self.aspect, CANVASES)
        choose("theme", self.theme, THEMES)
        choose("format", self.format, FORMATS)
        choose("captions", self.captions, CAPTIONS)
        if not SPEEDS[0] <= self.speed <= SPEEDS[1]:
            raise ValueError(f"speed {self.speed:g} is not from {SPEEDS[0]:g} to {SPEEDS[1]:g}")

    @property
    def canvas(self) -> Canvas:
        """The frame."""
        return CANVASES[self.aspect]

    @property
    def colours(self) -> Theme:
        """The theme."""
        return THEMES[self.theme]

    @property
    def form(self) -> Format:
        """The kind of file."""
        return FORMATS[self.format]

    @property
    def height(self) -> int:
        """Pixel rows."""
        longer = max(self.canvas.width, self.canvas.height)
        shorter = min(self.canvas.width, self.canvas.height)
        if self.format == "gif":
            return 2 * round(GIF_SIDE * self.canvas.height / longer / 2)
        return 2 * round(QUALITIES[self.quality].height * self.canvas.height / shorter / 2)

    @property
    def rate(self) -> int:
        """Frames a second."""
        if self.format == "gif":
            return GIF_RATES[self.quality]
        return QUALITIES[self.quality].rate


@dataclass(frozen=True, slots=True)
class FrameOptions:
    """Which frames, and how large."""

    height: int
    """Pixel rows."""
    opacity: float = 1
    """The background's; 0 for transparent PNGs."""
    each: str = "beat"
    """One of `MOMENTS`."""
    scales: tuple[int, ...] = (1,)
    """(1, 2): each PNG also with twice the rows, its name ending in @2x."""
    form: str = "png"
    text: str = "embed"
    """SVG: `embed` keeps text as text and brings the fonts; `outline` draws every character."""


@dataclass(frozen=True, slots=True)
class DeckOptions:
    """Which files, and the slides' shape."""

    kinds: tuple[str, ...] = DECKS
    shape: str = "16:9"
