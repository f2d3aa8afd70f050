"""`pagereel render`: storyboards become videos."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pagereel.build import render
from pagereel.commands.progress import progress_bar
from pagereel.commands.sources import load
from pagereel.settings import Settings
from pagereel.workers import default_jobs


def render_storyboards(
    paths: Sequence[Path],
    overrides: Sequence[str],
    settings: Settings,
    output: Path,
    jobs: int | None,
    form: str,
) -> None:
    """Render each storyboard; print where the video is."""
    results: list[dict[str, Any]] = []
    for source in load(paths, overrides):
        with progress_bar(source.storyboard.name, form) as progress:
            made = render(source, settings, output, jobs or default_jobs(), progress)
        results.append(dataclasses.asdict(made) | {"video": str(made.video)})
        if form == "text":
            kept = f", {made.beats - made.drawn} beats kept" if made.drawn < made.beats else ""
            print(f"{made.video}: {made.seconds:.1f} s, {made.beats} beats{kept}")
    if form == "json":
        print(json.dumps(results))
