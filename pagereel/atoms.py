"""The boxes of an MP4: the one thing in them that no library lets us say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_FLAGS = 3
"""Where the flags' last byte stands in a track header, after the version; 1 there is "enabled"."""
_CAPTIONS = (b"sbtl", b"text")


def hide_captions(path: Path) -> None:
    """Clear "enabled" in every caption track, so that players show it only when asked to.

    The muxer enables the first track of each kind whatever it is told. The list of chapters is
    such a track already and stays as it is.
    """
    with path.open("r+b") as opened:
        start, size = _index(opened)
        opened.seek(start)
        data = bytearray(opened.read(size))
        for name, first, last in _boxes(data, 8, size):
            if name == b"trak" and _handler(data, first, last) in _CAPTIONS:
                _disable(data, first, last)
        opened.seek(start)
        opened.write(data)


def _index(opened: BinaryIO) -> tuple[int, int]:
    """Where the file's index starts, and its size; the pictures themselves are not read."""
    start, head = 0, opened.read(16)
    while head[4:8] != b"moov":
        size = int.from_bytes(head[:4], "big")
        start += int.from_bytes(head[8:16], "big") if size == 1 else size
        opened.seek(start)
        head = opened.read(16)
        assert len(head) == 16, "a video has an index"
    return start, int.from_bytes(head[:4], "big")


def _boxes(data: bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its contents start, where they end) of each box in a stretch."""
    while start + 8 <= end:
        stop = start + int.from_bytes(data[start : start + 4], "big")
        assert start + 8 <= stop <= end, "we wrote this file ourselves"
        yield bytes(data[start + 4 : start + 8]), start + 8, stop
        start = stop


def _handler(data: bytearray, start: int, end: int) -> bytes:
    """What a track is for."""
    for name, first, last in _boxes(data, start, end):
        if name == b"mdia":
            return _handler(data, first, last)
        if name == b"hdlr":
            return bytes(data[first + 8 : first + 12])
    return b""


def _disable(data: bytearray, start: int, end: int) -> None:
    for name, first, _ in _boxes(data, start, end):
        if name == b"tkhd":
            data[first + _FLAGS] &= ~1
