"""Attention weights that a toy transformer once had: what the card `attention` draws as bars.

Which entries a step reads, and in which order, comes from the lane. How strongly it looks at each
of them is nothing that an allocator knows; it comes from a record, or nothing is said of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TELL = {
    "all": "the whole step",
    "reading": "the query, from row to row of the table, until all keys have answered",
    "mixing": "the weights, the mix of the values, the entry written, the next token",
}
"""Parts of a decode step that a shot can tell."""


@dataclass(frozen=True, slots=True)
class Attend:
    """Whose decode step a shot of the card `attention` shows."""

    lane: str
    request: str
    """A request, or one of the sequences of a group."""
    tell: str = "all"
    """A key of `TELL`."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the toy's last layer made of one query."""

    words: tuple[str, ...]
    """All words up to the one that asks."""
    reads: tuple[int, ...]
    """The positions whose keys it asked, ascending; the last one is its own."""
    scores: tuple[float, ...]
    """Query times key, over the root of their length: one for each of them."""


@dataclass(frozen=True, slots=True)
class AttentionRecord:
    """Looks of one toy transformer, and what made them."""

    what: str
    """The toy in a few words."""
    layer: int
    """Whose scores these are."""
    seed: int
    sha256: str
    """Of the script that trained it, together with its text."""
    looks: tuple[Look, ...]

    @property
    def label(self) -> str:
        """As it stands on screen."""
        return f"weights: {self.what} that we trained, seed {self.seed}; layer {self.layer}"

    def look(self, words: Sequence[str], reads: Sequence[int]) -> Look | None:
        """What the toy made of the last of these words, when it could read those positions."""
        asked = tuple(word.strip() for word in words), tuple(reads)
        return next((look for look in self.looks if (look.words, look.reads) == asked), None)


def softmax(scores: Sequence[float]) -> tuple[float, ...]:
    """Weights that add up to 1, in the ratio of e to the scores."""
    highest = max(scores)
    parts = [math.exp(score - highest) for score in scores]
    return tuple(part / sum(parts) for part in parts)


def percent(weight: float) -> str:
    """A weight as it stands beside a word."""
    return f"{weight:.0%}" if weight >= 0.005 else "<1%"
