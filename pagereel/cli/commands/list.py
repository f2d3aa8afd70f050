"""`pagereel list`: name, length and title of each storyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import Json
from pagereel.errors import InputWrong
from pagereel.packaged import course_folder


def list_storyboards(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]",
            help="Where to look.  [default: storyboards/, else pagereel's own course]",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the storyboards in a folder, with their titles and lengths."""
    from pagereel.cli.sources import load
    from pagereel.render.layout import seconds

    folder = folder or course_folder()
    if not folder.is_dir():
        raise InputWrong(f"{folder} is not a folder; name one that holds storyboards")
    sources = load(sorted(folder.glob("*.yaml")), ())
    rows = [(s.storyboard.name, round(seconds(s.timeline), 1), s.storyboard.title) for s in sources]
    if as_json:
        columns = ("name", "seconds", "title")
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows]))
        return
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, length, title in rows:
        print(f"{name:{width}}  {length:6.1f} s  {title}")
