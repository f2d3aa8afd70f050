"""The one way in for a file that somebody else may have made.

Regular files alone are opened: on a FIFO one would wait, and a device has no end. No more is read,
and no more unpacked, than the caller allows; and text is UTF-8, or it is said what it is instead.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from pagereel.model.core.sizes import human_bytes

PIECE = 2**18
"""Bytes that are read, or unpacked, at a time."""
LARGEST = 2**34
"""Bytes of a file that is only looked through, as a video for its digest."""
MOST_LINES = 2**22
"""Of a text: each costs time, and may be blank. A quarter of them can be requests."""
_MOST_MEMBERS = 2**14
"""Of a gzip file: each costs time, and may hold nothing."""
_GZIP = b"\x1f\x8b"


class Obstacle(StrEnum):
    """Why a file is not taken."""

    MISSING = "there is no such file"
    FOLDER = "it is a folder"
    NO_FILE = "it is something else than a file"
    REFUSED = "the system does not give it"
    TOO_LARGE = "it is too large"
    DAMAGED = "it is no gzip file, or a damaged one"
    NO_TEXT = "it is not UTF-8 text"


class Unreadable(Exception):
    """A file that is not taken."""

    def __init__(
        self, obstacle: Obstacle, message: str, hint: str = "", line: int | None = None
    ) -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.obstacle = obstacle
        self.message = message
        """What is wrong, in one line."""
        self.hint = hint
        """What to do, or what the file is instead; may be empty."""
        self.line = line
        """Where, counted from 1; None if that is not known."""

    def of(self, path: Path) -> str:
        """The whole in one line, with the file's name."""
        return f"{path}:{self.line}: {self}" if self.line else f"{path}: {self}"


def bytes_of(path: Path, most: int) -> bytes:
    """All of a file, at most so many bytes. Raises `Unreadable`."""
    with _opened(path) as file:
        if os.fstat(file.fileno()).st_size > most:
            raise _too_large("larger than", most)
        data = _read(file, most + 1)
    if len(data) > most:  # some files say that they are empty, and are not
        raise _too_large("larger than", most)
    return data


def text_of(path: Path, most: int) -> str:
    """The text of a file of at most so many bytes, without its BOM. Raises `Unreadable`."""
    return "".join(texts([bytes_of(path, most)]))


def pieces(path: Path, most: int) -> Iterator[bytes]:
    """What is in a file as it is, in pieces, up to so many bytes. Raises `Unreadable`."""
    total = 0
    with _opened(path) as file:
        while piece := _read(file, PIECE):
            total += len(piece)
            if total > most:
                raise _too_large("larger than", most)
            yield piece


def contents(path: Path, most: int) -> Iterator[bytes]:
    """What is in a file, in pieces; a gzip file is unpacked. Raises `Unreadable`.

    `most` is the limit in bytes both of the file and of what is in it. It counts for what is asked
    for: the start of a file can be had however long it is.
    """
    found = pieces(path, most)
    first = next(found, b"")
    whole = chain([first], found)
    yield from unpacked(whole, most) if first.startswith(_GZIP) else whole


def cut(data: bytes) -> Iterator[bytes]:
    """Bytes in pieces, as a file would come."""
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))


def unpacked(packed: Iterable[bytes], most: int) -> Iterator[bytes]:
    """What is in a gzip file, in pieces, up to so many bytes. Raises `Unreadable`."""
    opened, members, total = zlib.decompressobj(wbits=31), 1, 0
    for piece in packed:
        rest = piece
        while rest and not (opened.eof and not rest.strip(b"\0")):  # a file may be filled up
            if opened.eof:
                rest = rest.lstrip(b"\0")
                opened, members = zlib.decompressobj(wbits=31), members + 1
            try:
                plain = opened.decompress(rest, PIECE)
            except zlib.error:
                raise Unreadable(Obstacle.DAMAGED, "no gzip file, or a damaged one") from None
            total += len(plain)
            if total > most or members > _MOST_MEMBERS:
                raise _too_large("unpacked it is larger than", most)
            if plain:
                yield plain
            rest = opened.unused_data if opened.eof else opened.unconsumed_tail
    if not opened.eof:
        raise Unreadable(Obstacle.DAMAGED, "the file ends too early: it was cut off")


def texts(parts: Iterable[bytes]) -> Iterator[str]:
    """UTF-8 in pieces as text, without its BOM. Raises `Unreadable` with the line."""
    decoder, line, start = codecs.getincrementaldecoder("utf-8-sig")(), 1, b""
    for piece in chain(parts, [b""]):  # the empty one is the end
        start = start or piece[:512]
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as problem:
            line += problem.object.count(b"\n", 0, problem.start)
            raise _no_text(start, line, problem.object[problem.start]) from None
        if "\0" in text:
            raise _no_text(start, line + text.count("\n", 0, text.index("\0")), 0)
        line += text.count("\n")
        yield text


def lines(parts: Iterable[str], longest: int) -> Iterator[str]:
    """Text in parts as lines with their ends, whichever these are. Raises `Unreadable`.

    `longest` is in characters.
    """
    number, pending, length = 0, [""], 0
    for text in parts:
        pending.append(text)
        length += len(text)
        if "\n" in text or "\r" in text or pending[-2].endswith("\r"):
            *whole, last = [*io.StringIO("".join(pending), newline=""), ""]
            if not last and whole and not whole[-1].endswith("\n"):
                last = whole.pop()  # it may go on, or its \r have a \n
            if number + len(whole) > MOST_LINES:
                raise Unreadable(Obstacle.TOO_LARGE, f"more than {MOST_LINES:,} lines")
            for line in whole:
                number += 1
                if len(line) > longest:
                    raise _too_long(number, longest)
                yield line
            pending, length = [last], len(last)
        if length > longest:
            raise _too_long(number + 1, longest)
    if length:
        yield "".join(pending)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that can be gone through again and again: each time the source is asked anew."""

    source: Callable[[], Iterable[bytes]]
    longest: int
    """Characters."""

    def __iter__(self) -> Iterator[str]:
        """From the first one on. Raises `Unreadable`."""
        return lines(texts(self.source()), self.longest)


def digest(path: Path, most: int = LARGEST) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises `Unreadable`."""
    found = hashlib.sha256()
    for piece in pieces(path, most):
        found.update(piece)
    return found.hexdigest()


def what_else(start: bytes) -> str:
    """What a file is that is no text, by how it starts: `a PNG picture`; empty if unknown."""
    for mark, offset, name in _MARKS:
        if start.startswith(mark, offset):
            return name
    head = start[:256]
    zeros = sorted(head[place::2].count(0) for place in (0, 1))
    # Keys and digits are ASCII in any language: one byte of two is zero in many places, or in none.
    return "UTF-16" if not zeros[0] and zeros[1] > max(1, len(head) / 8) else ""


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        _refuse_but_a_file(path.stat().st_mode)  # to open a device can do something already
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as problem:
        raise _refused(problem) from None
    with os.fdopen(handle, "rb") as file:
        _refuse_but_a_file(os.fstat(handle).st_mode)
        yield file


def _refuse_but_a_file(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise Unreadable(Obstacle.FOLDER, "Is a directory")
    if not stat.S_ISREG(mode):
        kind = KINDS.get(stat.S_IFMT(mode), "something else")
        hint = "save what comes out of it as a file, and name that"
        raise Unreadable(Obstacle.NO_FILE, f"{kind}, not a file", hint)


def _refused(problem: OSError | ValueError) -> Unreadable:
    if isinstance(problem, ValueError):  # a zero byte, or half a character
        return Unreadable(Obstacle.MISSING, "no file can have such a name")
    obstacle = Obstacle.MISSING if isinstance(problem, FileNotFoundError) else Obstacle.REFUSED
    return Unreadable(obstacle, os.strerror(problem.errno) if problem.errno else str(problem))


def _read(file: BinaryIO, count: int) -> bytes:
    try:
        return file.read(count) or b""
    except OSError as problem:
        raise _refused(problem) from None


def _no_text(start: bytes, line: int, byte: int) -> Unreadable:
    """`start` is that of the file; the byte stands where text ends."""
    instead = what_else(start)
    if instead:
        return Unreadable(Obstacle.NO_TEXT, "not UTF-8 text", f"this is {instead}", 1)
    if not byte:
        return Unreadable(Obstacle.NO_TEXT, "not text: it has zero bytes", line=line)
    hint = f"byte 0x{byte:02x} would be `{chr(byte)}` in Latin-1" if byte >= 0xA1 else ""
    return Unreadable(Obstacle.NO_TEXT, "not UTF-8 text", hint, line)


def _too_large(what: str, most: int) -> Unreadable:
    return Unreadable(Obstacle.TOO_LARGE, f"{what} {human_bytes(most)}")


def _too_long(line: int, longest: int) -> Unreadable:
    return Unreadable(Obstacle.TOO_LARGE, f"a line of more than {longest:,} characters", line=line)


KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
"""What there is under a name besides files and folders."""

_MARKS = (
    (b"\xff\xfe\0\0", 0, "UTF-32"),
    (b"\0\0\xfe\xff", 0, "UTF-32"),
    (b"\xff\xfe", 0, "UTF-16"),
    (b"\xfe\xff", 0, "UTF-16"),
    (_GZIP, 0, "a gzip file"),
    (b"PK\x03\x04", 0, "a ZIP file"),
    (b"1AY&SY", 4, "a bzip2 file"),
    (b"\xfd7zXZ\0", 0, "an xz file"),
    (b"\x28\xb5\x2f\xfd", 0, "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7-Zip file"),
    (b"ustar", 257, "a tar file"),
    (b"PAR1", 0, "a Parquet file"),
    (b"SQLite format 3\0", 0, "an SQLite file"),
    (b"\x89PNG\r\n", 0, "a PNG picture"),
    (b"\xff\xd8\xff", 0, "a JPEG picture"),
    (b"GIF8", 0, "a GIF picture"),
    (b"WEBP", 8, "a WebP picture"),
    (b"%PDF-", 0, "a PDF file"),
    (b"ftyp", 4, "an MP4 video"),
    (b"\x1a\x45\xdf\xa3", 0, "a WebM or Matroska video"),
    (b"WAVE", 8, "a WAV sound"),
    (b"fLaC", 0, "a FLAC sound"),
    (b"OggS", 0, "an Ogg sound"),
    (b"ID3", 0, "an MP3 sound"),
    (b"\x7fELF", 0, "a program"),
    (b"\x80\x04\x95", 0, "a Python pickle"),
    (b"\x93NUMPY", 0, "a NumPy array"),
)
"""How files that are no text start: bytes, from which place on, in words."""
