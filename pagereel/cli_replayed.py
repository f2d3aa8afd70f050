"""The command about traffic: what `replay` takes. Part of `pagereel.cli.app`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import Json


def replay(
    workload: Annotated[Path, typer.Argument(metavar="WORKLOAD", help="Requests; may be .gz.")],
    lanes: Annotated[
        str, typer.Option("--lanes", metavar="LANE,...", help="Allocators, side by side.")
    ] = "contiguous/max,paged/vllm",
    model: Annotated[
        str | None,
        typer.Option("--model", help="Whose K/V: a preset.  [default: llama-3.1-8b]"),
    ] = None,
    kv_memory: Annotated[
        str | None,
        typer.Option("--kv-memory", metavar="SIZE", help="K/V memory.  [default: 40GiB]"),
    ] = None,
    block_size: Annotated[
        int | None,
        typer.Option("--block-size", min=1, max=65536, help="Tokens a block.  [default: 16]"),
    ] = None,
    max_len: Annotated[
        int | None,
        typer.Option(
            "--max-len",
            min=1,
            max=2**24,
            help="Longest prompt + output; contiguous lanes reserve it.  [default: a power of two "
            "of blocks that covers the longest request]",
        ),
    ] = None,
    step_ms: Annotated[
        float | None,
        typer.Option(
            "--step-ms",
            min=0.001,
            max=3_600_000,
            help="What a step counts for when timestamps become steps: a constant, assumed, not "
            "measured.  [default: 50]",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first requests of the file.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="LANE.NAME=VALUE",
            help="An engine setting: paged/vllm.max_num_seqs=64. Repeatable.",
        ),
    ] = None,
    points: Annotated[
        int, typer.Option("--points", min=1, max=1024, help="Moments shown over time.")
    ] = 12,
    states: Annotated[
        Path | None,
        typer.Option(
            "--states", metavar="FILE", help="Write each state of paged/vllm, JSON lines."
        ),
    ] = None,
    until: Annotated[
        int | None, typer.Option("--until", min=1, metavar="STEP", help="Stop at this step.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE", help="Keep states of every lane for a storyboard, gzip."
        ),
    ] = None,
    stretch: Annotated[
        str | None,
        typer.Option(
            "--stretch",
            metavar="FIRST:LAST:EVERY",
            help="The steps of --record, and how many apart.  [default: 0:1200:50]",
        ),
    ] = None,
    cite: Annotated[
        str | None,
        typer.Option("--cite", metavar="TEXT", help="Whom a recording names for the log."),
    ] = None,
    json: Json = False,
) -> None:
    """Send request traffic through allocators and count what becomes of it.

    WORKLOAD is an Azure LLM inference trace (CSV), a Mooncake trace (JSON lines) or a workload
    document (JSON) whose config then rules. Every lane gets the same requests at the same steps.

    It can also be a trace that `pagereel measure` kept of real vLLM: then the model gets the same
    requests, and both are printed side by side, with the first difference if there is one.

    A trace says when requests came, not how fast a machine is: each step counts for --step-ms,
    whatever it computes. So compare lanes with each other, not times with a clock.
    """
    from pagereel.cli.commands.replay import Asked, replay_workload
    from pagereel.replay.compare import compare_recorded, is_trace

    printed = "json" if json else "text"
    if is_trace(workload):
        compare_recorded(workload, points, printed)
        return
    asked = Asked(
        workload,
        lanes,
        model,
        kv_memory,
        block_size,
        max_len,
        step_ms,
        limit,
        tuple(option or ()),
        states,
        points,
        until,
        record,
        stretch,
        cite,
    )
    replay_workload(asked, printed)
