"""Every kind of lane by name, and how to build one. The only place that knows them all."""

from __future__ import annotations

from dataclasses import dataclass

from model.contiguous.placement import PLACEMENTS
from model.contiguous.pool import ContiguousPool
from model.fcfs import FcfsEngine
from model.lane import Lane
from model.paged.pool import PagedPool
from model.replay import ReplayLane
from model.stepped import Stepped
from model.vllm.config import VllmConfig
from model.vllm.lane import VllmLane
from model.vllm.leap import LeapingLane


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """What a storyboard says of one lane. Fields that a kind does not use are ignored by it."""

    name: str
    """How captions and beats refer to it."""
    kind: str
    """A key of `KINDS`."""
    title: str
    """What stands above it on screen."""
    slots: int
    """Token slots of K/V memory."""
    block_size: int = 16
    """Token slots a block; paged kinds."""
    max_len: int = 0
    """Tokens that the lane reserves for each request; contiguous kinds."""
    placement: str = "first-fit"
    """A key of `PLACEMENTS`; contiguous kinds."""
    free_order: tuple[int, ...] = ()
    """Block ids of the free queue at the start, head first; empty: ascending. Paged kinds.

    The blocks of `paged` start at 0, those of `paged/vllm` at 1 (block 0 is its null block).
    """
    options: tuple[tuple[str, int | float | str | bool | None], ...] = ()
    """Engine settings by their own names; `paged/vllm` takes the fields of `VllmConfig`."""


@dataclass(frozen=True, slots=True)
class LaneKind:
    """One kind of allocator."""

    system: str
    """The system it models, as shown on screen."""
    summary: str
    """One sentence for the reference."""


KINDS: dict[str, LaneKind] = {
    "contiguous": LaneKind(
        "teaching model",
        "One region a request, reserved to max_len at admission; first-fit or best-fit placement.",
    ),
    "paged": LaneKind(
        "teaching model",
        "Blocks taken one by one from a free queue, returned to its tail; nothing shared.",
    ),
    "paged/vllm": LaneKind(
        "vLLM 0.32",
        "Prefix caching, chunked prefill, recompute preemption and sliding windows, exactly.",
    ),
}


def build(spec: LaneSpec) -> Lane:
    """An empty lane, ready for requests; it emits every event."""
    if spec.kind == "paged/vllm":
        return VllmLane(vllm_config(spec), free_order=spec.free_order)
    if spec.kind == "contiguous":
        placement = PLACEMENTS[spec.placement]
        return FcfsEngine(ContiguousPool(spec.slots, spec.max_len, placement))
    order = spec.free_order or tuple(range(spec.slots // spec.block_size))
    return FcfsEngine(PagedPool(spec.block_size, order))


def build_for_replay(spec: LaneSpec) -> ReplayLane:
    """A fresh lane for `model.replay`: no events, and the engine's own free queue."""
    if spec.kind == "paged/vllm":
        return LeapingLane(vllm_config(spec))
    return Stepped(build(spec))


def vllm_config(spec: LaneSpec) -> VllmConfig:
    """`slots` are what requests can use: one more block is the null block."""
    blocks = spec.slots // spec.block_size + 1
    settings = {"num_blocks": blocks, "block_size": spec.block_size, **dict(spec.options)}
    return VllmConfig.read(settings)
