"""`pagereel new`: a storyboard to start from."""

from __future__ import annotations

from pathlib import Path

from pagereel.errors import InputWrong, explain
from pagereel.read import UnsafeName, safe_name, starter


def new_storyboard(name: str, folder: Path) -> None:
    """Write the starter under a safe name; what exists already is left alone."""
    try:
        path = folder / f"{safe_name(name)}.yaml"
    except UnsafeName as unsafe:
        raise InputWrong(str(unsafe)) from unsafe
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(path)
    except OSError as problem:
        raise explain(problem, f"cannot write {path}") from problem
    print(f"{path}: edit it, then `pagereel check {path}` and `pagereel render {path}`")


def _write_new(path: Path) -> None:
    """Write the starter to a path where nothing is. Raises `InputWrong` if something is."""
    try:
        with path.open("x", encoding="utf-8") as opened:
            opened.write(starter(path.stem))
    except FileExistsError:
        raise InputWrong(f"{path} exists already; choose another name") from None
