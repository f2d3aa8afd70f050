"""The engine's configuration from what a storyboard says of a lane."""

from __future__ import annotations

from model.options import BadOptions, OptionReader
from model.vllm.config import VllmConfig


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
        )
    except ValueError as breaches:
        options.close()  # mistakes in single options are clearer than their consequences
        raise BadOptions("paged/vllm", [str(breaches)]) from breaches
    options.close()
    return config
