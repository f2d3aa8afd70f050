"""The trace format (F3): read line by line; configurations and states as plain JSON data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from pagereel.model.allocators.vllm.block_hash import HASH_DIGITS
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.hybrid_kv_cache_manager import GROUP_MARK
from pagereel.model.core.state import LaneState, PagedMemory, Phase
from pagereel.model.recording.data import BadRecording
from pagereel.model.recording.read import parse_line
from pagereel.model.traces.workload import Workload

Document = dict[str, Any]

TRACE_START = '{"workload"'
"""Every trace starts with it, and no other file that is read here."""

LATER_KEYS = ("async_scheduling", "kv_cache_groups")
"""Keys of a configuration that traces of the first edition do not have."""
TOTALS = (
    "steps",
    "scheduled_tokens",
    "preemptions",
    "prefix_hit_tokens",
    "admissions",
    "finished",
    "sampled_tokens",
    "null_table_entries",
    "shared_blocks_peak",
    "duplicate_keys_peak",
    "same_step_hits",
)
"""What the summary of a recording counts, over all its steps."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What real vLLM, or the model in its place, made of a workload.

    The lines stay lines until a step is asked for: as data they take many times the memory.
    """

    workload: Document
    """As the first line has it; nothing in it was checked yet."""
    count: int
    """Steps that there are."""
    summary: Document
    lines: Iterable[str] = field(repr=False)

    @property
    def steps(self) -> Iterator[Document]:
        """Every step in order, of which nothing else was checked. Raises `BadRecording`."""
        for number, text in enumerate(islice(self.lines, 1, self.count + 1)):
            document = parse_line(number + 2, text)
            if not isinstance(document, dict) or document.get("step") != number:
                raise BadRecording(number + 2, f"step {number} was to come here")
            yield document
        if self.summary.get("steps") != self.count:
            message = "the summary counts other steps: some are missing"
            raise BadRecording(self.count + 2, message)

    @property
    def documents(self) -> Iterator[Document]:
        """The steps and the summary: what a run of the workload makes. Raises `BadRecording`."""
        yield from self.steps
        yield {"summary": self.summary}

    @property
    def free_order(self) -> tuple[int, ...]:
        """The free queue before the first step, head first.

        That step frees nothing: what it took, in order, and what it left. Raises LookupError,
        TypeError and `BadRecording`.
        """
        first = next(self.steps)
        state = first["after_schedule"]
        taken = [block for name, _ in first["scheduled"] for block in state["tables"][name]]
        return (*dict.fromkeys(taken), *state["free"])  # some are shared in their first step


def read_trace(texts: Iterable[str]) -> Trace:
    """From the lines of a trace, whoever made it; each look at its steps goes through them again.

    What the workload and the steps say is not looked at. Raises `BadRecording`.
    """
    first, last, count = "", "", 0
    for text in texts:
        first, last, count = first or text, text, count + 1
    if count < 2:
        raise BadRecording(1, "the file ends here: it was cut off")
    head, end = parse_line(1, first), parse_line(count, last)
    if not isinstance(head, dict) or not isinstance(head.get("workload"), dict):
        raise BadRecording(1, "this is no trace: a workload comes first")
    if not isinstance(end, dict) or not isinstance(end.get("summary"), dict):
        raise BadRecording(count, "the summary is missing: the file was cut off")
    if count < 3:
        raise BadRecording(count, "there are no steps: some are missing")
    return Trace(head["workload"], count - 2, end["summary"], texts)


def settings(workload: Workload) -> Document:
    """The configuration as the trace's first line shows it.

    What came later to the format is there where it is set.
    """
    found, usual = asdict(workload.config), VllmConfig()
    return {
        name: value
        for name, value in found.items()
        if name not in LATER_KEYS or value != getattr(usual, name)
    }


def digest(document: Document) -> Document:
    """The same step with each state as the first 16 hex digits of SHA-256 of its JSON."""
    short = dict(document)
    for key in ("after_schedule", "after_update"):
        text = json.dumps(document[key], sort_keys=True, separators=(",", ":"))
        short[key] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return short


def state_document(state: LaneState, *, grouped: bool = False) -> Document:
    """One state as F3 writes it: block ids as keys are text, reference counts a list by block.

    `grouped`: with a table for each group of layers, and the group beside each key.
    """
    memory = paged_memory(state)
    references = dict(memory.references)
    running = {r.id: r.computed for r in state.requests if r.phase is Phase.RUNNING}
    return {
        "running": list(state.running),
        "waiting": list(state.waiting),
        "computed": {name: running[name] for name in state.running},
        "tables": _tables_by_group(memory) if grouped else _tables(memory),
        "ref": [None, *(references.get(block, 0) for block in memory.blocks)],
        "free": list(memory.free),
        "cached": {str(block): _key(key, grouped) for block, key in memory.cached},
        "dup": {_name(key, grouped): list(blocks) for key, blocks in memory.duplicates},
    }


def _tables(memory: PagedMemory) -> dict[str, list[int]]:
    return {table.request: list(table.blocks) for table in memory.tables}


def _tables_by_group(memory: PagedMemory) -> dict[str, list[list[int]]]:
    found: dict[str, list[list[int]]] = {}
    for table in memory.tables:
        found.setdefault(table.request, []).append(list(table.blocks))
    return found


def _key(key: str, grouped: bool) -> str | list[str | int]:
    name = key[:HASH_DIGITS]
    return [name, int(key.rpartition(GROUP_MARK)[2])] if grouped else name


def _name(key: str, grouped: bool) -> str:
    name = key[:HASH_DIGITS]
    return f"{name}/{key.rpartition(GROUP_MARK)[2]}" if grouped else name


def paged_memory(state: LaneState) -> PagedMemory:
    """The memory of a lane that is known to be paged."""
    assert isinstance(state.memory, PagedMemory)
    return state.memory
