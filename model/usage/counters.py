"""Counts of what a lane does, from its events: over its whole life, and up to one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pagereel.model.core.events import (
    Aborted,
    Admitted,
    BlockCopied,
    BlockSwappedIn,
    BlockSwappedOut,
    BlockTaken,
    EntriesWritten,
    Event,
    Finished,
    Preempted,
    Recovery,
    Refused,
    RegionCopied,
    RegionMoved,
    RegionSlid,
    TokenSampled,
)
from pagereel.model.core.request import Request


@dataclass(slots=True)
class Tally:
    """Counts since the lane was built. Tokens unless named otherwise."""

    steps: int = 0
    """Scheduling steps."""
    admitted: int = 0
    """Admissions; a preempted request counts again."""
    asked: int = 0
    """Known tokens of the requests at their admissions: what the prefix cache was asked for."""
    hit: int = 0
    """Of these, tokens whose K/V was found."""
    asked_again: int = 0
    """Of `asked`, those of requests that had been preempted."""
    hit_again: int = 0
    """Of `hit`, those of requests that had been preempted: mostly their own, computed before."""
    computed: int = 0
    """Tokens whose K/V was computed."""
    recomputed: int = 0
    """Of these, tokens that had been computed before and were lost to a preemption."""
    sampled: int = 0
    """Output tokens."""
    preemptions: int = 0
    refusals: int = 0
    """Steps at which the head of the waiting queue did not fit."""
    queued_steps: int = 0
    """Steps that requests spent waiting, summed over the requests."""
    finished: int = 0
    aborted: int = 0

    @property
    def hit_rate(self) -> float:
        """Part of the tokens asked for that the prefix cache had; 0 if nothing was asked.

        As vLLM 0.32 counts it (v1/metrics/stats.py): preempted requests, which find mostly what
        was theirs, are left out.
        """
        asked = self.asked - self.asked_again
        return (self.hit - self.hit_again) / asked if asked else 0.0

    def admit(self, asked: int, hit: int, *, resumed: bool) -> None:
        """Count one admission of a request with so many known tokens and so many found."""
        self.admitted += 1
        self.asked += asked
        self.hit += hit
        if resumed:
            self.asked_again += asked
            self.hit_again += hit


class EventCounter:
    """Hears every event of a lane and keeps its tally. Steps are the business of who drives it."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.ended: list[str] = []
        """Requests that ended and were not `forgotten` yet."""
        self._newcomers: list[str] = []
        self._names: dict[str, tuple[str, ...]] = {}  # of each request in flight: who acts for it
        self._tokens: dict[str, int] = {}  # by name: tokens known so far,
        self._written: dict[str, int] = {}  # tokens whose K/V was written,
        self._lost: dict[str, int] = {}  # and how many that were at its last preemption

    def meet(self, request: Request) -> None:
        """A request was submitted; in a group its sequences act, under their own names."""
        names = self._names[request.id] = (request.id, *request.sequence_ids)
        self._tokens.update(dict.fromkeys(names, len(request.prompt)))

    def hear(self, events: tuple[Event, ...]) -> None:
        """These happened, in this order."""
        for event in events:
            self._count(event)

    def newcomers(self) -> tuple[str, ...]:
        """Who was admitted for the first time since this was last asked."""
        if not self._newcomers:
            return ()
        found, self._newcomers = tuple(self._newcomers), []
        return found

    def advance(self, name: str, steps: int) -> None:
        """A lone sequence took so many decode steps unheard; the tally has them already."""
        self._tokens[name] += steps
        self._written[name] += steps

    def _count(self, event: Event) -> None:
        tally = self.tally
        match event:
            case Admitted():
                known = self._tokens.get(event.request, 0)
                tally.admit(known, event.hit, resumed=event.resumed)
                if not event.resumed:
                    self._newcomers.append(event.request)
            case EntriesWritten():
                tally.computed += event.count
                again = self._lost.get(event.request, 0) - event.start
                tally.recomputed += max(0, min(again, event.count))
                self._written[event.request] = event.start + event.count
            case TokenSampled():
                tally.sampled += 1
                self._tokens[event.request] = self._tokens.get(event.request, 0) + 1
            case Preempted(recovery=Recovery.RECOMPUTE):
                tally.preemptions += 1
                self._lose(event.request)
            case Preempted():
                tally.preemptions += 1
            case Refused():
                tally.refusals += 1
            case Finished():
                tally.finished += 1
                self._end(event.request)
            case Aborted():
                tally.aborted += 1
                self._end(event.request)

    def _lose(self, request_id: str) -> None:
        for name in self._names.get(request_id, (request_id,)):
            self._lost[name] = max(self._written.get(name, 0), self._lost.get(name, 0))

    def _end(self, request_id: str) -> None:
        self.ended.append(request_id)
        for name in self._names.pop(request_id, (request_id,)):
            for counts in (self._tokens, self._written, self._lost):
                counts.pop(name, None)


class RequestWork(NamedTuple):
    """The counts of one request, or of one sequence, up to one moment. Tokens."""

    name: str
    hits: int
    """Found in the prefix cache, at every admission."""
    recomputed: int
    """Computed again, for they were lost to a preemption."""


@dataclass(frozen=True, slots=True)
class Work:
    """The counts of one lane up to one moment."""

    step_tokens: int = 0
    """Tokens computed in the latest engine step."""
    recomputed: int = 0
    """Tokens computed again so far: their K/V had been stored and was lost to a preemption."""
    swapped_blocks: int = 0
    """Blocks copied to the CPU or back so far, each way counted."""
    copied_blocks: int = 0
    """Blocks copied into others so far."""
    copied_entries: int = 0
    """Entries copied from region to region so far, or to another place with their region."""
    refused_steps: int = 0
    """Engine steps so far at which the head of the queue did not fit."""
    evicted_blocks: int = 0
    """Cached blocks handed out so far: their prefixes are lost."""
    by_name: tuple[RequestWork, ...] = ()
    """Of every request or sequence that was admitted or lost something."""

    @property
    def hits(self) -> int:
        """Tokens found in the prefix cache so far."""
        return sum(one.hits for one in self.by_name)


NO_WORK = Work()
"""Before the first step."""


class Worksheet:
    """Adds up one lane's work, moment by moment."""

    def __init__(self) -> None:
        self._counter = EventCounter()
        self._work = Work()
        self._own: dict[str, tuple[int, int]] = {}  # by name: tokens found, tokens recomputed
        self._before = 0  # tokens computed before this engine step

    def meet(self, request: Request) -> None:
        """A request was submitted."""
        self._counter.meet(request)

    def begin_step(self) -> None:
        """An engine step begins: nothing is computed in it yet."""
        self._before = self._counter.tally.computed

    def add(self, events: tuple[Event, ...]) -> Work:
        """Count the events that led to a moment; the work up to it."""
        for event in events:
            self._attribute(event)
        tally, done = self._counter.tally, self._work
        copies = RegionMoved | RegionCopied | RegionSlid
        moved = [event for event in events if isinstance(event, copies)]
        self._work = Work(
            step_tokens=tally.computed - self._before,
            recomputed=tally.recomputed,
            swapped_blocks=done.swapped_blocks + _count(events, BlockSwappedIn, BlockSwappedOut),
            copied_blocks=done.copied_blocks + _count(events, BlockCopied),
            copied_entries=done.copied_entries + sum(event.entries for event in moved),
            refused_steps=tally.refusals,
            evicted_blocks=done.evicted_blocks + sum(map(_evicts, events)),
            by_name=tuple(RequestWork(name, *counts) for name, counts in self._own.items()),
        )
        return self._work

    def _attribute(self, event: Event) -> None:
        """Count an event, and whose hits and recomputed tokens it adds."""
        tally = self._counter.tally
        before = (tally.hit, tally.recomputed)
        self._counter.hear((event,))
        added = (tally.hit - before[0], tally.recomputed - before[1])
        if isinstance(event, Admitted | EntriesWritten) and any(added):
            hits, again = self._own.get(event.request, (0, 0))
            self._own[event.request] = (hits + added[0], again + added[1])


def _count(events: Sequence[Event], *kinds: type[Event]) -> int:
    return sum(isinstance(event, kinds) for event in events)


def _evicts(event: Event) -> bool:
    return isinstance(event, BlockTaken) and event.evicted
