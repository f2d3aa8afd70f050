"""Finished clips and stills, kept by content: a key is a digest of all that the file depends on.

A file enters under its final name whole or not at all, so any number of renders, cut short at any
moment, can share the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from pagereel.errors import MachineFailed, explain
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.picture import Picture

LIMIT_BYTES = 4 << 30
"""The folder is cut back to this, least recently used first."""
HOUR, DAY = 3600.0, 86400.0
RENDERER_ROOMS = ("scenes/shapes", "scenes/drawing", "render/encoding")
"""The rooms whose code turns clips into video, every file of them."""
_LIBRARIES = ("manim", "av", "numpy", "pycairo", "fonttools", "pymupdf-fonts", "pillow", "typst")


def cache_folder() -> Path:
    """Where clips are kept: $PAGEREEL_CACHE, or the user's cache folder."""
    chosen = os.environ.get("PAGEREEL_CACHE")
    return Path(chosen) if chosen else user_cache_path("pagereel") / "clips"


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
        origins = repr(leg.picture.origins)
        shown = f"{picture_digest(leg.picture)} {leg.motion} {leg.rest} {origins}"
        digest.update(shown.encode())
    return digest.hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Cache:
    """One folder of finished files."""

    folder: Path
    limit_bytes: int = LIMIT_BYTES

    def find(self, key: str) -> Path | None:
        """The finished file, marked as used now; None if there is none. Raises `MachineFailed`."""
        path = self.folder / key
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        except PermissionError:
            return path if path.is_file() else None
        except OSError as problem:
            raise _unusable(problem) from problem
        return path

    @contextmanager
    def making(self, key: str) -> Iterator[Path]:
        """A path to write the file to; it takes its final name when the block ends well."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(
                prefix=".making-", suffix=Path(key).suffix, dir=self.folder
            )
        except OSError as problem:
            raise _unusable(problem) from problem
        os.close(handle)
        try:
            yield Path(name)
            Path(name).replace(self.folder / key)
        finally:
            Path(name).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what crashed runs left, and the oldest files beyond the limit."""
        now, kept = time.time(), 0
        with contextlib.suppress(OSError):
            files = [entry for entry in os.scandir(self.folder) if entry.is_file()]
            entries = [(file.stat(), Path(file.path)) for file in files]
            for status, path in sorted(entries, key=lambda e: e[0].st_mtime, reverse=True):
                age = now - status.st_mtime
                kept += status.st_size
                abandoned = path.name.startswith(".making-") and age > DAY
                if abandoned or (kept > self.limit_bytes and age > HOUR):
                    path.unlink(missing_ok=True)


def _unusable(problem: OSError) -> MachineFailed:
    what = "cannot use the cache of finished clips"
    return explain(problem, what, "set PAGEREEL_CACHE to another folder")
