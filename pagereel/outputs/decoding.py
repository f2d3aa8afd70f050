"""Reads a finished file to its end, as those would who show it: every frame, every picture."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from pagereel.storage.incoming import text_of

MOST_PIXELS = 2**27
"""Of one picture: far more than a sheet of every step of a long storyboard has."""
MOST_TEXT = 2**26
"""Bytes of captions, or of a picture in vectors."""
MOST_UNPACKED = 2**32
"""Bytes of all parts of a presentation."""
_PIECE = 2**20

Opened = Path | IO[bytes]


class Undecodable(ValueError):
    """What a file that opens has, and must not have."""


def fault_of(path: Path, frames: int | None = None) -> str:
    """What is wrong with a file, in one line; empty if it can be decoded to its end.

    `frames` are those that a video must have. What has no pictures is read as text.
    """
    try:
        _as(path.suffix, frames)(path)
    except Exception as problem:  # whatever a decoder raises, the file is at fault
        told = " ".join(f"{problem}".split())[:200]
        return told or type(problem).__name__
    return ""


def _as(suffix: str, frames: int | None = None) -> Callable[[Opened], None]:
    """How files of this suffix are read."""
    if suffix in (".mp4", ".webm", ".mov"):
        return lambda opened: _video(opened, frames)
    kinds: dict[str, Callable[[Opened], None]] = {
        ".png": _pictures,
        ".gif": _pictures,
        ".svg": _vectors,
        ".pptx": _slides,
        ".pdf": _document,
    }
    return kinds.get(suffix, _text)


def _video(opened: Opened, frames: int | None) -> None:
    import av

    found = 0
    with av.open(str(opened) if isinstance(opened, Path) else opened, "r") as container:
        pictures = container.streams.video[0]
        pictures.codec_context.options = {"err_detect": "explode"}
        if pictures.width * pictures.height > MOST_PIXELS // 8:
            raise Undecodable(f"{pictures.width} x {pictures.height} pixels")
        for frame in container.decode(pictures):
            found += 1
            if frame.is_corrupt or (frames is not None and found > frames):
                raise Undecodable(f"frame {found} is not as it was made")
        for sound in container.streams.audio:
            container.seek(0)
            sound.codec_context.options = {"err_detect": "explode"}
            for _ in container.decode(sound):
                pass
    if found == 0 or found != (frames or found):
        raise Undecodable(f"{found} frames can be decoded, of {frames or 'any'}")


def _pictures(opened: Opened) -> None:
    from PIL import Image

    with Image.open(opened) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Undecodable(f"{image.width} x {image.height} pixels")
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()


def _vectors(opened: Opened) -> None:
    assert isinstance(opened, Path)
    ElementTree.fromstring(text_of(opened, MOST_TEXT))


def _slides(opened: Opened) -> None:
    """Every part of a presentation, and every clip and still in it."""
    with zipfile.ZipFile(opened) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise Undecodable("it is far too large unpacked")
        broken = packed.testzip()
        if broken:
            raise Undecodable(f"{broken} is damaged")
        for part in packed.infolist():
            if part.filename.startswith("ppt/media/"):
                with packed.open(part) as media:
                    _as(Path(part.filename).suffix)(media)


def _document(opened: Opened) -> None:
    """A PDF has its end, which says where everything is."""
    assert isinstance(opened, Path)
    with opened.open("rb") as file:
        start = file.read(5)
        file.seek(-min(64, opened.stat().st_size), 2)
        if start != b"%PDF-" or not file.read().rstrip().endswith(b"%%EOF"):
            raise Undecodable("it is no PDF, or not all of one")


def _text(opened: Opened) -> None:
    if isinstance(opened, Path):
        text_of(opened, MOST_TEXT)
        return
    while opened.read(_PIECE):
        pass


__all__ = ["fault_of"]
