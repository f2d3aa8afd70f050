"""How sure a median is, and whether two differ: the one place, for charts and sentences.

The interval is the bootstrap's: the middle 95 % of the medians of samples that are drawn from the
values again and again, with replacement. There is one value a run, because every run and every
method has the same requests: their rate, or the median of their waits. Two medians differ if the
interval of their ratio does not include 1. With fewer than five runs 95 % cannot be had (all of
five values together reach 94 %), so nothing is said of how sure they are.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pagereel.measurements.records.forms import CellRecord

FEWEST = 5
"""Runs for an interval."""
SHARE = 0.95
DRAWS = 4000
"""Samples that are drawn; always the same ones."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A median, or a ratio of two, and the ends between which it is."""

    median: float
    low: float
    high: float
    n: int
    """Values behind it; of a ratio, of the smaller sample."""

    @property
    def is_known(self) -> bool:
        """Whether there are values enough for the ends to say something."""
        return self.n >= FEWEST

    def includes(self, value: float) -> bool:
        """Whether a value lies between the ends."""
        return self.low <= value <= self.high


def rates(entry: CellRecord) -> tuple[float, ...]:
    """Output tokens a second, a value a run."""
    return tuple(sum(map(len, run.tokens_us)) / run.wall_us * 1e6 for run in entry.runs)


def first_waits(entry: CellRecord) -> tuple[float, ...]:
    """Milliseconds until a first token, a value a run: the median of its requests."""
    return tuple(
        statistics.median(times[0] / 1000 for times in run.tokens_us) for run in entry.runs
    )


def later_waits(entry: CellRecord) -> tuple[float, ...]:
    """Milliseconds between two tokens, a value a run: the median of all pauses."""
    return tuple(
        statistics.median((b - a) / 1000 for times in run.tokens_us for a, b in pairwise(times))
        for run in entry.runs
    )


@lru_cache(maxsize=256)
def interval(values: tuple[float, ...]) -> Interval:
    """The median of values, and where it is."""
    return _between(statistics.median(values), _medians(values, 0), len(values))


@lru_cache(maxsize=256)
def ratio(first: tuple[float, ...], second: tuple[float, ...]) -> Interval:
    """How many times the second's median is the first's, and where that is."""
    pairs = zip(_medians(first, 1), _medians(second, 2), strict=True)
    found = statistics.median(second) / statistics.median(first)
    return _between(
        found, [after / before for before, after in pairs], min(map(len, (first, second)))
    )


def _between(value: float, drawn: Sequence[float], count: int) -> Interval:
    if count < FEWEST:  # the ends would claim more than they know
        return Interval(value, value, value, count)
    ordered = sorted(drawn)
    cut = round(len(ordered) * (1 - SHARE) / 2)
    return Interval(value, ordered[cut], ordered[-1 - cut], count)


def _medians(values: Sequence[float], seed: int) -> list[float]:
    """Medians of samples with replacement.

    The rank of a sample's middle value is that of the middle of as many uniform numbers, which is
    a beta variate: so a sample need not be drawn to know its median.
    """
    rng, ordered, count = random.Random(seed), sorted(values), len(values)
    middle = (count + 1) // 2
    found = []
    for _ in range(DRAWS):
        low = rng.betavariate(middle, count - middle + 1)
        high = low if count % 2 else low + (1 - low) * rng.betavariate(1, count - middle)
        ranks = [min(count - 1, int(count * share)) for share in (low, high)]
        found.append(sum(ordered[rank] for rank in ranks) / 2)
    return found
