"""Counts what a lane does from its events: the `Tally` of any lane, and who waits."""

from __future__ import annotations

from model.events import (
    Aborted,
    Admitted,
    EntriesWritten,
    Event,
    Finished,
    Preempted,
    Recovery,
    Refused,
    TokenSampled,
)
from model.request import Request
from model.tally import Tally


class EventCounter:
    """Hears every event of a lane and keeps its tally. Steps are the business of who drives it."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.ended: list[str] = []
        """Requests that ended and were not `forgotten` yet."""
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

    def advance(self, name: str, steps: int) -> None:
        """A lone sequence took so many decode steps unheard; the tally has them already."""
        self._tokens[name] += steps
        self._written[name] += steps

    def _count(self, event: Event) -> None:
        tally = self.tally
        match event:
            case Admitted():
                tally.admitted += 1
                tally.asked += self._tokens.get(event.request, 0)
                tally.hit += event.hit
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
