"""What `pagereel size` is asked for: one field an option."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.model.sizing.cards import CARDS
from pagereel.model.usage.budget import UTILIZATION


@dataclass(frozen=True, slots=True)
class SizeWishes:
    """What was asked for; None where nothing was."""

    model: str
    gpu: str | None = None
    """A key of `CARDS`."""
    gpu_memory: str | None = None
    """What an engine finds of a card that is not known."""
    tensor: int = 1
    pipeline: int = 1
    data: int = 1
    experts: bool = False
    """Whether experts are spread over all ranks."""
    max_model_len: int | None = None
    """Tokens; None: what the configuration allows."""
    kv_dtype: str | None = None
    block_size: int | None = None
    """Tokens; None: 16, or 64 with MLA, as vLLM takes on a GPU."""
    utilization: float = UTILIZATION
    batched_tokens: int | None = None
    """`max_num_batched_tokens`; None: what vLLM's server takes on the card."""
    weights: str | None = None
    """Of one GPU; None: counted."""
    overhead: str | None = None
    """What only profiling knows, of one GPU; None: assumed."""
    kv_memory: str | None = None
    """K/V memory of one GPU, known exactly; None: what the card leaves."""
    whole: bool = False
    """Whether every layer keeps every token: `--disable-hybrid-kv-cache-manager`."""
    synchronous: bool = False
    """Whether asynchronous scheduling is off."""


KNOWN_CARDS = tuple(CARDS)
"""Names that `gpu` takes."""
