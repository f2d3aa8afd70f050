"""Counts a model's parameters from its configuration, family by family.

Each family's sum is compared in the tests with the number that its authors publish.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pagereel.model.sizing.architecture import Split, Weight
from pagereel.model.sizing.keys import Keys, Shape


@dataclass(frozen=True, slots=True)
class Counted:
    """The weights of a model."""

    layers: tuple[tuple[Weight, ...], ...] = ()
    """Layer by layer; empty if they are not counted."""
    first: tuple[Weight, ...] = ()
    """Beside the first layer: tables."""
    last: tuple[Weight, ...] = ()
    """After the last layer: a norm, and the output table if it is another than the first."""
    missing: str = ""
    """Why they are not counted; empty if they are."""


def count_weights(keys: Keys, family: str, shape: Shape) -> Counted:
    """The weights of a family's model; what the count lacks is put into `keys.problems`."""
    count = FAMILIES.get(family)
    if count is None:
        told = f"weights of the family {family!r}" if family else "weights without a model_type"
        return Counted(missing=f"{told} are not counted")
    return count(keys, shape)


def _whole(parameters: int) -> Weight:
    """A norm, a router: small, never packed, and on every GPU."""
    return Weight(parameters, Split.WHOLE, packed=False)


def _table(parameters: int) -> Weight:
    return Weight(parameters, packed=False)


def _ends(keys: Keys, shape: Shape, tied: bool = False) -> tuple[Weight, tuple[Weight, ...]]:
    """The table of embeddings; the last norm and, where it is another, the output table."""
    table = _table(shape.vocabulary * shape.hidden)
    norm = _whole(shape.hidden)
    return table, (norm,) if keys.flag("tie_word_embeddings", tied) else (norm, table)


def _attention(shape: Shape, biased: bool, out_biased: bool) -> tuple[Weight, ...]:
    """Queries, keys, values and the way out, with grouped heads."""
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    found = [
        Weight(2 * shape.hidden * queries),
        Weight(2 * shape.hidden * keys, Split.KV),
    ]
    if biased:
        found += [_table(queries), Weight(2 * keys, Split.KV, packed=False)]
    if out_biased:
        found.append(_whole(shape.hidden))
    return tuple(found)


def _latent_attention(keys: Keys, shape: Shape) -> tuple[Weight, ...]:
    """MLA: what goes down to a latent is on every GPU, what comes up from it is shared."""
    rope = keys.whole("qk_rope_head_dim")
    nope, value = keys.whole("qk_nope_head_dim"), keys.whole("v_head_dim")
    stored, queries = shape.latent - rope, shape.heads * (nope + rope)
    found = [
        Weight(shape.hidden * shape.latent, Split.WHOLE),
        _whole(stored),
        Weight(stored * shape.heads * (nope + value)),
        Weight(shape.heads * value * shape.hidden),
    ]
    lower = keys.whole("q_lora_rank", usual=0)
    if not lower:
        return (*found, Weight(shape.hidden * queries))
    return (
        *found,
        Weight(shape.hidden * lower, Split.WHOLE),
        _whole(lower),
        Weight(lower * queries),
    )


def _gated(hidden: int, inner: int) -> Weight:
    """The part of a layer behind its attention: up, gate and down."""
    return Weight(3 * hidden * inner)


def _experts(hidden: int, inner: int, count: int, chosen: int, biased: int = 0) -> Weight:
    """All experts of a layer; `biased` parameters besides in each."""
    part = chosen / count if count else 1.0
    return Weight(count * (3 * hidden * inner + biased), Split.EXPERT, used=part)


def _llama(keys: Keys, shape: Shape) -> Counted:
    """Norms before attention and before a gated part, nothing else: Llama, Mistral and many."""
    biased = keys.flag("attention_bias")
    return _gated_decoder(keys, shape, _attention(shape, biased, biased), norms=2)


def _qwen2(keys: Keys, shape: Shape) -> Counted:
    """Biases on queries, keys and values."""
    return _gated_decoder(keys, shape, _attention(shape, biased=True, out_biased=False), norms=2)


def _qwen3(keys: Keys, shape: Shape) -> Counted:
    """A norm for queries and one for keys, each of a head's size."""
    attention = (*_attention(shape, False, False), _whole(2 * shape.head_dim))
    return _gated_decoder(keys, shape, attention, norms=2)


def _gemma(keys: Keys, shape: Shape) -> Counted:
    """One table for both ends."""
    return _gated_decoder(keys, shape, _attention(shape, False, False), norms=2, tied=True)


def _gemma2(keys: Keys, shape: Shape) -> Counted:
    """Norms behind attention and behind the gated part too."""
    return _gated_decoder(keys, shape, _attention(shape, False, False), norms=4, tied=True)


def _gemma3(keys: Keys, shape: Shape) -> Counted:
    """Norms as in Gemma 2, and those of queries and keys."""
    attention = (*_attention(shape, False, False), _whole(2 * shape.head_dim))
    return _gated_decoder(keys, shape, attention, norms=4, tied=True)


def _gated_decoder(
    keys: Keys, shape: Shape, attention: tuple[Weight, ...], norms: int, tied: bool = False
) -> Counted:
    """All layers alike."""
    table, last = _ends(keys, shape, tied)
    layer = (*attention, _gated(shape.hidden, shape.inner), _whole(norms * shape.hidden))
    return Counted((layer,) * shape.layers, (table,), last)


def _mixtral(keys: Keys, shape: Shape) -> Counted:
    """Experts in every layer."""
    count = keys.whole("num_local_experts")
    experts = _experts(shape.hidden, shape.inner, count, keys.whole("num_experts_per_tok"))
    layer = (*_attention(shape, False, False), experts, _whole((2 + count) * shape.hidden))
    table, last = _ends(keys, shape)
    return Counted((layer,) * shape.layers, (table,), last)


def _qwen3_moe(keys: Keys, shape: Shape) -> Counted:
    """Experts in every layer, or in some."""
    count, inner = keys.whole("num_experts"), keys.whole("moe_intermediate_size")
    experts = _experts(shape.hidden, inner, count, keys.whole("num_experts_per_tok"))
    attention = (*_attention(shape, False, False), _whole(2 * shape.head_dim + 2 * shape.hidden))
    sparse = (*attention, experts, _whole(count * shape.hidden))
    dense = (*attention, _gated(shape.hidden, shape.inner))
    every, plain = keys.whole("decoder_sparse_step", usual=1), keys.listed("mlp_only_layers")
    table, last = _ends(keys, shape)
    layers = tuple(
        dense if number in plain or (number + 1) % every else sparse
        for number in range(shape.layers)
    )
    return Counted(layers, (table,), last)


def _gpt_oss(keys: Keys, shape: Shape) -> Counted:
    """Biases everywhere, and a sink for each head."""
    count, hidden = keys.whole("num_local_experts"), shape.hidden
    chosen = keys.whole("num_experts_per_tok", "experts_per_token")
    experts = _experts(hidden, shape.inner, count, chosen, biased=2 * shape.inner + hidden)
    attention = (*_attention(shape, True, True), _table(shape.heads))
    layer = (*attention, experts, _whole((2 + count) * hidden + count))
    table, last = _ends(keys, shape)
    return Counted((layer,) * shape.layers, (table,), last)


def _deepseek(keys: Keys, shape: Shape) -> Counted:
    """MLA; the first layers dense, the others with experts, some of them used by every token."""
    hidden, count = shape.hidden, keys.whole("n_routed_experts")
    inner = keys.whole("moe_intermediate_size")
    corrected = count if keys.text("topk_method", "") == "noaux_tc" else 0
    common = (*_latent_attention(keys, shape), _whole(2 * hidden))
    sparse = (
        *common,
        _experts(hidden, inner, count, keys.whole("num_experts_per_tok")),
        _gated(hidden, inner * keys.whole("n_shared_experts", usual=0)),
        _whole(count * hidden + corrected),
    )
    dense = (*common, _gated(hidden, shape.inner))
    start = min(keys.whole("first_k_dense_replace", usual=0), shape.layers)
    table, last = _ends(keys, shape)
    return Counted((dense,) * start + (sparse,) * (shape.layers - start), (table,), last)


def _llama4(keys: Keys, shape: Shape) -> Counted:
    """Experts in every layer or every second one, and one that every token uses."""
    hidden, count = shape.hidden, keys.whole("num_local_experts")
    every = keys.whole("interleave_moe_layer_step", usual=1)
    common = (*_attention(shape, False, False), _whole(2 * hidden))
    experts = _experts(hidden, shape.inner, count, keys.whole("num_experts_per_tok"))
    sparse = (*common, experts, _gated(hidden, shape.inner), _whole(count * hidden))
    dense = (*common, _gated(hidden, keys.whole("intermediate_size_mlp", usual=shape.inner)))
    table, last = _ends(keys, shape)
    layers = tuple(dense if (i + 1) % every else sparse for i in range(shape.layers))
    return Counted(layers, (table,), last)


def _gpt2(keys: Keys, shape: Shape) -> Counted:
    """Biases everywhere, one table for both ends, and one for the positions."""
    return _older(shape, keys.whole("n_positions", "max_position_embeddings"))


def _opt(keys: Keys, shape: Shape) -> Counted:
    """As GPT-2, with two positions more than it can use."""
    return _older(shape, keys.whole("max_position_embeddings") + 2)


def _older(shape: Shape, positions: int) -> Counted:
    hidden, inner = shape.hidden, shape.inner
    layer = (
        Weight(4 * hidden * hidden + 2 * hidden * inner),
        Weight(3 * hidden + inner, packed=False),
        _whole(6 * hidden),
    )
    tables = (_table(shape.vocabulary * hidden), _whole(positions * hidden))
    return Counted((layer,) * shape.layers, tables, (_whole(2 * hidden),))


FAMILIES: dict[str, Callable[[Keys, Shape], Counted]] = {
    "deepseek_v2": _deepseek,
    "deepseek_v3": _deepseek,
    "gemma": _gemma,
    "gemma2": _gemma2,
    "gemma3_text": _gemma3,
    "gpt2": _gpt2,
    "gpt_oss": _gpt_oss,
    "llama": _llama,
    "llama4_text": _llama4,
    "mistral": _llama,
    "mixtral": _mixtral,
    "opt": _opt,
    "phi3": _llama,
    "qwen2": _qwen2,
    "qwen3": _qwen3,
    "qwen3_moe": _qwen3_moe,
}
"""How a family's weights are counted, by `model_type`."""
