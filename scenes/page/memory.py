"""What every lane holds at one step, as numbers: for a page's counters, strip and panels."""

from __future__ import annotations

from typing import Any

from pagereel.model.core.state import ContiguousMemory, Holder, LaneState, PagedMemory
from pagereel.model.readings.subjects import InLane, InRequest
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import Step


def memory_of(storyboard: Storyboard, step: Step) -> dict[str, Any]:
    """By lane: the parts of its capacity in slots, how many run and wait, and each request."""
    return {lane.lane: _lane(storyboard, lane.state) for lane in step.lanes}


def _lane(storyboard: Storyboard, state: LaneState) -> dict[str, Any]:
    parts = InLane(state, 0).parts
    return {
        "stored": parts.stored,
        "reserved": parts.reserved,
        "internal": parts.internal,
        "external": parts.external,
        "cached": parts.cached,
        "free": parts.free,
        "held": parts.held,
        "capacity": state.capacity,
        "running": len(state.running),
        "waiting": len(state.waiting),
        "requests": {name: _holder(state, holder) for name, holder in state.holders().items()},
    }


def _holder(state: LaneState, holder: Holder) -> dict[str, Any]:
    """One request, or one sequence of a group; where it is in memory only while it is there."""
    told: dict[str, Any] = {
        "phase": holder.phase.value,
        "computed": holder.computed,
        "sampled": holder.sampled,
        "held": InRequest(holder, (holder.id,), state, 0).held,
    }
    match state.memory:
        case PagedMemory(tables=tables, null_block=null):
            mine = [table.blocks for table in tables if table.request == holder.id]
            told |= {"table": [_block(b, null) for b in mine[0]]} if mine and mine[0] else {}
        case ContiguousMemory(regions=regions):
            places = [[r.start, r.size] for r in regions if r.request == holder.id]
            told |= {"at": places[0]} if places else {}
    return told


def _block(block: int, null: int | None) -> int | None:
    """A block's number; None for what stands outside a sliding window."""
    return None if block == null else block
