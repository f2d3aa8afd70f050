"""`pagereel why TRACE REQUEST`: why a request waited, was preempted or missed the cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import Json
from pagereel.errors import InputWrong, explain


def why(
    trace: Annotated[
        Path, typer.Argument(metavar="TRACE", help="Of `pagereel record`, or beside a record.")
    ],
    request: Annotated[
        str | None,
        typer.Argument(metavar="[REQUEST]", help="As listed, or part of its id.  [default: all]"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write a storyboard of it as well."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say in words what came to a request in a recorded engine, and what the model says.

    With -o the incident becomes a storyboard: `pagereel render` and `pagereel page` play it.
    """
    from pagereel.replays.incidents import Incident
    from pagereel.replays.recordings import Unusable

    try:
        incident = Incident.open(trace)
    except Unusable as wrong:
        raise InputWrong(f"{trace}: {wrong.message}; {wrong.remedy}") from None
    if request is None:
        for name, words in incident.requests():
            print(f"{name}: {words}")
        return
    name = incident.named(request)
    told = incident.why(name)
    if as_json:
        print(json.dumps(told.plain()))
    else:
        print("\n".join(told.lines()))
    if output is None:
        return
    try:
        incident.write_storyboard(name, told, output)
    except OSError as problem:
        raise explain(problem, f"cannot write to {output.parent}") from problem
    print(f"\n{output}: a storyboard; play it with `pagereel render {output}` or `pagereel page`")
