"""The trace format (F3): configurations and states as plain JSON data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from pagereel.model.core.state import LaneState, PagedMemory, Phase
from pagereel.model.traces.workload import Workload

Document = dict[str, Any]

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


def settings(workload: Workload) -> Document:
    """The configuration as the trace's first line shows it."""
    return asdict(workload.config)


def digest(document: Document) -> Document:
    """The same step with each state as the first 16 hex digits of SHA-256 of its JSON."""
    short = dict(document)
    for key in ("after_schedule", "after_update"):
        text = json.dumps(document[key], sort_keys=True, separators=(",", ":"))
        short[key] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return short


def state_document(state: LaneState) -> Document:
    """One state as F3 writes it: block ids as keys are text, reference counts a list by block."""
    memory = paged_memory(state)
    references = dict(memory.references)
    running = {r.id: r.computed for r in state.requests if r.phase is Phase.RUNNING}
    return {
        "running": list(state.running),
        "waiting": list(state.waiting),
        "computed": {name: running[name] for name in state.running},
        "tables": {table.request: list(table.blocks) for table in memory.tables},
        "ref": [None, *(references.get(block, 0) for block in memory.blocks)],
        "free": list(memory.free),
        "cached": {str(block): key for block, key in memory.cached},
        "dup": {key: list(blocks) for key, blocks in memory.duplicates},
    }


def paged_memory(state: LaneState) -> PagedMemory:
    """The memory of a lane that is known to be paged."""
    assert isinstance(state.memory, PagedMemory)
    return state.memory
