"""Pools of blocks as real vLLM makes them, beside the model's: `python tests/conformance/sizes.py`.

No weights and no GPU: vLLM's own functions get the layers, the memory and the settings, and say
how many blocks there are and how many requests fit. `--record FILE` keeps the cases for the tests.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import engine  # noqa: F401  # quietens vLLM before it is imported

from pagereel.model.sizing.architecture import Architecture, Layer
from pagereel.model.sizing.capacity import Limits, Pool, form_groups
from pagereel.model.sizing.parallel import Parallel, stage_layers


def random_case(number: int) -> dict[str, Any]:
    """Layers, GPUs, settings and memory."""
    chance = random.Random(number)
    heads, dim = chance.choice([1, 2, 4, 8, 16]), chance.choice([64, 128, 256])
    latent = chance.choice([0, 0, 0, 0, 576])
    size = chance.choice([16, 32, 64])
    kinds = [{}, {"window": chance.choice([128, 512, 1000, 4096])}, {"chunk": 8192}]
    picked = [kinds[0]] if latent else chance.choice([[kinds[0]], kinds[:2], [kinds[0], kinds[2]]])
    pattern = [chance.choice(picked) for _ in range(chance.choice([1, 2, 4, 6]))]
    count = chance.randint(4, 64)
    return {
        "pattern": pattern,
        "count": count,
        "heads": heads,
        "head_dim": dim,
        "latent": latent,
        "tensor": chance.choice([1, 1, 2, 4]),
        "pipeline": chance.choice([1, 1, 2, 3]),
        "block_size": size,
        "max_model_len": chance.choice([1000, 4096, 8192, 32_768, 131_072]),
        "in_flight": chance.choice([2048, 8192, 16_384]),
        "available": chance.randint(2**30, 2**36),
    }


def kinds_of(case: dict[str, Any]) -> list[dict[str, int]]:
    """What each layer keeps: the pattern, again and again."""
    pattern = case["pattern"]
    return [pattern[number % len(pattern)] for number in range(case["count"])]


def modelled(case: dict[str, Any]) -> Pool:
    """The model's pool."""
    layers = tuple(
        Layer(
            0 if case["latent"] else case["heads"],
            0 if case["latent"] else case["head_dim"],
            case["latent"],
            kind.get("window"),
            kind.get("chunk"),
        )
        for kind in kinds_of(case)
    )
    model = Architecture("case", "", 64, layers)
    parallel = Parallel(case["tensor"], case["pipeline"])
    groups = form_groups(model, parallel, "bfloat16", case["block_size"])
    limits = Limits(case["max_model_len"], case["in_flight"])
    return Pool(groups, limits, (case["available"],) * case["pipeline"])


def real(case: dict[str, Any]) -> dict[str, Any]:
    """What vLLM says: blocks, blocks of a request, tokens, requests; or that it does not start."""
    from vllm.v1.core import kv_cache_utils as utils

    settings = _settings(case)
    workers = _workers(case)
    groups = utils.get_kv_cache_groups(settings, {k: v for w in workers for k, v in w.items()})
    found = {"groups": len(groups), "starts": True}
    try:
        configs = utils.get_kv_cache_configs(settings, workers, [case["available"]] * len(workers))
    except ValueError:
        return {**found, "starts": False}
    tokens, requests = utils.get_kv_cache_capacity(settings, configs[0])
    return {**found, "blocks": configs[0].num_blocks, "tokens": tokens, "concurrency": requests}


def _workers(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The layers of each stage, as a worker describes them."""
    import torch
    from vllm.v1.kv_cache_interface import (
        ChunkedLocalAttentionSpec,
        FullAttentionSpec,
        MLAAttentionSpec,
        SlidingWindowSpec,
    )

    size, dtype = case["block_size"], torch.bfloat16
    heads = max(1, case["heads"] // case["tensor"])
    common = {
        "block_size": size,
        "dtype": dtype,
        "num_kv_heads": heads,
        "head_size": case["head_dim"],
    }
    latent = {**common, "num_kv_heads": 1, "head_size": case["latent"]}

    def spec(kind: dict[str, int]) -> Any:
        if case["latent"]:
            return MLAAttentionSpec(**latent)
        if "window" in kind:
            return SlidingWindowSpec(**common, sliding_window=kind["window"])
        if "chunk" in kind:
            return ChunkedLocalAttentionSpec(**common, attention_chunk_size=kind["chunk"])
        return FullAttentionSpec(**common)

    specs = {f"layer.{number}": spec(kind) for number, kind in enumerate(kinds_of(case))}
    model = Architecture("case", "", 64, (Layer(1, 1),) * case["count"])
    names, found = iter(specs), []
    for layers in stage_layers(model, case["pipeline"]):
        taken = [next(names) for _ in layers]
        found.append({name: specs[name] for name in taken})
    return found


def _settings(case: dict[str, Any]) -> Any:
    """The few settings that are asked for."""
    from vllm.v1.core.single_type_kv_cache_manager import register_all_kvcache_specs
    from vllm.v1.kv_cache_layout import KVCacheLayout

    settings = SimpleNamespace(
        model_config=SimpleNamespace(
            max_model_len=case["max_model_len"], original_max_model_len=case["max_model_len"]
        ),
        parallel_config=SimpleNamespace(
            decode_context_parallel_size=1,
            prefill_context_parallel_size=1,
            tensor_parallel_size=case["tensor"],
        ),
        scheduler_config=SimpleNamespace(disable_hybrid_kv_cache_manager=False),
        cache_config=SimpleNamespace(
            num_gpu_blocks_override=None,
            prefix_cache_retention_interval=None,
            get_resolved_kv_cache_layout=lambda: KVCacheLayout.LBNHC,
        ),
        attention_config=SimpleNamespace(hisparse_config=None),
        device_config=SimpleNamespace(device_type="cuda"),
        speculative_config=None,
        num_prefill_lookahead_tokens=0,
        max_in_flight_tokens=case["in_flight"],
    )
    register_all_kvcache_specs(settings)
    return settings


def main() -> None:
    """Compare; exit 1 where they differ."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--record", type=Path)
    given = asked.parse_args()
    equal, cases = 0, []
    for number in range(given.count):
        case = random_case(number)
        told, pool = real(case), modelled(case)
        own = {"groups": len(pool.groups), "starts": pool.serves_one}
        if pool.serves_one:
            own |= {"blocks": pool.blocks, "tokens": pool.tokens, "concurrency": pool.concurrency}
        equal += own == told
        cases.append({**case, "vllm": told})
        if own != told:
            print(f"case {number}: {case}\n  vLLM {told}\n  model {own}")
    if given.record:
        given.record.write_text(json.dumps(cases, separators=(",", ":")) + "\n", "utf-8")
    print(f"pools of blocks: {equal:,} of {given.count:,} equal")
    raise SystemExit(equal < given.count)


if __name__ == "__main__":
    main()
