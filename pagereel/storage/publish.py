"""Put finished files into a folder: each appears under its name whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pagereel.errors import explain


@contextmanager
def publishing(folder: Path) -> Iterator[Path]:
    """A hidden folder to write into; when the block ends well, its files move to `folder`.

    The manifest moves last, and the one before it goes first: where it is, everything it names is.
    Other files that were there before are replaced one by one, each at once. Raises
    `MachineFailed` when the disk does not play along.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    except OSError as problem:
        raise explain(problem, f"cannot write to {folder}") from problem
    try:
        yield workshop
        made = sorted(workshop.iterdir(), key=lambda path: (path.suffix == ".json", path.name))
        for path in made:
            if path.suffix == ".json":
                (folder / path.name).unlink(missing_ok=True)
        for path in made:
            path.chmod(0o666 & ~_umask())
            path.replace(folder / path.name)
    except OSError as problem:
        raise explain(problem, f"cannot write to {folder}") from problem
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


@contextmanager
def publishing_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into; when the block ends well, it appears as `path`, whole.

    Raises `MachineFailed` when the disk does not play along.
    """
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=".making-", delete=False
        ) as workpiece:
            try:
                yield workpiece
            except BaseException:
                Path(workpiece.name).unlink()
                raise
        made = Path(workpiece.name)
        made.chmod(0o666 & ~_umask())
        made.replace(path)
    except OSError as problem:
        raise explain(problem, f"cannot write {path}") from problem


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current


def write_json(path: Path, value: object) -> None:
    """Write readable JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    """A file's SHA-256, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
