"""Prints the trace of a workload through real vLLM, or writes all golden traces anew.

python tests/conformance/record.py --workload tests/fixtures/vllm/cases/02-same-step-hit.json
python tests/conformance/record.py --random 7
python tests/conformance/record.py --all tests/fixtures/vllm
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oracle import observe
from workloads import async_workload, hybrid_workload, random_workload

from pagereel.model.traces.documents import settings
from pagereel.model.traces.workload import read_workload

Document = dict[str, Any]
RANDOM_RECORDINGS = 40
ASYNC_RECORDINGS = range(8)
HYBRID_RECORDINGS = range(12)


def lines(document: Document) -> Iterator[str]:
    """The trace of one workload document, as JSON lines (F3)."""
    workload = read_workload(document)
    header = {"workload": {**document, "config": settings(workload)}}
    for line in (header, *observe(workload)):
        yield json.dumps(line, separators=(",", ":"))


def record_all(folder: Path) -> None:
    """Write the golden trace of every case and of the random workloads."""
    cases = {p.stem: json.loads(p.read_text("utf-8")) for p in (folder / "cases").glob("*.json")}
    cases |= {f"random-{seed:03}": random_workload(seed) for seed in range(RANDOM_RECORDINGS)}
    cases |= {f"async-{seed:03}": async_workload(seed) for seed in ASYNC_RECORDINGS}
    cases |= {f"groups-{seed:03}": hybrid_workload(seed) for seed in HYBRID_RECORDINGS}
    for name, document in sorted(cases.items()):
        text = "".join(f"{line}\n" for line in lines(document))
        packed = gzip.compress(text.encode(), mtime=0)
        (folder / "golden" / f"{name}.jsonl.gz").write_bytes(packed)


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--workload", type=Path, metavar="JSON")
    source.add_argument("--random", type=int, metavar="SEED")
    source.add_argument("--all", type=Path, metavar="FOLDER")
    asked = parser.parse_args()
    if asked.all:
        record_all(asked.all)
        return
    document = random_workload(asked.random) if asked.workload is None else None
    document = document or json.loads(asked.workload.read_text("utf-8"))
    for line in lines(document):
        print(line)


if __name__ == "__main__":
    main()
