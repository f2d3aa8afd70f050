"""A GPU's memory as an author describes it: what the card has, and what is not for K/V."""

from __future__ import annotations

from dataclasses import dataclass

UTILIZATION = 0.92
"""vLLM 0.32's default for `gpu_memory_utilization`: the share of the card that it claims."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """What is given, and where it comes from; what results is a `model.budget.Budget`."""

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
