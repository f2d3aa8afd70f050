"""Makes any lane fit for a replay: one step at a time, counted from its events."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from pagereel.model.core.events import Event
from pagereel.model.core.lane import Lane, Refusal, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState
from pagereel.model.usage.counters import EventCounter, Tally
from pagereel.model.usage.gauge import Gauge, read_gauge

PATIENCE = 100
"""Preemptions without one token sampled, before a replay looks whether it goes round."""
NEVER = 1 << 40
"""A step beyond any replay's end."""


class ReplayLane(Protocol):
    """A lane as a replay sees it. Between two calls it stands at a step boundary."""

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built."""
        ...

    def submit(self, request: Request) -> object:
        """Put a request into the waiting queue. Raises `TooLarge`."""
        ...

    def abort(self, request_id: str) -> object:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        ...

    def leap(self, limit: int) -> int:
        """Advance at least one step and at most `limit`; returns how many."""
        ...

    def newcomers(self) -> tuple[str, ...]:
        """Who was admitted for the first time since this was last asked."""
        ...

    def gauge(self) -> Gauge:
        """What the lane holds now."""
        ...

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        ...


@dataclass(frozen=True, slots=True)
class StepBoundary:
    """A step boundary, and how the lane got there."""

    step: int
    """The boundary: steps since the start of the replay."""
    count: int
    """Steps taken at once; in several, stored tokens grew evenly and nothing else changed."""
    before: Gauge
    """What the lane held when it set out, after the arrivals and aborts."""
    after: Gauge
    """What it holds now."""
    newcomers: tuple[str, ...] = ()
    """Who was admitted for the first time in this step; in several steps nobody was."""


class Observer(Protocol):
    """Who wants to see a replay."""

    def horizon(self, step: int) -> int:
        """From this step boundary on, the next one it must see; more than `step`."""
        ...

    def look(self, boundary: StepBoundary, lane: ReplayLane) -> None:
        """The lane took some steps at once and stands at a boundary now."""
        ...

    def turned_away(self, request: Request, refusal: TooLarge) -> None:
        """The request is too large for this lane; it is left out."""
        ...


class Stalled(Refusal):
    """Requests wait, nothing runs, and nothing will ever change that."""

    def __init__(self, step: int, waiting: int) -> None:
        super().__init__(f"stalled at step {step} with {waiting} requests waiting")
        self.step, self.waiting = step, waiting


class PreemptedForEver(Refusal):
    """Requests are admitted and preempted again and again, and no token comes of it."""

    def __init__(self, step: int) -> None:
        super().__init__(f"requests are preempted for ever, as before step {step}")
        self.step = step


def replay(
    build: Callable[[], ReplayLane],
    requests: Iterable[Request],
    observer: Observer,
    until: int = NEVER,
) -> ReplayLane:
    """Serve all requests, which come in order of arrival; returns the lane as it stands then.

    At step `until` it stops, whoever is left.

    Requests are taken from the iterable when they are due, so a stream needs no more memory than
    what is in flight. Raises `Stalled` if the lane will never serve those that wait, and
    `PreemptedForEver`.
    """
    lane, arrivals, step = build(), _Arrivals(requests), 0
    circle = _Circle()
    tally, gauge = lane.tally, lane.gauge()
    while step < until:
        served = gauge.in_flight
        if arrivals.next_step <= step:
            served += arrivals.deliver(step, lane, observer)
            gauge = lane.gauge()
        over = arrivals.are_over and not gauge.in_flight
        if over and not served:  # a step in which the last are aborted is one
            return lane
        alone = arrivals.next_step == NEVER
        before = (tally.computed, tally.sampled, tally.preemptions)
        last = step + 1 if over else min(arrivals.next_step, observer.horizon(step), until)
        count = lane.leap(last - step)
        step += count
        held, gauge = gauge, lane.gauge()
        observer.look(StepBoundary(step, count, held, gauge, lane.newcomers()), lane)
        moved = before != (tally.computed, tally.sampled, tally.preemptions)
        if alone and not moved and gauge.waiting:
            raise Stalled(step, gauge.waiting)
        if alone:
            circle.look(step, lane)
    return lane


class _Circle:
    """Looks out for a state that comes back while nothing comes from outside, and no token."""

    def __init__(self) -> None:
        self._sampled = self._preemptions = 0
        self._seen: set[object] = set()

    def look(self, step: int, lane: ReplayLane) -> None:
        """Raise `PreemptedForEver` if the lane goes round."""
        tally = lane.tally
        if tally.sampled > self._sampled:
            self._sampled, self._preemptions = tally.sampled, tally.preemptions
            self._seen.clear()
        if tally.preemptions - self._preemptions < PATIENCE:
            return
        state = lane.snapshot()
        done = tuple((r.id, r.computed) for r in state.requests if r.id in state.running)
        now = (state.running, state.waiting, done, state.memory)
        if now in self._seen:
            raise PreemptedForEver(step)
        self._seen.add(now)


class _Arrivals:
    """Requests to come, and the aborts of those that came."""

    def __init__(self, requests: Iterable[Request]) -> None:
        self._requests = iter(requests)
        self._next = next(self._requests, None)
        self._aborts: list[tuple[int, int, str]] = []
        self._number = 0
        self.next_step = self._look_ahead()
        """The next step at whose start something comes from outside."""

    @property
    def are_over(self) -> bool:
        """Whether no request is left; an abort of one that ended does nothing."""
        return self._next is None

    def deliver(self, step: int, lane: ReplayLane, observer: Observer) -> int:
        """Hand over what is due: arrivals, then aborts (T1); returns how many were taken in."""
        taken = 0
        while self._next is not None and self._next.arrival <= step:
            taken += self._submit(self._next, lane, observer)
            last, self._next = self._next, next(self._requests, None)
            assert self._next is None or self._next.arrival >= last.arrival, "not by arrival"
        while self._aborts and self._aborts[0][0] <= step:
            _, _, name = heapq.heappop(self._aborts)
            try:
                lane.abort(name)
            except KeyError:
                continue  # it ended before its client gave up
        self.next_step = self._look_ahead()
        return taken

    def _look_ahead(self) -> int:
        arrival = NEVER if self._next is None else self._next.arrival
        return min(arrival, self._aborts[0][0]) if self._aborts else arrival

    def _submit(self, request: Request, lane: ReplayLane, observer: Observer) -> bool:
        try:
            lane.submit(request)
        except TooLarge as refusal:
            observer.turned_away(request, refusal)
            return False
        if request.abort is not None and request.abort >= request.arrival:
            heapq.heappush(self._aborts, (request.abort, self._number, request.id))
            self._number += 1
        return True


class Stepped:
    """A `model.replay.driver.ReplayLane` around any `model.core.lane.Lane` that emits events.

    It reads the whole snapshot after every step, unless a cheaper `gauge` is given.
    """

    def __init__(self, lane: Lane, gauge: Callable[[], Gauge] | None = None) -> None:
        self._lane = lane
        self._read = gauge or (lambda: read_gauge(lane.snapshot()))
        self._counter = EventCounter()
        self._gauge: Gauge | None = None  # until the lane changes

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built, from its events."""
        return self._counter.tally

    def submit(self, request: Request) -> None:
        """Put a request into the waiting queue. Raises `TooLarge`."""
        self._hear(self._lane.submit(request))
        self._counter.meet(request)

    def abort(self, request_id: str) -> None:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        self._hear(self._lane.abort(request_id))

    def leap(self, limit: int) -> int:
        """One step."""
        self._hear(self._lane.schedule())
        self._hear(self._lane.update())
        self.tally.steps += 1
        self.tally.queued_steps += self.gauge().waiting
        return 1

    def newcomers(self) -> tuple[str, ...]:
        """Who was admitted for the first time since this was last asked."""
        return self._counter.newcomers()

    def gauge(self) -> Gauge:
        """What the lane holds now."""
        if self._gauge is None:
            self._gauge = self._read()
        return self._gauge

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        return self._lane.snapshot()

    def _hear(self, events: tuple[Event, ...]) -> None:
        self._gauge = None
        self._counter.hear(events)
        self._counter.ended.clear()
