"""Names for block contents: a key says which whole prefix a full block completes."""

from __future__ import annotations

import hashlib
import struct

from pagereel.model.core.request import Request

KEY_DIGITS = 16
"""Hex digits of SHA-256 that make a key (F5)."""
TOKEN_BYTES = 4
"""Width of a token in what is hashed."""


class PrefixKeys:
    """The keys of one request's blocks, computed when the first is asked for.

    A key is the first 16 hex digits of SHA-256 over the salt in UTF-8 and a zero byte (if
    salted), then every token up to the block's end as little-endian 32-bit numbers (F5). Equal
    keys mean equal prefixes and salts (C1, C2). A request whose prompt is a `range` matches no
    other by definition, so its keys are its own id and the index: nothing is hashed.
    """

    __slots__ = ("_keys", "_request", "_size")

    def __init__(self, request: Request, block_size: int) -> None:
        self._request, self._size = request, block_size
        self._keys: list[str] | None = None

    def key(self, index: int) -> str:
        """The key of block `index`. Only full blocks, whose tokens are all known, have one."""
        keys = self._keys
        if keys is None:
            keys = self._keys = block_keys(self._request, self._size)
        return keys[index]


def block_keys(request: Request, block_size: int) -> list[str]:
    """The keys of all blocks that prompt and output will ever fill."""
    length = len(request.prompt) + len(request.output)
    if isinstance(request.prompt, range):
        return [f"{request.id}:{index}" for index in range(length // block_size)]
    digest, keys = hashlib.sha256(), []
    if request.cache_salt:
        digest.update(request.cache_salt.encode() + b"\0")
    text = struct.pack(f"<{length}I", *request.prompt, *request.output)
    width = TOKEN_BYTES * block_size
    for end in range(width, len(text) + 1, width):
        digest.update(text[end - width : end])
        keys.append(digest.copy().hexdigest()[:KEY_DIGITS])
    return keys
