"""An observer of a replay that keeps what a recording needs of one lane."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState
from pagereel.model.replay.driver import NEVER, ReplayLane, StepBoundary
from pagereel.model.usage.gauge import Gauge


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which steps are kept: boundaries `first`, `first + every`, ... up to `last`."""

    first: int
    last: int
    every: int

    def keeps(self, step: int) -> bool:
        """Whether the state at this boundary is kept."""
        return self.first <= step <= self.last and (step - self.first) % self.every == 0

    def next_after(self, step: int) -> int:
        """The next boundary whose state is kept."""
        if step < self.first:
            return self.first
        following = step + self.every - (step - self.first) % self.every
        return following if following <= self.last else NEVER

    @property
    def kept(self) -> int:
        """Kept boundaries after the first."""
        return (self.last - self.first) // self.every


class StretchRecorder:
    """Keeps the states of a stretch, and the numbers of every step in it."""

    def __init__(self, stretch: Stretch, empty: LaneState) -> None:
        self.states: list[tuple[int, LaneState]] = [(0, empty)] if stretch.first == 0 else []
        """(step boundary, state)."""
        self.numbers: list[tuple[int, ...]] = []
        """`Gauge.numbers` after each step of the stretch."""
        self.turned: list[str] = []
        """Requests that could never fit."""
        self._stretch = stretch

    def horizon(self, step: int) -> int:
        """The next boundary whose state is kept."""
        return self._stretch.next_after(step)

    def look(self, boundary: StepBoundary, lane: ReplayLane) -> None:
        """Keep what belongs to the stretch."""
        stretch, begin = self._stretch, boundary.step - boundary.count
        for step in range(max(begin, stretch.first) + 1, min(boundary.step, stretch.last) + 1):
            share = step - begin
            self.numbers.append(_between(boundary.before, boundary.after, share, boundary.count))
        if stretch.keeps(boundary.step):
            self.states.append((boundary.step, lane.snapshot()))

    def turned_away(self, request: Request, refusal: TooLarge) -> None:
        """Remember who never came in."""
        self.turned.append(request.id)


def _between(before: Gauge, after: Gauge, taken: int, count: int) -> tuple[int, ...]:
    """The numbers after some of the steps that were taken at once: they grew evenly."""
    if taken == count:
        return after.numbers()
    pairs = zip(before.numbers(), after.numbers(), strict=True)
    return tuple(a + (b - a) * taken // count for a, b in pairs)
