"""Every kind of lane by name: the system it models, what can be set, and how to build one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pagereel.model.allocators.contiguous.chunks import RESERVATIONS, ChunkPool
from pagereel.model.allocators.contiguous.dynamic import DynamicEngine, TensorPool
from pagereel.model.allocators.contiguous.orca import OrcaEngine
from pagereel.model.allocators.contiguous.placement import PLACEMENTS
from pagereel.model.allocators.contiguous.pool import ContiguousPool
from pagereel.model.allocators.contiguous.static import StaticBatchEngine
from pagereel.model.allocators.fcfs import FcfsEngine
from pagereel.model.allocators.leaping import LeapingGroups
from pagereel.model.allocators.options import OptionReader
from pagereel.model.allocators.paged import PagedPool
from pagereel.model.allocators.paper.engine import PaperEngine
from pagereel.model.allocators.paper.settings import PaperSettings, Preemption
from pagereel.model.allocators.paper.tables import BlockTables
from pagereel.model.allocators.vllm.config import vllm_config
from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.allocators.vllm.leap import LeapingLane
from pagereel.model.core.lane import Lane
from pagereel.model.core.retention import PinnedPrefix, RecentOnly, Retention, SlidingWindow
from pagereel.model.recording.data import RecordedRun
from pagereel.model.recording.lane import RecordedLane
from pagereel.model.replay.driver import ReplayLane, Stepped


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


__all__ = ["KINDS", "LaneKind", "LaneSpec", "build", "build_for_replay", "kind_of"]


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """What a storyboard says of one lane. Fields that a kind does not use are ignored by it."""

    name: str
    """How captions and beats refer to it."""
    kind: str
    """A key of `KINDS`, or `RECORDED`."""
    title: str
    """What stands above it on screen."""
    slots: int
    """Token slots of K/V memory."""
    block_size: int = 16
    """Token slots a block; paged kinds and the Orca baselines."""
    max_len: int = 0
    """Tokens that the lane reserves for each request, or its largest chunk; contiguous kinds."""
    placement: str = "first-fit"
    """A key of `PLACEMENTS`; `contiguous` and `contiguous/dynamic`."""
    free_order: tuple[int, ...] = ()
    """Block ids in the order they are handed out at first; empty: the kind's own. Paged kinds.

    Ids start at 0, those of `paged/vllm` at 1: its block 0 is the null block.
    """
    options: tuple[tuple[str, int | float | str | bool | None], ...] = ()
    """(name, value) of engine settings; `KINDS` lists those of each kind."""
    recorded: RecordedRun | None = None
    """What a lane of the kind `RECORDED` plays."""
    equals: str = ""
    """The lane whose states must be the recorded ones, at every step; empty: none."""


def kind_of(spec: LaneSpec) -> LaneKind:
    """What stands beside a lane's name: the system it models, or that it was recorded."""
    run = spec.recorded
    if run is None:
        return KINDS[spec.kind]
    if run.source:
        return LaneKind(f"recorded: {run.source}", "States of the real engine, as recorded.")
    return LaneKind(f"recorded model: {run.system}", KINDS[run.kind].summary)


def build(spec: LaneSpec) -> Lane:
    """An empty lane, ready for requests.

    Raises KeyError (kind, placement), `BadOptions`, and ValueError for a `max_len` that is missing
    or that an Orca baseline cannot halve.
    """
    return _BUILDERS[spec.kind](spec, OptionReader(spec.kind, spec.options))


def build_for_replay(spec: LaneSpec) -> ReplayLane:
    """The same for replays. `paged/vllm` leaps and starts with the engine's free queue.

    The Orca lanes and the paper's leap too; the others take every step.
    """
    if spec.kind == "paged/vllm":
        options = OptionReader(spec.kind, spec.options)
        return LeapingLane(vllm_config(spec.slots, spec.block_size, options))
    lane = build(spec)
    if isinstance(lane, OrcaEngine | PaperEngine):
        return LeapingGroups(lane)
    cheaper = lane.gauge if isinstance(lane, FcfsEngine | StaticBatchEngine) else None
    return Stepped(lane, cheaper)


def _recorded(spec: LaneSpec, options: OptionReader) -> Lane:
    options.close()
    assert spec.recorded, "a recorded lane has its recording"
    return RecordedLane(spec.recorded)


def _contiguous(spec: LaneSpec, options: OptionReader) -> Lane:
    options.close()
    return FcfsEngine(ContiguousPool(spec.slots, spec.max_len, PLACEMENTS[spec.placement]))


def _orca(spec: LaneSpec, options: OptionReader) -> Lane:
    options.close()
    reserve = RESERVATIONS[spec.kind.removeprefix("contiguous/")]
    return OrcaEngine(ChunkPool(spec.slots, spec.block_size, spec.max_len, reserve))


def _static(spec: LaneSpec, options: OptionReader) -> Lane:
    if spec.max_len < 1:
        raise ValueError(f"{spec.kind} needs a max_len, not {spec.max_len}")
    fitting = spec.slots // spec.max_len
    rows = min(options.whole("max_batch", fitting, least=1), fitting)
    options.close()
    return StaticBatchEngine(spec.slots, spec.max_len, rows)


def _dynamic(spec: LaneSpec, options: OptionReader) -> Lane:
    options.close()
    return DynamicEngine(TensorPool(spec.slots, PLACEMENTS[spec.placement]))


def _paged(spec: LaneSpec, options: OptionReader) -> Lane:
    retention = _retention(options)
    options.close()
    order = spec.free_order or tuple(range(spec.slots // spec.block_size))
    return FcfsEngine(PagedPool(spec.block_size, order, retention), retention)


def _retention(options: OptionReader) -> Retention | None:
    """The policy that the options name; None for full attention."""
    names = ("all", "sliding-window", "pinned-prefix", "recent-n")
    name = options.word("retention", "all", names)
    window = options.whole("window", 1 if name == "all" else 0, least=1)
    sinks = options.whole("sinks", 4)
    policies: dict[str, Retention] = {
        "sliding-window": SlidingWindow(window),
        "pinned-prefix": PinnedPrefix(sinks, window),
        "recent-n": RecentOnly(window),
    }
    return policies.get(name)


def _paper(spec: LaneSpec, options: OptionReader) -> Lane:
    blocks = len(spec.free_order) or spec.slots // spec.block_size
    order = spec.free_order or tuple(range(blocks - 1, -1, -1))  # B1: N-1 is popped first
    old = PaperSettings()
    settings = PaperSettings(
        watermark=options.share("watermark", old.watermark),
        max_num_seqs=options.whole("max_num_seqs", old.max_num_seqs, least=1),
        max_num_batched_tokens=options.whole(
            "max_num_batched_tokens", old.max_num_batched_tokens, least=1
        ),
        preemption=Preemption(options.word("preemption", old.preemption, Preemption)),
    )
    swap_blocks = options.whole("swap_blocks", blocks)
    options.close()
    return PaperEngine(BlockTables(spec.block_size, order, swap_blocks), settings)


def _vllm(spec: LaneSpec, options: OptionReader) -> Lane:
    slots = len(spec.free_order) * spec.block_size or spec.slots
    config = vllm_config(slots, spec.block_size, options)
    return VllmLane(config, free_order=spec.free_order)


_BUILDERS: dict[str, Callable[[LaneSpec, OptionReader], Lane]] = {
    "contiguous": _contiguous,
    "contiguous/max": _orca,
    "contiguous/pow2": _orca,
    "contiguous/oracle": _orca,
    "contiguous/static": _static,
    "contiguous/dynamic": _dynamic,
    "paged": _paged,
    "paged/paper": _paper,
    "paged/vllm": _vllm,
    RECORDED: _recorded,
}
