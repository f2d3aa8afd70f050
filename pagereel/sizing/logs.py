"""What real vLLM printed when it started, beside what is said here: public logs, with sources."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Any

from pagereel.model.sizing.capacity import Limits, Pool, form_groups
from pagereel.model.sizing.config import read_architecture
from pagereel.model.sizing.known import KNOWN
from pagereel.model.sizing.parallel import Parallel

GIB = 2**30
_ROUNDING = 0.005
"""GiB by which a printed size may be off."""


@dataclass(frozen=True, slots=True)
class Range:
    """A size in bytes that is not known exactly."""

    low: int
    usual: int
    high: int

    @property
    def values(self) -> tuple[int, int, int]:
        """The usual one first, then the least and the most."""
        return self.usual, self.low, self.high


@dataclass(frozen=True, slots=True)
class Overheads:
    """What engines took besides weights and K/V: activations, CUDA graphs, libraries."""

    range: Range
    told: str
    """Where it comes from, in words."""


@dataclass(frozen=True, slots=True)
class LoggedStart:
    """One start of a real engine; what it did not print is None."""

    source: str
    """Repository and number of the public thread."""
    said: str
    """What is known of the machine and the settings."""
    model: str
    """A name in `KNOWN`."""
    version: str
    seen: bool
    """Whether its numbers were known while the sizing was written."""
    max_model_len: int
    available: float | None = None
    """GiB, rounded."""
    tokens: int | None = None
    blocks: int | None = None
    concurrency: float | None = None
    needed: float | None = None
    """GiB of the request that it refused."""
    longest: int | None = None
    """Tokens that it would serve instead."""
    tensor: int = 1
    dtype: str = "bfloat16"


@dataclass(frozen=True, slots=True)
class Check:
    """One printed number and ours."""

    start: LoggedStart
    what: str
    logged: float
    ours: float
    low: float
    """Ours, were the printed memory a rounded-up one; the same where no memory is printed."""
    high: float

    @property
    def error_percent(self) -> float:
        """How far ours is from the log, in percent of it; 0 where rounding explains it."""
        if self.low <= self.logged <= self.high:
            return 0.0
        return 100 * (self.ours - self.logged) / self.logged


@cache
def _recorded() -> dict[str, Any]:
    text = files("pagereel.sizing").joinpath("logs.json").read_text("utf-8")
    return dict(json.loads(text))


def logged_starts() -> tuple[LoggedStart, ...]:
    """All of them."""
    return tuple(LoggedStart(**entry) for entry in _recorded()["logs"])


def overheads() -> Overheads:
    """The range of what was neither weights nor K/V in public logs, and its median."""
    taken = sorted(
        int((one["claimed"] - one["weights"] - one["available"]) * GIB)
        for one in _recorded()["profiled"]
    )
    found = Range(taken[0], int(median(taken)), taken[-1])
    told = f"assumed: the median of {len(taken)} public logs"
    return Overheads(found, told)


def checks() -> tuple[Check, ...]:
    """Every printed number beside ours."""
    return tuple(check for start in logged_starts() for check in _checks(start))


def _checks(start: LoggedStart) -> list[Check]:
    pools = {name: _pool(start, off) for name, off in
             (("ours", 0.0), ("low", -_ROUNDING), ("high", _ROUNDING))}  # fmt: skip
    found = []

    def compare(what: str, logged: float | None, read: str, digits: int | None = None) -> None:
        if logged is None:
            return
        values = {name: _read(pool, read) for name, pool in pools.items()}
        if digits is not None:
            values = {name: round(value, digits) for name, value in values.items()}
        found.append(Check(start, what, logged, **values))

    if start.available is not None:
        compare("blocks", start.blocks, "blocks")
        compare("tokens", start.tokens, "earlier_tokens")
    compare("requests at once", start.concurrency, "concurrency", 2)
    compare("GiB that it needs", start.needed, "needed", 2)
    compare("longest request", start.longest, "refused")
    return found


def _read(pool: Pool, what: str) -> float:
    if what == "needed":
        return pool.needed[0] / GIB
    if what == "refused":
        # Versions up to 0.31 did not count the placeholder here.
        size = min(group.block_size for group in pool.groups)
        return min(pool.blocks * size, pool.limits.max_model_len)
    return float(getattr(pool, what))


def _pool(start: LoggedStart, off: float) -> Pool:
    """What the engine had: the memory that it printed, or the blocks."""
    model = read_architecture(KNOWN[start.model], start.model)
    groups = form_groups(model, Parallel(start.tensor), start.dtype, 16)
    limits = Limits(start.max_model_len, 8192)
    size = Pool(groups, limits, (0,)).block_bytes[0]
    if start.available is not None:
        return Pool(groups, limits, (int((start.available + off) * GIB),))
    blocks = start.blocks or (start.tokens or 0) // 16
    return Pool(groups, limits, (blocks * size,))
