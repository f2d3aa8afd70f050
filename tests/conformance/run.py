"""Runs fresh random workloads through real vLLM and the model, and compares every state.

python tests/conformance/run.py --count 1000 [--first SEED] [--mode sync|async|groups]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from oracle import observe
from workloads import async_workload, hybrid_workload, random_workload

from pagereel.model.traces.compare import trace_difference
from pagereel.model.traces.playing import trace_of
from pagereel.model.traces.workload import read_workload

FRESH = 1_000_000
"""Seeds from here on were not looked at while the model was written."""
MODES: dict[str, Callable[[int], dict[str, Any]]] = {
    "sync": random_workload,
    "async": async_workload,
    "groups": hybrid_workload,
}


def main() -> int:
    """Prints for each mode how many steps were equal, and the first difference if there is one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=1000, help="workloads of each mode")
    parser.add_argument("--first", type=int, default=FRESH, metavar="SEED")
    parser.add_argument("--mode", choices=MODES, action="append")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.count)
    return max(compare(mode, seeds) for mode in asked.mode or MODES)


def compare(mode: str, seeds: range) -> int:
    """0 if all states are equal."""
    steps = preemptions = hits = 0
    for seed in seeds:
        workload = read_workload(MODES[mode](seed))
        theirs = list(observe(workload))
        difference = trace_difference(theirs, json.loads(json.dumps(list(trace_of(workload)))))
        if difference:
            print(f"{mode}: {steps} steps were equal; then, in workload {seed}:\n{difference}")
            return 1
        summary = theirs[-1]["summary"]
        steps += summary["steps"]
        preemptions += summary["preemptions"]
        hits += summary["prefix_hit_tokens"]
    print(
        f"{mode}: {len(seeds)} workloads, {steps} steps, two states each: all equal "
        f"({preemptions} preemptions, {hits} tokens from the prefix cache)",
        flush=True,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
