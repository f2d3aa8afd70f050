"""The kind `paged/vllm`: what can be set, and how its lanes are built."""

from __future__ import annotations

from pagereel.model.allocators.lane_kind import FreedTo, LaneKind, LaneSpec, Paging
from pagereel.model.allocators.options import OptionReader
from pagereel.model.allocators.vllm.config import vllm_config
from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.allocators.vllm.leap import LeapingLane


def _build(spec: LaneSpec, options: OptionReader) -> VllmLane:
    slots = len(spec.free_order) * spec.block_size or spec.slots
    config = vllm_config(slots, spec.block_size, options)
    return VllmLane(config, free_order=spec.free_order)


def _build_for_replay(spec: LaneSpec, options: OptionReader) -> LeapingLane:
    return LeapingLane(vllm_config(spec.slots, spec.block_size, options))


def _freed_to(spec: LaneSpec) -> FreedTo:
    """Blocks with a key may be found again, and go to the tail; those without to the head."""
    if dict(spec.options).get("enable_prefix_caching") is False:
        return FreedTo(head="freed")
    return FreedTo(head="no key", tail="with key")


VLLM = LaneKind(
    name="paged/vllm",
    system="vLLM 0.32",
    summary="Prefix caching, chunked prefill, recompute preemption and sliding windows, exactly.",
    build=_build,
    takes=("slots", "block_size", "free_order"),
    options={
        "max_num_seqs": "requests that run at once (8)",
        "max_num_batched_tokens": "tokens computed in a step, at least max_num_seqs (64)",
        "max_model_len": "longest prompt + output (what the pool can hold)",
        "enable_prefix_caching": "whether full blocks stay findable (true)",
        "enable_chunked_prefill": "whether a prompt may be computed over several steps (true)",
        "sliding_window": "tokens that a token attends to, itself included (all)",
        "retention_interval": "tokens between findable ends under a window (0: prompt's only)",
        "num_lookahead_tokens": "slots kept ready for speculative decoding (0)",
        "watermark": "share of the blocks that admission leaves free while others run (0)",
        "reserve_full_isl": "whether the whole known sequence must fit at admission (true)",
        "long_prefill_token_threshold": "most tokens of one prompt in a crowded step (0: any)",
        "policy": "fcfs or priority (fcfs)",
    },
    obeys=("fork", "preempt"),
    paging=Paging(freed_to=_freed_to, null_blocks=1, is_sharing=True),
    build_for_replay=_build_for_replay,
    replay_settings=lambda max_len: {
        "max_num_seqs": 256,
        "max_model_len": max_len,
        "max_num_batched_tokens": 8192,
    },
)
