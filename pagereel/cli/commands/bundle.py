"""`pagereel bundle`: the engines in parts, for a GPU host without a network."""

from __future__ import annotations

import json

from pagereel.errors import MachineFailed, explain
from pagereel.measurements.bundle.make import MIB, NoBundle, Wishes, make


def write_bundle(wishes: Wishes, form: str) -> None:
    """Make it, and say what to carry."""
    try:
        manifest = make(wishes)
    except NoBundle as problem:
        raise MachineFailed(str(problem)) from problem
    except OSError as problem:
        raise explain(problem, f"cannot write to {wishes.target}") from problem
    if form == "json":
        print(json.dumps(manifest))
        return
    for part in manifest["parts"]:
        print(f"{wishes.target / part['name']}: {part['bytes'] / MIB:,.1f} MiB")
    print(f"{len(manifest['wheels'])} wheels in {len(manifest['parts'])} parts")
    print("carry them with manifest.json and unpack.py; there: python3 unpack.py")
