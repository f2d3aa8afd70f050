"""transformers' continuous batching: its paged cache, driven step by step in this thread.

`generate_batch` runs the same three calls in a thread of its own; here the scheduler can be read
between them. The attention `paged|sdpa` gathers K/V at every step: right for memory, and no
measure of what a paged kernel can do. Written for transformers 5.17.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from pagereel.measurements.engines.weights import build
from pagereel.measurements.protocol.capacity import Trial
from pagereel.measurements.protocol.plan import Cell
from pagereel.measurements.protocol.workloads import AskedRequest
from pagereel.measurements.samples.tape import Tape

ATTENTION = "paged|sdpa"
"""Named, because otherwise the library looks for flash-attention kernels on a hub."""
BATCH_TOKENS = 2048
"""Most tokens of one step."""


class PagedTransformersEngine:
    """Serves requests from a pool of blocks; a new pool for every run."""

    def __init__(self, cell: Cell, device: str) -> None:
        self._cell, self._device = cell, device
        self._model = build(cell.model, cell.dtype, device)
        self._model.set_attn_implementation(ATTENTION)
        self._pool: dict[str, int] = {}

    def facts(self) -> dict[str, Any]:
        """What the engine says of itself; the pool's figures once it has run."""
        return {"attention": ATTENTION, "max_num_batched_tokens": BATCH_TOKENS, **self._pool}

    def run(self, requests: Sequence[AskedRequest]) -> tuple[Tape, list[list[int]]]:
        """Serve all requests; returns the tape and each request's tokens."""
        manager = self._manager()
        processor = manager.batch_processor = manager._create_batch_processor()
        try:
            return self._serve(manager, processor, requests)
        finally:
            manager.destroy()

    def fill(self, requests: Sequence[AskedRequest]) -> Trial:
        """Hand over all requests; serve them to the end, or until the pool says no."""
        manager = self._manager()
        processor = manager.batch_processor = manager._create_batch_processor()
        try:
            return self._fill(manager, processor, requests)
        finally:
            manager.destroy()

    def _fill(self, manager: Any, processor: Any, requests: Sequence[AskedRequest]) -> Trial:
        cache, scheduler = processor.cache, processor.scheduler
        block_bytes = self._cell.block_size * self._cell.token_bytes
        self._pool = {"pool_bytes": _pool_bytes(cache), "num_blocks": cache.num_blocks}
        refusals = _note_refusals(scheduler)
        for asked in requests:
            manager.add_request(list(asked.prompt), max_new_tokens=asked.output)
        steps = live = held = done = 0
        with torch.no_grad():
            while done < len(requests) and not refusals:
                if processor.prepare_next_batch():
                    steps, live = steps + 1, max(live, len(scheduler.active_requests))
                    held = max(held, (cache.num_blocks - cache.get_num_free_blocks()) * block_bytes)
                    manager._generation_step()
                    processor.update_batch()
                while (result := manager.get_result(timeout=0)) is not None:
                    done += result.is_finished()
        return Trial(len(requests), refusals[0] if refusals else "", steps, live, held)

    def _serve(
        self,
        manager: Any,
        processor: Any,
        requests: Sequence[AskedRequest],
    ) -> tuple[Tape, list[list[int]]]:
        cache, scheduler = processor.cache, processor.scheduler
        reserved = _pool_bytes(cache)
        block_bytes = self._cell.block_size * self._cell.token_bytes
        self._pool = {"pool_bytes": reserved, "num_blocks": cache.num_blocks}
        tape, places, tokens = Tape(len(requests)), {}, [[] for _ in requests]  # type: ignore[var-annotated]  # lists of ints
        _count_resets(processor, tape)
        for place, asked in enumerate(requests):
            name = manager.add_request(list(asked.prompt), max_new_tokens=asked.output)
            places[name] = place
        done = 0
        with torch.no_grad():
            while done < len(requests):
                if processor.prepare_next_batch():
                    active = dict(scheduler.active_requests)
                    held = (cache.num_blocks - cache.get_num_free_blocks()) * block_bytes
                    used = sum(s.position_offset for s in active.values()) * self._cell.token_bytes
                    before = {name: len(s.generated_tokens) for name, s in active.items()}
                    manager._generation_step()
                    processor.update_batch()
                    at = tape.now()
                    tape.step(at, len(active), reserved, held, used)
                    for name, state in active.items():
                        for _ in range(before[name], len(state.generated_tokens)):
                            tape.token(places[name], at)
                while (result := manager.get_result(timeout=0)) is not None:
                    if result.is_finished():
                        tokens[places[result.request_id]] = list(result.generated_tokens)
                        done += 1
        return tape, tokens

    def _manager(self) -> Any:
        cell = self._cell
        return self._model.init_continuous_batching(
            generation_config=GenerationConfig(
                max_new_tokens=1, do_sample=False, eos_token_id=-1, pad_token_id=0
            ),
            continuous_batching_config=ContinuousBatchingConfig(
                block_size=cell.block_size,
                num_blocks=cell.blocks,
                max_batch_tokens=BATCH_TOKENS,
                allow_block_sharing=False,
                use_cuda_graph=False,
                use_async_batching=False,
            ),
        )


def _pool_bytes(cache: Any) -> int:
    """Bytes of every tensor of K/V that the cache holds, each storage once."""
    storages = {}
    for value in vars(cache).values():
        for tensor in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(tensor, torch.Tensor) and tensor.dim() >= 3:
                storage = tensor.untyped_storage()
                storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


def _note_refusals(scheduler: Any) -> list[str]:
    """A list that gets an entry for every "no" of a scheduler, as it makes its batches.

    One that runs got no block; or one that waits was left out though there was room for its tokens:
    no block was free, or too few for the share that the scheduler keeps back.
    """
    schedule = scheduler.schedule_batch
    found: list[str] = []

    def watched(token_budget: int, cache_budget: int) -> Any:
        batch = schedule(token_budget, cache_budget)
        if scheduler.starved_requests:
            found.append("preempted")
        elif batch[0] is None or (scheduler.waiting_requests and batch[2] < token_budget):
            found.append("refused")
        return batch

    scheduler.schedule_batch = watched
    return found


def _count_resets(processor: Any, tape: Tape) -> None:
    """Have the tape told when a request gives its blocks back for others and starts again."""
    manager = processor.offloading_manager
    offload = manager.offload_requests

    def counted(*given: object, **named: object) -> Any:
        found = offload(*given, **named)
        tape.preempted(int(found or 0))
        return found

    manager.offload_requests = counted
