"""A model as its configuration describes it: what each layer keeps of a token, and its weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Split(Enum):
    """How the GPUs of a tensor-parallel group share a weight (vLLM 0.32)."""

    SHARED = "each has an equal part"
    KV = "by K/V heads, which are repeated where there are more GPUs than heads"
    EXPERT = "each has a part of every expert, or whole experts with expert parallelism"
    WHOLE = "each has all of it"


@dataclass(frozen=True, slots=True)
class Weight:
    """Some of a model's parameters."""

    parameters: int
    split: Split = Split.SHARED
    packed: bool = True
    """Whether a quantized checkpoint packs it: matrices of layers are, tables and norms are not."""
    used: float = 1.0
    """The part that a single token is computed with; less than 1 for experts."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One attention layer with what follows it."""

    kv_heads: int
    """Heads with K and V of their own; 0 with MLA."""
    head_dim: int
    """Elements of K, and of V, of a head."""
    latent: int = 0
    """Elements of the one vector that MLA stores instead of K and V; else 0."""
    window: int | None = None
    """Tokens that are attended to, the newest included; None: all."""
    chunk: int | None = None
    """Tokens of a chunk, where attention stays in its own chunk (Llama 4); None: it does not."""
    weights: tuple[Weight, ...] = ()

    @property
    def elements(self) -> int:
        """Elements of one token's K/V."""
        return self.latent or 2 * self.kv_heads * self.head_dim


@dataclass(frozen=True, slots=True)
class Packing:
    """How a quantized checkpoint stores its matrices."""

    name: str
    bits: float
    """Of a parameter, scales and zero points included."""
    experts_only: bool = False


@dataclass(frozen=True, slots=True)
class Architecture:
    """A decoder-only language model."""

    name: str
    family: str
    """`model_type` of its configuration."""
    heads: int
    """Query heads."""
    layers: tuple[Layer, ...]
    first: tuple[Weight, ...] = ()
    """The table of embeddings, beside the first layer."""
    last: tuple[Weight, ...] = ()
    """The last norm, and the output table unless it is the first one again."""
    tied: bool = False
    """Whether the output table is the first one again."""
    max_len: int = 0
    """Tokens of the longest sequence that the configuration allows; 0: it does not say."""
    dtype: str = "bfloat16"
    """What its matrices are computed in."""
    packing: Packing | None = None
    uncounted: str = ""
    """Why the weights are not, or not all, in here; empty if they are."""

    def weights(self) -> Iterator[Weight]:
        """All of them, each once."""
        yield from self.first
        for layer in self.layers:
            yield from layer.weights
        yield from self.last

    @property
    def parameters(self) -> int:
        """Parameters of the whole model."""
        return sum(weight.parameters for weight in self.weights())

    @property
    def used_parameters(self) -> float:
        """Parameters that a single token is computed with; its embedding is only looked up."""
        tables = sum(weight.parameters for weight in self.first)
        used = sum(weight.parameters * weight.used for weight in self.weights())
        return used if self.tied else used - tables

    @property
    def hybrid(self) -> bool:
        """Whether some layers keep less of a sequence than others."""
        return len({(layer.window, layer.chunk) for layer in self.layers}) > 1


def stages(layers: int, pipeline: int) -> tuple[int, ...]:
    """Layers of each pipeline stage, as vLLM's `get_pp_indices` has them.

    What is left over goes to the stages before the last, which has the output table besides.
    """
    counts = [layers // pipeline] * pipeline
    for back in range(2, layers % pipeline + 2):
        counts[-back] += 1
    return tuple(counts)
