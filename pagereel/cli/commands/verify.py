"""`pagereel verify`: are these files still what their storyboards say?"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pagereel.cli.arguments import Json
from pagereel.errors import InputWrong


def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Videos, slides, frames.")],
    storyboard: Annotated[
        Path | None,
        typer.Option(
            "--storyboard",
            help="Where its storyboard is, if neither in storyboards/ nor pagereel's own.",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Compare digests alone; decode nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell whether outputs are still what their storyboards say, from the manifests beside them.

    Every frame of a video is decoded, every picture, and those inside slides. There is a verdict
    on each file, also where another cannot be judged.
    """
    from pagereel.outputs.verify import Look
    from pagereel.outputs.verify import verify as judge

    look = Look.QUICK if quick else Look.WHOLE
    results: list[dict[str, Any]] = []
    wrong = []
    for file in files:
        try:
            verdict = judge(file, storyboard, look)
        except InputWrong as problem:
            results.append({"file": str(file), "good": False, "problem": str(problem)})
            wrong.append(str(problem))
        else:
            results.append(dataclasses.asdict(verdict) | {"good": verdict.good})
            if not verdict.good:
                wrong.append(str(verdict))
            elif not as_json:
                print(verdict)
    if as_json:
        print(json.dumps(results))
    if wrong:
        raise InputWrong("\n".join(wrong))
