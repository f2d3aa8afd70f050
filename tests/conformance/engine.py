"""Builds vLLM's own scheduler and KV-cache manager without a model, and requests for it.

Needs an environment in which `import vllm` works (0.32.0): see conformance.mk.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pagereel.model.allocators.vllm.async_scheduler import MAX_CONCURRENT_BATCHES
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.core.request import Request

for name, value in (
    ("VLLM_LOGGING_LEVEL", "ERROR"),
    ("VLLM_LOGGING_STREAM", "ext://sys.stderr"),
    ("VLLM_NO_USAGE_STATS", "1"),
    ("VLLM_USE_V2_MODEL_RUNNER", "0"),
):
    os.environ.setdefault(name, value)  # vLLM reads these when it is imported, below
logging.getLogger("vllm").setLevel(logging.ERROR)  # its advice on speed is not for us

Hasher = Callable[[Any], Any] | None


class NoGrammar:
    """Stands in for the structured-output manager: nothing is constrained."""

    def accept_tokens(self, request: object, token_ids: object) -> bool:
        """Anything goes."""
        return True


def build_scheduler(config: VllmConfig) -> Any:
    """A `vllm.v1.core.sched.scheduler.Scheduler` with these settings and no others.

    With asynchronous scheduling an `AsyncScheduler`, told that two batches are in flight: the CPU's
    executor does not offer it, so vLLM's configuration cannot be asked for it.
    """
    from vllm.config import VllmConfig as EngineConfig

    if not config.async_scheduling:
        return _build_scheduler(config)
    batches = EngineConfig.max_concurrent_batches
    EngineConfig.max_concurrent_batches = property(lambda _: MAX_CONCURRENT_BATCHES)
    try:
        return _build_scheduler(config)
    finally:
        EngineConfig.max_concurrent_batches = batches


def _build_scheduler(config: VllmConfig) -> Any:
    from vllm.v1.core.sched.async_scheduler import AsyncScheduler
    from vllm.v1.core.sched.scheduler import Scheduler
    from vllm.v1.core.single_type_kv_cache_manager import register_all_kvcache_specs

    engine = _settings(config)
    engine.model_config = _model_facts(config)  # set after validation: there is no model
    engine.cache_config.num_gpu_blocks = config.num_blocks
    _refuse_changes(engine, config)
    register_all_kvcache_specs(engine)
    kind = AsyncScheduler if config.async_scheduling else Scheduler
    scheduler = kind(
        vllm_config=engine,
        kv_cache_config=_memory_layout(config),
        structured_output_manager=NoGrammar(),
        block_size=config.block_size,
        log_stats=False,
    )
    scheduler.num_lookahead_tokens = config.num_lookahead_tokens
    return scheduler


def make_hasher(config: VllmConfig) -> Hasher:
    """What vLLM names block contents with; None without prefix caching."""
    if not config.enable_prefix_caching:
        return None
    from vllm.utils.hashing import sha256
    from vllm.v1.core.kv_cache_utils import get_request_block_hasher, init_none_hash

    init_none_hash(sha256)
    hasher: Hasher = get_request_block_hasher(config.block_size, sha256)
    return hasher


def make_request(request: Request, place: int, hasher: Hasher) -> Any:
    """vLLM's form of a request. It samples on until its output is complete.

    `place` is that of its entry in the workload: the samples of one request arrive at one time.
    """
    from vllm.sampling_params import SamplingParams
    from vllm.v1.request import Request as EngineRequest

    return EngineRequest(
        request_id=request.id,
        prompt_token_ids=list(request.prompt),
        sampling_params=SamplingParams(max_tokens=len(request.output), ignore_eos=True),
        pooling_params=None,
        arrival_time=request.arrival + place * 1e-6,
        priority=request.priority,
        cache_salt=request.cache_salt,
        block_hasher=hasher,
    )


def _settings(config: VllmConfig) -> Any:
    """vLLM's own configuration."""
    from vllm.config import CacheConfig, SchedulerConfig
    from vllm.config import VllmConfig as EngineConfig

    scheduling = SchedulerConfig(
        max_model_len=config.max_model_len,
        is_encoder_decoder=False,
        max_num_seqs=config.max_num_seqs,
        max_num_batched_tokens=config.max_num_batched_tokens,
        enable_chunked_prefill=config.enable_chunked_prefill,
        long_prefill_token_threshold=config.long_prefill_token_threshold,
        scheduler_reserve_full_isl=config.reserve_full_isl,
        watermark=config.watermark,
        policy=config.policy,
        async_scheduling=False,
    )
    cache = CacheConfig(
        block_size=config.block_size, enable_prefix_caching=config.enable_prefix_caching
    )
    return EngineConfig(scheduler_config=scheduling, cache_config=cache)


def _model_facts(config: VllmConfig) -> SimpleNamespace:
    """The few facts about the model that the scheduler asks for."""
    return SimpleNamespace(
        max_model_len=config.max_model_len,
        runner_type="generate",
        uses_mrope=False,
        is_encoder_decoder=False,
        is_diffusion=False,
        supports_multimodal_inputs=False,
        return_sampling_mask=False,
        multimodal_config=None,
    )


def _memory_layout(config: VllmConfig) -> Any:
    """A group of layers for each window; None is full attention."""
    import torch
    from vllm.v1.kv_cache_interface import (
        FullAttentionSpec,
        KVCacheConfig,
        KVCacheGroupSpec,
        SlidingWindowSpec,
    )

    size, windows = config.block_size, config.windows
    heads = {"block_size": size, "num_kv_heads": 1, "head_size": 1, "dtype": torch.float32}
    specs = [
        FullAttentionSpec(**heads)
        if window is None
        else SlidingWindowSpec(sliding_window=window, **heads)
        for window in windows
    ]
    only_full = all(window is None for window in windows)
    return KVCacheConfig(
        num_blocks=config.num_blocks,
        kv_cache_tensors=[],
        kv_cache_groups=[KVCacheGroupSpec([f"layer.{i}"], s) for i, s in enumerate(specs)],
        prefix_cache_retention_interval=None if only_full else config.retention_interval,
    )


def _refuse_changes(engine: Any, config: VllmConfig) -> None:
    """A platform plug-in may "fix" settings behind our back."""
    cache, scheduling = engine.cache_config, engine.scheduler_config
    settings = (
        (cache.block_size, config.block_size),
        (cache.enable_prefix_caching, config.enable_prefix_caching),
        (scheduling.max_num_batched_tokens, config.max_num_batched_tokens),
        (scheduling.enable_chunked_prefill, config.enable_chunked_prefill),
        (scheduling.async_scheduling, False),
    )
    for got, want in settings:
        if got != want:
            raise RuntimeError(f"vLLM changed a setting: {got!r}, not {want!r}")
