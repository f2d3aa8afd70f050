"""What one lane has gained and what it has paid, at one moment of a storyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.counting import EventCounter
from model.events import (
    BlockCopied,
    BlockSwappedIn,
    BlockSwappedOut,
    Event,
    Refused,
    RegionCopied,
    RegionMoved,
)
from model.metrics import InLane
from model.play import tokens
from model.state import LaneState, PagedMemory
from model.storyboard import Storyboard
from model.timeline import Step


@dataclass(frozen=True, slots=True)
class Ledger:
    """Gains and costs of one lane; the first two are gains."""

    utilisation: float | None
    """Percent of the held slots that store K/V, now; None if nothing is held."""
    running: int
    """Requests that run, now."""
    wasted: int
    """Slots that are kept from others and store nothing yet or ever, now."""
    refused: int
    """Engine steps so far at which the head of the queue did not fit."""
    table_entries: int
    """Entries of all block tables, now: each is kept, and read at every decode step."""
    copied: int
    """Slots so far whose K/V was copied: into another region or block, or to the CPU and back."""
    recomputed: int
    """Tokens so far whose K/V was computed again after a preemption."""


def keep_ledger(storyboard: Storyboard, past: Sequence[Step], lane: str) -> Ledger:
    """Read the state that the steps end in, and count the events that led there."""
    state = past[-1].lane(lane).state
    now = InLane(state, 0)
    counter = EventCounter()
    for request in tokens(storyboard).values():
        counter.meet(request)
    refused, copied = set(), 0
    for step in past:
        events = step.lane(lane).events
        counter.hear(events)
        copied += sum(_slots_copied(event, state) for event in events)
        if any(isinstance(event, Refused) for event in events):
            refused.add(step.number)
    return Ledger(
        utilisation=now.utilisation if now.held else None,
        running=len(state.running),
        wasted=now.wasted,
        refused=len(refused),
        table_entries=now.table_entries,
        copied=copied,
        recomputed=counter.tally.recomputed,
    )


def _slots_copied(event: Event, state: LaneState) -> int:
    """Blocks are copied whole, of a region the entries alone."""
    match event:
        case RegionMoved() | RegionCopied():
            return event.entries
        case BlockCopied() | BlockSwappedOut() | BlockSwappedIn():
            assert isinstance(state.memory, PagedMemory), "only pools of blocks copy blocks"
            return state.memory.block_size
    return 0
