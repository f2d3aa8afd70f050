"""Where a GPU's memory goes: what weights and activations leave for the pool of K/V blocks.

vLLM claims a share of the card when it starts, and makes blocks of what it does not need for the
model itself: as many whole ones as there is room for.
"""

from __future__ import annotations

from dataclasses import dataclass

UTILIZATION = 0.92
"""vLLM 0.32's default for `gpu_memory_utilization`: the share of the card that it claims."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """What is given, and where it comes from; what results is a `model.usage.budget.Budget`."""

    name: str
    memory_bytes: int
    """All that the card has."""
    weights_bytes: int
    """The model's parameters."""
    activations_bytes: int
    """What computing needs at its peak, and everything else that is neither weights nor K/V."""
    utilization: float = UTILIZATION
    """The share of the memory that the engine claims for all of it, 0 to 1."""
    source: str = ""
    """Where these numbers come from; stands on screen."""


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
