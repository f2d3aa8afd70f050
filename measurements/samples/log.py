"""What a cell writes into its log while it runs, and how such a log is read again.

Beside whatever the engines print there is a line for everything that happens, with its numbers as
JSON: `pagereel: run {"number": 1, …}`. A record carries the log, and both must say the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from pagereel.model.core.plain_json import BadJson, parse

MARK = "pagereel: "
HAPPENINGS = ("cell", "ready", "run", "trial", "trace", "end")
"""In this order; `run` and `trial` may come several times."""
TOLD = (
    "device", "cpu", "cores", "memory", "driver", "cuda", "python", "torch", "transformers", "vllm",
    "vllm_package", "emulated",
)  # fmt: skip
"""What a cell says of its machine, and the record says again."""
_STAMP = re.compile(r"\b\d\d-\d\d (\d\d):(\d\d):(\d\d)\b")
"""As vLLM's logger writes it."""
DAY = 86_400


class Said(NamedTuple):
    """One line of ours."""

    what: str
    """One of `HAPPENINGS`."""
    about: dict[str, Any]


def log_line(what: str, about: Mapping[str, Any]) -> str:
    """A line as a cell prints it."""
    return f"{MARK}{what} {json.dumps(about, sort_keys=True)}"


def fingerprint(value: object) -> str:
    """16 hex digits that stand for plain data: a log names what it does not repeat."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def told(machine: Mapping[str, Any]) -> dict[str, Any]:
    """What a cell's log says of the machine that `running.machine.probe` found."""
    gpus = [[gpu[name] for name in ("index", "name", "total", "uuid_sha256")]
            for gpu in machine["gpus"]]  # fmt: skip
    return {name: machine[name] for name in TOLD} | {"gpus": gpus}


def said_in(text: str) -> Iterator[Said]:
    """All lines of ours, in order; what begins like one and is none has nothing to say."""
    for line in text.splitlines():
        if not line.startswith(MARK):
            continue
        what, _, rest = line.removeprefix(MARK).partition(" ")
        try:
            about = parse(rest)
        except BadJson:
            about = None
        yield Said(what, about if isinstance(about, dict) else {})


def pauses(text: str) -> list[int]:
    """Seconds from each line that an engine's logger stamped to the next; below 0: back in time."""
    found = [match for line in text.splitlines() if (match := _STAMP.search(line))]
    times = [3600 * int(m[1]) + 60 * int(m[2]) + int(m[3]) for m in found]
    return [(b - a + DAY // 2) % DAY - DAY // 2 for a, b in pairwise(times)]
