"""The models that are measured: public configurations with random weights, made on the spot.

K/V bytes depend on the shape alone, so no weights are fetched. Titles and K/V shapes are the
model's own (`model.core.geometry.PRESETS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pagereel.model.core.geometry import PRESETS, Geometry


@dataclass(frozen=True, slots=True)
class ModelShape:
    """One model's configuration, as transformers names its parts."""

    name: str
    family: str
    """transformers' class prefix: `GPT2`, `Llama`, `Qwen3`."""
    vocabulary: int
    """Token ids are 0 to this, less one."""
    config: Mapping[str, object]
    """What the configuration class takes besides the vocabulary."""
    geometry: Geometry

    def bytes_per_token(self, dtype: str) -> int:
        """K/V bytes of one token in a cache of that element type."""
        return replace(self.geometry, dtype=dtype).bytes_per_token

    @property
    def multiplied(self) -> int:
        """Weights that every token is multiplied with, the head's included; no biases, no rows of
        the embedding. Each step reads all of them.
        """
        known = {key: value for key, value in self.config.items() if isinstance(value, int)}
        if self.family == "GPT2":
            width = known["n_embd"]
            return known["n_layer"] * 12 * width**2 + self.vocabulary * width
        width, dim = known["hidden_size"], known["head_dim"]
        heads = 2 * (known["num_attention_heads"] + known["num_key_value_heads"]) * dim
        layer = width * (heads + 3 * known["intermediate_size"])
        return known["num_hidden_layers"] * layer + self.vocabulary * width


_LLAMA_3 = {
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 8192,
    "rms_norm_eps": 1e-5,
    "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0},
    "tie_word_embeddings": False,
}
_QWEN_3 = _LLAMA_3 | {
    "intermediate_size": 12288,
    "num_hidden_layers": 36,
    "max_position_embeddings": 40960,
    "rms_norm_eps": 1e-6,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
}
# Untied: with tied weights a random model repeats one token for ever, and equal tokens would prove
# nothing. K/V bytes are the same.
_VARIED = {"n_positions": 1024, "tie_word_embeddings": False}
_TINY = _VARIED | {"n_layer": 2, "n_head": 4, "n_embd": 128}
_GPT_2 = _VARIED | {"n_layer": 12, "n_head": 12, "n_embd": 768}

SHAPES: dict[str, ModelShape] = {
    shape.name: shape
    for shape in (
        ModelShape("tiny", "GPT2", 512, _TINY, Geometry("tiny", 2, 4, 32, title="two layers")),
        ModelShape("gpt2", "GPT2", 50257, _GPT_2, PRESETS["gpt2"]),
        ModelShape("llama-3.1-8b", "Llama", 128256, _LLAMA_3, PRESETS["llama-3.1-8b"]),
        ModelShape("qwen3-8b", "Qwen3", 151936, _QWEN_3, PRESETS["qwen3-8b"]),
    )
}
"""By name. `tiny` is for trying things out; nothing is concluded from it."""
