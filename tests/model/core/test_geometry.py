"""Bytes per token are those of each model's published configuration, quoted here as figures."""

import pytest

from pagereel.model.core.geometry import PRESETS, Geometry
from pagereel.model.core.sizes import human_bytes, read_bytes

QUOTED = {
    "gpt2": (12, 12, 64, 36_864),
    "opt-13b": (40, 40, 128, 819_200),
    "llama-2-7b": (32, 32, 128, 524_288),
    "llama-2-13b": (40, 40, 128, 819_200),
    "llama-2-70b": (80, 8, 128, 327_680),
    "llama-3.1-8b": (32, 8, 128, 131_072),
    "mistral-7b": (32, 8, 128, 131_072),
    "qwen2.5-7b": (28, 4, 128, 57_344),
    "qwen3-8b": (36, 8, 128, 147_456),
    "gemma-2b": (18, 1, 256, 18_432),
}


@pytest.mark.parametrize("name", QUOTED)
def test_a_preset_is_the_published_model(name):
    layers, kv_heads, head_dim, token_bytes = QUOTED[name]
    preset = PRESETS[name]
    assert (preset.layers, preset.kv_heads, preset.head_dim) == (layers, kv_heads, head_dim)
    assert preset.bytes_per_token == token_bytes


def test_latent_attention_stores_one_vector_a_layer_without_the_factor_two():
    preset = PRESETS["deepseek-v3"]
    assert (preset.layers, preset.latent) == (61, 512 + 64)
    assert preset.bytes_per_token == 70_272


def test_every_preset_is_quoted():
    assert set(PRESETS) == {*QUOTED, "deepseek-v3"}


def test_the_published_log_of_gpt2_adds_up():
    token_bytes = PRESETS["gpt2"].bytes_per_token
    assert 527_328 == 32_958 * 16
    assert round(527_328 * token_bytes / 2**30, 2) == 18.10


def test_one_request_of_2048_tokens_of_opt_13b_takes_1_56_gib():
    assert human_bytes(2048 * PRESETS["opt-13b"].bytes_per_token) == "1.56 GiB"


@pytest.mark.parametrize(
    ("dtype", "element"), [("float32", 4), ("float16", 2), ("bfloat16", 2), ("fp8", 1)]
)
def test_the_element_type_scales_the_bytes(dtype, element):
    shape = Geometry("tiny", layers=3, kv_heads=2, head_dim=5, dtype=dtype)
    assert shape.bytes_per_layer == 2 * 2 * 5 * element
    assert shape.bytes_per_token == 3 * 2 * 2 * 5 * element


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1,023 B"),
        (1024, "1 KiB"),
        (36_864, "36 KiB"),
        (1_048_576, "1 MiB"),
        (1_600_000, "1.53 MiB"),
        (2**40, "1 TiB"),
        (3 * 2**50, "3,072 TiB"),
    ],
)
def test_bytes_are_shown_in_the_largest_unit_that_leaves_one(count, shown):
    assert human_bytes(count) == shown


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("40GiB", 40 * 2**30),
        (" 40 gib ", 40 * 2**30),
        ("26 GB", 26 * 10**9),
        ("1.56 GiB", 1_675_037_245),
        ("0.7 GiB", 751_619_277),
        ("999999999.999999999 TiB", 1_099_511_627_775_999_998_900),
        ("7B", 7),
    ],
)
def test_amounts_are_read_to_the_nearest_byte(text, count):
    assert read_bytes(text) == count


@pytest.mark.parametrize("text", ["", "40", "GiB", "-1 GiB", "40 gigs", "1e3 MB", "2 iB", "٣ GiB"])
def test_what_is_no_amount_is_none(text):
    assert read_bytes(text) is None


def count_llama(vocabulary, hidden, inner, name, **more):
    """Weights of a decoder with gated layers and RMS norms, from its published configuration."""
    shape = PRESETS[name]
    queries = more.get("heads", hidden // shape.head_dim) * shape.head_dim
    keys = shape.kv_heads * shape.head_dim
    layer = 2 * hidden * (queries + keys) + 3 * hidden * inner + 2 * hidden
    layer += more.get("biases", 0) * (queries + 2 * keys) + more.get("normed", 0) * shape.head_dim
    return more.get("tables", 2) * vocabulary * hidden + hidden + shape.layers * layer


def count_gpt(vocabulary, positions, hidden, layers):
    """Weights of a decoder with biases everywhere, one table for both ends, and layer norms."""
    layer = 12 * hidden * hidden + 13 * hidden
    return (vocabulary + positions + 2) * hidden + layers * layer


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("gpt2", count_gpt(50257, 1024, 768, 12)),
        ("opt-13b", count_gpt(50272, 2050, 5120, 40)),
        ("llama-2-7b", count_llama(32000, 4096, 11008, "llama-2-7b")),
        ("llama-2-13b", count_llama(32000, 5120, 13824, "llama-2-13b")),
        ("llama-2-70b", count_llama(32000, 8192, 28672, "llama-2-70b")),
        ("llama-3.1-8b", count_llama(128256, 4096, 14336, "llama-3.1-8b")),
        ("mistral-7b", count_llama(32000, 4096, 14336, "mistral-7b")),
        ("qwen2.5-7b", count_llama(152064, 3584, 18944, "qwen2.5-7b", biases=1)),
        ("qwen3-8b", count_llama(151936, 4096, 12288, "qwen3-8b", normed=2)),
        ("gemma-2b", count_llama(256000, 2048, 16384, "gemma-2b", tables=1)),
        ("deepseek-v3", 0),
    ],
)
def test_parameters_follow_from_the_published_configuration(name, counted):
    assert PRESETS[name].parameters == counted
