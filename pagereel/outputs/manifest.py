"""What an output was made from: inputs, versions, settings, and a digest of every file."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pagereel
from pagereel.model.storyboard.chart import Chart
from pagereel.render.plan import Plan, Source
from pagereel.render.settings import Settings
from pagereel.storage.publish import digest

FORMAT = 1
"""Raised when the meaning of a field changes."""


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
            **measured(played.beat.chart),
        }
        for (start, end, played), clip, key, shown in zip(
            planned.spans, planned.clips, planned.keys, planned.contents, strict=True
        )
    ]
    return {
        **origin(planned.source, planned.settings),
        "seconds": round(planned.frames / planned.settings.rate, 6),
        "frames": planned.frames,
        "first_beat": planned.first,
        "partial": len(planned.clips) < len(planned.timeline.beats),
        "beats": beats,
        **made(files),
    }


def measured(chart: Chart | None) -> dict[str, Any]:
    """Where the numbers of a beat's chart come from, and a digest of all of them."""
    if chart is None:
        return {}
    told = hashlib.sha256(repr(chart).encode()).hexdigest()
    origin = asdict(chart.origin) if chart.origin else None
    return {"chart": {"show": chart.name, "measured": origin, "sha256": told}}


def origin(source: Source, settings: Settings) -> dict[str, Any]:
    """What an output was made from, and how."""
    return {
        "format": FORMAT,
        "title": source.storyboard.title,
        "storyboard": {
            "file": source.path.name,
            "sha256": digest(source.path),
            "set": list(source.overrides),
        },
        "settings": asdict(settings),
    }


def made(files: Sequence[Path]) -> dict[str, Any]:
    """The files of an output with their digests, and the versions that decide how they look."""
    return {
        "files": {
            path.name: {"sha256": digest(path), "bytes": path.stat().st_size} for path in files
        },
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """What decides how an output looks."""
    named = ("manim", "av", "numpy", "pillow", "pymupdf-fonts", "typst")
    ours = {"python": platform.python_version(), "pagereel": pagereel.__version__}
    return ours | {name: version(name) for name in named}
