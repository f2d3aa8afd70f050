"""Records a command's vLLM, and makes a trace (F3) of what its scheduler's recorder wrote down."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pagereel.measurements.running.sources import importable

Document = dict[str, Any]
TARGET, STEPS = "PAGEREEL_RECORD", "PAGEREEL_RECORD_STEPS"
"""As `engines.recorder` reads them."""
PLUGIN = """\
[vllm.general_plugins]
pagereel = pagereel.measurements.engines.recorder:install
"""


class NothingRecorded(Exception):
    """There is no trace to be made; the message says why."""


def record(command: Sequence[str], folder: Path, steps: int) -> tuple[int, Path]:
    """Run a command with the recorder in it, to its end; its exit status, and what was written.

    vLLM finds the recorder as a plugin beside this code, in every Python of the command. Raises
    OSError.
    """
    code = importable(folder)
    about = code / "pagereel_record-1.dist-info"
    about.mkdir(exist_ok=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: pagereel-record\nVersion: 1\n")
    (about / "entry_points.txt").write_text(PLUGIN)
    target = folder / "steps.part"
    target.unlink(missing_ok=True)
    paths = [str(code), *filter(None, [os.environ.get("PYTHONPATH")])]
    told = {"PYTHONPATH": os.pathsep.join(paths), TARGET: str(target), STEPS: str(steps)}
    process = subprocess.Popen(command, env=os.environ | told)
    while True:
        try:
            return process.wait(), target
        except KeyboardInterrupt:  # the command has it too, and takes its time to end
            process.send_signal(signal.SIGINT)


def trace_of_recording(lines: Iterable[str]) -> Iterator[Document]:
    """The workload with the tokens that were really sampled, the steps, the summary.

    A request that had not ended keeps what it had still to make, so that it does not end in the
    model either. Raises `NothingRecorded`.
    """
    head: Document = {}
    requests: dict[str, Document] = {}
    steps: list[Document] = []
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            break  # the process ended while it wrote
        if "config" in found:
            head = found
        elif "request" in found:
            asked = found["request"]
            requests[asked["id"]] = asked | {"arrival": len(steps), "output": []}
        elif "scheduled" in found and _moves(found):
            steps.append({"step": len(steps), **found})
            for name, token in found["sampled"].items():
                requests[name]["output"].append(token)
            for name in found["aborted"]:
                requests[name]["abort"] = len(steps) - 1
    if not head or not steps:
        raise NothingRecorded("no scheduler of vLLM was seen to take a step")
    over = {name for step in steps for name in step["finished"]}
    for name, asked in requests.items():
        most = asked.pop("most")
        if name not in over:
            asked["output"] += [0] * max(1, most - len(asked["output"]))
    short = {name: f"r{place}" for place, name in enumerate(requests)}
    asked_for = [asked | {"id": short[name]} for name, asked in requests.items()]
    made = {"config": head["config"], "requests": asked_for}
    about = head["recorded"] | {"made": datetime.now(UTC).strftime("%Y-%m-%d")}
    yield {"workload": made | {"recorded": about | {"names": {v: k for k, v in short.items()}}}}
    named = [_named(step, short) for step in steps]
    yield from named
    yield {"summary": _summary(named, head["config"]["block_size"])}


def _moves(step: Document) -> bool:
    """Whether anything came of a step: a server that has nobody to serve takes empty ones."""
    return any(step[key] for key in ("arrived", "aborted", "scheduled", "preempted"))


def _named(step: Document, short: Mapping[str, str]) -> Document:
    """A step with short names: a server's are long, and unlike for every run."""

    def rename(value: Any) -> Any:  # noqa: ANN401  # whatever JSON can say
        if isinstance(value, str):
            return short.get(value, value)
        if isinstance(value, list):
            return [rename(one) for one in value]
        if isinstance(value, dict):
            return {short.get(key, key): rename(one) for key, one in value.items()}
        return value

    return {
        key: _named_state(value, rename) if key.startswith("after_") else rename(value)
        for key, value in step.items()
    }


def _named_state(state: Document, rename: Callable[[Any], Any]) -> Document:
    """Only what names requests: keys of blocks stay."""
    names = ("running", "waiting", "computed", "tables")
    return state | {key: rename(state[key]) for key in names}


def write_trace(part: Path, target: Path) -> int:
    """Make the trace's file; returns its steps. Raises `NothingRecorded` and OSError."""
    if not part.is_file():
        raise NothingRecorded("vLLM did not load the recorder: is the command one of vLLM's?")
    count = -2
    partial = target.with_name(f"{target.name}.part")
    with part.open(encoding="utf-8") as opened, gzip.GzipFile(partial, "wb", mtime=0) as packed:
        for document in trace_of_recording(opened):
            packed.write(json.dumps(document, separators=(",", ":")).encode() + b"\n")
            count += 1
    partial.replace(target)
    return count


def _summary(steps: Sequence[Document], block_size: int) -> Document:
    states = [step[when] for step in steps for when in ("after_schedule", "after_update")]
    hits, before = 0, {}
    for step in steps:
        tables = step["after_schedule"]["tables"]
        adopted = {n: tables[n][: hit // block_size] for n, hit in step["prefix_hits"].items()}
        hits += sum(any(str(b) not in before for b in blocks) for blocks in adopted.values())
        before = step["after_update"]["cached"]
    return {
        "steps": len(steps),
        "scheduled_tokens": sum(n for step in steps for _, n in step["scheduled"]),
        "preemptions": sum(len(step["preempted"]) for step in steps),
        "prefix_hit_tokens": sum(n for step in steps for n in step["prefix_hits"].values()),
        "admissions": sum(len(step["prefix_hits"]) for step in steps),
        "finished": sum(len(step["finished"]) for step in steps),
        "sampled_tokens": sum(len(step["sampled"]) for step in steps),
        "null_table_entries": 0,
        "shared_blocks_peak": max(sum(n > 1 for n in s["ref"][1:]) for s in states),
        "duplicate_keys_peak": max(len(state["dup"]) for state in states),
        "same_step_hits": hits,
    }
