"""Who runs in a step: token budget, chunked prefill, preemption, admission. Rules S and T.

Mirrors vLLM 0.32's v1/core/sched/scheduler.py. A step is `schedule`; then the model answers, and
`update_from_output` takes its tokens in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.hybrid_kv_cache_manager import HybridKVCacheManager
from pagereel.model.allocators.vllm.kv_cache_manager import KVCacheManager
from pagereel.model.allocators.vllm.request import VllmRequest
from pagereel.model.allocators.vllm.request_queue import create_request_queue
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
class SchedulerOutput:
    """What one step decides. While it does, vLLM keeps these in variables of `schedule`."""

    token_budget: int
    """Tokens that may still be scheduled (S1)."""
    long_prefill_token_threshold: int
    """Most tokens that one request may get (S4)."""
    num_scheduled_tokens: dict[VllmRequest, int] = field(default_factory=dict)
    """Tokens each request computes in this step, in scheduling order."""
    preempted: bool = False
    """Whether some request was."""
    sampled: list[VllmRequest] = field(default_factory=list)
    """Asynchronous scheduling: who gets a token for it."""


class Scheduler:
    """The running list, the waiting queue and the KV cache of one engine."""

    def __init__(self, config: VllmConfig, journal: Journal, free_order: tuple[int, ...]) -> None:
        self.config = config
        self.max_model_len = config.length_limit
        manager = HybridKVCacheManager if config.kv_cache_groups else KVCacheManager
        self.kv_cache_manager = manager(config, journal, free_order)
        self.running: list[VllmRequest] = []
        self.waiting = create_request_queue(config.policy)
        self.tally = Tally()
        self.newcomers: list[str] = []
        """Who was admitted for the first time and not asked for yet."""
        self._journal = journal

    def schedule(self) -> SchedulerOutput:
        """One pass (T2): all memory decisions of the step."""
        output = self.begin_step()
        self.schedule_running(output)
        self.schedule_waiting(output)
        self.update_after_schedule(output)
        return output

    def begin_step(self) -> SchedulerOutput:
        """A pass with its whole budget."""
        budget = self.config.max_num_batched_tokens
        threshold = self.config.long_prefill_token_threshold
        crowded = len(self.running) + len(self.waiting) > 1
        return SchedulerOutput(budget, threshold if threshold and crowded else budget)

    def schedule_running(self, output: SchedulerOutput, index: int = 0) -> None:
        """Give the running list, from `index` on, its tokens while the budget lasts (S2)."""
        running = self.running
        while index < len(running) and output.token_budget > 0:
            request = running[index]
            num_new_tokens = min(
                self.get_num_new_tokens(request),
                output.long_prefill_token_threshold,
                output.token_budget,
                self.max_model_len - request.num_computed_tokens - 1,
            )  # S3
            if num_new_tokens > 0:
                index = self._allocate_or_preempt(output, request, num_new_tokens, index)
                if request.status is not Phase.RUNNING:
                    return
                output.num_scheduled_tokens[request] = num_new_tokens
                output.token_budget -= num_new_tokens
            index += 1

    def get_num_new_tokens(self, request: VllmRequest) -> int:
        """Tokens of a running request that are not computed yet."""
        return request.num_tokens - request.num_computed_tokens

    def first_waiting(self) -> VllmRequest | None:
        """Who is admitted next: the head of the waiting queue."""
        return self.waiting.peek_request() if self.waiting else None

    def schedule_waiting(self, output: SchedulerOutput) -> None:
        """Move waiting requests to the running list, in order, until one does not fit (S8, S9)."""
        if output.preempted:  # S7
            return
        max_num_running_reqs, size = self.config.max_num_seqs, self.config.block_size
        while output.token_budget > 0 and len(self.running) < max_num_running_reqs:
            request = self.first_waiting()
            if request is None:
                return
            computed_blocks = self.kv_cache_manager.get_computed_blocks(request)
            num_new_tokens = min(
                request.num_tokens - len(computed_blocks) * size,
                output.long_prefill_token_threshold,
            )
            if num_new_tokens > output.token_budget and not self.config.enable_chunked_prefill:
                return
            num_new_tokens = min(num_new_tokens, output.token_budget)
            if not self._admit(request, computed_blocks, num_new_tokens):
                return
            output.num_scheduled_tokens[request] = num_new_tokens
            output.token_budget -= num_new_tokens

    def update_after_schedule(self, output: SchedulerOutput) -> None:
        """The memory decisions are made: count what the step computes (T2)."""
        tally, note, manager = self.tally, self._journal.note, self.kv_cache_manager
        for request, count in output.num_scheduled_tokens.items():
            start, name = request.num_computed_tokens, request.request_id
            request.num_computed_tokens, request.frozen = start + count, None
            manager.stored += count * manager.num_groups
            tally.computed += count
            if start < request.reached:
                tally.recomputed += min(start + count, request.reached) - start
            for group, read in manager.get_num_read_tokens(start) if start else ():
                note(EntriesRead, name, read, (), group)
            note(EntriesWritten, name, start, count)
        tally.steps += 1
        tally.queued_steps += len(self.waiting)

    def update_from_output(self, output: SchedulerOutput) -> list[VllmRequest]:
        """Append a token to each request that computed all of its own; returns who ended (T4)."""
        ended, sampled, note = [], 0, self._journal.note
        for request in output.num_scheduled_tokens:
            if request.num_computed_tokens < request.num_tokens:
                continue
            note(TokenSampled, request.request_id, request.num_output_tokens)
            request.num_output_tokens += 1
            request.num_tokens += 1
            request.frozen = None
            sampled += 1
            if request.num_tokens == request.end:
                note(Finished, request.request_id)
                self.running.remove(request)
                self.free_request(request, Phase.FINISHED)
                ended.append(request)
        self.tally.sampled += sampled
        self.tally.finished += len(ended)
        return ended

    def free_request(self, request: VllmRequest, status: Phase) -> None:
        """Free all that a request holds; this is its status then."""
        self.kv_cache_manager.free(request)
        request.status = status
        request.num_computed_tokens, request.frozen = 0, None

    def victim(self) -> VllmRequest:
        """Who is preempted next: the newest, or with policy `priority` the least urgent."""
        if self.config.policy == "priority":  # S10: of several samples the first in the list
            return max(self.running, key=lambda request: request.urgency)
        return self.running[-1]

    def preempt_request(self, output: SchedulerOutput, request: VllmRequest) -> None:
        """S6: its memory is freed, its tokens are kept, and it waits again."""
        output.preempted = True
        self.running.remove(request)
        output.token_budget += output.num_scheduled_tokens.pop(request, 0)  # S10
        self.tally.preemptions += 1
        held = self.kv_cache_manager.get_num_held_blocks(request)
        self._journal.note(Preempted, request.request_id, Recovery.RECOMPUTE, held)
        request.reached = max(request.reached, request.num_computed_tokens)
        self.free_request(request, Phase.PREEMPTED)
        self.waiting.prepend_request(request)

    def _allocate_or_preempt(
        self, output: SchedulerOutput, request: VllmRequest, num_new_tokens: int, index: int
    ) -> int:
        """Make room, preempting others or at last itself (S5); returns the request's index."""
        while True:
            try:
                self.kv_cache_manager.allocate_slots(request, num_new_tokens)
            except NoRoom:
                victim = self.victim()
                index -= self.running.index(victim) < index
                self.preempt_request(output, victim)
                if victim is request:
                    return index
            else:
                return index

    def _admit(self, request: VllmRequest, computed_blocks: list[int], num_new_tokens: int) -> bool:
        """Refuse the head of the waiting queue, or let it run with its hits."""
        name, manager, tally = request.request_id, self.kv_cache_manager, self.tally
        try:
            manager.check_slots(request, num_new_tokens, computed_blocks, len(self.running))
        except NoRoom as refusal:
            request.refusals += 1
            request.frozen = None
            tally.refusals += 1
            needed, free, hole = refusal.needed, refusal.free, refusal.largest_hole
            self._journal.note(Refused, name, needed, free, hole)
            return False
        num_computed_tokens = len(computed_blocks) * self.config.block_size
        resumed = request.status is Phase.PREEMPTED
        self._journal.note(Admitted, name, num_computed_tokens, resumed)
        manager.allocate_slots(request, num_new_tokens, computed_blocks)
        self.waiting.remove_request(request)
        self.running.append(request)
        tally.admit(request.num_tokens, num_computed_tokens, resumed=resumed)
        if not resumed:
            self.newcomers.append(name)
        request.status, request.num_computed_tokens = Phase.RUNNING, num_computed_tokens
        request.place, request.frozen = tally.admitted, None
        return True
