"""How a message quotes a value that came from outside."""

from __future__ import annotations


def shown(value: object) -> str:
    """As Python writes it: on one line, without control characters, and not for ever."""
    whole = repr(value)
    return whole if len(whole) <= 60 else whole[:59] + "…"
