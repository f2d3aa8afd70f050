"""How many requests fit under a budget: the largest number that runs at once and to its end.

A *trial* hands over the first n requests of a workload all at once. It fits if each of them gets
its memory at once and keeps it to its last token; it ends at the first "no". The number that fits
is found by halving, so the record has both a trial that fits and one more request that does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.protocol.workloads import AskedRequest

ENDS = {
    "": "all ran to their ends",
    "refused": "one that waited got no memory",
    "preempted": "one that ran got no further memory",
    "out of memory": "CUDA's allocator, capped at the budget, raised its error",
    "over budget": "on a CPU: the cache's tensors took more bytes than the budget",
}
"""How a trial can end. Where nothing says no by itself, a CPU claims no out-of-memory error."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The first n requests, handed over all at once."""

    requests: int
    ended: str
    """A key of `ENDS`."""
    steps: int
    """Engine steps until the end, or until the first no; 1 where a cache is made in one go."""
    live: int
    """Requests with K/V in memory at once, at most."""
    held: int
    """Bytes that they occupied, at most."""

    @property
    def fits(self) -> bool:
        """Whether nobody was told no."""
        return not self.ended

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def search(most: int, attempt: Callable[[int], Trial]) -> tuple[Trial, ...]:
    """Trials in the order they were made: halving between what fits and what does not."""
    fits, fails = 0, most + 1
    trials = []
    while fails - fits > 1:
        trial = attempt((fits + fails) // 2)
        trials.append(trial)
        if trial.fits:
            fits = trial.requests
        else:
            fails = trial.requests
    return tuple(trials)


def largest(trials: Sequence[Trial]) -> int:
    """The largest number that fits; 0 if not even one request does."""
    return max((trial.requests for trial in trials if trial.fits), default=0)


def stopped(trials: Sequence[Trial]) -> str:
    """How one request more ended; empty where there were no more requests to try."""
    failed = [trial for trial in trials if not trial.fits]
    return min(failed, key=lambda trial: trial.requests).ended if failed else ""


def cache_bytes(cell: Cell, batch: Sequence[AskedRequest]) -> int:
    """Bytes of a contiguous cache for requests as one batch: its rows times its columns."""
    width = cell.max_len
    if METHODS[cell.method].cache == "dynamic":
        width = max(len(a.prompt) for a in batch) + max(a.output for a in batch) - 1
    return len(batch) * width * cell.token_bytes
