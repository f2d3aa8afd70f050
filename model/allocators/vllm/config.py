"""The engine's configuration from what a storyboard says of a lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pagereel.model.allocators.options import BadOptions, OptionReader

_OTHER_NAMES = {"groups": "kv_cache_groups"}
"""What drivers of the real engine call a key of a workload's config."""


@dataclass(frozen=True, slots=True)
class VllmConfig:
    """One engine. Keys and defaults are those of the workload format (F1); lengths in tokens."""

    num_blocks: int = 64
    """Blocks in the pool, the null block included (vLLM's `num_gpu_blocks`)."""
    block_size: int = 16
    """Token slots a block."""
    max_num_seqs: int = 8
    """Requests that may run at once."""
    max_num_batched_tokens: int = 64
    """Token budget of one step, shared by prompts and decodes (S1)."""
    max_model_len: int | None = None
    """Longest prompt + output; None: as long as the pool can hold."""
    enable_prefix_caching: bool = True
    enable_chunked_prefill: bool = True
    sliding_window: int | None = None
    """Tokens that attention sees, itself included; None: all (W)."""
    retention_interval: int | None = 0
    """Which full blocks stay findable under a window (W5); 0 is vLLM's default."""
    num_lookahead_tokens: int = 0
    """Slots kept ready beyond the known tokens, for speculative decoding (A2)."""
    watermark: float = 0.0
    """Part of the pool that admission leaves free while others run (A5)."""
    reserve_full_isl: bool = True
    """Admit only if the whole known sequence would fit now (A4)."""
    long_prefill_token_threshold: int = 0
    """Most tokens of one prompt in one step when others wait or run; 0: no cap (S4)."""
    policy: str = "fcfs"
    """`fcfs` or `priority` (S10)."""
    async_scheduling: bool = False
    """Whether a pass is made before the tokens of the one before it are known (Y)."""
    kv_cache_groups: tuple[int | None, ...] | None = None
    """The window of each group of layers, None for full attention (G); None: one group, as
    `sliding_window` says."""

    def __post_init__(self) -> None:
        """Raise ValueError, with all breaches at once, for what vLLM itself would refuse."""
        breaches = [text for text, holds in self._limits() if not holds]
        if breaches:
            raise ValueError("; ".join(breaches))

    @classmethod
    def read(cls, keys: Mapping[str, Any]) -> VllmConfig:
        """From a workload's `config`. Raises ValueError for keys it does not know."""
        known = {_OTHER_NAMES.get(name, name): value for name, value in keys.items()}
        unknown = sorted(set(known) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"unknown config keys: {unknown}")
        groups = known.pop("kv_cache_groups", None)
        return cls(**known, kv_cache_groups=None if groups is None else tuple(groups))

    @property
    def windows(self) -> tuple[int | None, ...]:
        """The window of each group; None where a token sees all before it."""
        groups = self.kv_cache_groups
        return (self.sliding_window,) if groups is None else groups

    @property
    def capacity(self) -> int:
        """Token slots that requests can use: all blocks but the null block (P1)."""
        return (self.num_blocks - 1) * self.block_size

    @property
    def max_in_flight_tokens(self) -> int:
        """Tokens of all passes that may be under way at once (A4, Y4)."""
        return self.max_num_batched_tokens * (2 if self.async_scheduling else 1)

    @property
    def length_limit(self) -> int:
        """`max_model_len`, or what the pool can hold and the token that is never computed."""
        return self.capacity + 1 if self.max_model_len is None else self.max_model_len

    def _limits(self) -> tuple[tuple[str, bool], ...]:
        budget, windows = self.max_num_batched_tokens, self.windows
        has_window = any(window is not None for window in windows)
        whole = self.enable_chunked_prefill or budget >= self.length_limit
        interval = self.retention_interval or 0
        most, longest = self.long_prefill_token_threshold, self.length_limit
        return (
            ("num_blocks must be at least 2", self.num_blocks >= 2),
            ("block_size must be at least 1", self.block_size >= 1),
            ("max_num_seqs must be at least 1", self.max_num_seqs >= 1),
            ("max_num_batched_tokens must be >= max_num_seqs", budget >= self.max_num_seqs),
            ("without chunked prefill max_num_batched_tokens must be >= max_model_len", whole),
            (
                "sliding_window must be at least 1",
                all(window is None or window >= 1 for window in windows),
            ),
            ("kv_cache_groups must name a group", bool(windows)),
            (
                "sliding_window and kv_cache_groups cannot both be set",
                self.sliding_window is None or self.kv_cache_groups is None,
            ),
            (
                "retention_interval must be a multiple of block_size",
                interval % max(self.block_size, 1) == 0,
            ),
            (
                "retention_interval above 0 needs a sliding_window",
                interval == 0 or has_window,
            ),
            ("long_prefill_token_threshold must be <= max_model_len", most <= longest),
            ("watermark must be in [0, 1)", 0 <= self.watermark < 1),
            ("policy must be fcfs or priority", self.policy in ("fcfs", "priority")),
        )


def vllm_config(slots: int, block_size: int, options: OptionReader) -> VllmConfig:
    """`slots` are what requests can use: one more block is the null block. Raises `BadOptions`."""
    old, whole = VllmConfig(), options.whole
    try:
        config = VllmConfig(
            num_blocks=slots // block_size + 1,
            block_size=block_size,
            max_num_seqs=whole("max_num_seqs", old.max_num_seqs, least=1),
            max_num_batched_tokens=whole("max_num_batched_tokens", old.max_num_batched_tokens),
            max_model_len=options.whole_or_none("max_model_len", None, least=2),
            enable_prefix_caching=options.flag("enable_prefix_caching", default=True),
            enable_chunked_prefill=options.flag("enable_chunked_prefill", default=True),
            sliding_window=options.whole_or_none("sliding_window", None, least=1),
            retention_interval=options.whole_or_none("retention_interval", old.retention_interval),
            num_lookahead_tokens=whole("num_lookahead_tokens", old.num_lookahead_tokens),
            watermark=options.share("watermark", old.watermark),
            reserve_full_isl=options.flag("reserve_full_isl", default=True),
            long_prefill_token_threshold=whole("long_prefill_token_threshold", 0),
            policy=options.word("policy", old.policy, ("fcfs", "priority")),
            async_scheduling=options.flag("async_scheduling", default=False),
            kv_cache_groups=options.windows("kv_cache_groups"),
        )
    except ValueError as breaches:
        options.close()  # mistakes in single options are clearer than their consequences
        raise BadOptions("paged/vllm", [str(breaches)]) from breaches
    options.close()
    return config
