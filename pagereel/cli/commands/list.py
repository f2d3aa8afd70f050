"""`pagereel list`: name, length and title of each storyboard."""

from __future__ import annotations

import json
from pathlib import Path

from pagereel.cli.sources import load
from pagereel.errors import InputWrong
from pagereel.render.layout import seconds


def list_storyboards(folder: Path, form: str) -> None:
    """Name, length and title of each storyboard in a folder."""
    if not folder.is_dir():
        raise InputWrong(f"{folder} is not a folder; name one that holds storyboards")
    sources = load(sorted(folder.glob("*.yaml")), ())
    rows = [(s.storyboard.name, round(seconds(s.timeline), 1), s.storyboard.title) for s in sources]
    if form == "json":
        print(
            json.dumps([dict(zip(("name", "seconds", "title"), row, strict=True)) for row in rows])
        )
        return
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, length, title in rows:
        print(f"{name:{width}}  {length:6.1f} s  {title}")
