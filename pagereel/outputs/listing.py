"""Name, title and length of a storyboard; told at once again while nothing it depends on changes.

Entries are small JSON files in a room of the cache. One is named by a digest of the storyboard's
bytes and of the code that decides, and counts while the files that the storyboard names are those
that it was made from. An entry that is damaged is none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import pagereel
from pagereel.errors import InputWrong, MachineFailed
from pagereel.packaged import seen_from
from pagereel.storage.cache import Cache, cache_folder
from pagereel.storage.incoming import Unreadable, digest

LIMIT_BYTES = 1 << 20
"""The room is cut back to this: thousands of entries."""
ELSEWHERE = ("cli", "documents", "drawing", "outputs", "page", "preview", "results", "storyboards")
"""Rooms that say nothing about a title or a length, on whichever floor."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What `list` says of a storyboard."""

    name: str
    seconds: float
    """Of the video at normal speed, to a tenth."""
    title: str


def listed(path: Path) -> Listed:
    """A storyboard's entry, from the cache or made now. Raises `InputWrong` with all mistakes."""
    room = Cache(cache_folder() / "listed", LIMIT_BYTES)
    before = _key(path)
    kept = _kept(room, before, path)
    if kept:
        return kept
    found, named = _made(path)
    if before and before == _key(path) and named == _digests(path, named):
        _keep(room, before, found, named)
    return found


@cache
def code_digest() -> str:
    """A digest of the code that decides: every Python and JSON file of the package's rooms."""
    found, package = hashlib.sha256(), Path(pagereel.__file__).parent
    for folder, rooms, names in os.walk(package, followlinks=True):
        rooms[:] = sorted(room for room in rooms if room not in ELSEWHERE)
        for file in (Path(folder, name) for name in sorted(names)):
            if file.suffix in (".py", ".json"):
                found.update(file.relative_to(package).as_posix().encode() + file.read_bytes())
    return found.hexdigest()


def _key(path: Path) -> str:
    """The entry's name; empty for a file that cannot be read."""
    with suppress(Unreadable):
        parts = f"{code_digest()} {path.stem} {digest(path)}"
        return hashlib.sha256(parts.encode()).hexdigest()[:40] + ".json"
    return ""


def _kept(room: Cache, key: str, path: Path) -> Listed | None:
    """What is in the cache, if it is whole and made from what is there now."""
    with suppress(MachineFailed, OSError, ValueError, TypeError, KeyError):
        file = room.find(key) if key else None
        entry = json.loads(file.read_text(encoding="utf-8")) if file else {}
        title, seconds, named = entry["title"], entry["seconds"], dict(entry["named"])
        if isinstance(title, str) and isinstance(seconds, float) and named == _digests(path, named):
            return Listed(path.stem, seconds, title)
    return None


def _keep(room: Cache, key: str, found: Listed, named: dict[str, str]) -> None:
    """Put an entry into the cache; where that cannot be, it is made again next time."""
    with suppress(MachineFailed, OSError):
        with room.making(key) as file:
            file.write_text(json.dumps(asdict(found) | {"named": named}), encoding="utf-8")
        room.tidy()


def _made(path: Path) -> tuple[Listed, dict[str, str]]:
    """Read and measured now, with digests of the files that it names."""
    # Only here: who finds everything in the cache needs none of it.
    from pagereel.read import StoryboardProblems, files_named, read_timeline
    from pagereel.render.layout import seconds

    if not path.stem.strip(". "):
        raise InputWrong(f"{path}: outputs are named after the file; give it a name")
    try:
        named = _digests(path, files_named(path))
        timeline = read_timeline(path)
    except StoryboardProblems as problems:
        raise InputWrong(str(problems)) from None
    length = round(seconds(timeline), 1)
    return Listed(path.stem, length, timeline.storyboard.title), named


def _digests(path: Path, names: Sequence[str] | dict[str, str]) -> dict[str, str]:
    """Of each file or folder as the storyboard names it."""
    return {name: _digest(seen_from(path, name)) for name in names}


def _digest(file: Path) -> str:
    """Of a file and of those beside it whose names start with its own; of a folder, of all."""
    found = hashlib.sha256()
    for part in sorted(_parts(file)):
        with suppress(Unreadable):
            found.update(f"{part.name} {digest(part)}\n".encode())
    return found.hexdigest()


def _parts(file: Path) -> Iterator[Path]:
    with suppress(OSError):
        if file.is_dir():
            yield from file.iterdir()
        else:
            yield from file.parent.glob(f"{file.stem}*")
