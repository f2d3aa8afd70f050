"""How long does a replay of a request log take, and is that linear in the number of requests?

    python benchmarks/request_log.py AzureLLMInferenceTrace_conv.csv

Prints one JSON line for a quarter, a half and all of the log.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path
from time import perf_counter

sys.path.pop(0)  # this folder: model.py in it would hide the package `model`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.leap import LeapingLane
from pagereel.model.replay.driver import replay
from pagereel.model.replay.meter import Meter
from pagereel.model.replay.traffic import read_azure


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--step-ms", type=float, default=30)
    parser.add_argument("--blocks", type=int, default=20_000)
    asked = parser.parse_args()
    config = VllmConfig(
        num_blocks=asked.blocks,
        max_num_seqs=256,
        max_num_batched_tokens=8192,
        max_model_len=32_768,
    )
    with asked.log.open(encoding="utf-8", newline="") as file:
        requests = read_azure(file, asked.step_ms)
    for count in (len(requests) // 4, len(requests) // 2, len(requests)):
        meter, start = Meter(), perf_counter()
        replay(lambda: LeapingLane(config), requests[:count], meter)
        seconds, summary = perf_counter() - start, meter.summary()
        line = {
            "requests": count,
            "seconds": round(seconds, 2),
            "requests_per_s": round(count / seconds),
            "steps": summary.tally.steps,
            "tokens": summary.tally.computed,
            "occupancy": round(summary.occupancy, 4),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
