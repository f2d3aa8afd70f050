"""Text in a terminal: the columns it takes, and what stands for characters that must not act."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple


class Column(NamedTuple):
    """One character as a terminal shows it."""

    shown: str
    width: int
    """Columns: 2 for East Asian wide characters and emoji, 0 for combining marks."""


def cell(char: str) -> Column:
    """What to show for a character. Control and format characters become a replacement mark."""
    if char == "\t":
        return Column("    ", 4)
    category = unicodedata.category(char)
    if char == "\u200d" or category in ("Mn", "Me"):
        return Column(char, 0)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return Column("�", 1)
    return Column(char, 2 if unicodedata.east_asian_width(char) in "WF" else 1)


def width(text: str) -> int:
    """Columns that a text takes."""
    return sum(cell(char).width for char in text)


def escaped(text: str) -> str:
    """The text with every character that would not be seen written out: `\\x1b`, `\\t`."""
    return "".join(char if cell(char).shown == char else ascii(char)[1:-1] for char in text)


def wrapped(text: str, columns: int) -> list[str]:
    """The words of a text in lines of at most `columns`; a longer word is cut."""
    lines = [""]
    for word in escaped(" ".join(text.split())).split(" "):
        rest = word
        if lines[-1] and width(lines[-1]) + 1 + width(rest) <= columns:
            lines[-1] += " " + rest
            continue
        if lines[-1]:
            lines.append("")
        while width(rest) > columns:
            head = clipped(rest, columns)
            rest = rest[len(head) :]
            lines[-1] = head
            lines.append("")
        lines[-1] = rest
    return lines


def clipped(text: str, columns: int) -> str:
    """As much of the start of a text as fits; at least one character."""
    taken = 0
    for index, char in enumerate(text):
        taken += cell(char).width
        if taken > columns and index:
            return text[:index]
    return text
