"""Names for block contents: a key says which whole prefix a full block completes."""

from __future__ import annotations

import hashlib
import struct

from model.request import Request

KEY_DIGITS = 16
"""Hex digits of SHA-256 that make a key (F5)."""
TOKEN_BYTES = 4
"""Width of a token in what is hashed."""


class PrefixKeys:
    """The keys of one request's blocks, computed when first asked for.

    A key is the first 16 hex digits of SHA-256 over the salt in UTF-8 and a zero byte (if
    salted), then every token up to the block's end as little-endian 32-bit numbers (F5). Equal
    keys mean equal prefixes and salts (C1, C2). A request whose prompt is a `range` matches no
    other by definition, so its keys are its own id and the index: nothing is hashed.
    """

    __slots__ = ("_digest", "_keys", "_request", "_size", "_text")

    def __init__(self, request: Request, block_size: int) -> None:
        self._request = request
        self._size = block_size
        self._keys: list[str] = []
        self._text: bytes | None = None  # prompt and output as they are hashed
        self._digest = hashlib.sha256()
        if request.cache_salt:
            self._digest.update(request.cache_salt.encode() + b"\0")

    def key(self, index: int) -> str:
        """The key of block `index`, whose tokens must all be known."""
        keys = self._keys
        while len(keys) <= index:
            keys.append(self._next(len(keys)))
        return keys[index]

    def _next(self, index: int) -> str:
        request, text = self._request, self._text
        if isinstance(request.prompt, range):
            return f"{request.id}:{index}"
        if text is None:
            length = len(request.prompt) + len(request.output)
            text = self._text = struct.pack(f"<{length}I", *request.prompt, *request.output)
        width = TOKEN_BYTES * self._size
        self._digest.update(text[index * width : (index + 1) * width])
        return self._digest.copy().hexdigest()[:KEY_DIGITS]
