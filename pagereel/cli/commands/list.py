"""`pagereel list`: name, length and title of each storyboard."""

from __future__ import annotations

import json
from dataclasses import asdict
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
    from pagereel.outputs.listing import Listed, listed

    folder = folder or course_folder()
    if not folder.is_dir():
        raise InputWrong(f"{folder} is not a folder; name one that holds storyboards")
    rows, wrong = list[Listed](), list[str]()
    for path in sorted(folder.glob("*.yaml")):
        try:
            rows.append(listed(path))
        except InputWrong as mistakes:
            wrong.append(str(mistakes))
    if wrong:
        raise InputWrong("\n".join(wrong))
    if as_json:
        print(json.dumps([asdict(row) for row in rows]))
        return
    width = max((len(row.name) for row in rows), default=0)
    for row in rows:
        print(f"{row.name:{width}}  {row.seconds:6.1f} s  {row.title}")
