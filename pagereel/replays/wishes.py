"""What a replay is asked for: one field an option of `pagereel replay`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pagereel.model.replay.traffic import STEP_MS

MODEL, KV_MEMORY, BLOCK_SIZE, STRETCH = "llama-3.1-8b", "40GiB", 16, "0:1200:50"
"""What is taken where nothing is wished: of a workload document, its own config rules instead."""


@dataclass(frozen=True, slots=True)
class ReplayWishes:
    """What was asked for; None where nothing was."""

    path: Path
    lanes: str = "contiguous/max,paged/vllm"
    model: str | None = None
    kv_memory: str | None = None
    block_size: int | None = None
    """Tokens."""
    max_len: int | None = None
    """Tokens, prompt and output."""
    step_ms: float | None = None
    limit: int | None = None
    """Requests."""
    options: tuple[str, ...] = ()
    """`LANE.NAME=VALUE`."""
    states: Path | None = None
    points: int = 12
    """Moments shown over time."""
    until: int | None = None
    """A step."""
    record: Path | None = None
    stretch: str | None = None
    """`FIRST:LAST:EVERY`, in steps."""
    cite: str | None = None
    tensor: int | None = None
    """GPUs that share every layer; the memory is that of one."""
    pipeline: int | None = None
    """Stages of layers."""
    kv_dtype: str | None = None
    """Of K and V; None: the model's own."""
    columns: str | None = None
    """`arrival=COLUMN,prompt=COLUMN,output=COLUMN`."""
    rate: float | None = None
    """Requests a second, where the log does not say when they came."""
    tokenizer: Path | None = None
    """For logs of words."""

    @property
    def step_length_ms(self) -> float:
        """What a step counts for: as wished, or the usual assumption."""
        return self.step_ms or STEP_MS

    @property
    def kinds(self) -> list[str]:
        """The kinds of lanes that are named."""
        return [kind.strip() for kind in self.lanes.split(",") if kind.strip()]
