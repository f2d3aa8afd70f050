"""Observers of a replay: metrics over time and in sum, or frozen states at chosen boundaries.

`Meter` needs the same memory however long the replay is: when its curve gets too long, it keeps
every other point and looks half as often from then on. Its means count every step exactly.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace

from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState
from pagereel.model.replay.driver import NEVER, ReplayLane, StepBoundary
from pagereel.model.usage.counters import Tally
from pagereel.model.usage.gauge import Gauge
from pagereel.model.usage.occupancy import utilisation


@dataclass(frozen=True, slots=True)
class Point:
    """One boundary of the curve."""

    step: int
    """Step boundary."""
    gauge: Gauge
    """What the lane held there."""
    tally: Tally
    """Counts up to there."""


@dataclass(frozen=True, slots=True)
class Means:
    """`Gauge.numbers`, averaged over all step boundaries."""

    running: float
    waiting: float
    stored: float
    reserved: float
    internal: float
    external: float
    cached: float
    free: float

    @property
    def held(self) -> float:
        """Slots that requests hold."""
        return self.stored + self.reserved + self.internal


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole replay in numbers."""

    tally: Tally
    """Steps, tokens, hits, preemptions, recomputed tokens, refusals, queueing: see `Tally`."""
    means: Means
    capacity: int
    """Token slots of the lane."""
    peak_running: int
    peak_stored: int
    """Most token slots with K/V in them."""
    turned_away: int
    """Requests that could never fit."""

    @property
    def occupancy(self) -> float:
        """Part of the capacity that stored K/V, over the whole replay."""
        return self.means.stored / self.capacity

    @property
    def utilisation(self) -> float:
        """Part of what was held that stored K/V, over the whole replay."""
        return utilisation(self.means.stored, self.means.held)


class Meter:
    """Keeps the curve, at most `points` long, and the sums."""

    def __init__(self, points: int = 1024) -> None:
        assert points >= 2, "a curve needs two points"
        self.curve: list[Point] = []
        """Points at growing steps, about evenly spaced."""
        self.turned_away_ids: list[str] = []
        self._points = points
        self._interval = 1
        self._sums = [0.0] * len(fields(Means))
        self._lane: ReplayLane | None = None
        self._peak_running = self._peak_stored = 0

    def horizon(self, step: int) -> int:
        """The next point of the curve."""
        return step - step % self._interval + self._interval

    def look(self, boundary: StepBoundary, lane: ReplayLane) -> None:
        """Take the lane's readings; in steps that were taken at once they grew evenly."""
        gauge, count, self._lane = boundary.after, boundary.count, lane
        now: tuple[float, ...] = gauge.numbers()
        if count > 1:
            then = boundary.before.numbers()
            now = tuple([_area(a, b, count) for a, b in zip(then, now, strict=True)])
        self._sums = [total + part for total, part in zip(self._sums, now, strict=True)]
        self._peak_running = max(self._peak_running, gauge.running)
        self._peak_stored = max(self._peak_stored, gauge.split.stored)
        if boundary.step % self._interval == 0:
            self.curve.append(Point(boundary.step, gauge, replace(lane.tally)))
            self._thin()

    def turned_away(self, request: Request, refusal: TooLarge) -> None:
        """Remember who could never fit."""
        self.turned_away_ids.append(request.id)

    def summary(self) -> Summary:
        """The replay so far. It must have taken a step."""
        assert self._lane is not None, "nothing was replayed"
        tally = self._lane.tally
        return Summary(
            tally=replace(tally),
            means=Means(*(part / tally.steps for part in self._sums)),
            capacity=self._lane.gauge().split.total,
            peak_running=self._peak_running,
            peak_stored=self._peak_stored,
            turned_away=len(self.turned_away_ids),
        )

    def _thin(self) -> None:
        if len(self.curve) > self._points:
            self._interval *= 2
            self.curve = [point for point in self.curve if point.step % self._interval == 0]


class StateKeeper:
    """Keeps the frozen state at every `every`-th step boundary."""

    def __init__(self, every: int = 1, until: int = sys.maxsize) -> None:
        self.states: list[tuple[int, LaneState]] = []
        """(step boundary, state)."""
        self._every, self._until = every, until

    def horizon(self, step: int) -> int:
        """The next boundary whose state is kept."""
        return step - step % self._every + self._every if step < self._until else NEVER

    def look(self, boundary: StepBoundary, lane: ReplayLane) -> None:
        """Keep the state if this boundary was asked for."""
        if boundary.step % self._every == 0 and boundary.step <= self._until:
            self.states.append((boundary.step, lane.snapshot()))

    def turned_away(self, request: Request, refusal: TooLarge) -> None:
        """It never had a state."""


def _area(before: float, now: float, count: int) -> float:
    """The sum over `count` steps that lead evenly from `before`, exclusive, to `now`."""
    return count * before + (now - before) * (count + 1) / 2
