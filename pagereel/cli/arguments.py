"""Arguments and options that commands share: their types, and what `--help` says of them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pagereel.errors import InputWrong


class QualityName(StrEnum):
    """480p15, 1080p30, 1080p60."""

    DRAFT = "draft"
    SLIDES = "slides"
    FINAL = "final"


class AspectName(StrEnum):
    """Frame shapes that have a layout."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"


class AspectsName(StrEnum):
    """One frame shape, or all of them."""

    ALL = "all"
    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"


class ThemeName(StrEnum):
    """Colour themes."""

    DARK = "dark"
    LIGHT = "light"
    PRINT = "print"


class ThemesName(StrEnum):
    """One colour theme, or all of them."""

    ALL = "all"
    DARK = "dark"
    LIGHT = "light"
    PRINT = "print"


class FormatName(StrEnum):
    """Kinds of video."""

    MP4 = "mp4"
    GIF = "gif"
    WEBM = "webm"
    MOV = "mov"


class StillName(StrEnum):
    """Kinds of single frames."""

    PNG = "png"
    SVG = "svg"


class TextName(StrEnum):
    """What text is in a vector file."""

    EMBED = "embed"
    OUTLINE = "outline"


class DeckName(StrEnum):
    """Files of slides."""

    PPTX = "pptx"
    PDF = "pdf"
    BOTH = "pptx+pdf"


class SlidesName(StrEnum):
    """Shapes of slides."""

    WIDE = "16:9"
    OLD = "4:3"


class CaptionsName(StrEnum):
    """Where captions are shown."""

    BURN = "burn"
    TRACK = "track"
    NONE = "none"


Storyboards = Annotated[
    list[Path] | None, typer.Argument(metavar="STORYBOARD...", help="Storyboard files (YAML).")
]
Everything = Annotated[bool, typer.Option("--all", help="Every storyboard in storyboards/.")]
OneStoryboard = Annotated[Path, typer.Argument(metavar="STORYBOARD", help="A storyboard file.")]
Folder = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where files go.")]
QualityChoice = Annotated[
    QualityName, typer.Option("--quality", help="480p15, 1080p30 or 1080p60.")
]
AspectChoice = Annotated[AspectName, typer.Option("--aspect", help="Shape of the frame.")]
ThemeChoice = Annotated[ThemeName, typer.Option("--theme", help="Colours.")]
Speed = Annotated[
    float, typer.Option("--speed", min=0.1, max=10, help="2 plays everything twice as fast.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a setting: block_size=8, or requests.A.prompt='Hello world'. Repeatable.",
    ),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, max=256, help="Drawing processes.  [default: cores]")
]
Beats = Annotated[
    str | None, typer.Option("--beats", metavar="N-M", help="Only these beats: 3-5, or 4.")
]
Voice = Annotated[
    str | None,
    typer.Option(
        "--voice",
        metavar="VOICE",
        help="Speak the captions: flite, espeak-ng, recorded:DIR, piper:MODEL, kokoro:DIR.",
    ),
]
Author = Annotated[str, typer.Option("--author", help="Whose name the file carries.")]
Date = Annotated[
    str,
    typer.Option(
        "--date", metavar="YYYY-MM-DD", help="[default: the day the storyboard was last changed]"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]


def some(storyboards: list[Path] | None) -> list[Path]:
    """The files that were named. Naming none is a wrong call."""
    if not storyboards:
        raise typer.BadParameter("name at least one storyboard file", param_hint="STORYBOARD")
    return storyboards


def course() -> list[Path]:
    """Every storyboard of the course, for `--all`. Raises `InputWrong` where there is none."""
    found = sorted(Path("storyboards").glob("[0-9]*.yaml"))
    if not found:
        raise InputWrong("no storyboards in storyboards/; run this in the project's folder")
    return found
