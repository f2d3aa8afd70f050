"""A GPU as captions and cards read it: its memory, divided for the storyboard at hand."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.readings.metrics import Metric
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.usage.budget import Budget


def budget(storyboard: Storyboard) -> Budget | None:
    """The storyboard's card divided into blocks of its first paged lane; None without a card."""
    if storyboard.gpu is None:
        return None
    token_bytes = storyboard.geometry.bytes_per_token
    # A lane of the file that is not sound is there by name alone, and of no kind.
    kinds = ((lane, kind_of(lane)) for lane in storyboard.lanes if lane.kind)
    for lane, kind in kinds:
        if kind.paging:
            return Budget(storyboard.gpu, token_bytes, lane.block_size, kind.null_blocks)
    return Budget(storyboard.gpu, token_bytes, 16)


@dataclass(frozen=True, slots=True)
class InLength:
    """A budget, and how long each request is that shares it."""

    budget: Budget
    tokens: int


GPU: dict[str, Metric[Budget]] = {
    "name": Metric("", "the card", lambda at: at.gpu.name),
    "memory": Metric("bytes", "all that it has", lambda at: at.gpu.memory_bytes),
    "weights": Metric("bytes", "the model's parameters", lambda at: at.gpu.weights_bytes),
    "activations": Metric("bytes", "activations and other", lambda at: at.gpu.activations_bytes),
    "utilization": Metric(
        "percent",
        "share of it that is claimed at most",
        lambda at: round(100 * at.gpu.utilization, 1),
    ),
    "claimed": Metric("bytes", "claimed when the engine starts", lambda at: at.claimed_bytes),
    "pool": Metric("bytes", "bytes of all K/V blocks", lambda at: at.pool_bytes),
    "alone": Metric("bytes", "left alone by the engine", lambda at: at.alone_bytes),
    "block_size": Metric("slots", "slots a block", lambda at: at.block_size),
    "blocks": Metric("blocks", "blocks in the pool", lambda at: at.blocks),
    "tokens": Metric("tokens", "tokens in all blocks", lambda at: at.tokens),
    "slots": Metric("slots", "slots that requests can use", lambda at: at.slots),
}


LENGTH: dict[str, Metric[InLength]] = {
    "requests": Metric(
        "requests",
        "whole requests of that length that fit at once",
        lambda at: at.budget.requests(at.tokens),
    ),
    "concurrency": Metric(
        "requests",
        "the same as vLLM's log has it",
        lambda at: round(at.budget.concurrency(at.tokens), 2),
    ),
}
