"""`pagereel verify`: are these files still what their storyboards say?"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

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
    as_json: Json = False,
) -> None:
    """Tell whether outputs are still what their storyboards say, from the manifests beside them."""
    from pagereel.outputs.verify import verify as judge

    verdicts = [judge(file, storyboard) for file in files]
    if as_json:
        print(json.dumps([dataclasses.asdict(one) | {"good": one.good} for one in verdicts]))
    else:
        for one in verdicts:
            if one.good:
                print(one)
    wrong = [str(one) for one in verdicts if not one.good]
    if wrong:
        raise InputWrong("\n".join(wrong))
