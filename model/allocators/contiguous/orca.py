"""The Orca baselines of the SOSP 2023 paper: iteration-level batching over contiguous chunks.

They are the paper authors' re-implementations; buddy allocation is their assumption. O6: first
come, first served; no token budget, no preemption, no swapping; the first refusal stops.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from pagereel.model.allocators.contiguous.chunks import (
    ChunkPool,
    Reservation,
    exact,
    longest,
    rounded,
)
from pagereel.model.allocators.groups import BeamFork, Groups, SequenceGroup
from pagereel.model.allocators.lane_kind import LaneKind, LaneSpec
from pagereel.model.allocators.leaping import LeapingGroups
from pagereel.model.allocators.options import OptionReader
from pagereel.model.core.events import (
    Aborted,
    Admitted,
    Arrived,
    BeamDropped,
    Event,
    Finished,
    Refused,
    SequenceFinished,
    SequenceForked,
    TokenSampled,
)
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState, Phase
from pagereel.model.usage.gauge import Gauge


class OrcaEngine:
    """Orca (Max), (Pow2) or (Oracle), by the pool's reservation; implements `Lane`."""

    def __init__(self, pool: ChunkPool) -> None:
        self._pool = pool
        self.groups = Groups()
        self.waiting: deque[SequenceGroup] = deque()
        self.running: list[SequenceGroup] = []

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request at the end of the waiting queue. Raises `TooLarge`, `NameTaken`."""
        self._pool.check(request)
        self.waiting.append(self.groups.add(request))
        return (Arrived(request.id),)

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        group = self.groups[request_id]
        if group in self.waiting:
            self.waiting.remove(group)
            group.phase = Phase.ABORTED
            return (Aborted(request_id),)
        if group in self.running:
            return (Aborted(request_id), *self._release(group, Phase.ABORTED))
        raise KeyError(request_id)

    def schedule(self) -> tuple[Event, ...]:
        """Admit until the first refusal, then compute every running group; nothing can fail."""
        return self.schedule_only(tuple(self.running))

    def update(self) -> tuple[Event, ...]:
        """Sample for every running group; free the sequences and groups that end."""
        return self.update_only(tuple(self.running))

    def schedule_only(self, called: Sequence[SequenceGroup]) -> tuple[Event, ...]:
        """The pass for these running groups and those it admits; the others only count."""
        events: list[Event] = []
        before = len(self.running)
        while self.waiting and self._admit(events):
            pass
        for group in (*called, *self.running[before:]):
            prefill = group.computed == 0
            events += group.compute()
            if prefill:  # computed once, in the first sequence's chunk
                first, *others = group.sequences
                events += [self._pool.copy(first.id, s.id, group.computed) for s in others]
        return tuple(events)

    def update_only(self, called: Sequence[SequenceGroup]) -> tuple[Event, ...]:
        """The answer for these running groups, in running order; the others only count."""
        events: list[Event] = []
        for group in called:
            events += self._sample(group)
        return tuple(events)

    @property
    def waiting_count(self) -> int:
        """Groups that wait."""
        return len(self.waiting)

    def can_serve_only(self, called: Sequence[SequenceGroup]) -> bool:
        """Always: what a group does in a step never depends on the others."""
        return True

    def quiet_steps(self, group: SequenceGroup) -> int:
        """Steps from now on in which a lone running sequence only counts: all but its last."""
        return group.live[0].length - group.sampled - 1

    def stored_by(self, group: SequenceGroup) -> int:
        """Slots that hold a running group's K/V: nothing is shared."""
        return group.computed * len(group.live)

    def gauge(self, stored: int) -> Gauge:
        """What the lane holds now, of which `stored` slots hold K/V."""
        return Gauge(
            len(self.running), len(self.waiting), self._pool.split(stored, self._next_ask())
        )

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        return LaneState(
            capacity=self._pool.capacity,
            requests=self.groups.freeze(),
            running=tuple(group.request.id for group in self.running),
            waiting=tuple(group.request.id for group in self.waiting),
            memory=self._pool.memory(self._next_ask()),
            sequences=self.groups.freeze_sequences(),
        )

    def _next_ask(self) -> int:
        """The largest chunk that the head of the queue asks for: nobody overtakes it."""
        if not self.waiting:
            return self._pool.least_ask
        return max(self._pool.chunks_for(self.waiting[0].request))

    def _admit(self, events: list[Event]) -> bool:
        group = self.waiting[0]
        request = group.request
        if not self._pool.can_allocate(request):
            group.refusals += 1
            needed = sum(self._pool.chunks_for(request))
            free, largest = self._pool.free_slots, self._pool.largest_chunk
            events.append(Refused(request.id, needed, free, largest))
            return False
        self.running.append(self.waiting.popleft())
        group.phase = Phase.RUNNING
        events += (Admitted(request.id), *self._pool.allocate(request))
        return True

    def _sample(self, group: SequenceGroup) -> tuple[Event, ...]:
        index = group.sampled
        events = [event for fork in group.sample() for event in self._fork(fork, group)]
        events += [TokenSampled(sequence.id, index) for sequence in group.live]
        ending = group.at_their_end()
        if len(ending) == len(group.live):
            return (*events, Finished(group.request.id), *self._release(group, Phase.FINISHED))
        for sequence in ending:
            group.end(sequence)
            events += (SequenceFinished(sequence.id), *self._pool.free([sequence.id]))
        return tuple(events)

    def _fork(self, fork: BeamFork, group: SequenceGroup) -> tuple[Event, ...]:
        """The dropped beam keeps its chunk; its parent's entries are copied into it (O7)."""
        parent, child = fork.parent.id, fork.child.id
        copied = self._pool.copy(parent, child, group.computed)
        return (BeamDropped(child), SequenceForked(parent, child), copied)

    def _release(self, group: SequenceGroup, phase: Phase) -> tuple[Event, ...]:
        self.running.remove(group)
        group.phase = phase
        group.computed = 0
        return self._pool.free(sequence.id for sequence in group.live)


def _kind(name: str, reserve: Reservation, reserved: str) -> LaneKind:
    def build(spec: LaneSpec, options: OptionReader) -> OrcaEngine:
        options.close()
        return OrcaEngine(ChunkPool(spec.slots, spec.block_size, spec.max_len, reserve))

    return LaneKind(
        name=f"contiguous/{name}",
        system=f"Orca ({name.capitalize()}), paper",
        summary=f"A buddy allocator's chunk for {reserved}.",
        build=build,
        takes=("slots", "block_size", "max_len"),
        obeys=("fork", "beam"),
        build_for_replay=lambda spec, options: LeapingGroups(build(spec, options)),
    )


ORCA_MAX = _kind("max", longest, "the model's maximum length, whatever the request needs")
ORCA_POW2 = _kind("pow2", rounded, "the prompt and the output rounded up to a power of two")
ORCA_ORACLE = _kind("oracle", exact, "exactly the prompt and the output, known in advance")
