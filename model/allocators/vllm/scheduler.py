"""Who runs in a step: token budget, chunked prefill, preemption, admission. Rules S and T.

Mirrors vLLM 0.32's v1/core/sched/scheduler.py. A pass is `open_turn`, `serve`, `admit`, `close`;
then the model answers, and `sample` takes its tokens in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.kv_cache_manager import KvCache
from pagereel.model.allocators.vllm.request import Sequence
from pagereel.model.allocators.vllm.request_queue import waiting
from pagereel.model.core.events import (
    Admitted,
    EntriesRead,
    EntriesWritten,
    Finished,
    Preempted,
    Recovery,
    Refused,
    TokenSampled,
)
from pagereel.model.core.journal import Journal
from pagereel.model.core.lane import NoRoom
from pagereel.model.core.state import Phase
from pagereel.model.usage.counters import Tally


@dataclass(slots=True)
class Turn:
    """One scheduling pass, while it goes on."""

    budget: int
    """Tokens that may still be scheduled (S1)."""
    chunk: int
    """Most tokens that one request may get (S4)."""
    scheduled: dict[Sequence, int] = field(default_factory=dict)
    """Tokens each request computes in this step, in scheduling order."""
    preempted: bool = False


class Scheduler:
    """The running list, the waiting queue and the KV cache of one engine."""

    def __init__(self, config: VllmConfig, journal: Journal, free_order: tuple[int, ...]) -> None:
        self.config = config
        self.cache = KvCache(config, journal, free_order)
        self.running: list[Sequence] = []
        self.waiting = waiting(config.policy)
        self.tally = Tally()
        self._journal = journal
        self._limit = config.length_limit

    def open_turn(self) -> Turn:
        """A pass with its whole budget."""
        budget = self.config.max_num_batched_tokens
        threshold = self.config.long_prefill_token_threshold
        crowded = len(self.running) + len(self.waiting) > 1
        return Turn(budget, threshold if threshold and crowded else budget)

    def serve(self, turn: Turn, index: int = 0) -> None:
        """Give the running list, from `index` on, its tokens while the budget lasts (S2)."""
        running = self.running
        while index < len(running) and turn.budget > 0:
            sequence = running[index]
            room = self._limit - sequence.computed - 1
            count = min(sequence.tokens - sequence.computed, turn.chunk, turn.budget, room)  # S3
            if count > 0:
                index = self._make_room(turn, sequence, count, index)
                if sequence.phase is not Phase.RUNNING:
                    return
                turn.scheduled[sequence] = count
                turn.budget -= count
            index += 1

    def admit(self, turn: Turn) -> None:
        """Move waiting requests to the running list, in order, until one does not fit (S8, S9)."""
        if turn.preempted:  # S7
            return
        while self.waiting and turn.budget > 0 and len(self.running) < self.config.max_num_seqs:
            sequence = self.waiting.head()
            hits = self.cache.hits(sequence)
            start = len(hits) * self.config.block_size
            count = min(sequence.tokens - start, turn.chunk)
            if count > turn.budget and not self.config.enable_chunked_prefill:
                return
            count = min(count, turn.budget)
            if not self._try_admitting(sequence, hits, count):
                return
            turn.scheduled[sequence] = count
            turn.budget -= count

    def close(self, turn: Turn) -> None:
        """The memory decisions are made: count what the step computes (T2)."""
        tally, note, attention = self.tally, self._journal.note, self.cache.attention
        for sequence, count in turn.scheduled.items():
            start, name = sequence.computed, sequence.request.id
            sequence.computed, sequence.frozen = start + count, None
            self.cache.stored += count
            tally.computed += count
            if start < sequence.reached:
                tally.recomputed += min(sequence.computed, sequence.reached) - start
            if start:
                note(EntriesRead, name, attention.visible(start))
            note(EntriesWritten, name, start, count)
        tally.steps += 1
        tally.queued_steps += len(self.waiting)

    def sample(self, turn: Turn) -> list[Sequence]:
        """Append a token to each request that computed all of its own; returns who ended (T4)."""
        ended, sampled, note = [], 0, self._journal.note
        for sequence in turn.scheduled:
            if sequence.computed < sequence.tokens:
                continue
            note(TokenSampled, sequence.request.id, sequence.sampled)
            sequence.sampled += 1
            sequence.tokens += 1
            sequence.frozen = None
            sampled += 1
            if sequence.tokens == sequence.end:
                note(Finished, sequence.request.id)
                self.running.remove(sequence)
                self.release(sequence, Phase.FINISHED)
                ended.append(sequence)
        self.tally.sampled += sampled
        self.tally.finished += len(ended)
        return ended

    def release(self, sequence: Sequence, phase: Phase) -> None:
        """Free all that a request holds; it is in this phase then."""
        self.cache.free(sequence)
        sequence.phase = phase
        sequence.computed, sequence.frozen = 0, None

    def victim(self) -> Sequence:
        """Who is preempted next: the newest, or with policy `priority` the least important."""
        if self.config.policy == "priority":  # S10
            return max(self.running, key=lambda sequence: sequence.rank)
        return self.running[-1]

    def preempt(self, turn: Turn, victim: Sequence) -> None:
        """S6: its memory is freed, its tokens are kept, and it waits again."""
        turn.preempted = True
        self.running.remove(victim)
        turn.budget += turn.scheduled.pop(victim, 0)  # S10
        self.tally.preemptions += 1
        held = sum(block != 0 for block in victim.table)
        self._journal.note(Preempted, victim.request.id, Recovery.RECOMPUTE, held)
        victim.reached = max(victim.reached, victim.computed)
        self.release(victim, Phase.PREEMPTED)
        self.waiting.put_back(victim)

    def _make_room(self, turn: Turn, sequence: Sequence, count: int, index: int) -> int:
        """Grow a running request, preempting others or at last itself (S5); returns its index."""
        while True:
            try:
                self.cache.grow(sequence, count)
            except NoRoom:
                victim = self.victim()
                index -= self.running.index(victim) < index
                self.preempt(turn, victim)
                if victim is sequence:
                    return index
            else:
                return index

    def _try_admitting(self, sequence: Sequence, hits: list[int], count: int) -> bool:
        """Refuse the head of the waiting queue, or let it run with its hits."""
        name, start = sequence.request.id, len(hits) * self.config.block_size
        try:
            self.cache.ask(sequence, count, hits, len(self.running))
        except NoRoom as refusal:
            sequence.refusals += 1
            sequence.frozen = None
            self.tally.refusals += 1
            needed, free, hole = refusal.needed, refusal.free, refusal.largest_hole
            self._journal.note(Refused, name, needed, free, hole)
            return False
        self._journal.note(Admitted, name, start, sequence.phase is Phase.PREEMPTED)
        self.cache.admit(sequence, count, hits)
        self.running.append(self.waiting.pop())
        self.tally.admitted += 1
        self.tally.asked += sequence.tokens
        self.tally.hit += start
        sequence.phase, sequence.computed = Phase.RUNNING, start
        sequence.place, sequence.frozen = self.tally.admitted, None
        return True
