"""What is read of vLLM's scheduler, and nothing changed: its limits, and its state (format F3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Document = dict[str, Any]


def limits_of(scheduler: Any) -> Document:
    """Its configuration, as a trace's first line has it."""
    limits = scheduler.scheduler_config
    return {
        "num_blocks": scheduler.kv_cache_manager.block_pool.num_gpu_blocks,
        "block_size": scheduler.block_size,
        "max_num_seqs": limits.max_num_seqs,
        "max_num_batched_tokens": limits.max_num_batched_tokens,
        "max_model_len": scheduler.max_model_len,
        "enable_prefix_caching": bool(scheduler.cache_config.enable_prefix_caching),
        "enable_chunked_prefill": bool(limits.enable_chunked_prefill),
        "reserve_full_isl": bool(limits.scheduler_reserve_full_isl),
        "watermark": limits.watermark,
        "long_prefill_token_threshold": limits.long_prefill_token_threshold,
        "policy": str(limits.policy),
    }


def state_of(scheduler: Any, named: Callable[[str], str] = str) -> Document:
    """Queues, tables, references and free queue of one group of layers; not what is cached.

    `named` gives our name of a request for vLLM's.
    """
    manager = scheduler.kv_cache_manager
    (of_group,) = manager.coordinator.single_type_managers
    pool, tables = manager.block_pool, of_group.req_to_blocks
    running = [request.request_id for request in scheduler.running]
    return {
        "running": [named(name) for name in running],
        "waiting": [named(request.request_id) for request in scheduler.waiting],
        "computed": {named(r.request_id): r.num_computed_tokens for r in scheduler.running},
        "tables": {named(n): [b.block_id for b in tables[n]] for n in running if tables.get(n)},
        "ref": [None, *(block.ref_cnt for block in pool.blocks[1:])],
        "free": [block.block_id for block in pool.free_block_queue.get_all_free_blocks()],
    }
