"""The Orca and paper lanes for replays: a group is touched only where a step does more than count.

Between its block boundaries and its end, a decoding sequence's step changes only its counters. So
lone sequences follow a clock and are called when they are due; steps in which nobody is due are
jumped over at once. What happens in a step is decided by the same engine, and where its order or
room could matter, its whole pass is run. (`vllm.leap` does the same for `paged/vllm`.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from operator import attrgetter
from typing import Protocol

from pagereel.model.allocators.groups import Groups, SequenceGroup
from pagereel.model.core.events import Event
from pagereel.model.core.lane import Lane
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState, Phase
from pagereel.model.usage.counters import EventCounter, Tally
from pagereel.model.usage.gauge import Gauge


class Clock:
    """Lone sequences whose steps only count, and when each has other business."""

    def __init__(self) -> None:
        self.now = 0
        self.members: dict[SequenceGroup, int] = {}
        """Each with the time at which its counters were right."""
        self._due: dict[SequenceGroup, int] = {}
        self._calls: dict[int, list[SequenceGroup]] = {}
        self._ahead = 0  # entries of all members, each less the time: constant while they count

    @property
    def entries(self) -> int:
        """K/V entries of all members now."""
        return self._ahead + len(self.members) * self.now

    def join(self, group: SequenceGroup, quiet_steps: int) -> None:
        """Follow the clock; the group is due after so many quiet steps."""
        due = self._due[group] = self.now + quiet_steps
        self._calls.setdefault(due, []).append(group)
        self.members[group] = self.now
        self._ahead += group.computed - self.now

    def leave(self, group: SequenceGroup) -> int:
        """Stop following; returns the steps since the group's counters were right."""
        self._calls[self._due.pop(group)].remove(group)
        since = self.members.pop(group)
        self._ahead -= group.computed - since
        return self.now - since

    def due(self) -> tuple[SequenceGroup, ...]:
        """Members with business in the coming step."""
        return tuple(self._calls.get(self.now, ()))

    def quiet_steps(self, limit: int) -> int:
        """Steps, at most `limit`, before one in which a member is due."""
        if not self.members:
            return limit
        count = 0
        while count < limit and not self._calls.get(self.now + count):
            count += 1
        return count

    def tick(self, steps: int) -> None:
        """Every member took so many steps."""
        for passed in range(self.now, self.now + steps) if self._calls else ():
            self._calls.pop(passed, None)
        self.now += steps


class GroupEngine(Lane, Protocol):
    """An engine of groups, first come, first served, that can pass over those that only count."""

    groups: Groups
    running: list[SequenceGroup]
    waiting: deque[SequenceGroup]

    @property
    def waiting_count(self) -> int:
        """Groups that wait, swapped ones included."""
        ...

    def quiet_steps(self, group: SequenceGroup) -> int:
        """Steps from now on in which a lone running sequence only counts."""
        ...

    def can_serve_only(self, called: Sequence[SequenceGroup]) -> bool:
        """Whether a pass will do no more to the others than count."""
        ...

    def schedule_only(self, called: Sequence[SequenceGroup]) -> tuple[Event, ...]:
        """The pass for these running groups, oldest first, and for those it admits."""
        ...

    def update_only(self, called: Sequence[SequenceGroup]) -> tuple[Event, ...]:
        """The answer for these running groups, in running order."""
        ...

    def stored_by(self, group: SequenceGroup) -> int:
        """Slots that hold a running group's K/V."""
        ...

    def gauge(self, stored: int) -> Gauge:
        """What the lane holds now, of which `stored` slots hold K/V."""
        ...


class LeapingGroups:
    """A `ReplayLane`; its states are the engine's, less the requests that ended."""

    def __init__(self, engine: GroupEngine) -> None:
        self._engine = engine
        self._counter = EventCounter()
        self._clock = Clock()
        self._others: list[SequenceGroup] = []  # running groups of several sequences
        self._still: int | None = None  # refusals of the last pass, if the next ones repeat it

    @property
    def tally(self) -> Tally:
        """Counts since the lane was built."""
        return self._counter.tally

    def submit(self, request: Request) -> None:
        """Put a request into the waiting queue. Raises `TooLarge`."""
        self._counter.hear(self._engine.submit(request))
        self._counter.meet(request)
        if len(self._engine.waiting) == 1:  # nobody overtakes: only a new head changes anything
            self._still = None

    def abort(self, request_id: str) -> None:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        group = self._engine.groups[request_id]
        if group in self._clock.members:
            self._call(group)
        if group in self._others:
            self._others.remove(group)
        self._hear(self._engine.abort(request_id))
        self._still = None

    def leap(self, limit: int) -> int:
        """Advance at least one step and at most `limit`; returns how many."""
        count = self._quiet_steps(limit)
        if count:
            self._jump(count)
            return count
        self._step()
        return 1

    def newcomers(self) -> tuple[str, ...]:
        """Who was admitted for the first time since this was last asked."""
        return self._counter.newcomers()

    def gauge(self) -> Gauge:
        """What the lane holds now, from running counts."""
        others = sum(self._engine.stored_by(group) for group in self._others)
        return self._engine.gauge(self._clock.entries + others)

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        for group, since in self._clock.members.items():
            self._advance(group, self._clock.now - since)
            self._clock.members[group] = self._clock.now
        return self._engine.snapshot()

    def _quiet_steps(self, limit: int) -> int:
        """Steps from now on in which nothing but the members' counters changes."""
        engine = self._engine
        unsettled = engine.waiting_count and self._still is None
        if self._others or unsettled or not engine.can_serve_only(()):
            return 0
        return self._clock.quiet_steps(limit)

    def _jump(self, steps: int) -> None:
        """Take quiet steps at once. The head of the queue is refused in each as before."""
        waiting = self._engine.waiting
        if waiting and self._still:
            self.tally.refusals += steps * self._still
            waiting[0].refusals += steps * self._still
        self._tick(steps)

    def _step(self) -> None:
        engine, tally = self._engine, self.tally
        admitted, finished, refusals = tally.admitted, tally.finished, tally.refusals
        called = sorted([*self._clock.due(), *self._others], key=_age)
        alone = engine.can_serve_only(called)
        for group in called if alone else tuple(self._clock.members):
            if group in self._clock.members:
                self._call(group)
        served = self._serve_only(called) if alone else self._serve_all()
        self._tick(1)
        self._gather(served)
        same = alone and tally.admitted == admitted and tally.finished == finished
        self._still = tally.refusals - refusals if same else None

    def _serve_only(self, called: list[SequenceGroup]) -> list[SequenceGroup]:
        """A step of these groups and those it admits; returns them."""
        before = len(self._engine.running)
        self._hear(self._engine.schedule_only(called))
        served = called + self._engine.running[before:]
        self._hear(self._engine.update_only(served))
        return served

    def _serve_all(self) -> list[SequenceGroup]:
        """The engine's whole step; returns the groups that it ran."""
        self._hear(self._engine.schedule())
        served = list(self._engine.running)
        self._hear(self._engine.update())
        return served

    def _gather(self, served: list[SequenceGroup]) -> None:
        """Let every lone sequence that still runs follow the clock."""
        self._others = []
        for group in served:
            if group.phase is Phase.RUNNING:
                if len(group.sequences) == 1:
                    self._clock.join(group, self._engine.quiet_steps(group))
                else:
                    self._others.append(group)

    def _tick(self, steps: int) -> None:
        """Every member took so many steps."""
        tally, members = self.tally, len(self._clock.members)
        self._clock.tick(steps)
        tally.steps += steps
        tally.computed += steps * members
        tally.sampled += steps * members
        tally.queued_steps += steps * self._engine.waiting_count

    def _call(self, group: SequenceGroup) -> None:
        """A member is a member no more."""
        self._advance(group, self._clock.leave(group))

    def _advance(self, group: SequenceGroup, steps: int) -> None:
        group.advance(steps)
        self._counter.advance(group.request.id, steps)

    def _hear(self, events: tuple[Event, ...]) -> None:
        self._counter.hear(events)
        while self._counter.ended:
            self._engine.groups.forget(self._counter.ended.pop())


_age = attrgetter("arrival")
