"""`pagereel deck`: storyboards become slides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pagereel.cli.progress import progress_bar
from pagereel.cli.sources import load
from pagereel.outputs.deck import DeckOptions, write_deck
from pagereel.render.plan import Edition, plan
from pagereel.render.settings import Settings
from pagereel.render.workers import default_jobs


def write_decks(
    paths: Sequence[Path],
    overrides: Sequence[str],
    settings: Settings,
    options: DeckOptions,
    chosen: Edition,
    output: Path,
    jobs: int | None,
    form: str,
) -> None:
    """Write each storyboard's slides; print where they are."""
    results: dict[str, list[str]] = {}
    for source in load(paths, overrides):
        name, count = source.storyboard.name, jobs or default_jobs()
        with progress_bar(name, form) as progress:
            made = write_deck(plan(source, settings, chosen), options, output, count, progress)
        results[name] = [str(path) for path in made]
        if form == "text":
            for path in made:
                print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    if form == "json":
        print(json.dumps(results))
