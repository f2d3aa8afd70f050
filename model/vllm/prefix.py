"""Names for block contents: a key says which whole prefix a full block completes."""

from __future__ import annotations

import hashlib
import struct

from model.request import Request

KEY_DIGITS = 16
"""Hex digits of SHA-256 that make a key (F5)."""


class PrefixKeys:
    """The keys of one request's blocks, computed when first asked for.

    A key is the first 16 hex digits of SHA-256 over the salt in UTF-8 and a zero byte (if
    salted), then every token up to the block's end as little-endian 32-bit numbers (F5). Equal
    keys mean equal prefixes and salts (C1, C2). A request whose prompt is a `range` matches no
    other by definition, so its keys are its own id and the index: nothing is hashed.
    """

    __slots__ = ("_digest", "_keys", "_layout", "_request", "_size")

    def __init__(self, request: Request, block_size: int) -> None:
        self._request = request
        self._size = block_size
        self._keys: list[str] = []
        self._layout = struct.Struct(f"<{block_size}I")
        self._digest = hashlib.sha256()
        if request.cache_salt:
            self._digest.update(request.cache_salt.encode() + b"\0")

    def key(self, index: int) -> str:
        """The key of block `index`, whose tokens must all be known."""
        keys = self._keys
        while len(keys) <= index:
            keys.append(self._next())
        return keys[index]

    def _next(self) -> str:
        index = len(self._keys)
        if isinstance(self._request.prompt, range):
            return f"{self._request.id}:{index}"
        self._digest.update(self._layout.pack(*self._tokens(index * self._size)))
        return self._digest.copy().hexdigest()[:KEY_DIGITS]

    def _tokens(self, start: int) -> list[int]:
        """The block's tokens: from the prompt, the output, or the end of one and start of other."""
        prompt, output, end = self._request.prompt, self._request.output, start + self._size
        length = len(prompt)
        if end <= length:
            return list(prompt[start:end])
        return [*prompt[start:], *output[max(0, start - length) : end - length]]
