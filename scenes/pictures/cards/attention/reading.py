"""What the attention card shows of a decode step: which tokens, and where the query stops."""

from __future__ import annotations

from functools import lru_cache

from pagereel.model.readings.attention import DecodeStep, Row, decode_step
from pagereel.scenes.pictures.moment import Moment

MOST = 13
"""Tokens that are drawn line by line; of more the first two and the last ones are."""


def reading(moment: Moment) -> DecodeStep | None:
    """The latest decode step of the request that the shot names; None before its first."""
    about = moment.played.shot.attend
    assert about is not None, "the reader gives every attention card its request"
    return decode_step(moment.storyboard, moment.past, about)


def shown(position: int) -> tuple[int, ...]:
    """The positions that have a line of their own, ascending, when the one there is fed."""
    count = position + 1
    if count <= MOST:
        return tuple(range(count))
    return (0, 1, *range(count - (MOST - 3), count))


def stops(found: DecodeStep) -> tuple[tuple[Row, ...], ...]:
    """Where the query goes, in order: one row after the other, those not shown together."""
    return _stops(found.rows, shown(found.position))


@lru_cache(maxsize=64)
def _stops(rows: tuple[Row, ...], lines: tuple[int, ...]) -> tuple[tuple[Row, ...], ...]:
    gone: list[tuple[Row, ...]] = []
    hidden: list[Row] = []
    for row in rows:
        if not row.reads:
            continue
        if not any(place in row.positions for place in lines):
            hidden.append(row)
            continue
        if hidden:
            gone.append(tuple(hidden))
            hidden = []
        gone.append((row,))
    return tuple(gone)
