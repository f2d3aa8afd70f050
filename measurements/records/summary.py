"""Every figure of a cell, from its raw samples alone: validators and charts compute it again."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One engine step: the state while the model ran."""

    at_us: int
    """Since the requests were handed over, at the end of the step."""
    live: int
    """Requests with K/V in memory that are not done."""
    reserved: int
    """Bytes of the tensors set aside for K/V."""
    held: int
    """Bytes that live requests occupy."""
    used: int
    """Bytes of K/V written that a live request can still read."""


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """One run of a workload, raw."""

    wall_us: int
    samples: tuple[Sample, ...]
    tokens_us: tuple[tuple[int, ...], ...]
    """For each request, when each of its tokens was on the host."""
    preemptions: int


def quartiles(values: Iterable[float]) -> dict[str, Any]:
    """Median, first and third quartile, and how many values there were (inclusive method)."""
    found = sorted(values)
    if not found:
        return {"median": 0.0, "q1": 0.0, "q3": 0.0, "n": 0}
    cuts = statistics.quantiles(found, n=4, method="inclusive") if found[1:] else found * 3
    return {"median": cuts[1], "q1": cuts[0], "q3": cuts[2], "n": len(found)}


def summarize(runs: Sequence[MeasuredRun]) -> dict[str, Any]:
    """The summary of a cell. Memory figures are those of the last run, times of all runs."""
    samples = runs[-1].samples
    peak = max(samples, key=lambda sample: sample.used)
    return {
        "tokens_per_s": quartiles(_rate(run) for run in runs),
        "first_token_ms": quartiles(t[0] / 1000 for run in runs for t in run.tokens_us),
        "between_tokens_ms": quartiles(
            (after - before) / 1000
            for run in runs
            for times in run.tokens_us
            for before, after in pairwise(times)
        ),
        "request_ms": quartiles(t[-1] / 1000 for run in runs for t in run.tokens_us),
        "peak": {
            "live": max(sample.live for sample in samples),
            "reserved": max(sample.reserved for sample in samples),
            "held": max(sample.held for sample in samples),
            "used": max(sample.used for sample in samples),
        },
        "fullest": {"reserved": peak.reserved, "held": peak.held, "used": peak.used},
        "mean": _means(samples),
        "preemptions": sum(run.preemptions for run in runs),
    }


def _rate(run: MeasuredRun) -> float:
    return sum(map(len, run.tokens_us)) / run.wall_us * 1e6


def _means(samples: Sequence[Sample]) -> Mapping[str, float]:
    """Over time, each state counted for as long as its step took."""
    starts = (0, *(sample.at_us for sample in samples))
    lengths = [end - start for start, end in pairwise(starts)]
    whole = sum(lengths) or 1
    return {
        name: sum(getattr(s, name) * us for s, us in zip(samples, lengths, strict=True)) / whole
        for name in ("live", "reserved", "held", "used")
    }
