"""A model spread over GPUs: what each of them stores of a token, and of the weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pagereel.model.sizing.architecture import Architecture, Layer, Packing, Split, Weight, stages

BITS = 16
"""Of a parameter that is not packed."""
KV_DTYPES: dict[str, tuple[int, int]] = {
    "float16": (2, 0),
    "bfloat16": (2, 0),
    "fp8": (1, 0),
    "fp8_per_token_head": (1, 4),
}
"""Bytes of an element of the K/V cache, and of the scale beside each K and each V of a head.

`fp8` has one scale a tensor, kept with the weights; `fp8_per_token_head` is vLLM's format with
scales in the cache. With MLA the latent has none.
"""


@dataclass(frozen=True, slots=True)
class Parallel:
    """How many GPUs share a model, and how."""

    tensor: int = 1
    """GPUs that share every layer."""
    pipeline: int = 1
    """Groups of them, each with some of the layers."""
    data: int = 1
    """Copies of all that, each with a K/V cache and requests of its own."""
    experts: bool = False
    """Whether experts are shared out whole over all tensor and data ranks."""

    @property
    def gpus(self) -> int:
        """All of them."""
        return self.tensor * self.pipeline * self.data


def misfits(model: Architecture, parallel: Parallel) -> Iterator[str]:
    """Why a model cannot be spread so; nothing if it can."""
    if model.heads % parallel.tensor:
        yield f"{model.heads} query heads cannot be shared by {parallel.tensor} GPUs"
    heads = {layer.kv_heads for layer in model.layers if layer.kv_heads}
    for count in sorted(heads):
        if max(count, parallel.tensor) % min(count, parallel.tensor):
            yield f"{count} K/V heads cannot be shared by {parallel.tensor} GPUs"
    if parallel.pipeline > len(model.layers):
        yield f"{len(model.layers)} layers cannot make {parallel.pipeline} stages"
    if model.packing and model.packing.bits < 2:
        yield f"{model.packing.name}: fewer than 2 bits"


def stage_layers(model: Architecture, pipeline: int) -> tuple[tuple[Layer, ...], ...]:
    """The layers of each pipeline stage."""
    found, start = [], 0
    for count in stages(len(model.layers), pipeline):
        found.append(model.layers[start : start + count])
        start += count
    return tuple(found)


def layer_token_bytes(layer: Layer, dtype: str, tensor: int) -> int:
    """Bytes of one token's K/V in one layer on one GPU.

    With MLA every GPU has the whole latent; K/V heads are repeated where there are fewer than GPUs.
    """
    element, scale = KV_DTYPES[dtype]
    if layer.latent:
        return layer.latent * element
    return max(1, layer.kv_heads // tensor) * 2 * (layer.head_dim * element + scale)


def token_bytes(layers: Iterable[Layer], dtype: str, tensor: int) -> int:
    """Bytes of one token's K/V in these layers on one GPU, were all of it kept."""
    return sum(layer_token_bytes(layer, dtype, tensor) for layer in layers)


def weight_bytes(model: Architecture, parallel: Parallel) -> tuple[int, ...]:
    """Bytes of the weights on a GPU of each pipeline stage."""
    stages_of_layers = stage_layers(model, parallel.pipeline)
    found, last = [], len(stages_of_layers) - 1
    for number, layers in enumerate(stages_of_layers):
        weights = [weight for layer in layers for weight in layer.weights]
        weights += model.first if number == 0 else ()
        weights += model.last if number == last else ()
        if model.tied and 0 < number == last:
            weights += model.first[:1]
        kv_heads = max((layer.kv_heads for layer in layers), default=1) or 1
        found.append(round(sum(_share(w, model.packing, parallel, kv_heads) for w in weights)))
    return tuple(found)


def _share(weight: Weight, packing: Packing | None, parallel: Parallel, kv_heads: int) -> float:
    """Bytes of one weight on one GPU."""
    parts = 1
    match weight.split:
        case Split.SHARED:
            parts = parallel.tensor
        case Split.KV:
            parts = min(parallel.tensor, kv_heads)
        case Split.EXPERT:
            parts = parallel.tensor * (parallel.data if parallel.experts else 1)
    packed = packing and weight.packed
    if packing and packing.experts_only and weight.split is not Split.EXPERT:
        packed = False
    bits = packing.bits if packing and packed else BITS
    return weight.parameters * bits / 8 / parts
