"""Plays a workload step by step and writes it down in the trace format (F3), as plain JSON data."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.core.events import (
    Admitted,
    BlockShared,
    EntriesWritten,
    Event,
    Finished,
    Preempted,
    TokenSampled,
)
from pagereel.model.core.request import Request
from pagereel.model.replay.driver import NEVER, PreemptedForEver
from pagereel.model.traces.documents import TOTALS, Document, paged_memory, state_document
from pagereel.model.traces.workload import Workload


def trace_of(
    workload: Workload, free_order: tuple[int, ...] = (), until: int = NEVER
) -> Iterator[Document]:
    """One document per step, idle steps included, then the summary.

    `free_order` is the free queue at the start, as in `VllmLane`. At step `until` it stops, whoever
    is left.
    """
    played = _Played(workload, free_order)
    while played.goes_on and played.totals["steps"] < until:
        yield played.step()
    yield {"summary": played.totals}


class _Played:
    """One workload on its way through a lane."""

    def __init__(self, workload: Workload, free_order: tuple[int, ...]) -> None:
        self._workload = workload
        self._lane = VllmLane(workload.config, free_order=free_order)
        self._requests = {request.id: request for request in workload.requests}
        self._position = {request.id: i for i, request in enumerate(workload.requests)}
        self._pending = deque(workload.by_arrival)
        self._aborts = deque(sorted(self._abort_order(), key=lambda pair: pair[0]))
        self._alive: set[str] = set()
        self._step = 0
        self._seen: set[str] = set()  # states since the last token came, where some were preempted
        self.totals: dict[str, Any] = dict.fromkeys(TOTALS, 0)

    @property
    def goes_on(self) -> bool:
        """Whether a request is still to come or alive; never if the lane is stalled."""
        return bool(self._pending or self._alive) and "stalled" not in self.totals

    def step(self) -> Document:
        arrived, aborted = self._arrive(), self._abort()
        keyed = dict(paged_memory(self._lane.snapshot()).cached)
        scheduled = self._lane.schedule()
        document = {
            "step": self._step,
            "arrived": arrived,
            "aborted": aborted,
            **self._decisions(scheduled),
            "after_schedule": self._state(),
        }
        sampled = self._lane.update()
        document["sampled"] = self._tokens(sampled)
        document["finished"] = _names(sampled, Finished)
        document["after_update"] = self._state()
        self._alive -= set(document["finished"])
        self._count(document, _same_step_hits(scheduled, keyed))
        self._refuse_to_go_round(document)
        self._step += 1
        return document

    def _refuse_to_go_round(self, document: Document) -> None:
        """Raise `PreemptedForEver` where a state comes back, and nothing comes from outside."""
        if document["sampled"]:
            self._seen.clear()
        if not document["preempted"] or self._pending or self._aborts:
            return
        state = json.dumps(document["after_update"])
        if state in self._seen:
            raise PreemptedForEver(self._step)
        self._seen.add(state)

    def _abort_order(self) -> list[tuple[int, str]]:
        return [(r.abort, r.id) for r in self._workload.requests if r.abort is not None]

    def _arrive(self) -> list[str]:
        arrived = []
        while self._pending and self._pending[0].arrival <= self._step:
            request: Request = self._pending.popleft()
            self._lane.add_request(request)
            arrived.append(request.id)
        self._alive.update(arrived)
        return arrived

    def _abort(self) -> list[str]:
        aborted = []
        while self._aborts and self._aborts[0][0] <= self._step:
            _, name = self._aborts.popleft()
            if name in self._alive:
                self._lane.abort(name)
                self._alive.remove(name)
                aborted.append(name)
        return aborted

    def _decisions(self, events: tuple[Event, ...]) -> Document:
        admitted = [event for event in events if isinstance(event, Admitted)]
        preempted = _names(events, Preempted)
        if self._workload.config.policy == "priority":
            preempted.sort(key=self._position.__getitem__)
        written = [event for event in events if isinstance(event, EntriesWritten)]
        return {
            "scheduled": [[event.request, event.count] for event in written],
            "new": [event.request for event in admitted if not event.resumed],
            "resumed": [event.request for event in admitted if event.resumed],
            "preempted": preempted,
            "prefix_hits": {event.request: event.hit for event in admitted},
        }

    def _tokens(self, events: tuple[Event, ...]) -> dict[str, int]:
        sampled = [event for event in events if isinstance(event, TokenSampled)]
        return {e.request: self._requests[e.request].output[e.index] for e in sampled}

    def _state(self) -> Document:
        state, grouped = self._lane.snapshot(), self._workload.config.kv_cache_groups is not None
        document = state_document(state, grouped=grouped)
        tables = [table.blocks for table in paged_memory(state).tables]
        self.totals["null_table_entries"] += sum(block == 0 for t in tables for block in t)
        shared = sum(count > 1 for count in document["ref"][1:])
        for name, now in (("shared_blocks", shared), ("duplicate_keys", len(document["dup"]))):
            self.totals[f"{name}_peak"] = max(self.totals[f"{name}_peak"], now)
        return document

    def _count(self, document: Document, same_step_hits: int) -> None:
        counts = {
            "steps": 1,
            "scheduled_tokens": sum(count for _, count in document["scheduled"]),
            "preemptions": len(document["preempted"]),
            "prefix_hit_tokens": sum(document["prefix_hits"].values()),
            "admissions": len(document["prefix_hits"]),
            "finished": len(document["finished"]),
            "sampled_tokens": len(document["sampled"]),
            "same_step_hits": same_step_hits,
        }
        for name, count in counts.items():
            self.totals[name] += count
        moved = document["scheduled"] or document["preempted"] or document["sampled"]
        if not moved and self._alive and not self._pending and not self._aborts:
            self.totals["stalled"] = sorted(self._alive)


def _names(events: tuple[Event, ...], kind: type[Finished] | type[Preempted]) -> list[str]:
    return [event.request for event in events if isinstance(event, kind)]


def _same_step_hits(events: tuple[Event, ...], keyed: dict[int, str]) -> int:
    """Admissions that hit a block which got its key in this very pass."""
    shared = [event for event in events if isinstance(event, BlockShared)]
    return len({event.request for event in shared if event.block not in keyed})
