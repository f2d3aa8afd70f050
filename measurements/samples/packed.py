"""Columns of whole numbers in little room: differences, as JSON, deflated, in base64.

Raw samples are kept so that everything shown can be computed again. They are whole numbers
(microseconds, bytes, counts), so nothing is lost to rounding.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

LARGEST = 64 * 2**20
"""Bytes that a column may take when unpacked; a record of hours stays far below."""


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


def _pack(values: Sequence[int]) -> str:
    steps = [*values[:1], *(after - before for before, after in pairwise(values))]
    plain = json.dumps(steps, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()


def _unpack(name: str, text: str) -> list[int]:
    try:
        opened = zlib.decompressobj()
        plain = opened.decompress(base64.b64decode(text, validate=True), LARGEST)
        steps = json.loads(plain)
    except (binascii.Error, zlib.error, ValueError) as problem:
        raise Damaged(f"column {name} cannot be unpacked") from problem
    if not isinstance(steps, list) or not all(type(step) is int for step in steps):
        raise Damaged(f"column {name} is not a list of whole numbers")
    return list(accumulate(steps))
