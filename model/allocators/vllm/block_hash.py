"""Block hashes: names for contents, that say which whole prefix a full block completes."""

from __future__ import annotations

import hashlib
import struct
from typing import Protocol

from pagereel.model.core.request import Request

HASH_DIGITS = 16
"""Hex digits of SHA-256 that name a block's prefix (F5)."""
TOKEN_BYTES = 4
"""Width of a token in what is hashed."""


class HashList(Protocol):
    """Block hashes by block index."""

    def __getitem__(self, index: int) -> str:
        """The hash of block `index`."""
        ...


class BlockHashes:
    """vLLM's `block_hashes` of one request, by block index; computed when the first is asked for.

    Everywhere else in the model a block hash is called the block's prefix key. It is the first 16
    hex digits of SHA-256 over the salt in UTF-8 and a zero byte (if salted), then every token up to
    the block's end as little-endian 32-bit numbers (F5), and after these digits the salt itself:
    the digits alone could stand for a salted and for another, unsalted prefix. Equal ones mean
    equal prefixes and salts (C1, C2). A request whose prompt is a `range` matches no other by
    definition, so its hashes are its own id and the index: nothing is hashed.
    """

    __slots__ = ("_hashes", "_request", "_size")

    def __init__(self, request: Request, block_size: int) -> None:
        self._request, self._size = request, block_size
        self._hashes: list[str] | None = None

    def __getitem__(self, index: int) -> str:
        """The hash of block `index`. Only full blocks, whose tokens are all known, have one."""
        hashes = self._hashes
        if hashes is None:
            hashes = self._hashes = hash_blocks(self._request, self._size)
        return hashes[index]


def hash_blocks(request: Request, block_size: int) -> list[str]:
    """The hashes of all blocks that prompt and output will ever fill."""
    length = len(request.prompt) + len(request.output)
    if isinstance(request.prompt, range):
        return [f"{request.id}:{index}" for index in range(length // block_size)]
    digest, hashes, salt = hashlib.sha256(), [], request.cache_salt or ""
    if salt:
        digest.update(salt.encode() + b"\0")
    text = struct.pack(f"<{length}I", *request.prompt, *request.output)
    width = TOKEN_BYTES * block_size
    for end in range(width, len(text) + 1, width):
        digest.update(text[end - width : end])
        hashes.append(digest.copy().hexdigest()[:HASH_DIGITS] + salt)
    return hashes
