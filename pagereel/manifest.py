"""What an output was made from: inputs, versions, settings, and a digest of every file."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from model.timeline import Timeline
from pagereel.settings import Settings
from scenes.clip import Clip

FORMAT = 1
"""Raised when the meaning of a field changes."""


def manifest(
    source: Path,
    overrides: Sequence[str],
    settings: Settings,
    timeline: Timeline,
    clips: Sequence[Clip],
    keys: Sequence[str],
    files: Sequence[Path],
) -> dict[str, Any]:
    """The manifest of one video. Times in seconds, from the first frame."""
    beats, start = [], 0
    for played, clip, key in zip(timeline.beats, clips, keys, strict=True):
        beats.append(
            {
                "title": played.beat.title,
                "caption": played.caption,
                "start": round(start / clip.rate, 6),
                "duration": round(clip.frames / clip.rate, 6),
                "frames": clip.frames,
                "clip": key,
            }
        )
        start += clip.frames
    return {
        "format": FORMAT,
        "title": timeline.storyboard.title,
        "storyboard": {"file": source.name, "sha256": _digest(source), "set": list(overrides)},
        "settings": asdict(settings),
        "seconds": round(start / clips[0].rate, 6),
        "frames": start,
        "beats": beats,
        "files": {path.name: {"sha256": _digest(path), "bytes": path.stat().st_size}
                  for path in files},
        "versions": versions(),
    }  # fmt: skip


def versions() -> dict[str, str]:
    """What decides how an output looks."""
    named = ("pagereel", "manim", "av", "numpy", "pillow", "pymupdf-fonts", "typst")
    return {"python": platform.python_version()} | {name: version(name) for name in named}


def write_json(path: Path, value: object) -> None:
    """Write readable JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
