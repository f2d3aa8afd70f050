"""`pagereel check`: everything that is wrong with storyboards, before anything is drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pagereel.cli.sources import load
from pagereel.errors import InputWrong
from pagereel.render.fonts import typefaces
from pagereel.render.layout import look
from pagereel.scenes.style import CANVASES, THEMES


def check_storyboards(
    paths: Sequence[Path],
    overrides: Sequence[str],
    form: str,
    aspect: str = "all",
    theme: str = "all",
) -> None:
    """Read, play and lint; print one line a storyboard, or everything that is wrong.

    `aspect` and `theme` are names, or `all`.
    """
    aspects = tuple(CANVASES) if aspect == "all" else (aspect,)
    themes = tuple(THEMES) if theme == "all" else (theme,)
    sources, wrong, results = load(paths, overrides), [], []
    for source in sources:
        found = look(source.timeline, typefaces(), aspects, themes)
        wrong += [f"{source.path}: {fault}" for fault in found.faults]
        results.append(
            {
                "file": str(source.path),
                "beats": len(source.storyboard.beats),
                "seconds": round(found.seconds, 1),
            }
        )
    if wrong:
        raise InputWrong("\n".join(wrong))
    if form == "json":
        print(json.dumps(results))
        return
    for result in results:
        print(f"{result['file']}: good, {result['beats']} beats, {result['seconds']} s")
