"""What a video carries besides its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.subtitles import Cue


@dataclass(frozen=True, slots=True)
class Chapter:
    """A beat as players list it; times in seconds."""

    start: float
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class Cover:
    """Title, names, chapters, captions and sound."""

    title: str
    author: str = ""
    date: str = ""
    about: str = ""
    chapters: tuple[Chapter, ...] = ()
    captions: tuple[Cue, ...] = ()
    show_captions: bool = True
    """Whether players show the captions unasked; not where the pictures show them already."""
    sound: bytes = b""
    """16-bit mono samples; empty: there is no sound."""
