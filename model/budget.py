"""Where a GPU's memory goes: what weights and activations leave for the pool of K/V blocks.

vLLM claims a share of the card when it starts, and makes blocks of what it does not need for the
model itself: as many whole ones as there is room for.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.gpu import Gpu
from model.metrics import Metric
from model.storyboard import Storyboard

NULL_BLOCKS = {"paged/vllm": 1}
"""Blocks of the pool that no request gets, by kind of lane: vLLM's block 0 is a placeholder."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A card, divided. Weights, activations, pool and the rest add up to its memory exactly."""

    gpu: Gpu
    token_bytes: int
    """Bytes of one token's K/V in all layers."""
    block_size: int
    null_blocks: int = 0
    """Blocks that no request gets."""

    @property
    def block_bytes(self) -> int:
        """Bytes of one block in all layers."""
        return self.block_size * self.token_bytes

    @property
    def room_bytes(self) -> int:
        """What the claim leaves for K/V; below 0 if weights and activations exceed it."""
        share = int(self.gpu.memory_bytes * self.gpu.utilization)
        return share - self.gpu.weights_bytes - self.gpu.activations_bytes

    @property
    def blocks(self) -> int:
        """Whole blocks in that room, those that no request gets included."""
        return max(self.room_bytes, 0) // self.block_bytes

    @property
    def tokens(self) -> int:
        """Tokens in all blocks, as vLLM's log counts them."""
        return self.blocks * self.block_size

    @property
    def slots(self) -> int:
        """Tokens that requests can store: the `slots` of a lane that is this pool."""
        return max(self.blocks - self.null_blocks, 0) * self.block_size

    @property
    def pool_bytes(self) -> int:
        """Bytes of all blocks."""
        return self.blocks * self.block_bytes

    @property
    def claimed_bytes(self) -> int:
        """What the engine claims at its start, whatever is stored in it later."""
        return self.gpu.weights_bytes + self.gpu.activations_bytes + self.pool_bytes

    @property
    def alone_bytes(self) -> int:
        """What the engine leaves alone."""
        return self.gpu.memory_bytes - self.claimed_bytes

    def requests(self, tokens: int) -> int:
        """Whole requests that fit at once if each stores so many tokens and nothing is shared."""
        return self.slots // self.block_size // -(-tokens // self.block_size)

    def concurrency(self, tokens: int) -> float:
        """Requests of so many tokens that fill all blocks, as vLLM's log counts them."""
        return self.blocks / -(-tokens // self.block_size)


def budget(storyboard: Storyboard) -> Budget | None:
    """The storyboard's card divided into blocks of its first paged lane; None without a card."""
    if storyboard.gpu is None:
        return None
    paged = (lane for lane in storyboard.lanes if lane.kind.startswith("paged"))
    lane = next(paged, None)
    token_bytes = storyboard.geometry.bytes_per_token
    if lane is None:
        return Budget(storyboard.gpu, token_bytes, 16)
    null_blocks = NULL_BLOCKS.get(lane.kind, 0)
    return Budget(storyboard.gpu, token_bytes, lane.block_size, null_blocks)


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
