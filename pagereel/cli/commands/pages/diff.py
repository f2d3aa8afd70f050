"""`pagereel diff`: two storyboards, or one in two settings, side by side as a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import OUTPUT, Folder, Json, OneStoryboard, Set


def _set(flag: str, side: str) -> object:
    told = f"Set KEY=VALUE in the {side} one alone, as --set does in both. Repeatable."
    return typer.Option(flag, metavar="KEY=VALUE", help=told)


Left = Annotated[list[str] | None, _set("--left", "left")]
Right = Annotated[list[str] | None, _set("--right", "right")]


def diff(
    storyboard: OneStoryboard,
    other: Annotated[
        Path | None,
        typer.Argument(metavar="[OTHER]", help="Another one.  [default: the same]"),
    ] = None,
    left: Left = None,
    right: Right = None,
    output: Folder = OUTPUT / "diff",
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Write a page that shows two storyboards in step, and says what differs at every moment.

    `pagereel diff A.yaml B.yaml`, or one storyboard in two settings: `pagereel diff A.yaml --left
    block_size=4 --right block_size=16`. Beats of one title belong together, others by their order.
    DIR/index.html opens from a file, and asks for nothing else.
    """
    from pagereel.packaged import storyboard_file
    from pagereel.page.difference import Side
    from pagereel.page.publish import write_difference
    from pagereel.read import read_with_claims

    files = [storyboard_file(storyboard), storyboard_file(other or storyboard)]
    sides = []
    for file, alone in zip(files, (left or [], right or []), strict=True):
        stem = [] if files[0] == files[1] else [file.stem]
        name = ", ".join([*stem, *alone]) or "as written"
        sides.append(Side(name, file, read_with_claims(file, [*(set_ or ()), *alone])))
    made = write_difference(sides[0], sides[1], output)
    told = json.dumps([str(path) for path in made])
    print(told if as_json else f"{made[0]}: open it in a browser")
