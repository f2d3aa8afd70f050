"""Asynchronous scheduling: a pass decides before the tokens of the one before it are known.

Mirrors vLLM 0.32's v1/core/sched/async_scheduler.py, and what `EngineCore.step_with_batch_queue`
does with two batches in flight. Rule numbers in comments (Y1, ...) are those of docs/vllm-rules.md.
"""

from __future__ import annotations

from collections import deque

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.request import VllmRequest
from pagereel.model.allocators.vllm.scheduler import Scheduler, SchedulerOutput
from pagereel.model.core.events import Finished, TokenSampled
from pagereel.model.core.journal import Journal
from pagereel.model.core.state import Phase

MAX_CONCURRENT_BATCHES = 2
"""Passes that may be under way at once."""


class AsyncScheduler(Scheduler):
    """The same engine, with up to two batches in flight."""

    def __init__(self, config: VllmConfig, journal: Journal, free_order: tuple[int, ...]) -> None:
        super().__init__(config, journal, free_order)
        self._batch_queue: deque[SchedulerOutput] = deque()  # the oldest is last

    def schedule(self) -> SchedulerOutput:
        """One pass. Where nobody is left, what is still in flight can change nothing (Y6)."""
        if not self.running and not self.waiting:
            self._batch_queue.clear()
        return super().schedule()

    def get_num_new_tokens(self, request: VllmRequest) -> int:
        """Y2: placeholders count like tokens, but nobody runs past its last one."""
        placeholders, computed = request.num_output_placeholders, request.num_computed_tokens
        if placeholders and computed + 2 - placeholders >= request.final + 1:
            return 0
        return request.num_tokens + placeholders - computed

    def first_waiting(self) -> VllmRequest | None:
        """Y5: who was preempted with tokens in flight waits for them, and is overtaken."""
        return next((r for r in self.waiting if not r.num_stale_output_tokens), None)

    def update_after_schedule(self, output: SchedulerOutput) -> None:
        """Y2: who has computed all of its tokens gets a placeholder for the next one."""
        super().update_after_schedule(output)
        for request, count in output.num_scheduled_tokens.items():
            request.num_in_flight_tokens += count
            known = request.num_tokens + request.num_output_placeholders
            if request.num_computed_tokens >= known:
                request.num_output_placeholders += 1
                output.sampled.append(request)

    def preempt_request(self, output: SchedulerOutput, request: VllmRequest) -> None:
        """S6, and Y5: the tokens in flight will still come, and are kept."""
        super().preempt_request(output, request)
        request.num_stale_output_tokens = request.num_in_flight_tokens
        request.num_output_placeholders = 0

    def update_from_output(self, output: SchedulerOutput) -> list[VllmRequest]:
        """Y1: take in the oldest batch, but only if the queue is full or nobody computes."""
        self._batch_queue.appendleft(output)
        if len(self._batch_queue) < MAX_CONCURRENT_BATCHES and output.num_scheduled_tokens:
            return []
        return self._take_in(self._batch_queue.pop())

    def _take_in(self, output: SchedulerOutput) -> list[VllmRequest]:
        ended, sampled = [], set(output.sampled)
        for request, count in output.num_scheduled_tokens.items():
            if request.status in (Phase.FINISHED, Phase.ABORTED):
                continue
            request.num_in_flight_tokens -= count
            is_stale = request.num_stale_output_tokens > 0
            if is_stale:
                request.num_stale_output_tokens -= count
            if request in sampled:
                self._append_token(request)
                if not is_stale:
                    request.num_output_placeholders -= 1
                if request.status is Phase.RUNNING:  # Y3
                    known = request.num_computed_tokens - request.num_output_placeholders
                    self.kv_cache_manager.cache_blocks(request, known)
                if request.num_tokens == request.end:
                    self._finish(request)
                    ended.append(request)
        self.tally.finished += len(ended)
        return ended

    def _append_token(self, request: VllmRequest) -> None:
        self._journal.note(TokenSampled, request.request_id, request.num_output_tokens)
        request.num_output_tokens += 1
        request.num_tokens += 1
        request.frozen = None
        self.tally.sampled += 1

    def _finish(self, request: VllmRequest) -> None:
        """Y5: the last token of a request that was preempted may come while it waits."""
        self._journal.note(Finished, request.request_id)
        if request.status is Phase.RUNNING:
            self.running.remove(request)
        else:
            self.waiting.remove_request(request)
        self.free_request(request, Phase.FINISHED)
