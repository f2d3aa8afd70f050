"""How long requests wait for their first admission: one number each, and what most of them had."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request
from pagereel.model.replay.driver import NEVER, ReplayLane, StepBoundary


@dataclass(frozen=True, slots=True)
class Percentiles:
    """What half, 95 and 99 of a hundred have at most: numbers that were there, none between."""

    p50: int
    p95: int
    p99: int


def percentiles(numbers: Iterable[int]) -> Percentiles | None:
    """By nearest rank; None of nothing."""
    ordered = sorted(numbers)
    if not ordered:
        return None
    return Percentiles(*(_ranked(ordered, share) for share in (50, 95, 99)))


def _ranked(ordered: Sequence[int], share: int) -> int:
    return ordered[math.ceil(len(ordered) * share / 100) - 1]


class Waits:
    """An `Observer` of when requests are admitted for the first time."""

    def __init__(self, requests: Iterable[Request]) -> None:
        self.steps: list[int] = []
        """Whole steps that each one admitted so far waited, in order of admission: 0 where the
        first step after its arrival took it in."""
        self._arrivals = {
            name: request.arrival
            for request in requests
            for name in (request.id, *request.sequence_ids)
        }

    def horizon(self, step: int) -> int:
        """It needs no boundary of its own: whoever is admitted makes one."""
        return NEVER

    def look(self, boundary: StepBoundary, lane: ReplayLane) -> None:
        """Count for those that were admitted in this step."""
        arrivals = self._arrivals
        for name in boundary.newcomers:
            self.steps.append(boundary.step - 1 - arrivals[name])

    def turned_away(self, request: Request, refusal: TooLarge) -> None:
        """It is never admitted."""
