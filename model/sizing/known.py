"""Models known by name: the numbers of their published configurations (each its `config.json`).

What their authors count as parameters is compared in a test with what is counted from here.
"""

from __future__ import annotations

from pagereel.model.sizing.keys import Config


def _dense(
    family: str, layers: int, hidden: int, heads: tuple[int, int], inner: int, vocabulary: int,
    max_len: int, **more: object,
) -> Config:  # fmt: skip
    """A model whose layers are alike; `heads` are those of queries, and those of K/V."""
    return {
        "model_type": family,
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads[0],
        "num_key_value_heads": heads[1],
        "intermediate_size": inner,
        "vocab_size": vocabulary,
        "max_position_embeddings": max_len,
        **more,
    }


def _expert(count: int, chosen: int, inner: int) -> dict[str, object]:
    """Experts as Qwen3 names them: how many, how many a token uses, how wide."""
    return {
        "num_experts": count,
        "num_experts_per_tok": chosen,
        "moe_intermediate_size": inner,
    }


def _local(count: int, chosen: int) -> dict[str, object]:
    """Experts as Mixtral, gpt-oss and Llama 4 name them; all as wide as the layer."""
    return {"num_local_experts": count, "num_experts_per_tok": chosen}


def _latent(
    layers_dense: int, experts: int, shared: int, chosen: int, inner: int
) -> dict[str, object]:
    """DeepSeek's attention, and its experts."""
    return {
        "kv_lora_rank": 512,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": 128,
        "v_head_dim": 128,
        "first_k_dense_replace": layers_dense,
        "n_routed_experts": experts,
        "n_shared_experts": shared,
        "num_experts_per_tok": chosen,
        "moe_intermediate_size": inner,
    }


_LLAMA, _QWEN, _QWEN3, _GEMMA = 128_256, 152_064, 151_936, 256_000
"""Vocabularies of Llama 3, Qwen2.5, Qwen3 and the first Gemmas."""
_TIED = {"tie_word_embeddings": True}
_BITS_4 = {"quantization_config": {"quant_method": "mxfp4"}}

KNOWN: dict[str, Config] = {
    "gpt2": {
        "model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "n_positions": 1024,
        "vocab_size": 50_257,
    },
    "opt-13b": {
        "model_type": "opt", "num_hidden_layers": 40, "hidden_size": 5120,
        "num_attention_heads": 40, "ffn_dim": 20_480, "vocab_size": 50_272,
        "max_position_embeddings": 2048, "torch_dtype": "float16",
    },
    "llama-2-7b": _dense("llama", 32, 4096, (32, 32), 11_008, 32_000, 4096),
    "llama-2-13b": _dense("llama", 40, 5120, (40, 40), 13_824, 32_000, 4096),
    "llama-2-70b": _dense("llama", 80, 8192, (64, 8), 28_672, 32_000, 4096),
    "llama-3.1-8b": _dense("llama", 32, 4096, (32, 8), 14_336, _LLAMA, 131_072),
    "llama-3.1-70b": _dense("llama", 80, 8192, (64, 8), 28_672, _LLAMA, 131_072),
    "llama-3.1-405b": _dense("llama", 126, 16_384, (128, 8), 53_248, _LLAMA, 131_072),
    "llama-3.2-1b": _dense("llama", 16, 2048, (32, 8), 8192, _LLAMA, 131_072, head_dim=64, **_TIED),
    "llama-3.2-3b": _dense(
        "llama", 28, 3072, (24, 8), 8192, _LLAMA, 131_072, head_dim=128, **_TIED
    ),
    "llama-3.3-70b": _dense("llama", 80, 8192, (64, 8), 28_672, _LLAMA, 131_072),
    "llama-4-scout": _dense(
        "llama4_text", 48, 5120, (40, 8), 8192, 202_048, 10_485_760, head_dim=128,
        intermediate_size_mlp=16_384, attention_chunk_size=8192, **_local(16, 1),
    ),
    "mistral-7b": _dense("mistral", 32, 4096, (32, 8), 14_336, 32_000, 32_768, sliding_window=None),
    "mistral-small-24b": _dense(
        "mistral", 40, 5120, (32, 8), 32_768, 131_072, 32_768, head_dim=128, sliding_window=None
    ),
    "mixtral-8x7b": _dense("mixtral", 32, 4096, (32, 8), 14_336, 32_000, 32_768, **_local(8, 2)),
    "qwen2.5-7b": _dense("qwen2", 28, 3584, (28, 4), 18_944, _QWEN, 32_768),
    "qwen2.5-14b": _dense("qwen2", 48, 5120, (40, 8), 13_824, _QWEN, 32_768),
    "qwen2.5-32b": _dense("qwen2", 64, 5120, (40, 8), 27_648, _QWEN, 32_768),
    "qwen2.5-72b": _dense("qwen2", 80, 8192, (64, 8), 29_568, _QWEN, 32_768),
    "qwen3-1.7b": _dense("qwen3", 28, 2048, (16, 8), 6144, _QWEN3, 40_960, head_dim=128, **_TIED),
    "qwen3-4b": _dense("qwen3", 36, 2560, (32, 8), 9728, _QWEN3, 40_960, head_dim=128, **_TIED),
    "qwen3-8b": _dense("qwen3", 36, 4096, (32, 8), 12_288, _QWEN3, 40_960, head_dim=128),
    "qwen3-14b": _dense("qwen3", 40, 5120, (40, 8), 17_408, _QWEN3, 40_960, head_dim=128),
    "qwen3-32b": _dense("qwen3", 64, 5120, (64, 8), 25_600, _QWEN3, 40_960, head_dim=128),
    "qwen3-30b-a3b": _dense(
        "qwen3_moe", 48, 2048, (32, 4), 6144, _QWEN3, 40_960, head_dim=128, **_expert(128, 8, 768)
    ),
    "qwen3-235b-a22b": _dense(
        "qwen3_moe", 94, 4096, (64, 4), 12_288, _QWEN3, 40_960, head_dim=128,
        **_expert(128, 8, 1536),
    ),
    "gemma-2b": _dense("gemma", 18, 2048, (8, 1), 16_384, _GEMMA, 8192, head_dim=256),
    "gemma-2-9b": _dense(
        "gemma2", 42, 3584, (16, 8), 14_336, _GEMMA, 8192, head_dim=256, sliding_window=4096
    ),
    "gemma-3-1b": _dense(
        "gemma3_text", 26, 1152, (4, 1), 6912, 262_144, 32_768, head_dim=256, sliding_window=512
    ),
    "gemma-3-27b": _dense(
        "gemma3_text", 62, 5376, (32, 16), 21_504, 262_208, 131_072, head_dim=128,
        sliding_window=1024,
    ),
    "gpt-oss-20b": _dense(
        "gpt_oss", 24, 2880, (64, 8), 2880, 201_088, 131_072, head_dim=64, sliding_window=128,
        **_local(32, 4), **_BITS_4,
    ),
    "gpt-oss-120b": _dense(
        "gpt_oss", 36, 2880, (64, 8), 2880, 201_088, 131_072, head_dim=64, sliding_window=128,
        **_local(128, 4), **_BITS_4,
    ),
    "minimax-m2": _dense(
        "minimax_m2", 62, 3072, (48, 8), 1536, 200_064, 196_608, head_dim=128, **_local(256, 8)
    ),
    "phi-4": _dense("phi3", 40, 5120, (40, 10), 17_920, 100_352, 16_384),
    "deepseek-v2-lite": _dense(
        "deepseek_v2", 27, 2048, (16, 16), 10_944, 102_400, 163_840, **_latent(1, 64, 2, 6, 1408)
    ),
    "deepseek-v3": _dense(
        "deepseek_v3", 61, 7168, (128, 128), 18_432, 129_280, 163_840, q_lora_rank=1536,
        topk_method="noaux_tc", quantization_config={"quant_method": "fp8"},
        **_latent(3, 256, 1, 8, 2048),
    ),
}  # fmt: skip
"""Configurations by name; of a key that is not here the family's usual value holds."""
