"""The nearest known word to one that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known word, or else all of them."""
    words = list(known)
    near = difflib.get_close_matches(given[:80].casefold(), words, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(words)}"


def shown(text: object) -> str:
    """As a message quotes it: on one line, without control characters, and not for ever."""
    whole = repr(text)
    return whole if len(whole) <= 60 else whole[:59] + "…"
