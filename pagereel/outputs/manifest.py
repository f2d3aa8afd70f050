"""What an output was made from: inputs, versions, settings, and a digest of every file.

Written beside the output, and read again by whoever asks whether it is still true.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

import pagereel
from pagereel.errors import InputWrong, MachineFailed
from pagereel.model.core.plain_json import parse
from pagereel.model.storyboard.chart import Chart
from pagereel.render.plan import Plan, Source
from pagereel.render.settings import Settings
from pagereel.storage.incoming import Unreadable, digest, text_of

FORMAT = 1
"""Raised when the meaning of a field changes."""
MOST_BYTES = 2**24
"""Of a manifest: one with a digest for each of 100,000 frames."""


class ManifestPart(BaseModel):
    """What all parts share. What is not asked for may be anything."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class MadeFile(ManifestPart):
    """A file of an output."""

    sha256: str


class MadeFrom(ManifestPart):
    """The storyboard of an output."""

    file: str
    set: list[str]


class MadeBeat(ManifestPart):
    """A beat of a video."""

    content: str


class Manifest(ManifestPart):
    """As much of a manifest as can be held against the present."""

    storyboard: MadeFrom
    settings: dict[str, Any]
    files: dict[str, MadeFile]
    versions: dict[str, str]
    frames: dict[str, str] | int
    """Digests by name; of a video, their number."""
    each: str = "beat"
    first_beat: Annotated[int, Field(ge=1)] = 1
    partial: bool = False
    beats: list[MadeBeat] = []


def read_manifest(path: Path) -> dict[str, Any]:
    """What a file has that may be a manifest, unchecked. Raises `Unreadable` and `BadJson`."""
    found = parse(text_of(path, MOST_BYTES))
    return found if isinstance(found, dict) else {}


def manifest(planned: Plan, files: Sequence[Path]) -> dict[str, Any]:
    """The manifest of one video, or of slides made from its clips. Times in seconds."""
    beats = [
        {
            "title": played.beat.title,
            "caption": played.caption,
            "start": round(start, 6),
            "duration": round(end - start, 6),
            "frames": clip.frames,
            "clip": key,
            "content": shown,
            **measured(played.beat.charts),
        }
        for (start, end, played), clip, key, shown in zip(
            planned.spans, planned.clips, planned.keys, planned.contents, strict=True
        )
    ]
    return {
        **origin(planned.source, planned.settings),
        "seconds": round(planned.frames / planned.settings.rate, 6),
        "asked_seconds": planned.edition.seconds,
        "frames": planned.frames,
        "first_beat": planned.first,
        "partial": len(planned.clips) < len(planned.timeline.beats),
        "beats": beats,
        **made(files),
    }


def measured(charts: Sequence[Chart]) -> dict[str, Any]:
    """Where the numbers of a beat's first chart come from, and a digest of all of them."""
    if not charts:
        return {}
    chart = charts[0]
    told = hashlib.sha256(repr(chart).encode()).hexdigest()
    origin = asdict(chart.origin) if chart.origin else None
    return {"chart": {"show": chart.name, "measured": origin, "sha256": told}}


def origin(source: Source, settings: Settings) -> dict[str, Any]:
    """What an output was made from, and how. Raises `InputWrong`."""
    try:
        sha256 = digest(source.path)
    except Unreadable as gone:
        raise InputWrong(gone.of(source.path)) from None
    return {
        "format": FORMAT,
        "title": source.storyboard.title,
        "storyboard": {
            "file": source.path.name,
            "sha256": sha256,
            "set": list(source.overrides),
        },
        "settings": asdict(settings),
    }


def made(files: Sequence[Path]) -> dict[str, Any]:
    """The files of an output with their digests, and the versions that decide how they look.

    Raises `MachineFailed`.
    """
    return {"files": {path.name: _made_file(path) for path in files}, "versions": versions()}


def _made_file(path: Path) -> dict[str, Any]:
    try:
        return {"sha256": digest(path), "bytes": path.stat().st_size}
    except Unreadable as gone:  # we have just written it
        raise MachineFailed(gone.of(path)) from None


def versions() -> dict[str, str]:
    """What decides how an output looks."""
    named = ("manim", "av", "numpy", "pillow", "pymupdf-fonts", "typst")
    ours = {"python": platform.python_version(), "pagereel": pagereel.__version__}
    return ours | {name: version(name) for name in named}
