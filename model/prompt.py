"""Prompts too long to write down: tokens that follow from what identifies them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import overload

BLOCK_TOKENS = 512
"""Tokens that one hash id of a Mooncake trace stands for."""


@dataclass(frozen=True, slots=True)
class HashedPrompt(Sequence[int]):
    """A prompt known by the hash ids of its 512-token blocks: equal prefixes are equal tokens.

    Holds the ids alone; tokens follow from them when asked for. An id names a block together with
    all that precedes it, so equal ids never meet at different places.
    """

    hash_ids: tuple[int, ...]
    length: int

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[int]:
        """As `__getitem__` has them, block by block: prompts are long."""
        starts = (number * BLOCK_TOKENS for number in self.hash_ids)
        tokens = chain.from_iterable(range(start, start + BLOCK_TOKENS) for start in starts)
        return islice(tokens, self.length)

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[int, ...]: ...

    def __getitem__(self, index: int | slice) -> int | tuple[int, ...]:
        """The token ids there: hash id x 512 + place in the block."""
        if isinstance(index, slice):
            return tuple(self._token(place) for place in range(*index.indices(self.length)))
        return self._token(range(self.length)[index])

    def _token(self, position: int) -> int:
        block, place = divmod(position, BLOCK_TOKENS)
        return self.hash_ids[block] * BLOCK_TOKENS + place
