"""The one way out for files: each appears under its name whole, or not at all.

What is there already stays until the new one is on the disk. Only a regular file is ever replaced,
and never one that the run was made from.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from pagereel.errors import InputWrong, MachineFailed, explain
from pagereel.model.core.plain_json import BadJson, parse
from pagereel.storage.incoming import KINDS, Unreadable, digest, text_of
from pagereel.storage.workshop import alone_in, workshop

MOST_VOUCHED = 2**24
"""Bytes of a manifest that is looked into."""
_MANIFEST = "manifest.json"
"""How the names of manifests end."""


@contextmanager
def publishing(folder: Path, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """A hidden folder to write into; when the block ends well, its files move to `folder`.

    Where a manifest is, everything it names is: it moves last, and the one before it goes first, as
    does every other one there that names a file of which there is a new one. What the one before it
    named, and the new one does not, goes too, unless somebody has changed it since.

    `inputs` are the files that the output is made from, or folders of them. Raises `InputWrong` if
    one would be replaced; `MachineFailed` for what else is in the way, and when the disk does not
    play along. Then all that was there before is still there.
    """
    try:
        _make_folder(folder)
        with workshop(folder) as bench:
            yield bench
            made = sorted(path for path in bench.iterdir() if path.is_file())
            for path in made:
                refuse(folder / path.name, inputs)
                settle(path)
            with alone_in(folder):
                _move(made, folder)
    except OSError as problem:
        raise explain(problem, f"cannot write to {folder}") from problem


@contextmanager
def publishing_file(path: Path, inputs: Iterable[Path] = ()) -> Iterator[IO[bytes]]:
    """A file to write into; when the block ends well, it appears as `path`, whole.

    `inputs` are the files that it is made from. Raises as `publishing` does.
    """
    refuse(path, inputs)
    try:
        with workshop(path.parent) as bench:
            made = bench / "made"
            with made.open("wb") as workpiece:
                yield workpiece
            refuse(path, inputs)
            settle(made)
            made.replace(path)
            settle_folder(path.parent)
    except OSError as problem:
        raise explain(problem, f"cannot write {path}", "choose another place") from problem


def write_file(path: Path, data: bytes) -> None:
    """Have a file with these bytes, whole. Raises as `publishing` does."""
    with publishing_file(path) as opened:
        opened.write(data)


def write_new(path: Path, data: bytes) -> None:
    """Have a file with these bytes where nothing is. Raises `InputWrong` where something is;
    `MachineFailed` as `publishing` does."""
    try:
        _make_folder(path.parent)
        with workshop(path.parent) as bench:
            made = bench / "made"
            made.write_bytes(data)
            settle(made)
            _name(made, path)
            settle_folder(path.parent)
    except OSError as problem:
        if isinstance(problem, FileExistsError) and path.parent.is_dir():
            raise InputWrong(f"{path} exists already; choose another name") from problem
        raise explain(problem, f"cannot write {path}", "choose another place") from problem


def _name(made: Path, path: Path) -> None:
    """Give a finished file a name that nothing has. Raises FileExistsError."""
    try:
        os.link(made, path)
    except OSError as problem:
        if problem.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        if os.path.lexists(path):  # a disk on which a file has one name
            raise FileExistsError(path) from None
        made.replace(path)


def refuse(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Raise where nothing may be written: `InputWrong` for an input, `MachineFailed` for what is no
    regular file. A link is none: what it points to is perhaps not meant."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as problem:
        reason = os.strerror(getattr(problem, "errno", 0) or 22)
        raise MachineFailed(f"cannot write {path}: {reason}") from None
    if not stat.S_ISREG(there.st_mode):
        kind = _KINDS.get(stat.S_IFMT(there.st_mode), "something else than a file")
        raise MachineFailed(
            f"cannot write {path}: {kind} is in the way; choose another name or place"
        )
    for given in _files(inputs):
        with suppress(OSError, ValueError):
            if os.path.samestat(there, given.stat()):
                raise InputWrong(
                    f"cannot write {path}: this is made from it; choose another name or place"
                )


def settle(path: Path) -> None:
    """Have a finished file on the disk, readable for those for whom new files are."""
    path.chmod(0o666 & ~_umask())
    with path.open("rb") as opened:
        os.fsync(opened.fileno())


def settle_folder(folder: Path) -> None:
    """Have a folder's names on the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: Path, value: object) -> None:
    """Write readable JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


_KINDS = KINDS | {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a symbolic link"}


def _files(inputs: Iterable[Path]) -> Iterator[Path]:
    for path in inputs:
        with suppress(OSError, ValueError):
            yield from path.iterdir() if path.is_dir() else (path,)


def _make_folder(folder: Path) -> None:
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in new:
        settle_folder(path.parent)


def _move(made: Sequence[Path], folder: Path) -> None:
    """Move finished files to their names, so that at no moment a manifest says what is not so.

    One run after the other, where several come at once: the last one's files are there, all.
    """
    files = [path for path in made if path.suffix != ".json"]
    lists = sorted(set(made) - set(files), key=lambda path: path.name.endswith(_MANIFEST))
    gone = [*_left_over(made, folder)]
    for path in [*(folder / path.name for path in lists), *_contradicted(made, folder)]:
        path.unlink(missing_ok=True)
    settle_folder(folder)
    for path in files:
        path.replace(folder / path.name)
    for path in gone:
        path.unlink(missing_ok=True)
    settle_folder(folder)
    for path in lists:
        path.replace(folder / path.name)
    settle_folder(folder)


def _left_over(made: Sequence[Path], folder: Path) -> Iterator[Path]:
    """What the manifests before named and the new ones do not, where it is as it was."""
    now = {path.name for path in made}
    for path in (path for path in made if path.name.endswith(_MANIFEST)):
        for name, sha256 in _vouched(folder / path.name).items():
            if name not in now and _digest(folder / name) == sha256:
                yield folder / name


def _contradicted(made: Sequence[Path], folder: Path) -> Iterator[Path]:
    """The other manifests there that name a file as it was, and will no longer be."""
    now = {path.name: path for path in made}
    for path in sorted(folder.glob(f"*{_MANIFEST}")):
        vouched = {} if path.name in now else _vouched(path)
        if any(_digest(now[name]) != vouched[name] for name in vouched.keys() & now.keys()):
            yield path


def _vouched(path: Path) -> dict[str, str]:
    """The digests of the files that a manifest names beside itself; none, if it is not one."""
    try:
        about = parse(text_of(path, MOST_VOUCHED))
        if "parts" in about:  # of a bundle
            files = {part["name"]: part["sha256"] for part in about["parts"]}
        else:
            files = {name: about["files"][name]["sha256"] for name in about["files"]}
    except (Unreadable, BadJson, KeyError, TypeError):
        return {}
    return {
        name: told
        for name, told in files.items()
        if re.fullmatch(r"[^/\\\0]+", name) and re.fullmatch("[0-9a-f]{64}", str(told))
    }


def _digest(path: Path) -> str:
    """The digest of a regular file; empty if it is none."""
    try:
        return "" if path.is_symlink() else digest(path)
    except Unreadable:
        return ""


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current
