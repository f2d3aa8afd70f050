"""Finished clips and stills, kept by content: a key is a digest of all that the file depends on.

A file enters under its final name whole or not at all, so any number of renders, cut short at any
moment, can share the folder. Beside it lies its own digest, and every use begins by comparing: what
is damaged is not there. The folder is marked as a cache, and nothing else in it is touched.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from pagereel.errors import MachineFailed, explain
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.picture import Picture
from pagereel.storage.incoming import Obstacle, Unreadable, digest, text_of
from pagereel.storage.outgoing import settle
from pagereel.storage.workshop import MAKING, alone_in, clear, workshop

LIMIT_BYTES = 4 << 30
"""The folder is cut back to this after a render, least recently used first."""
HOUR = 3600.0
"""What was used in the last one stays: a render that goes on may need it."""
TAG = "CACHEDIR.TAG"
"""The file that says what a folder is; programs that make backups know it, and leave it out."""
INSIDE = "pagereel-cache"
"""Where clips go if the folder that was named has other things in it."""
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"
_SEAL = ".sha256"
_ENTRY = re.compile(r"[0-9a-f]{40}\.[a-z0-9]{2,5}")
_OURS = re.compile(rf"{_ENTRY.pattern}({_SEAL})?|{MAKING}[a-z0-9_]{{8}}(~|\.\w+)?|listed")
"""Names in a cache that was not marked yet, of this version or one before."""
RENDERER_ROOMS = ("scenes/shapes", "scenes/drawing", "render/encoding")
"""The rooms whose code turns clips into video, every file of them."""
_LIBRARIES = ("manim", "av", "numpy", "pycairo", "fonttools", "pymupdf-fonts", "pillow", "typst")


def cache_folder() -> Path:
    """Where clips are kept: $PAGEREEL_CACHE, or the user's cache folder.

    If that is not marked as ours, and has anything in it that is not ours: a folder inside it.
    """
    chosen = os.environ.get("PAGEREEL_CACHE")
    folder = Path(chosen) if chosen else user_cache_path("pagereel") / "clips"
    return folder if _is_marked(folder) or _is_free(folder) else folder / INSIDE


def rooms(folder: Path) -> list[Cache]:
    """The cache of a folder, and those that others keep inside it. Raises `MachineFailed`."""
    try:
        inner = [entry for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
        marked = [Cache(Path(entry.path)) for entry in inner if _is_marked(Path(entry.path))]
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise _unusable(problem) from problem
    return [Cache(folder), *sorted(marked, key=lambda room: room.folder)]


@cache
def renderer_digest() -> str:
    """A digest of the code and libraries that turn clips into video."""
    from importlib.metadata import version  # takes a while, and `list` needs none of it

    digest = hashlib.sha256()
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    here = Path(__file__).parents[1]
    files = (path for room in RENDERER_ROOMS for path in sorted((here / room).rglob("*")))
    for path in files:
        if path.suffix in (".py", ".json"):
            digest.update(path.relative_to(here).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def picture_digest(picture: Picture) -> str:
    """A digest of all that a picture shows, in hexadecimal."""
    text = repr((picture.width, picture.height, picture.background, picture.shapes))
    return hashlib.sha256(text.encode()).hexdigest()


def still_key(picture: Picture, height: int) -> str:
    """The name of a picture as PNG at a height in pixels."""
    digest = hashlib.sha256(f"{renderer_digest()} {height} still".encode())
    return digest.hexdigest()[:8] + picture_digest(picture)[:32] + ".png"


def clip_key(clip: Clip, height: int, form: str = "mp4") -> str:
    """The name of a clip at a height in pixels. Equal keys mean equal videos."""
    digest = hashlib.sha256(f"{renderer_digest()} {height} {form} {content(clip)}".encode())
    return f"{digest.hexdigest()[:40]}.{form}"


def content(clip: Clip) -> str:
    """A digest of all that a clip shows and when, whoever draws it."""
    digest = hashlib.sha256(f"{clip.rate}".encode())
    digest.update(picture_digest(clip.opening).encode())
    for leg in clip.legs:
        flights = f"{leg.picture.origins!r} {leg.picture.departures!r}"
        shown = f"{picture_digest(leg.picture)} {leg.motion} {leg.rest} {flights}"
        digest.update(shown.encode())
    return digest.hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished file in a cache."""

    path: Path
    byte_count: int
    used: float
    """When, in seconds since 1970."""

    @property
    def is_whole(self) -> bool | None:
        """Whether it is what it was; None if that cannot be known, for it has no digest."""
        try:
            told = text_of(_seal(self.path), 256).partition(" ")[0]
            return digest(self.path) == told if told else None
        except Unreadable as problem:
            return None if problem.obstacle is Obstacle.MISSING else False

    def remove(self) -> None:
        """Take it out of the cache, if it is there and may be."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
            _seal(self.path).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Cache:
    """One folder of finished files."""

    folder: Path
    limit_bytes: int = LIMIT_BYTES

    def find(self, key: str) -> Path | None:
        """The finished file, marked as used now; None if there is none. Raises `MachineFailed`.

        One that is damaged is removed, and it is said that there was one.
        """
        path = self.folder / key
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        except PermissionError:
            pass  # somebody else's: to be read, perhaps
        except OSError as problem:
            raise _unusable(problem) from problem
        entry = Entry(path, 0, 0)
        whole = entry.is_whole
        if whole is False:
            _tell_of_damage(self.folder)
            entry.remove()
        return path if whole else None

    @contextmanager
    def making(self, key: str) -> Iterator[Path]:
        """A path to write the file to; it takes its final name when the block ends well."""
        assert _ENTRY.fullmatch(key), "only what has such a name is ever removed"
        with ExitStack() as until_then:
            try:
                _mark(self.folder)
                bench = until_then.enter_context(workshop(self.folder))
            except OSError as problem:
                raise _unusable(problem) from problem
            made = bench / key
            yield made
            with made.open("rb") as opened:
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
            _seal(made).write_text(f"{sha256}  {key}\n", encoding="utf-8")
            # A seal that a loss of power takes, or a name, is a file that is made again.
            settle(made)
            with alone_in(self.folder):
                if not Entry(self.folder / key, 0, 0).is_whole:  # nobody was faster
                    for path in (made, _seal(made)):
                        path.replace(self.folder / path.name)

    def entries(self) -> list[Entry]:
        """The finished files, in a folder that is marked as ours."""
        found = []
        with suppress(OSError):
            for entry in os.scandir(self.folder) if _is_marked(self.folder) else ():
                if _ENTRY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    about = entry.stat()
                    found.append(Entry(Path(entry.path), about.st_size, about.st_mtime))
        return found

    def tidy(self) -> None:
        """Remove what killed runs left, and the entries longest unused beyond the limit."""
        clear(self.folder)
        prune(self.entries(), self.limit_bytes, HOUR)
        for path in self.folder.glob(f"*{_SEAL}") if _is_marked(self.folder) else ():
            if _ENTRY.fullmatch(path.stem) and not path.with_suffix("").exists():
                path.unlink(missing_ok=True)


def prune(entries: Sequence[Entry], limit_bytes: int, kept_s: float = 0) -> None:
    """Remove the entries longest unused beyond a size, but for those used so lately."""
    now, kept = time.time(), 0
    for entry in sorted(entries, key=lambda entry: entry.used, reverse=True):
        kept += entry.byte_count
        if kept > limit_bytes and now - entry.used >= kept_s:
            entry.remove()


def _seal(path: Path) -> Path:
    """The file with the digest of another, as `sha256sum -c` takes it."""
    return path.with_name(path.name + _SEAL)


def _is_marked(folder: Path) -> bool:
    with suppress(Unreadable):
        told = text_of(folder / TAG, 4096)
        return told.startswith(_SIGNATURE) and "pagereel" in told
    return False


def _is_free(folder: Path) -> bool:
    """Whether there is nothing in a folder, or it is not there, or all is ours."""
    try:
        return all(_OURS.fullmatch(entry.name) for entry in os.scandir(folder))
    except OSError:
        return True  # what is wrong with it is said when it is used


def _mark(folder: Path) -> None:
    """Make the folder, and say in it what it is, for us and for others. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    if _is_marked(folder):
        return
    with workshop(folder) as bench:
        (bench / TAG).write_text(_TOLD, encoding="utf-8")
        (bench / TAG).replace(folder / TAG)


_TOLD = f"""{_SIGNATURE}
# A cache of pagereel: finished clips, stills and speech, all of which can be made again.
# `pagereel cache` says how much there is. About such files: https://bford.info/cachedir/
"""


@cache
def _tell_of_damage(folder: Path) -> None:
    """Once, however much is damaged."""
    told = f"the cache in {folder} has damaged files, which are made again"
    print(f"warning: {told}; `pagereel cache --check` looks at all", file=sys.stderr)


def _unusable(problem: OSError) -> MachineFailed:
    what = "cannot use the cache of finished clips"
    return explain(problem, what, "set PAGEREEL_CACHE to another folder")
