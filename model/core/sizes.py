"""Amounts of memory as people write them, read and written."""

from __future__ import annotations


def human_bytes(count: float) -> str:
    """Bytes in the largest binary unit that leaves at least 1: `72 KiB`, `1.56 GiB`."""
    unit = "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if count < 1024:
            break
        count, unit = count / 1024, larger
    return f"{count:,.0f} {unit}" if float(count).is_integer() else f"{count:,.2f} {unit}"
