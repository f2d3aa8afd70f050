"""`pagereel render`: storyboards become videos."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pagereel.cli.progress import progress_bar
from pagereel.cli.sources import load
from pagereel.errors import InputWrong
from pagereel.outputs.video import render
from pagereel.render.layout import faults
from pagereel.render.plan import Edition, Plan, plan
from pagereel.render.settings import Settings
from pagereel.render.speech.voices import voice_named
from pagereel.render.workers import default_jobs


def render_storyboards(
    paths: Sequence[Path],
    overrides: Sequence[str],
    settings: Settings,
    chosen: Edition,
    output: Path,
    jobs: int | None,
    form: str,
) -> None:
    """Render each storyboard; print where the video is."""
    results: list[dict[str, Any]] = []
    for source in load(paths, overrides):
        planned = plan(source, settings, chosen)
        _warn_of_faults(planned)
        with progress_bar(source.storyboard.name, form) as progress:
            count = jobs or default_jobs()
            made = render(planned, output, count, progress)
        results.append(dataclasses.asdict(made) | {"video": str(made.video)})
        if made.hurried:
            print(
                f"warning: captions run at {made.hurried:.0f} characters a second; "
                "--speed 1 keeps them at 17",
                file=sys.stderr,
            )
        if form == "text":
            kept = f", {made.beats - made.drawn} beats kept" if made.drawn < made.beats else ""
            print(f"{made.video}: {made.seconds:.1f} s, {made.beats} beats{kept}")
    if form == "json":
        print(json.dumps(results))


def _warn_of_faults(planned: Plan) -> None:
    """A video with a fault is drawn all the same; the author should know that it has one."""
    settings = planned.settings
    found = faults(planned.pictures, settings.aspect, [settings.theme], planned.first)
    if found:
        count = "a layout fault" if len(found) == 1 else f"{len(found)} layout faults"
        warning = (
            f"warning: {planned.source.path} has {count}; `pagereel check` names all. {found[0]}"
        )
        print(warning, file=sys.stderr)


def edition(
    beats: str | None, voice: str | None, author: str, date: str, settings: Settings
) -> Edition:
    """The options of one edition. Raises `InputWrong` for those that make no sense."""
    if date:
        try:
            date = datetime.date.fromisoformat(date).isoformat()
        except ValueError:
            raise InputWrong(f"--date {date}: give year, month and day, as 2026-05-04") from None
    if settings.format == "gif" and settings.captions == "track":
        raise InputWrong("a GIF has no track for captions; --captions burn draws them")
    if settings.format == "gif" and voice:
        raise InputWrong("a GIF has no sound; leave --voice out")
    return Edition(beat_range(beats), author, date, voice_named(voice) if voice else None)


def beat_range(beats: str | None) -> tuple[int, int] | None:
    """First and last beat of `3-5` or `4`. Raises `InputWrong`."""
    if beats is None:
        return None
    match = re.fullmatch(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4})\s*)?", beats)
    if match is None:
        raise InputWrong(f"--beats {beats}: give a number (4) or first and last (3-5)")
    return int(match[1]), int(match[2] or match[1])
