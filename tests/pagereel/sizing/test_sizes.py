"""`pagereel size`: vLLM's lines with their terms, exact once memory is known."""

import json

import pytest
from typer.testing import CliRunner

from pagereel.cli.app import app
from pagereel.errors import InputWrong
from pagereel.model.sizing.known import KNOWN
from pagereel.sizing.logs import checks, logged_starts, overheads
from pagereel.sizing.report import document, report
from pagereel.sizing.size import size
from pagereel.sizing.wishes import SizeWishes

from places import ROOT

GUIDE = (ROOT / "docs" / "how-to" / "size-a-model.md").read_text("utf-8")


def sized(model, **asked):
    return size(SizeWishes(model, **asked))


def test_the_example_of_the_guide_prints_what_is_shown():
    told = report(sized("llama-3.1-70b", gpu="h100", tensor=8, max_model_len=32_768))
    assert told in GUIDE


def test_numbers_of_public_logs_are_ours_but_where_one_gpu_of_several_speaks():
    found = checks()
    assert len(logged_starts()) >= 10
    assert sum(not start.seen for start in logged_starts()) >= 6
    apart = [check for check in found if check.error_percent]
    assert {check.start.source for check in apart} == {
        "vllm-project/vllm 21348", "vllm-project/vllm 13061", "eugr/spark-vllm-docker 396",
    }  # fmt: skip
    assert all(check.start.tensor > 1 and check.error_percent > 0 for check in apart)
    assert (len(found), len(apart)) == (25, 4)


def test_what_is_assumed_is_the_range_of_public_logs():
    found = overheads().range
    assert found.low < found.usual < found.high
    answer = sized("llama-3.1-8b", gpu="rtx-4090", max_model_len=8192)
    assert not answer.is_exact and len(answer.pools) == 3
    assert answer.pools[1].tokens > answer.pool.tokens > answer.pools[2].tokens


@pytest.mark.parametrize("known", [{"kv_memory": "20GiB"}, {"gpu": "h100", "overhead": "2GiB"}])
def test_nothing_is_estimated_once_memory_is_known(known):
    answer = sized("llama-3.1-8b", max_model_len=8192, **known)
    assert answer.is_exact and "(estimated)" not in report(answer)


def test_the_log_of_gpt2_is_said_again():
    told = document(sized("gpt2", kv_memory="18.1044GiB", max_model_len=512))
    assert told["log"][1] == (
        "GPU KV cache size: 527,328 tokens, "
        "Maximum concurrency for 512 tokens per request: 1029.94x"
    )
    assert (told["blocks"], told["exact"]) == (32_958, True)


def test_a_model_that_does_not_start_is_told_as_vllm_tells_it():
    told = report(sized("llama-3.1-8b", kv_memory="4GiB"))
    assert "max seq len (131,072), 16.00 GiB KV cache is needed" in told
    assert "with --max-model-len 32752 it would" in told
    assert "No available memory" in report(sized("llama-3.1-70b", gpu="t4"))


def test_the_scarcest_pipeline_stage_is_the_one_that_is_told():
    answer = sized("llama-3.1-8b", gpu="l4", pipeline=2, max_model_len=8192)
    tables = 128_256 * 4096 * 2
    assert (
        answer.claim.weights == 16 * (8_030_261_248 * 2 - 2 * tables - 8192) // 32 + tables + 8192
    )


def test_data_parallel_engines_have_their_own_pools():
    told = report(sized("deepseek-v3", gpu="h200", data=8, experts=True, kv_dtype="fp8"))
    assert "each of 8 engines; together" in told and "on every GPU" in told


def test_weights_that_lie_beside_the_configuration_are_taken_as_they_are(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(KNOWN["llama-3.1-8b"]), "utf-8")
    index = {"metadata": {"total_size": 8_030_261_248}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")
    answer = sized(str(tmp_path), gpu="h100", tensor=2)
    assert answer.claim.weights == pytest.approx(8_030_261_248 / 2, rel=0.001)
    assert answer.claim.weights_from == "its safetensors files"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"model": "gpt2"}, "name a GPU with --gpu, or its memory"),
        ({"model": "gpt2", "gpu": "h100", "overhead": "2"}, "--overhead '2': give a number and"),
        ({"model": "gpt2", "gpu": "h10"}, "no GPU 'h10'; did you mean `h100`?"),
        ({"model": "minimax-m2", "gpu": "h100"}, "are not counted; give --weights"),
        ({"model": "llama-3.1-8b", "gpu": "h100", "tensor": 3}, "cannot be shared by 3 GPUs"),
        ({"model": "no", "gpu_memory": "much"}, "--gpu-memory 'much'"),
    ],
)
def test_what_cannot_be_sized_says_why(asked, told):
    with pytest.raises(InputWrong) as refused:
        size(SizeWishes(**asked))
    assert told in str(refused.value)


def test_the_command_prints_json_and_draws_the_budget(tmp_path):
    target = tmp_path / "budget.svg"
    words = ["size", "gpt-oss-120b", "--gpu", "h100", "--picture", str(target), "--json"]
    done = CliRunner().invoke(app, words)
    told = json.loads(done.stdout)
    assert (told["groups"], told["starts"]) == (2, True)
    assert "Maximum concurrency for 131,072" in target.read_text("utf-8")
    assert CliRunner().invoke(app, [*words[:-2], "b.gif"]).exception
