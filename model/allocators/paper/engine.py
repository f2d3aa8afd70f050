"""The scheduler of the SOSP 2023 generation ("paper" in the rules' B section).

Running, swapped and waiting groups; first come, first served; whole groups move together.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Sequence

from pagereel.model.allocators.groups import Groups, SequenceGroup
from pagereel.model.allocators.lane_kind import FreedTo, LaneKind, LaneSpec, Paging
from pagereel.model.allocators.leaping import LeapingGroups
from pagereel.model.allocators.options import EngineOption, OptionReader
from pagereel.model.allocators.paper.block_manager import BlockSpaceManager, names
from pagereel.model.allocators.paper.settings import PaperSettings, Preemption, check
from pagereel.model.allocators.paper.tables import BlockTables
from pagereel.model.core.events import (
    Aborted,
    Admitted,
    Arrived,
    Event,
    Finished,
    Preempted,
    Recovery,
    SequenceFinished,
    TokenSampled,
)
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState, Phase
from pagereel.model.usage.gauge import Gauge


class PaperEngine:
    """PagedAttention as published; implements `model.core.lane.Lane`.

    Source: Kwon et al., SOSP 2023, sections 4.2 to 4.5, and the scheduler of its time (vLLM
    0.1.0). Rule numbers are those of section 9 of the project's allocator rules.
    """

    def __init__(self, tables: BlockTables, settings: PaperSettings) -> None:
        self._tables, self._settings = tables, settings
        watermark_blocks = settings.watermark_blocks(tables.num_gpu_blocks)
        self.block_manager = BlockSpaceManager(tables, watermark_blocks)
        self.groups = Groups()
        self.waiting: deque[SequenceGroup] = deque()
        self.running: list[SequenceGroup] = []
        self.swapped: list[SequenceGroup] = []

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Put a request at the end of the waiting queue.

        Raises `TooLarge` if the group could not be sure to finish even alone, and `NameTaken`.
        """
        check(request, self._tables, self._settings)
        self.waiting.append(self.groups.add(request))
        return (Arrived(request.id),)

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Drop a request, wherever it is. Raises KeyError if it is not alive."""
        group = self.groups[request_id]
        if group in self.waiting:
            self.waiting.remove(group)
            group.phase = Phase.ABORTED
            return (Aborted(request_id),)
        for queue in (self.running, self.swapped):
            if group in queue:
                queue.remove(group)
                return (Aborted(request_id), *self._release(group, Phase.ABORTED))
        raise KeyError(request_id)

    def schedule(self) -> tuple[Event, ...]:
        """One pass in B13's order: running groups, then swapped ones, then waiting ones."""
        events: list[Event] = []
        preempted = self._append_running(events)
        swapped_out = any(group.phase is Phase.SWAPPED for group in preempted)
        if not swapped_out:
            self._swap_in(events)
        if not self.swapped:  # B16: swapped groups come before waiting ones
            self._admit(events, preempted)
        for group in self.running:
            events += group.compute()
        return tuple(events)

    def update(self) -> tuple[Event, ...]:
        """Sample for every running group; free the sequences and groups that end."""
        return self.update_only(tuple(self.running))

    def can_preempt(self, request_id: str) -> bool:
        """Whether the request runs, and the CPU has room if B14 swaps it."""
        group = self._runs(request_id)
        return group is not None and (
            self._recomputes(group) or self.block_manager.can_swap_out(group)
        )

    def preempt(self, request_id: str) -> tuple[Event, ...]:
        """B14 for a running request, though nothing forces it."""
        group = self.groups[request_id]
        self.running.remove(group)
        return self._preempt(group)

    def can_swap_out(self, request_id: str) -> bool:
        """B15: whether the request runs and the CPU pool can hold its distinct blocks."""
        group = self._runs(request_id)
        return group is not None and self.block_manager.can_swap_out(group)

    def swap_out(self, request_id: str) -> tuple[Event, ...]:
        """Move a running request's blocks to the CPU, also those of a lone sequence."""
        group = self.groups[request_id]
        self.running.remove(group)
        return self._swap_out(group)

    @property
    def waiting_count(self) -> int:
        """Groups that wait, swapped ones included."""
        return len(self.waiting) + len(self.swapped)

    def can_serve_only(self, called: Sequence[SequenceGroup]) -> bool:
        """Whether a pass gets by without preempting or swapping (B6), so that others only count."""
        return not self.swapped and self.block_manager.can_append_all(called)

    def schedule_only(self, called: Sequence[SequenceGroup]) -> tuple[Event, ...]:
        """The pass for these running groups, oldest first, and for those it admits."""
        self.running.sort(key=_age)  # B12
        events: list[Event] = []
        before = len(self.running)
        for group in called:
            events += self.block_manager.append_slot(group)
        self._admit(events, [])
        for group in (*called, *self.running[before:]):
            events += group.compute()
        return tuple(events)

    def update_only(self, called: Sequence[SequenceGroup]) -> tuple[Event, ...]:
        """The answer for these running groups, in running order; the others only count."""
        events: list[Event] = []
        for group in called:
            events += self._sample(group)
        return tuple(events)

    def quiet_steps(self, group: SequenceGroup) -> int:
        """Steps from now on in which a lone running sequence neither takes a block nor ends."""
        ending = group.live[0].length - group.sampled
        return min(ending - 1, self.block_manager.room(group))

    def stored_by(self, group: SequenceGroup) -> int:
        """Slots that hold a running group's K/V; a shared block counts once."""
        return self.block_manager.filled(group)

    def gauge(self, stored: int) -> Gauge:
        """What the lane holds now, of which `stored` slots hold K/V."""
        return Gauge(len(self.running), self.waiting_count, self.block_manager.split(stored))

    def snapshot(self) -> LaneState:
        """The frozen state now."""
        memory = self.block_manager.freeze()
        return LaneState(
            capacity=len(memory.blocks) * memory.block_size,
            requests=self.groups.freeze(),
            running=tuple(group.request.id for group in self.running),
            waiting=tuple(group.request.id for group in self.waiting),
            memory=memory,
            swapped=tuple(group.request.id for group in self.swapped),
            sequences=self.groups.freeze_sequences(),
        )

    def _append_running(self, events: list[Event]) -> list[SequenceGroup]:
        """B13 (1): every running group gets its slots, oldest first; the youngest make room."""
        queue = deque(sorted(self.running, key=_age))  # B12
        self.running = []
        preempted: list[SequenceGroup] = []
        while queue:
            group = queue.popleft()
            while not self.block_manager.can_append_slot(group):
                victim = queue.pop() if queue else group
                events += self._preempt(victim)
                preempted.append(victim)
                if victim is group:
                    break
            else:
                events += self.block_manager.append_slot(group)
                self.running.append(group)
        return preempted

    def _swap_in(self, events: list[Event]) -> None:
        """B13 (2): swapped groups come back, oldest first, and append right away."""
        while self.swapped:
            group = self.swapped[0]
            if not self.block_manager.can_swap_in(group) or not self._has_seats(group):
                return
            self.running.append(self.swapped.pop(0))
            group.phase = Phase.RUNNING
            events += self.block_manager.swap_in(group)
            events += self.block_manager.append_slot(group)

    def _admit(self, events: list[Event], preempted: list[SequenceGroup]) -> None:
        """B13 (3): waiting groups in order, until the first that does not fit."""
        budget = self._settings.max_num_batched_tokens - self._running_count()
        while self.waiting and self.waiting[0] not in preempted:
            group = self.waiting[0]
            if group.tokens > budget or not self._has_seats(group):
                return
            if not self.block_manager.can_allocate(group):
                group.refusals += 1
                events.append(self.block_manager.refusal(group))
                return
            budget -= group.tokens
            self.running.append(self.waiting.popleft())
            resumed = group.phase is Phase.PREEMPTED
            group.phase = Phase.RUNNING
            events.append(Admitted(group.request.id, resumed=resumed))
            events += self.block_manager.allocate(group)

    def _has_seats(self, group: SequenceGroup) -> bool:
        return self._running_count() + len(group.live) <= self._settings.max_num_seqs

    def _running_count(self) -> int:
        return sum(len(group.live) for group in self.running)

    def _runs(self, request_id: str) -> SequenceGroup | None:
        return next((group for group in self.running if group.request.id == request_id), None)

    def _recomputes(self, group: SequenceGroup) -> bool:
        """B14: a lone sequence is computed again, a group is swapped."""
        return len(group.live) == 1 and self._settings.preemption is Preemption.AUTO

    def _preempt(self, group: SequenceGroup) -> tuple[Event, ...]:
        """B14: all sequences of the group go together."""
        if not self._recomputes(group):
            return self._swap_out(group)
        blocks = self.block_manager.block_count(group)
        self.waiting.appendleft(group)
        freed = self._release(group, Phase.PREEMPTED)
        return (Preempted(group.request.id, Recovery.RECOMPUTE, blocks), *freed)

    def _swap_out(self, group: SequenceGroup) -> tuple[Event, ...]:
        blocks = self.block_manager.block_count(group)
        swapped = self.block_manager.swap_out(group)
        group.phase = Phase.SWAPPED
        insort(self.swapped, group, key=_age)  # B12
        return (Preempted(group.request.id, Recovery.SWAP, blocks), *swapped)

    def _sample(self, group: SequenceGroup) -> tuple[Event, ...]:
        index = group.sampled
        events = [event for fork in group.sample() for event in self.block_manager.fork(fork)]
        events += [TokenSampled(name, index) for name in names(group)]
        ending = group.at_their_end()
        if len(ending) == len(group.live):
            self.running.remove(group)
            return (*events, Finished(group.request.id), *self._release(group, Phase.FINISHED))
        for sequence in ending:
            group.end(sequence)
            events += (
                SequenceFinished(sequence.id),
                *self.block_manager.free_sequence(sequence.id),
            )
        return tuple(events)

    def _release(self, group: SequenceGroup, phase: Phase) -> tuple[Event, ...]:
        group.phase = phase
        group.computed = 0
        return self.block_manager.free(group)


def _age(group: SequenceGroup) -> int:
    return group.arrival


def _build(spec: LaneSpec, options: OptionReader) -> PaperEngine:
    blocks = len(spec.free_order) or spec.slots // spec.block_size
    order = spec.free_order or tuple(range(blocks - 1, -1, -1))  # B1: N-1 is popped first
    settings = PaperSettings(
        watermark=options.share("watermark", _DEFAULT.watermark),
        max_num_seqs=options.whole("max_num_seqs", _DEFAULT.max_num_seqs, least=1),
        max_num_batched_tokens=options.whole(
            "max_num_batched_tokens", _DEFAULT.max_num_batched_tokens, least=1
        ),
        preemption=Preemption(options.word("preemption", _DEFAULT.preemption, Preemption)),
    )
    swap_blocks = options.whole("swap_blocks", blocks)
    options.close()
    return PaperEngine(BlockTables(spec.block_size, order, swap_blocks), settings)


_DEFAULT = PaperSettings()
PAPER = LaneKind(
    name="paged/paper",
    system="SOSP 2023 paper",
    summary="Block tables with reference counts: copy-on-write, parallel samples, beams, swapping.",
    build=_build,
    takes=("slots", "block_size", "free_order"),
    options={
        "watermark": EngineOption(
            "share of the blocks that admission leaves free",
            _DEFAULT.watermark,
            "{:g} of the blocks left free",
        ),
        "max_num_seqs": EngineOption(
            "sequences that run at once", _DEFAULT.max_num_seqs, "{:,} sequences at once"
        ),
        "max_num_batched_tokens": EngineOption(
            "tokens computed in a step", _DEFAULT.max_num_batched_tokens, "{:,} tokens a step"
        ),
        "preemption": EngineOption(
            "auto: recompute a lone sequence, swap a group; swap: always",
            _DEFAULT.preemption,
            "{}",
            words={"swap": "always swaps"},
        ),
        "swap_blocks": EngineOption(
            "CPU blocks", None, "{:,} CPU blocks", otherwise="as many as the GPU has"
        ),
    },
    obeys=("fork", "beam", "preempt", "swap"),
    paging=Paging(freed_to=lambda spec: FreedTo(head="freed"), is_sharing=True),
    build_for_replay=lambda spec, options: LeapingGroups(_build(spec, options)),
    replay_settings=lambda max_len: {
        "max_num_seqs": 256,
        "max_num_batched_tokens": max(2560, max_len),
    },
)
