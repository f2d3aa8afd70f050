"""What a storyboard says of a lane, and how to build one of any kind in `KINDS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from model.contiguous.chunks import RESERVATIONS, ChunkPool
from model.contiguous.dynamic import DynamicEngine, TensorPool
from model.contiguous.orca import OrcaEngine
from model.contiguous.placement import PLACEMENTS
from model.contiguous.pool import ContiguousPool
from model.contiguous.static import StaticBatchEngine
from model.fcfs import FcfsEngine
from model.kinds import KINDS, RECORDED, LaneKind
from model.lane import Lane
from model.leaping import LeapingGroups
from model.options import OptionReader
from model.paged.pool import PagedPool
from model.paper.engine import PaperEngine
from model.paper.settings import PaperSettings, Preemption
from model.paper.tables import BlockTables
from model.recording.data import Run
from model.recording.lane import RecordedLane
from model.replay import ReplayLane
from model.retention import PinnedPrefix, RecentOnly, Retention, SlidingWindow
from model.stepped import Stepped
from model.vllm.lane import VllmLane
from model.vllm.leap import LeapingLane
from model.vllm.settings import vllm_config

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
    recorded: Run | None = None
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
    """The same for `model.replay`. `paged/vllm` leaps and starts with the engine's free queue.

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
