"""`pagereel cache`: where finished clips are kept, how much there is, and whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from pagereel.cli.arguments import Json
from pagereel.errors import InputWrong, MachineFailed
from pagereel.model.core.quoting import shown
from pagereel.model.core.sizes import human_bytes, read_bytes
from pagereel.storage.cache import LIMIT_BYTES, Cache, Entry, cache_folder, prune, rooms

SHOWN = 10
"""Damaged files that are named; the rest are counted."""


def cache(
    size: Annotated[
        str | None,
        typer.Argument(
            metavar="[SIZE]",
            help="With --prune: how much may stay, as 500MiB; 0 for nothing.  "
            f"[default: {human_bytes(LIMIT_BYTES)}]",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare every file with its digest.")
    ] = False,
    cut: Annotated[
        bool, typer.Option("--prune", help="Cut it to SIZE now, the longest unused first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell where finished clips are kept and how much there is; check it, or cut it.

    They are in the user's cache folder, or in $PAGEREEL_CACHE; if that has other files in it, in a
    folder inside. Nothing else there is touched. Every render cuts the cache back to its limit, but
    for what was used in the last hour. All of it can be made again.
    """
    if size is not None and not cut:
        raise typer.BadParameter("says how much may stay; give --prune as well", param_hint="SIZE")
    limit, folder = LIMIT_BYTES if size is None else _size(size), cache_folder()
    kept = rooms(folder)
    if cut:
        for room in kept:
            room.tidy()
        prune(_entries(kept), limit)
    entries = _entries(kept)
    damaged = [str(entry.path) for entry in entries if check and entry.is_whole is False]
    byte_count = sum(entry.byte_count for entry in entries)
    if as_json:
        told = {"folder": str(folder), "files": len(entries), "bytes": byte_count}
        told |= {"limit_bytes": LIMIT_BYTES} | ({"damaged": damaged} if check else {})
        print(json.dumps(told))
    else:
        whole = ", none is damaged" if check and not damaged else ""
        print(f"{folder}: {len(entries):,} files, {human_bytes(byte_count)}{whole}")
    if damaged:
        raise MachineFailed(_told_of(damaged))


def _entries(kept: Sequence[Cache]) -> list[Entry]:
    return [entry for room in kept for entry in room.entries()]


def _size(text: str) -> int:
    """Bytes. Raises `InputWrong`."""
    found = 0 if text.strip() == "0" else read_bytes(text)
    if found is None:
        raise InputWrong(f"--prune {shown(text)}: give a number and a unit, as 500MiB, or 0")
    return found


def _told_of(damaged: Sequence[str]) -> str:
    more = f" and {len(damaged) - SHOWN} more" if damaged[SHOWN:] else ""
    named = ", ".join(damaged[:SHOWN])
    return f"damaged, to be made again when needed: {named}{more}; is the disk at fault?"
