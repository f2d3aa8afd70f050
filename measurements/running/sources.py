"""This code where it lies: what measured, and how another Python finds it without our packages."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pagereel

PACKAGE = Path(pagereel.__file__).parent
"""The installed package `pagereel`, or that of a checkout, whose rooms are links to its folders."""


def importable(folder: Path) -> Path:
    """A folder in which a Python finds `pagereel` and nothing else; made inside `folder`.

    Beside an installed package lie those of its own Python, which another one must not see.
    """
    alone = folder / "code"
    alone.mkdir(parents=True, exist_ok=True)
    link = alone / "pagereel"
    if not link.exists() or link.resolve() != PACKAGE.resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(PACKAGE, target_is_directory=True)
    return alone


def files_of(room: str = "") -> Iterator[tuple[str, Path]]:
    """Every file of the package, or of one room, by its name in it; nothing compiled."""
    found = []
    for here, folders, names in os.walk(PACKAGE / room, followlinks=True):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [Path(here) / name for name in names]
    yield from sorted((path.relative_to(PACKAGE).as_posix(), path) for path in found)


def code_digest() -> str:
    """SHA-256 over the sources that measure, in order of their names."""
    whole = hashlib.sha256()
    for name, path in files_of("measurements"):
        if path.suffix == ".py":
            whole.update(name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
