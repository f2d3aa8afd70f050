"""How many bytes one token's K/V takes, from the shape of the model. Presets with their sources."""

from __future__ import annotations

from dataclasses import dataclass

DTYPE_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "fp8": 1}
"""Bytes an element of the K/V cache takes."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """The shape of a model's K/V cache.

    The head dimension is given, never inferred from hidden size / heads: for several models
    (Gemma, Qwen3) that quotient is wrong.
    """

    name: str
    layers: int
    kv_heads: int
    """Heads that have K and V of their own (fewer than query heads with GQA, 1 with MQA)."""
    head_dim: int
    dtype: str = "float16"
    latent: int = 0
    """Elements of the one latent vector a layer stores with MLA, instead of K and V; else 0."""
    title: str = ""
    """What it is called on screen; empty: its name."""
    parameters: int = 0
    """Weights of the whole model, all of which a step reads; 0: not known, or a step reads some."""

    @property
    def bytes_per_layer(self) -> int:
        """Bytes of one token's K/V in one layer: K and V, each KV heads x head dimension."""
        elements = self.latent or 2 * self.kv_heads * self.head_dim
        return elements * DTYPE_BYTES[self.dtype]

    @property
    def bytes_per_token(self) -> int:
        """Bytes of one token's K/V in all layers."""
        return self.layers * self.bytes_per_layer


PRESETS: dict[str, Geometry] = {
    geometry.name: geometry
    for geometry in (
        # Layers, KV heads and head dimension are those of each model's published configuration;
        # its parameters follow from that and are counted again in a test.
        Geometry("gpt2", 12, 12, 64, title="GPT-2", parameters=124_439_808),
        Geometry("opt-13b", 40, 40, 128, title="OPT-13B", parameters=12_853_473_280),
        Geometry("llama-2-7b", 32, 32, 128, title="Llama 2 7B", parameters=6_738_415_616),
        Geometry("llama-2-13b", 40, 40, 128, title="Llama 2 13B", parameters=13_015_864_320),
        Geometry("llama-2-70b", 80, 8, 128, title="Llama 2 70B", parameters=68_976_648_192),
        Geometry("llama-3.1-8b", 32, 8, 128, title="Llama 3.1 8B", parameters=8_030_261_248),
        Geometry("mistral-7b", 32, 8, 128, title="Mistral 7B", parameters=7_241_732_096),
        Geometry("qwen2.5-7b", 28, 4, 128, title="Qwen2.5 7B", parameters=7_615_616_512),
        Geometry("qwen3-8b", 36, 8, 128, title="Qwen3 8B", parameters=8_190_735_360),
        Geometry("gemma-2b", 18, 1, 256, title="Gemma 2B", parameters=2_506_172_416),
        Geometry("deepseek-v3", 61, 0, 0, latent=512 + 64, title="DeepSeek-V3"),
    )
}
"""16-bit K/V, by name. deepseek-v3 stores one latent (512, and 64 for its rotary key) a layer, and
reads only the experts that its tokens are sent to."""
