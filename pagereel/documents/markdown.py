"""Markdown tables and pages, as the reference is written in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Written by `make docs` from the code. Change the code, not this page. -->"


def page(title: str, *parts: str) -> str:
    """A whole page: the notice, its title, and its parts with a line between them."""
    return "\n\n".join([NOTICE, f"# {title}", *(part for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; each cell becomes one line."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell(text) for text in line) + " |" for line in lines)


def cell(text: str) -> str:
    """Text that can stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """The text as code."""
    return f"`{text}`"


def sentence(text: str) -> str:
    """The text with a full stop, if it has no other end."""
    return text if text.endswith((".", "!", "?", ":")) or not text else text + "."
