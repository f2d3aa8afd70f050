"""Words that nobody knows: the nearest known one, and how a message quotes what it was given."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from pagereel.scenes.text.columns import escaped

FEW = 16
"""So many known words are listed where none is near."""
NOBODY: Mapping[str, Sequence[str]] = MappingProxyType({})
"""No nicknames."""


def nearest(given: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that is most like a given one; None if none is at least so much like it.

    `likeness` is 1 for equal words; capitals and small letters count as the same.
    """
    folded: dict[str, str] = {}
    for word in known:
        folded.setdefault(word.casefold(), word)
    near = difflib.get_close_matches(given.casefold()[:80], list(folded), n=1, cutoff=likeness)
    return folded[near[0]] if near else None


def did_you_mean(
    given: str, known: Iterable[str], nicknames: Mapping[str, Sequence[str]] = NOBODY
) -> str:
    """A remedy that names the nearest known word, or all of them if they are few; else empty.

    `nicknames` has other words for known ones, each with all that it may stand for.
    """
    words = list(dict.fromkeys(known))
    near = nearest(given, [*words, *nicknames])
    if near is not None:
        *others, last = (f"`{printable(word)}`" for word in nicknames.get(near, [near]))
        return f"did you mean {', '.join(others)} or {last}?" if others else f"did you mean {last}?"
    if 0 < len(words) <= FEW:
        return "known: " + ", ".join(f"`{printable(word)}`" for word in words)
    return ""


def printable(text: str, limit: int = 60) -> str:
    """The author's text as a message can quote it: one line, no control characters, not long."""
    return escaped(text if len(text) <= limit else text[: limit - 1] + "…")
