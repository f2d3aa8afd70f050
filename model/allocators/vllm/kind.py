"""The kind `paged/vllm`: what can be set, and how its lanes are built."""

from __future__ import annotations

from pagereel.model.allocators.lane_kind import FreedTo, LaneKind, LaneSpec, Paging
from pagereel.model.allocators.options import EngineOption, OptionReader
from pagereel.model.allocators.vllm.config import VllmConfig, vllm_config
from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.allocators.vllm.leap import lane_for_replay
from pagereel.model.replay.driver import ReplayLane


def _build(spec: LaneSpec, options: OptionReader) -> VllmLane:
    slots = len(spec.free_order) * spec.block_size or spec.slots
    config = vllm_config(slots, spec.block_size, options)
    return VllmLane(config, free_order=spec.free_order)


def _build_for_replay(spec: LaneSpec, options: OptionReader) -> ReplayLane:
    return lane_for_replay(vllm_config(spec.slots, spec.block_size, options))


def _freed_to(spec: LaneSpec) -> FreedTo:
    """Blocks with a hash may be found again, and go to the tail; those without to the head."""
    if dict(spec.options).get("enable_prefix_caching") is False:
        return FreedTo(head="freed")
    return FreedTo(head="no hash", tail="with hash")


_DEFAULT = VllmConfig()
VLLM = LaneKind(
    name="paged/vllm",
    system="vLLM 0.32",
    summary="The scheduler and the blocks of the engine, exactly, step by step.",
    build=_build,
    takes=("slots", "block_size", "free_order"),
    options={
        "enable_prefix_caching": EngineOption(
            "whether full blocks stay findable",
            _DEFAULT.enable_prefix_caching,
            "prefix caching off",
        ),
        "enable_chunked_prefill": EngineOption(
            "whether a prompt may be computed over several steps",
            _DEFAULT.enable_chunked_prefill,
            "chunked prefill off",
        ),
        "max_num_seqs": EngineOption(
            "requests that run at once", _DEFAULT.max_num_seqs, "{:,} requests at once"
        ),
        "max_num_batched_tokens": EngineOption(
            "tokens computed in a step, at least max_num_seqs",
            _DEFAULT.max_num_batched_tokens,
            "{:,} tokens a step",
        ),
        "max_model_len": EngineOption(
            "longest prompt + output",
            _DEFAULT.max_model_len,
            "{:,} tokens a request",
            otherwise="what the pool can hold",
        ),
        "sliding_window": EngineOption(
            "tokens that a token attends to, itself included",
            _DEFAULT.sliding_window,
            "sliding window of {:,}",
            otherwise="all",
        ),
        "retention_interval": EngineOption(
            "tokens between findable ends under a window",
            _DEFAULT.retention_interval,
            "findable every {:,} tokens",
            otherwise="0: prompt's only",
        ),
        "num_lookahead_tokens": EngineOption(
            "slots kept ready for speculative decoding",
            _DEFAULT.num_lookahead_tokens,
            "{:,} slots kept for speculation",
        ),
        "watermark": EngineOption(
            "share of the blocks that admission leaves free while others run",
            _DEFAULT.watermark,
            "{:g} of the blocks left free",
        ),
        "reserve_full_isl": EngineOption(
            "whether the whole known sequence must fit at admission",
            _DEFAULT.reserve_full_isl,
            "admits by the first chunk",
        ),
        "long_prefill_token_threshold": EngineOption(
            "most tokens of one prompt in a crowded step",
            _DEFAULT.long_prefill_token_threshold,
            "{:,} tokens of a prompt at a time",
            otherwise="0: any",
        ),
        "policy": EngineOption(
            "fcfs or priority", _DEFAULT.policy, "{}", words={"priority": "by priority"}
        ),
        "async_scheduling": EngineOption(
            "whether a pass is made before the tokens of the one before it are known",
            None,
            "{} scheduling",
            otherwise="no; vLLM itself: where the executor can",
            words={"True": "asynchronous", "False": "synchronous"},
        ),
        "kv_cache_groups": EngineOption(
            "the window of each group of layers, as in `full, 8` or of `gpt-oss-20b`; a token "
            "takes a slot in each",
            None,
            "groups of layers: {}",
            otherwise="one group",
        ),
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
