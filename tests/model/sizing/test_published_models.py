"""Configurations are read as published: sizes, kinds of layers, and every parameter."""

import pytest

from pagereel.model.core.geometry import PRESETS
from pagereel.model.sizing.architecture import stages
from pagereel.model.sizing.config import read_architecture
from pagereel.model.sizing.keys import BadConfig
from pagereel.model.sizing.known import KNOWN
from pagereel.model.sizing.parallel import (
    KV_DTYPES,
    Parallel,
    layer_token_bytes,
    misfits,
    token_bytes,
    weight_bytes,
)

PUBLISHED = {
    "gpt2": 124_439_808,
    "opt-13b": 12_853_473_280,
    "llama-2-7b": 6_738_415_616,
    "llama-2-13b": 13_015_864_320,
    "llama-2-70b": 68_976_648_192,
    "llama-3.1-8b": 8_030_261_248,
    "llama-3.1-70b": 70_553_706_496,
    "llama-3.1-405b": 405_853_388_800,
    "llama-3.2-1b": 1_235_814_400,
    "llama-3.2-3b": 3_212_749_824,
    "llama-3.3-70b": 70_553_706_496,
    "mistral-7b": 7_241_732_096,
    "mistral-small-24b": 23_572_403_200,
    "mixtral-8x7b": 46_702_792_704,
    "qwen2.5-7b": 7_615_616_512,
    "qwen2.5-14b": 14_770_033_664,
    "qwen2.5-32b": 32_763_876_352,
    "qwen2.5-72b": 72_706_203_648,
    "qwen3-1.7b": 1_720_574_976,
    "qwen3-4b": 4_022_468_096,
    "qwen3-8b": 8_190_735_360,
    "qwen3-14b": 14_768_307_200,
    "qwen3-32b": 32_762_123_264,
    "qwen3-30b-a3b": 30_532_122_624,
    "qwen3-235b-a22b": 235_093_634_560,
    "gemma-2b": 2_506_172_416,
    "gemma-2-9b": 9_241_705_984,
    "gemma-3-1b": 999_885_952,
    "gemma-3-27b": 27_009_346_304,
    "gpt-oss-20b": 20_914_757_184,
    "gpt-oss-120b": 116_829_156_672,
    "phi-4": 14_659_507_200,
    "deepseek-v2-lite": 15_706_484_224,
    "deepseek-v3": 671_026_419_200,
}
"""Elements of the published checkpoints, without what is beside the language model."""
MODELS = {name: read_architecture(config, name) for name, config in KNOWN.items()}


def test_parameters_counted_from_a_configuration_are_those_of_the_checkpoint():
    counted = {name: MODELS[name].parameters for name in PUBLISHED}
    assert counted == PUBLISHED
    # Llama 4 is published with what sees pictures; MiniMax has parts that are not counted here.
    assert set(KNOWN) - set(PUBLISHED) == {"llama-4-scout", "minimax-m2"}


def test_a_token_is_computed_with_the_experts_that_it_is_sent_to():
    assert round(MODELS["gpt-oss-120b"].used_parameters / 1e9, 1) == 5.1
    assert round(MODELS["gpt-oss-20b"].used_parameters / 1e9, 1) == 3.6
    assert round(MODELS["deepseek-v3"].used_parameters / 1e9) == 37


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_of_the_lanes_is_the_same_model(name):
    layers, preset = MODELS[name].layers, PRESETS[name]
    same = {(preset.kv_heads, preset.head_dim, preset.latent)}
    assert {(layer.kv_heads, layer.head_dim, layer.latent) for layer in layers} == same
    assert len(layers) == preset.layers
    assert preset.parameters in (0, MODELS[name].parameters)


@pytest.mark.parametrize(
    ("name", "full", "kept"),
    [
        ("gemma-3-27b", 10, 1024),
        ("gemma-2-9b", 21, 4096),
        ("gpt-oss-20b", 12, 128),
        ("mistral-7b", 32, None),
        ("qwen2.5-7b", 28, None),
    ],
)
def test_layers_keep_what_their_family_keeps(name, full, kept):
    windows = [layer.window for layer in MODELS[name].layers]
    assert windows.count(None) == full
    assert set(windows) - {None} == ({kept} if kept else set())


def test_llama_4_attends_in_chunks_but_for_every_fourth_layer():
    chunks = [layer.chunk for layer in MODELS["llama-4-scout"].layers]
    assert chunks == [8192, 8192, 8192, None] * 12


def test_layer_types_of_the_configuration_itself_come_first():
    kinds = ["full_attention"] * 20 + ["sliding_attention"] * 42
    model = read_architecture({**KNOWN["gemma-3-27b"], "layer_types": kinds}, "mine")
    assert [layer.window for layer in model.layers] == [None] * 20 + [1024] * 42


def test_of_a_model_that_sees_the_part_that_reads_is_taken():
    inner = dict(KNOWN["gemma-3-27b"])
    model = read_architecture({"model_type": "gemma3", "text_config": inner}, "seeing")
    assert model.layers == MODELS["gemma-3-27b"].layers
    assert "pictures" in model.uncounted


def test_a_family_that_is_not_known_has_its_k_v_but_no_weights():
    model = read_architecture({**KNOWN["llama-3.1-8b"], "model_type": "newest"}, "new")
    assert token_bytes(model.layers, "bfloat16", 1) == 131_072
    assert (model.parameters, "newest" in model.uncounted) == (0, True)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, "without num_hidden_layers or n_layer"),
        ({**KNOWN["llama-3.1-8b"], "hidden_size": "4096"}, "must be a whole number, not '4096'"),
        ({**KNOWN["llama-3.1-8b"], "num_attention_heads": 0}, "must be more than 0"),
        ({**KNOWN["llama-3.1-8b"], "num_hidden_layers": 5000}, "at most 1024"),
        ({**KNOWN["qwen3-8b"], "full_attention_interval": 4}, "linear attention keep a state"),
        ({**KNOWN["qwen3-8b"], "layer_types": ["mamba"] * 36}, "cannot size 'mamba'"),
        ({**KNOWN["qwen3-8b"], "layer_types": ["full_attention"]}, "has 1 layers, not 36"),
        ({**KNOWN["deepseek-v3"], "index_topk": 2048}, "an index besides K/V"),
        ({**KNOWN["llama-3.1-8b"], "is_encoder_decoder": True}, "an encoder"),
    ],
)
def test_a_configuration_that_cannot_be_sized_is_refused_with_the_reason(config, told):
    with pytest.raises(BadConfig) as refused:
        read_architecture(config, "mine")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("name", "tensor", "dtype", "expected"),
    [
        ("llama-3.1-70b", 1, "bfloat16", 327_680),
        ("llama-3.1-70b", 8, "bfloat16", 40_960),
        ("llama-3.1-70b", 16, "bfloat16", 40_960),  # 8 heads, each on two GPUs
        ("qwen2.5-7b", 4, "bfloat16", 14_336),
        ("llama-3.1-8b", 1, "fp8", 65_536),
        ("llama-3.1-8b", 1, "fp8_per_token_head", 65_536 + 32 * 8 * 2 * 4),
        ("deepseek-v3", 1, "bfloat16", 70_272),
        ("deepseek-v3", 8, "bfloat16", 70_272),  # MLA: all of it on every GPU
        ("deepseek-v3", 8, "fp8_per_token_head", 35_136),
    ],
)
def test_a_gpu_stores_its_heads_and_the_whole_latent(name, tensor, dtype, expected):
    assert token_bytes(MODELS[name].layers, dtype, tensor) == expected


def test_the_sixteen_bit_types_are_the_same_size():
    layer = MODELS["llama-3.1-8b"].layers[0]
    assert {layer_token_bytes(layer, dtype, 1) for dtype in ("float16", "bfloat16")} == {4096}
    assert KV_DTYPES["float16"] == KV_DTYPES["bfloat16"]


@pytest.mark.parametrize(
    ("layers", "pipeline", "expected"),
    [(32, 1, (32,)), (32, 4, (8, 8, 8, 8)), (61, 4, (15, 15, 16, 15)), (62, 4, (15, 16, 16, 15))],
)
def test_layers_left_over_go_to_the_stages_before_the_last(layers, pipeline, expected):
    assert stages(layers, pipeline) == expected


def test_weights_on_a_gpu_are_its_share_and_what_is_on_every_gpu():
    model = MODELS["llama-3.1-70b"]
    (alone,) = weight_bytes(model, Parallel())
    (shared,) = weight_bytes(model, Parallel(tensor=8))
    norms = (2 * 80 + 1) * 8192
    assert alone == 2 * model.parameters
    assert shared == 2 * ((model.parameters - norms) // 8 + norms)
    many = weight_bytes(model, Parallel(tensor=16))[0]
    keys = 80 * 2 * 8192 * 1024
    assert many == 2 * ((model.parameters - norms - keys) // 16 + keys // 8 + norms)


def test_a_pipeline_has_tables_at_its_ends_and_a_tied_one_at_both():
    tied, untied = MODELS["llama-3.2-3b"], MODELS["llama-3.1-8b"]
    assert sum(weight_bytes(untied, Parallel(pipeline=4))) == 2 * untied.parameters
    table = 128_256 * 3072
    assert sum(weight_bytes(tied, Parallel(pipeline=4))) == 2 * (tied.parameters + table)


def test_experts_are_shared_by_all_ranks_where_that_is_asked_for():
    model = MODELS["qwen3-235b-a22b"]
    experts = 94 * 128 * 3 * 4096 * 1536
    copies = weight_bytes(model, Parallel(tensor=4, data=2))[0]
    spread = weight_bytes(model, Parallel(tensor=4, data=2, experts=True))[0]
    assert copies - spread == 2 * experts // 8


@pytest.mark.parametrize(
    ("name", "published_gib"),
    [("gpt-oss-20b", 12.8), ("gpt-oss-120b", 60.8)],  # checkpoint sizes of the model card
)
def test_a_packed_checkpoint_is_as_large_as_published(name, published_gib):
    (found,) = weight_bytes(MODELS[name], Parallel())
    assert found / 2**30 == pytest.approx(published_gib, rel=0.01)


def test_a_packed_checkpoint_is_described_by_its_configuration():
    packed = {"quant_method": "gptq", "bits": 4, "group_size": 128}
    model = read_architecture({**KNOWN["llama-3.1-8b"], "quantization_config": packed}, "int4")
    layers = 8_030_261_248 - 2 * 128_256 * 4096 - 65 * 4096
    expected = 2 * (8_030_261_248 - layers) + layers * (4 + 20 / 128) / 8
    assert weight_bytes(model, Parallel())[0] == pytest.approx(expected, abs=1)
    assert weight_bytes(MODELS["deepseek-v3"], Parallel())[0] < 1.01 * 671_026_419_200 + 4e9


def test_gpus_that_cannot_share_a_model_are_told():
    model = MODELS["llama-3.1-8b"]
    assert list(misfits(model, Parallel(8))) == []
    assert next(misfits(model, Parallel(3))) == "32 query heads cannot be shared by 3 GPUs"
    assert list(misfits(model, Parallel(pipeline=40))) == ["32 layers cannot make 40 stages"]
