"""How a render looks and how fast it plays: quality, aspect, theme, speed."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.style import CANVASES, THEMES, Canvas, Theme


@dataclass(frozen=True, slots=True)
class Quality:
    """Lines and frame rate."""

    height: int
    """Pixels of the shorter side's reference, 16:9: lines."""
    rate: int
    """Frames a second."""


QUALITIES = {"draft": Quality(480, 15), "slides": Quality(1080, 30), "final": Quality(1080, 60)}


@dataclass(frozen=True, slots=True)
class Settings:
    """One choice of each."""

    quality: str = "slides"
    aspect: str = "16:9"
    theme: str = "dark"
    speed: float = 1.0

    @property
    def canvas(self) -> Canvas:
        """The frame."""
        return CANVASES[self.aspect]

    @property
    def colours(self) -> Theme:
        """The theme."""
        return THEMES[self.theme]

    @property
    def height(self) -> int:
        """Pixel rows."""
        return QUALITIES[self.quality].height

    @property
    def rate(self) -> int:
        """Frames a second."""
        return QUALITIES[self.quality].rate
