"""How wide text will be, before anything is drawn: the measures of the faces, and line breaking.

Sizes and widths are pixels on the 1080p canvas. Characters that no font has are one em wide.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Face:
    """The measures of one face, in thousandths of an em."""

    name: str
    ascent: int
    descent: int
    cap_height: int
    x_height: int
    advances: dict[str, int]
    kerning: dict[str, int]

    def offsets(self, text: str, size: float) -> list[float]:
        """Where each character starts, and where the last one ends: len(text) + 1 pixels."""
        return [at * size / 1000 for at in accumulate(self.steps(text), initial=0)]

    def steps(self, text: str) -> list[int]:
        """From each character to the next one, and to the end."""
        advances, kerning = self.advances, self.kerning
        return [
            advances.get(character, 1000) + kerning.get(character + following, 0)
            for character, following in zip(text, f"{text[1:]} ", strict=False)
        ]

    def width(self, text: str, size: float) -> float:
        """Width of one line of text, in pixels."""
        return _units(self.name, text) * size / 1000

    def missing(self, text: str) -> set[str]:
        """The characters that this face has no glyph for."""
        return {character for character in text if character not in self.advances}


@lru_cache(maxsize=16384)
def _units(name: str, text: str) -> int:
    """The width of a text in thousandths of an em: that of its words, and of the spaces between."""
    first, *others = text.split(" ")
    spaces = (_space_units(name, word[:1] or " ") for word in others)
    return _word_units(name, first) + sum(spaces) + sum(_word_units(name, w) for w in others)


@lru_cache(maxsize=16384)
def _word_units(name: str, word: str) -> int:
    """As far as the space after it; the same words are measured again and again."""
    return sum(face(name).steps(word))


@lru_cache(maxsize=1024)
def _space_units(name: str, following: str) -> int:
    return face(name).steps(f" {following}")[0]


@cache
def face(name: str) -> Face:
    """One of the faces: `text`, `bold`, `mono`, or `fallback` where the fonts are missing."""
    source = resources.files("pagereel.scenes.shapes").joinpath("faces", f"{name}.json")
    return Face(name=name, **json.loads(source.read_text(encoding="utf-8")))


def visible(text: str) -> str:
    """The text with characters that cannot be seen written out: `\\n`, `\\t`, `\\x07`.

    What an author writes is shown as it is. Spaces stay; everything else that draws nothing or
    reorders its neighbours (controls, bidirectional marks, lone surrogates) shows its code.
    """
    if text.isprintable():  # none of `_INVISIBLE`
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == " " or unicodedata.category(character) not in _INVISIBLE:
        return character
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    code = ord(character)
    return named.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Cn", "Co"}


def shorten(text: str, width: float, size: float, measures: Face) -> str:
    """The text, or as much of its start as fits into `width` with an ellipsis."""
    if measures.width(text, size) <= width:
        return text
    for end in range(len(text) - 1, 0, -1):
        shorter = text[:end].rstrip() + "…"
        if measures.width(shorter, size) <= width:
            return shorter
    return "…" if measures.width("…", size) <= width else ""


GAP = re.compile(r" (?!(?:%|[KMG]iB|m?s)(?!\w))")
"""A space at which a line may end."""


def break_lines(text: str, width: float, size: float, measures: Face) -> list[str]:
    """The text in lines no wider than `width`, broken at spaces; a wider word is broken too.

    A number and its unit stay together.
    """
    lines: list[str] = []
    for word in GAP.split(text):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measures.width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines += _pieces(word, width, size, measures)
    return lines


def _pieces(word: str, width: float, size: float, measures: Face) -> list[str]:
    """A word in pieces no wider than `width`, of at least one character each."""
    pieces = [""]
    for character in word:
        if pieces[-1] and measures.width(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def balance(text: str, width: float, size: float, measures: Face) -> list[str]:
    """The text in as few lines as `break_lines` needs, but of about equal length."""
    return list(_balance(text, width, size, measures.name))


@lru_cache(maxsize=1024)
def _balance(text: str, width: float, size: float, name: str) -> tuple[str, ...]:
    """All steps of a beat have the same headline and caption."""
    measures = face(name)
    lines = break_lines(text, width, size, measures)
    low, high = width / max(len(lines), 1) * 0.9, width
    while high - low > 8:
        middle = (low + high) / 2
        if len(break_lines(text, middle, size, measures)) > len(lines):
            low = middle
        else:
            high = middle
    return tuple(break_lines(text, high, size, measures))
