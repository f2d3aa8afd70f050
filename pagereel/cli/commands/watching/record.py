"""`pagereel record -- vllm serve ...`: what a running vLLM's scheduler does, as a trace."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pagereel.errors import MachineFailed, explain

MOST_STEPS = 20_000


def record(
    command: Annotated[
        list[str],
        typer.Argument(metavar="COMMAND...", help="After `--`: vllm serve, or a Python script."),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where the trace goes.")
    ] = Path("incident.jsonl.gz"),
    steps: Annotated[
        int,
        typer.Option("--steps", min=1, max=10**6, help="It ends after so many; serving goes on."),
    ] = MOST_STEPS,
) -> None:
    """Run vLLM, and write down every state of its scheduler and its block pool.

    The command's own Python needs nothing but vLLM: the recorder comes in as a plugin. End the
    server with Ctrl-C; then the trace is written. It has all token ids of all prompts.
    """
    from pagereel.measurements.running.incident import NothingRecorded, write_trace
    from pagereel.measurements.running.incident import record as run

    with tempfile.TemporaryDirectory(prefix="pagereel-") as folder:
        try:
            ended, part = run(command, Path(folder), steps)
            count = write_trace(part, output)
        except NothingRecorded as nothing:
            raise MachineFailed(f"{command[0]}: {nothing}") from nothing
        except OSError as problem:
            raise explain(problem, f"cannot run {command[0]}, or write {output}") from problem
    print(f"{output}: {count:,} steps; ask `pagereel why {output} REQUEST`")
    if ended:
        print(f"{command[0]} ended with {ended}", file=sys.stderr)
