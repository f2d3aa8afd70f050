"""Do the engines of this Python work here, before it matters?

Run as `python -m pagereel.measurements.running.selftest`.

Says what the machine has, then runs the tiny model through every kind of cache, each in a process
of its own as a cell is, and compares greedy tokens. A minute or two; nothing of it is measured.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pagereel.measurements.protocol.plan import MIB, Cell, plan
from pagereel.measurements.running.machine import findings, probe
from pagereel.measurements.running.run import Order, run_cell
from pagereel.measurements.samples.packed import unpack

LEAST_SAME = 0.9
"""Of the tokens: a wrong cache or kernel parts at once in every request."""


def cells(device: str) -> Iterator[Cell]:
    """vLLM with each backend of the presets, and transformers' two kinds of cache; two layers."""
    for cell in plan("full", device):
        wanted = cell.kind == "serve" and not cell.graphs
        if cell.workload == "four" and wanted and cell.method in ("vllm", "hf-paged", "seq-static"):
            yield replace(
                cell, model="tiny", budget_bytes=8 * MIB, repeats=1, warmups=0, trace=False
            )


def main() -> None:
    """See the top of the file."""
    machine = probe()
    for finding in findings(machine):
        print(f"{finding.name:14}{finding.found or '-'}")
    if not machine["torch"]:
        sys.exit("no torch: nothing to test")
    tokens: dict[str, list[int]] = {}
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        order = Order("full", sys.executable, machine, Path(folder))
        for cell in cells(machine["device"]):
            said = _try(order, cell, tokens)
            failed += bool(said)
            print(f"{cell.name}: {said or 'good'}", flush=True)
    print(f"{len(tokens)} engines ran, {failed} failed")
    sys.exit(1 if failed else 0)


def _try(order: Order, cell: Cell, tokens: dict[str, list[int]]) -> str:
    """Why the cell is not good; empty if it is. Its tokens are kept for those to come."""
    outcome = run_cell(order, cell, 300)
    if outcome.measured is None:
        return "\n    ".join([outcome.status, *outcome.last_lines])
    made = unpack(outcome.measured["tokens"])["ids"]
    first = next(iter(tokens.values()), made)
    tokens[cell.name] = made
    same = sum(a == b for a, b in zip(made, first, strict=True)) / len(made)
    return "" if same >= LEAST_SAME else f"{100 * same:.0f} % of its tokens are the first engine's"


if __name__ == "__main__":
    main()
