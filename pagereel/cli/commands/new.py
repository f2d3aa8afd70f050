"""`pagereel new`: a storyboard to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pagereel.errors import InputWrong
from pagereel.packaged import STORYBOARDS


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the file, without .yaml.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Folder of the new file.  [default: storyboards/ if there is one, else here]",
        ),
    ] = None,
) -> None:
    """Write a commented storyboard to start from. Never overwrites."""
    from pagereel.read import UnsafeName, safe_name, starter
    from pagereel.storage.outgoing import write_new

    folder = output or (STORYBOARDS if STORYBOARDS.is_dir() else Path())
    try:
        path = folder / f"{safe_name(name)}.yaml"
    except UnsafeName as unsafe:
        raise InputWrong(str(unsafe)) from unsafe
    write_new(path, starter(path.stem).encode())
    typed = shlex.quote(str(path))
    print(f"{path}: edit it, then `pagereel check {typed}` and `pagereel render {typed}`")
