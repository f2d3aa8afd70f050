"""Every kind of lane by name: the system it models, and what can be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LaneKind:
    """One kind of allocator."""

    system: str
    """The system it models, as shown on screen."""
    summary: str
    """One sentence for the reference."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What each of its `LaneSpec.options` sets."""
    obeys: tuple[str, ...] = ()
    """Verbs of a storyboard that not every lane can obey, and this one can."""


RECORDED = "recorded"
"""The kind of a lane that plays a recording; it models nothing, so it is none of `KINDS`."""

KINDS: dict[str, LaneKind] = {
    "contiguous": LaneKind(
        "teaching model",
        "One region a request, reserved to its limit when admitted; first-fit or best-fit.",
        obeys=("preempt",),
    ),
    "contiguous/max": LaneKind(
        "Orca (Max), paper",
        "A buddy allocator's chunk for the model's maximum length, whatever the request needs.",
        obeys=("fork", "beam"),
    ),
    "contiguous/pow2": LaneKind(
        "Orca (Pow2), paper",
        "A buddy allocator's chunk for the prompt and the output rounded up to a power of two.",
        obeys=("fork", "beam"),
    ),
    "contiguous/oracle": LaneKind(
        "Orca (Oracle), paper",
        "A buddy allocator's chunk for exactly the prompt and the output, known in advance.",
        obeys=("fork", "beam"),
    ),
    "contiguous/static": LaneKind(
        "transformers StaticCache",
        "max_len preallocated for every row of a batch, and held until the whole batch ends.",
        {"max_batch": "rows of a batch at most (as many as fit)"},
    ),
    "contiguous/dynamic": LaneKind(
        "transformers DynamicCache",
        "Each request's tensor is copied into one a token longer at every step; no pool.",
    ),
    "paged": LaneKind(
        "teaching model",
        "Blocks taken one by one from a free queue, returned to its tail; nothing shared.",
        {
            "retention": "all, sliding-window, pinned-prefix or recent-n (all)",
            "window": "tokens that a token attends to, itself included; needed but for all",
            "sinks": "first tokens that pinned-prefix keeps (4)",
        },
        obeys=("preempt",),
    ),
    "paged/paper": LaneKind(
        "SOSP 2023 paper",
        "Block tables with reference counts: copy-on-write, parallel samples, beams, swapping.",
        {
            "watermark": "share of the blocks that admission leaves free (0.01)",
            "max_num_seqs": "sequences that run at once (256)",
            "max_num_batched_tokens": "tokens computed in a step (2560)",
            "preemption": "auto: recompute a lone sequence, swap a group; swap: always (auto)",
            "swap_blocks": "CPU blocks (as many as the GPU has)",
        },
        obeys=("fork", "beam", "preempt", "swap"),
    ),
    "paged/vllm": LaneKind(
        "vLLM 0.32",
        "Prefix caching, chunked prefill, recompute preemption and sliding windows, exactly.",
        {
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
    ),
}
