"""What one lane has gained and what it has paid, at one moment of a storyboard."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.model.readings.subjects import InLane
from pagereel.model.storyboard.timeline import LaneStep


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


def ledger(step: LaneStep) -> Ledger:
    """Read the state at this moment, and the work that led there."""
    now, work = InLane(step.state, 0, step.work), step.work
    block_size = now.paged.block_size if now.paged else 0
    return Ledger(
        utilisation=now.utilisation if now.held else None,
        running=len(step.state.running),
        wasted=now.wasted,
        refused=work.refused_steps,
        table_entries=now.table_entries,
        copied=work.copied_entries + (work.copied_blocks + work.swapped_blocks) * block_size,
        recomputed=work.recomputed,
    )
