"""How fast is the model beside vLLM's own scheduler? The same workload through both, in one run.

    python benchmarks/model.py      (or: make benchmark-vllm)

Four runs, one JSON line each, medians over the repeats:

  vllm      schedule() and update_from_output() of the real scheduler; neither adding requests nor
            making the model's outputs is timed
  metrics   `model.replay.driver` with a meter, everything timed (adding requests and hashing too)
  states    the same, with a frozen state taken at every step boundary
  steps     the stepping lane without leaps and without events

vLLM lives in the environment that `make conformance` makes; where it exists, the benchmark runs
itself again in there. Without it the first is left out. Tokens are those the scheduler hands out
per second.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.pop(0)  # this folder: the script's own name would hide the package `model`
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "conformance"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workloads import even_workload

from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.allocators.vllm.leap import LeapingLane
from pagereel.model.core.journal import Silence
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState
from pagereel.model.replay.driver import ReplayLane, StepBoundary, replay
from pagereel.model.replay.meter import Meter
from pagereel.model.traces.workload import Workload, read_workload

ROOT = Path(__file__).resolve().parents[1]
WITHOUT_VLLM = "vLLM is not here: `make conformance` makes the environment that its side needs"

Measured = tuple[int, int, float]
"""Steps, tokens, seconds."""
Run = Callable[[Workload], Measured]


class LatestState:
    """Looks at every step boundary and takes the frozen state; keeps the latest."""

    state: LaneState | None = None

    def horizon(self, step: int) -> int:
        """Every one."""
        return step + 1

    def look(self, boundary: StepBoundary, lane: ReplayLane) -> None:
        """Take the state."""
        self.state = lane.snapshot()

    def turned_away(self, request: Request, refusal: TooLarge) -> None:
        """There are none."""


def vllm(workload: Workload) -> Measured:
    """Real vLLM; only its two calls a step are timed."""
    from engine import build_scheduler, make_hasher, make_request

    scheduler, hasher = build_scheduler(workload.config), make_hasher(workload.config)
    outputs = {request.id: request.output for request in workload.requests}
    live = {r.id: make_request(r, i, hasher) for i, r in enumerate(workload.requests)}
    for request in live.values():
        scheduler.add_request(request)
    steps, tokens, seconds = 0, 0, 0.0
    while live:
        start = perf_counter()
        decided = scheduler.schedule()
        seconds += perf_counter() - start
        answer = _answer(decided, live, outputs)
        start = perf_counter()
        scheduler.update_from_output(decided, answer)
        seconds += perf_counter() - start
        steps += 1
        tokens += decided.total_num_scheduled_tokens
        live = {name: request for name, request in live.items() if not request.is_finished()}
    return steps, tokens, seconds


def _answer(
    decided: Any,  # noqa: ANN401 - vLLM is not typed for us
    live: dict[str, Any],
    outputs: dict[str, Sequence[int]],
) -> Any:  # noqa: ANN401 - as above
    """The model's output for one step, made up."""
    from vllm.v1.outputs import ModelRunnerOutput

    names, rows = list(decided.num_scheduled_tokens), []
    for name in names:
        request = live[name]
        due = request.num_computed_tokens >= request.num_tokens
        rows.append([outputs[name][request.num_output_tokens]] if due else [])
    index = {name: i for i, name in enumerate(names)}
    return ModelRunnerOutput(req_ids=names, req_id_to_index=index, sampled_token_ids=rows)


def metrics(workload: Workload) -> Measured:
    """The model as a replay uses it."""
    return _replay(workload, Meter())


def states(workload: Workload) -> Measured:
    """The model with a frozen state at every step boundary."""
    return _replay(workload, LatestState())


def steps(workload: Workload) -> Measured:
    """The model without leaps."""
    start = perf_counter()
    lane = VllmLane(workload.config, Silence())
    for request in workload.requests:
        lane.submit(request)
    while lane.tally.finished < len(workload.requests):
        lane.schedule()
        lane.update()
    return lane.tally.steps, lane.tally.computed, perf_counter() - start


def _replay(workload: Workload, observer: Meter | LatestState) -> Measured:
    start = perf_counter()
    lane = replay(lambda: LeapingLane(workload.config), workload.requests, observer)
    return lane.tally.steps, lane.tally.computed, perf_counter() - start


def measure(runs: list[Run], workload: Workload, repeat: int) -> dict[str, list[float]]:
    """Runs take turns, so that what else the machine does hits all of them. Tokens per second."""
    rates: dict[str, list[float]] = {run.__name__: [] for run in runs}
    for _ in range(repeat):
        for run in runs:
            gc.collect()
            gc.freeze()
            step_count, tokens, seconds = run(workload)
            gc.unfreeze()
            rates[run.__name__].append(tokens / seconds)
    for name, each in rates.items():
        rate = statistics.median(each)
        line = {
            "run": name,
            "steps": step_count,
            "tokens": tokens,
            "tokens_per_s": round(rate),
            "us_per_step": round(tokens / rate / step_count * 1e6, 1),
            "all_tokens_per_s": [round(rate) for rate in each],
        }
        print(json.dumps(line), flush=True)
    return rates


def go_where_vllm_is() -> None:
    """Run this script in the environment that has vLLM, if there is one and it is not this."""
    python = ROOT / ".venv-conformance" / "bin" / "python"
    if find_spec("vllm") or not python.exists() or Path(sys.prefix) == python.parents[1]:
        return
    os.execv(python, [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--running", type=int, default=200)
    parser.add_argument("--blocks", type=int, default=12_000)
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    go_where_vllm_is()
    document = even_workload(asked.requests, running=asked.running, blocks=asked.blocks)
    workload = read_workload(document)
    runs: list[Run] = [metrics, states, steps]
    if not find_spec("vllm"):
        print(WITHOUT_VLLM, file=sys.stderr)
        measure(runs, workload, asked.repeat)
        return
    rates = measure([vllm, *runs], workload, asked.repeat)
    theirs = rates.pop("vllm")
    times = {
        name: round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 1)
        for name, ours in rates.items()
    }
    print(json.dumps({"times_vllm": times}))


if __name__ == "__main__":
    main()
