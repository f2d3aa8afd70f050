"""Reads a model's `config.json`, as published beside its weights: a dictionary in, a model out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pagereel.model.core.quoting import shown
from pagereel.model.sizing.architecture import Architecture, Layer, Packing
from pagereel.model.sizing.counting import Counted, count_weights
from pagereel.model.sizing.keys import BadConfig, Config, Keys, Shape, read_shape

_TIED = frozenset({"gpt2", "opt", "gemma", "gemma2", "gemma3_text", "cohere2"})
"""Families whose output table is the first one unless the configuration says otherwise."""
_STRANGE = {
    "full_attention_interval": "its layers of linear attention keep a state, not K/V",
    "linear_attn_config": "its layers of linear attention keep a state, not K/V",
    "mamba_d_state": "its layers keep a state, not K/V",
    "mamba_n_heads": "its layers keep a state, not K/V",
    "ssm_state_size": "its layers keep a state, not K/V",
    "index_topk": "its sparse attention keeps an index besides K/V",
    "num_kv_shared_layers": "its layers share K/V",
    "global_head_dim": "its layers differ in the size of their heads",
}
"""Keys that, where they say something, tell of K/V that is stored in another way."""
_FULL, _SLIDING, _CHUNKED = "full_attention", "sliding_attention", "chunked_attention"


def read_architecture(config: Config, name: str) -> Architecture:
    """The model that a configuration describes. Raises `BadConfig`.

    Of a model that sees or hears, the part that reads text is taken: it has the K/V.
    """
    inner = config.get("text_config")
    keys = Keys({**config, **inner} if isinstance(inner, dict) else config)
    family = keys.text("model_type", "")
    _refuse_strangers(keys, family)
    shape = read_shape(keys)
    kinds = [] if keys.problems else _kinds(keys, family, shape.layers)
    counted = Counted() if keys.problems else count_weights(keys, family, shape)
    if keys.problems:
        raise BadConfig(keys.problems)
    beside = "" if inner is None else "what reads pictures or sound is not counted"
    return Architecture(
        name=name,
        family=family,
        heads=shape.heads,
        layers=tuple(_layers(keys, shape, kinds, counted)),
        first=counted.first,
        last=counted.last,
        tied=keys.flag("tie_word_embeddings", family in _TIED),
        max_len=keys.whole("max_position_embeddings", "n_positions", usual=0),
        dtype=keys.dtype(),
        packing=_packing(
            config.get("quantization_config") or keys.given.get("quantization_config")
        ),
        uncounted=counted.missing or beside,
    )


def _refuse_strangers(keys: Keys, family: str) -> None:
    for key, why in _STRANGE.items():
        if keys.given.get(key):
            keys.problems.append(f"{family or 'this model'} cannot be sized: {why} ({key})")
            return
    if keys.flag("is_encoder_decoder"):
        keys.problems.append(f"{family} cannot be sized: it has an encoder")


def _layers(keys: Keys, shape: Shape, kinds: Sequence[str], counted: Counted) -> Iterable[Layer]:
    """The layers, each with its weights where these are counted."""
    window, chunk = (
        keys.whole("sliding_window", usual=0),
        keys.whole("attention_chunk_size", usual=0),
    )
    heads, dim = (0, 0) if shape.latent else (shape.kv_heads, shape.head_dim)
    for number, kind in enumerate(kinds):
        yield Layer(
            kv_heads=heads,
            head_dim=dim,
            latent=shape.latent,
            window=window if kind == _SLIDING else None,
            chunk=chunk if kind == _CHUNKED else None,
            weights=counted.layers[number] if counted.layers else (),
        )


def _kinds(keys: Keys, family: str, layers: int) -> list[str]:
    """How much each layer keeps: as the configuration lists it, or by the family's pattern."""
    kinds = [str(kind) for kind in keys.listed("layer_types")]
    kinds = kinds or _pattern(keys, family, layers)
    strangers = sorted(set(kinds) - {_FULL, _SLIDING, _CHUNKED})
    if strangers:
        keys.problems.append(f"layer_types: cannot size {', '.join(map(shown, strangers))}")
    if len(kinds) != layers:
        keys.problems.append(f"layer_types has {len(kinds)} layers, not {layers}")
    for kind, key in ((_SLIDING, "sliding_window"), (_CHUNKED, "attention_chunk_size")):
        if kind in kinds and not keys.whole(key, usual=0):
            keys.problems.append(f"layer_types has {kind}, but there is no {key}")
    return kinds


def _pattern(keys: Keys, family: str, layers: int) -> list[str]:
    """The kinds of layers where the configuration does not list them."""
    if keys.whole("attention_chunk_size", usual=0) and family == "llama4_text":
        rotary = keys.listed("no_rope_layers") or [(layer + 1) % 4 for layer in range(layers)]
        return [_CHUNKED if turns else _FULL for turns in rotary]
    sliding = _sliding(keys, family, layers) if keys.whole("sliding_window", usual=0) else range(0)
    return [_SLIDING if layer in sliding else _FULL for layer in range(layers)]


def _sliding(keys: Keys, family: str, layers: int) -> Iterable[int]:
    """The layers with a window, of a family that has one."""
    everywhere = range(layers)
    if family in ("gemma2", "gpt_oss"):
        return range(0, layers, 2)
    if family in ("gemma3_text", "cohere2"):
        every = keys.whole("sliding_window_pattern", usual=6 if family == "gemma3_text" else 4)
        return set(everywhere) - set(range(every - 1, layers, every))
    if family.startswith("qwen"):
        start = keys.whole("max_window_layers", usual=layers)
        return range(start, layers) if keys.flag("use_sliding_window") else range(0)
    return everywhere


def _packing(given: object) -> Packing | None:
    """How a quantized checkpoint stores its matrices; None for one that is not, or unknown."""
    if not isinstance(given, dict):
        return None
    method = str(given.get("quant_method", ""))
    bits, group = given.get("bits"), given.get("group_size")
    if method == "compressed-tensors":
        weights = _first_weights(given.get("config_groups"))
        bits, group = weights.get("num_bits"), weights.get("group_size")
    if method == "mxfp4":
        return Packing("mxfp4", 4 + 8 / 32, experts_only=True)  # 8 bits of scale for each 32
    if method in ("fp8", "fbgemm_fp8"):
        return Packing(method, 8)
    if isinstance(bits, int) and 2 <= bits <= 8:
        each = group if isinstance(group, int) and group > 0 else 0
        scales = (16 + bits) / each if each and bits < 8 else 0  # a scale, and a zero point
        return Packing(f"{method} {bits} bits", bits + scales)
    return None


def _first_weights(groups: object) -> Config:
    """How the first group of a compressed checkpoint has its weights; empty if it is not said."""
    first = next(iter(groups.values()), None) if isinstance(groups, dict) else None
    weights = first.get("weights") if isinstance(first, dict) else None
    return weights if isinstance(weights, dict) else {}
