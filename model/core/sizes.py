"""Amounts of memory as people write them, read and written; and stretches of time."""

from __future__ import annotations

import re

UNITS: dict[str, int] = {"B": 1} | {
    f"{letter}{kind}": base**power
    for power, letter in enumerate("KMGT", start=1)
    for kind, base in (("iB", 1024), ("B", 1000))
}
"""Bytes of each unit; those with an `i` are powers of 1024."""
_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?\s*([KMGT]?i?B)", re.ASCII | re.IGNORECASE)
_SPELLED = {unit.casefold(): unit for unit in UNITS}


def read_bytes(text: str) -> int | None:
    """Bytes of `40GiB`, `1.5 gib` or `26 GB`, to the nearest; None for what is no amount.

    A unit must be there: a number without one would be bytes, and is always meant otherwise.
    """
    match = _AMOUNT.fullmatch(text.strip())
    unit = _SPELLED.get(match[3].casefold()) if match else None
    if match is None or unit is None:
        return None
    whole, part = match[1], match[2] or ""
    scale: int = 10 ** len(part)
    return (2 * int(whole + part) * UNITS[unit] + scale) // (2 * scale)


def human_bytes(count: float) -> str:
    """Bytes in the largest binary unit that leaves at least 1: `72 KiB`, `1.56 GiB`."""
    unit = "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if count < 1024:
            break
        count, unit = count / 1024, larger
    return f"{count:,.0f} {unit}" if float(count).is_integer() else f"{count:,.2f} {unit}"


def human_time(seconds: float) -> str:
    """A stretch of time in whole units, the largest of which there are two: `6 seconds`."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return "1 second" if round(seconds) == 1 else f"{seconds:,.0f} seconds"


def exact_bytes(count: int) -> str:
    """Bytes as `human_bytes` has them, but in a smaller unit where two decimals would round:
    `3,200 KiB`, not `3.12 MiB`."""
    exact = f"{count:,} B"
    for power, unit in enumerate(("KiB", "MiB", "GiB", "TiB"), start=1):
        if count >= 1024**power and count * 100 % 1024**power == 0:
            whole = count % 1024**power == 0
            exact = f"{count / 1024**power:,.{0 if whole else 2}f} {unit}"
    return exact
