"""The K/V memory that a replay's lanes share, in exact numbers: a model, its GPUs, an amount."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.errors import InputWrong
from pagereel.model.core.quoting import shown
from pagereel.model.core.sizes import UNITS, read_bytes
from pagereel.model.sizing.architecture import Architecture, Layer
from pagereel.model.sizing.parallel import (
    KV_DTYPES,
    Parallel,
    misfits,
    stage_layers,
    token_bytes,
)
from pagereel.replays.workload_form import MOST_BLOCKS
from pagereel.sizing.models import find_model

ALONE = Parallel()
"""One GPU."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A budget for K/V on every GPU, in whole blocks."""

    model: Architecture
    byte_count: int
    """Of one GPU."""
    block_size: int
    parallel: Parallel
    dtype: str
    """Of K and V: a key of `KV_DTYPES`."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Those of the GPU that stores most: of the pipeline stage with most of them."""
        stages = stage_layers(self.model, self.parallel.pipeline)
        return max(stages, key=lambda layers: token_bytes(layers, self.dtype, self.parallel.tensor))

    @property
    def token_bytes(self) -> int:
        """Bytes of one token's K/V on that GPU, in all its layers."""
        return token_bytes(self.layers, self.dtype, self.parallel.tensor)

    @property
    def slots(self) -> int:
        """Tokens whose K/V fits, in whole blocks."""
        return self.blocks * self.block_size

    @property
    def blocks(self) -> int:
        """Whole blocks that fit."""
        return self.byte_count // (self.token_bytes * self.block_size)

    def arithmetic(self) -> list[str]:
        """How a token's bytes come about, in lines for the reader."""
        sizes: dict[str, int] = {}
        for layer in self.layers:
            part = self._layer_arithmetic(layer)
            sizes[part] = sizes.get(part, 0) + 1
        told = " + ".join(f"{count} layers x {part}" for part, count in sizes.items())
        lines = [f"{self.model.name}: {told} = {self.token_bytes:,} bytes a token"]
        if self.parallel.gpus > 1:
            lines.append(f"{self._gpus()}; K/V memory and bytes are those of one GPU")
        if any(layer.window or layer.chunk for layer in self.model.layers):
            lines.append(
                "every layer keeps every token here, as vLLM does with "
                "--disable-hybrid-kv-cache-manager"
            )
        return lines

    def _layer_arithmetic(self, layer: Layer) -> str:
        element, scale = KV_DTYPES[self.dtype]
        if layer.latent:
            return f"{layer.latent} latent elements x {element} bytes"
        heads = max(1, layer.kv_heads // self.parallel.tensor)
        each = f"{layer.head_dim} x {element} bytes"
        return f"2 x {heads} heads x " + (f"({each} + {scale} of scale)" if scale else each)

    def _gpus(self) -> str:
        parts = []
        if self.parallel.tensor > 1:
            parts.append(f"{self.parallel.tensor} GPUs share each layer")
        if self.parallel.pipeline > 1:
            most = len(self.layers)
            parts.append(f"{self.parallel.pipeline} stages of at most {most} layers")
        return ", ".join(parts)


def read_memory(
    model: str,
    budget: str,
    block_size: int,
    parallel: Parallel = ALONE,
    dtype: str | None = None,
) -> Memory:
    """From what was typed. Raises `InputWrong` with all that is wrong.

    `dtype` is that of K and V; None: the model's own.
    """
    wrong, found = [], None
    try:
        found = find_model(model).architecture
        wrong += [f"--model {found.name}: {told}" for told in misfits(found, parallel)]
    except InputWrong as problem:
        wrong.append(str(problem))
    byte_count = read_bytes(budget)
    if byte_count is None:
        wrong.append(f"--kv-memory {shown(budget)}: give a number and a unit: {', '.join(UNITS)}")
    if wrong or byte_count is None or found is None:
        raise InputWrong("\n".join(wrong))
    memory = Memory(found, byte_count, block_size, parallel, dtype or found.dtype)
    if not 2 <= memory.blocks <= MOST_BLOCKS:
        block = f"a block of {block_size} takes {memory.token_bytes * block_size:,} bytes"
        raise InputWrong(
            f"--kv-memory {shown(budget)}: {memory.blocks:,} blocks ({block}); "
            f"a replay takes 2 to {MOST_BLOCKS:,}"
        )
    return memory
