"""`pagereel size`: what fits on real GPUs, in the terms of vLLM's log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import USUAL, Json, KvDtype, Theme, choice
from pagereel.sizing.wishes import KNOWN_CARDS, SizeWishes

_USUAL = SizeWishes("")


def size(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A known model (docs/reference/models.md), a config.json or its folder, or a hub "
            "id as ORG/NAME.",
        ),
    ],
    gpu: Annotated[str | None, choice("--gpu", KNOWN_CARDS, "Which GPU.")] = None,
    gpu_memory: Annotated[
        str | None,
        typer.Option("--gpu-memory", metavar="SIZE", help="What an engine finds of another GPU."),
    ] = None,
    tensor: Annotated[
        int, typer.Option("--tp", min=1, max=1024, help="GPUs that share each layer.")
    ] = 1,
    pipeline: Annotated[
        int, typer.Option("--pp", min=1, max=1024, help="Pipeline stages of layers.")
    ] = 1,
    data: Annotated[
        int,
        typer.Option("--dp", min=1, max=1024, help="Copies, each with a K/V cache of its own."),
    ] = 1,
    experts: Annotated[
        bool,
        typer.Option("--enable-expert-parallel", help="Spread experts over all --tp x --dp GPUs."),
    ] = False,
    max_model_len: Annotated[
        int | None,
        typer.Option(
            "--max-model-len",
            min=1,
            max=2**27,
            help="Longest prompt + output.  [default: what its configuration allows]",
        ),
    ] = None,
    kv_dtype: KvDtype = None,
    block_size: Annotated[
        int | None,
        typer.Option(
            "--block-size", min=1, max=65536, help="Tokens a block.  [default: 16, 64 with MLA]"
        ),
    ] = None,
    utilization: Annotated[
        float,
        typer.Option(
            "--gpu-memory-utilization", min=0.01, max=1, help="Share of a GPU that is claimed."
        ),
    ] = _USUAL.utilization,
    batched_tokens: Annotated[
        int | None,
        typer.Option(
            "--max-num-batched-tokens",
            min=1,
            max=2**24,
            help="Tokens a step: what layers with a window hold besides it.  [default: as vLLM's "
            "server has it on that GPU]",
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="SIZE",
            help="On one GPU.  [default: counted from the configuration or its safetensors files]",
        ),
    ] = None,
    overhead: Annotated[
        str | None,
        typer.Option(
            "--overhead",
            metavar="SIZE",
            help="Activations, CUDA graphs and libraries on one GPU, which only profiling knows.  "
            "[default: a median of public logs, with its range]",
        ),
    ] = None,
    kv_memory: Annotated[
        str | None,
        typer.Option(
            "--kv-memory", metavar="SIZE", help="K/V memory of one GPU, if a log has told it."
        ),
    ] = None,
    whole: Annotated[
        bool,
        typer.Option("--disable-hybrid-kv-cache-manager", help="Every layer keeps every token."),
    ] = False,
    synchronous: Annotated[
        bool, typer.Option("--no-async-scheduling", help="One step under way at a time.")
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Draw the budget, as .svg or .png."),
    ] = None,
    theme: Theme = USUAL.theme,
    as_json: Json = False,
) -> None:
    """Say what fits: how much K/V memory a model leaves on a GPU, and what that holds.

    It prints the lines that vLLM 0.32 logs when it starts, and where each number comes from. What
    is left for K/V is an estimate, with its range: activations and CUDA graphs are known to
    profiling alone. Give --overhead or --kv-memory from a log of yours, and tokens and concurrency
    are exact: vLLM's own rules, compared with real vLLM.
    """
    from pagereel.sizing.report import document, report
    from pagereel.sizing.size import size as sized_for

    wishes = SizeWishes(
        model, gpu, gpu_memory, tensor, pipeline, data, experts, max_model_len, kv_dtype,
        block_size, utilization, batched_tokens, weights, overhead, kv_memory, whole, synchronous,
    )  # fmt: skip
    found = sized_for(wishes)
    if picture:
        from pagereel.outputs.figures import draw_budget

        draw_budget(found, picture, theme)
    if as_json:
        print(json.dumps(document(found)))
        return
    print(report(found))
    if picture:
        print(f"\n{picture}: the budget")
