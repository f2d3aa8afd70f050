"""`pagereel replay`: request traffic through allocator lanes, as numbers. Draws nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import USUAL, Json, KvDtype, Theme
from pagereel.cli.commands.figures.swept import SweepFiles, replay_swept
from pagereel.cli.commands.figures.ticker import ticker
from pagereel.errors import InputWrong
from pagereel.replays.wishes import BLOCK_SIZE, KV_MEMORY, MODEL, STRETCH, ReplayWishes

_USUAL = ReplayWishes(Path())


def replay(
    workload: Annotated[Path, typer.Argument(metavar="WORKLOAD", help="Requests; may be .gz.")],
    lanes: Annotated[
        str, typer.Option("--lanes", metavar="LANE,...", help="Allocators, side by side.")
    ] = _USUAL.lanes,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="Whose K/V: a known model (docs/reference/models.md), a config.json or its "
            f"folder, or a hub id as ORG/NAME.  [default: {MODEL}]",
        ),
    ] = None,
    kv_memory: Annotated[
        str | None,
        typer.Option("--kv-memory", metavar="SIZE", help=f"K/V memory.  [default: {KV_MEMORY}]"),
    ] = None,
    block_size: Annotated[
        int | None,
        typer.Option(
            "--block-size", min=1, max=65536, help=f"Tokens a block.  [default: {BLOCK_SIZE}]"
        ),
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
            f"measured.  [default: {_USUAL.step_length_ms:g}]",
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
    ] = _USUAL.points,
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
            help=f"The steps of --record, and how many apart.  [default: {STRETCH}]",
        ),
    ] = None,
    cite: Annotated[
        str | None,
        typer.Option("--cite", metavar="TEXT", help="Whom a recording names for the log."),
    ] = None,
    tensor: Annotated[
        int | None,
        typer.Option(
            "--tp", min=1, max=1024, help="GPUs that share each layer; --kv-memory is one's."
        ),
    ] = None,
    pipeline: Annotated[
        int | None, typer.Option("--pp", min=1, max=1024, help="Pipeline stages of layers.")
    ] = None,
    kv_dtype: KvDtype = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="arrival=COLUMN,prompt=COLUMN,output=COLUMN",
            help="Which columns of another log have what; a path in JSON lines: "
            "prompt=usage.prompt_tokens. Numbers are seconds, or arrival=COLUMN:ms.",
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            min=0.001,
            max=1e6,
            help="Requests a second, evenly, where a log does not say when they came.  "
            "[default: 1]",
        ),
    ] = None,
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            "--tokenizer", metavar="FILE", help="A tokenizer.json, for conversations in words."
        ),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="NAME=VALUES",
            help="Replay for each value: kv-memory=20..80GiB:7, block-size=8,16,32, "
            "paged/vllm.max_num_seqs=64,256. Repeatable: all combinations.",
        ),
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="The table of --sweep as CSV.")
    ] = None,
    parquet: Annotated[
        Path | None,
        typer.Option("--parquet", metavar="FILE", help="The same as Parquet; needs pyarrow."),
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option("--chart", metavar="FILE", help="Draw --sweep, as .svg or .png."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, help="Processes of --sweep.  [default: one a core]"),
    ] = None,
    theme: Theme = USUAL.theme,
    as_json: Json = False,
) -> None:
    """Send request traffic through allocators and count what becomes of it.

    WORKLOAD is an Azure, Mooncake or BurstGPT trace, the log of an OpenAI-like server (JSON lines
    with usage), a result of vllm bench serve, ShareGPT's conversations, any other CSV or JSON lines
    whose --columns you name, or a workload document (JSON) whose config then rules. Every lane gets
    the same requests at the same steps.

    It can also be a trace that `pagereel measure` kept of real vLLM: then the model gets the same
    requests, and both are printed side by side, with the first difference if there is one.

    A trace says when requests came, not how fast a machine is: each step counts for --step-ms,
    whatever it computes. So compare lanes with each other, not times with a clock.

    With --sweep it is replayed in every combination of settings, on all cores: a row for each, and
    the smallest K/V memory in which nobody is preempted or turned away.
    """
    from pagereel.replays.compare import compare_recorded, is_trace

    form = "json" if as_json else "text"
    if is_trace(workload):
        compare_recorded(workload, points, form)
        return
    wishes = ReplayWishes(
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
        tensor,
        pipeline,
        kv_dtype,
        columns,
        rate,
        tokenizer,
    )
    if sweep:
        replay_swept(wishes, sweep, form, SweepFiles(csv_file, parquet, chart, theme), jobs)
        return
    for name, file in (("--csv", csv_file), ("--parquet", parquet), ("--chart", chart)):
        if file:
            raise InputWrong(f"{name}: is written of a --sweep; name one")
    replay_workload(wishes, form)


def replay_workload(wishes: ReplayWishes, form: str) -> None:
    """Replay, and print tables or one JSON document. Raises `InputWrong`, `MachineFailed`."""
    from pagereel.replays.arrange import arrange, head, head_document, write_files
    from pagereel.replays.recordings import recorded_steps
    from pagereel.replays.report import document, tables
    from pagereel.replays.run import run

    arranged = arrange(wishes)
    requests, extent = arranged.traffic.requests, arranged.extent
    if form == "text":
        print(head(arranged), flush=True)
    replayed = []
    for lane in arranged.lanes:
        with ticker(lane.kind, len(requests), "requests") as progress:
            replayed.append(run(lane, requests, progress, extent))
    write_files(arranged, replayed)
    if form == "json":
        found = {"lanes": document(replayed, wishes.points)}
        print(json.dumps(head_document(arranged) | found))
        return
    print("\n" + tables(replayed, arranged.step_ms, wishes.points))
    if wishes.states:
        print(f"\n{wishes.states}: every state of paged/vllm")
    if wishes.record and extent.stretch:
        print(f"\n{wishes.record}: {recorded_steps(extent.stretch)}")
