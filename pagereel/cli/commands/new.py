"""`pagereel new`: a storyboard to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pagereel.errors import InputWrong, explain
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
    from pagereel.read import UnsafeName, safe_name

    folder = output or (STORYBOARDS if STORYBOARDS.is_dir() else Path())
    try:
        path = folder / f"{safe_name(name)}.yaml"
    except UnsafeName as unsafe:
        raise InputWrong(str(unsafe)) from unsafe
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(path)
    except OSError as problem:
        raise explain(problem, f"cannot write {path}") from problem
    typed = shlex.quote(str(path))
    print(f"{path}: edit it, then `pagereel check {typed}` and `pagereel render {typed}`")


def _write_new(path: Path) -> None:
    """Write the starter to a path where nothing is. Raises `InputWrong` if something is."""
    from pagereel.read import starter

    try:
        with path.open("x", encoding="utf-8") as opened:
            opened.write(starter(path.stem))
    except FileExistsError:
        raise InputWrong(f"{path} exists already; choose another name") from None
