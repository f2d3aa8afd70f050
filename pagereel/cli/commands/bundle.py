"""`pagereel bundle`: the engines in parts, for a GPU host without a network."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import Json
from pagereel.errors import MachineFailed


def bundle(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Where the parts go.")],
    python: Annotated[
        Path | None,
        typer.Option(
            "--python", metavar="PYTHON", help="One of the host's version.  [default: this one]"
        ),
    ] = None,
    part: Annotated[
        int, typer.Option("--part", metavar="MIB", min=1, help="Largest size of a part, in MiB.")
    ] = 1024,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="PACKAGE", help="What the host has already: torch, 'nvidia-*'."
        ),
    ] = None,
    wheels: Annotated[
        Path | None,
        typer.Option("--wheels", metavar="DIR", help="A folder that has the wheels already."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Pack vLLM and transformers for a GPU host that has no network.

    Carry DIR there, all but its folder `wheels`, and run `python3 unpack.py`.
    """
    from pagereel.measurements.bundle.make import MIB, BundleWishes, NoBundle, make
    from pagereel.storage.outgoing import publishing

    wishes = BundleWishes(
        target, python or Path(sys.executable), part, tuple(without or ()), wheels
    )
    try:
        with publishing(target, (wheels,) if wheels else ()) as bench:
            manifest = make(wishes, bench)
    except NoBundle as problem:
        raise MachineFailed(str(problem)) from problem
    if as_json:
        print(json.dumps(manifest))
        return
    for made in manifest["parts"]:
        print(f"{target / made['name']}: {made['bytes'] / MIB:,.1f} MiB")
    print(f"{len(manifest['wheels'])} wheels in {len(manifest['parts'])} parts")
    print("carry them with manifest.json and unpack.py; there: python3 unpack.py")
