"""Columns of whole numbers in little room: differences, as JSON, deflated, in base64.

Raw samples are kept so that everything shown can be computed again. They are whole numbers
(microseconds, bytes, counts), so nothing is lost to rounding.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from pagereel.model.core.plain_json import parse

LARGEST = 2**24
"""Bytes that a column may take when unpacked; a record of hours stays far below."""
_PIECE = 2**16


class Damaged(ValueError):
    """A packed column that `pack` did not make."""


def pack(columns: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """Every column packed."""
    return {name: _pack(values) for name, values in columns.items()}


def unpack(packed: Mapping[str, str]) -> dict[str, list[int]]:
    """The columns again; all have one length. Raises `Damaged`."""
    columns = {name: _unpack(name, text) for name, text in packed.items()}
    if len({len(values) for values in columns.values()}) > 1:
        raise Damaged("columns " + ", ".join(columns) + " differ in length")
    return columns


def unpacked_bytes(packed: Mapping[str, str], most: int) -> int:
    """How much the columns take unpacked; it is not counted further than a little over `most`."""
    total = 0
    for text in packed.values():
        opened = zlib.decompressobj()
        try:
            rest = base64.b64decode(text, validate=True)
            while rest and not opened.eof and total <= most:
                total += len(opened.decompress(rest, _PIECE))
                rest = opened.unconsumed_tail
        except (ValueError, zlib.error):
            continue  # that it is damaged is told when it is unpacked
    return total


def pack_text(text: str) -> str:
    """A text in little room."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack_text(packed: str, most: int) -> str:
    """The text again, of so many bytes at most. Raises `Damaged`."""
    opened = zlib.decompressobj()
    try:
        plain = opened.decompress(base64.b64decode(packed, validate=True), most)
        if opened.eof:
            return plain.decode()
    except (zlib.error, ValueError) as problem:
        raise Damaged("a log cannot be unpacked") from problem
    raise Damaged(f"a log is longer than {most:,} bytes, or was cut off")


def _pack(values: Sequence[int]) -> str:
    steps = [*values[:1], *(after - before for before, after in pairwise(values))]
    plain = json.dumps(steps, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()


def _unpack(name: str, text: str) -> list[int]:
    try:
        opened = zlib.decompressobj()
        plain = opened.decompress(base64.b64decode(text, validate=True), LARGEST)
        steps = parse(plain.decode("ascii"))
    except (zlib.error, ValueError) as problem:
        raise Damaged(f"column {name} cannot be unpacked") from problem
    if not isinstance(steps, list) or not all(type(step) is int for step in steps):
        raise Damaged(f"column {name} is not a list of whole numbers")
    return list(accumulate(steps))
