"""What each lane has come to by a moment: whom it served, what it has used, what it has paid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pagereel.model.core.events import Preempted
from pagereel.model.core.state import PagedMemory, Phase
from pagereel.model.readings.subjects import InLane, Ledger, ledger
from pagereel.model.storyboard.timeline import Half, LaneStep, Step


@dataclass(frozen=True, slots=True)
class Balance:
    """One lane, from the first moment to this one."""

    lane: str
    is_paged: bool
    now: Ledger
    """Gains and costs at this moment, and those that add up."""
    waiting: int
    """Requests that wait now, those on the CPU included."""
    held: int
    """Slots that requests hold now."""
    finished: int
    """Requests that are answered."""
    ended: int
    """Requests that are answered or whose client gave up."""
    done_at: int
    """The engine step at which the latest of these did."""
    most_running: int
    """Requests that ran at once, at most."""
    most_held: int
    """Slots that requests held, at most."""
    slots_held: int
    """Slots that requests held, summed over the engine steps."""
    slots_used: int
    """Of these, slots that stored K/V."""
    preemptions: int

    @property
    def use(self) -> float | None:
        """Percent of the held slots that stored K/V, over all engine steps; None if none was."""
        return 100 * self.slots_used / self.slots_held if self.slots_held else None


def balances(steps: Iterable[Step]) -> Iterator[tuple[Balance, ...]]:
    """After each moment, every lane's; the moments have to be all that there were, in order."""
    before: dict[str, Balance] = {}
    for step in steps:
        before = {lane.lane: _after(before.get(lane.lane), step, lane) for lane in step.lanes}
        yield tuple(before.values())


def _after(before: Balance | None, step: Step, lane: LaneStep) -> Balance:
    state, read = lane.state, InLane(lane.state, 0, lane.work)
    ended = read.count(Phase.FINISHED) + read.count(Phase.ABORTED)
    counts = step.half is Half.SCHEDULED
    held, stored = read.held, read.held - read.parts.reserved - read.parts.internal
    return Balance(
        lane=lane.lane,
        is_paged=isinstance(state.memory, PagedMemory),
        now=ledger(lane),
        waiting=len(state.waiting) + len(state.swapped),
        held=held,
        finished=read.count(Phase.FINISHED),
        ended=ended,
        done_at=step.number if before is None or ended > before.ended else before.done_at,
        most_running=max(len(state.running), before.most_running if before else 0),
        most_held=max(held, before.most_held if before else 0),
        slots_held=(before.slots_held if before else 0) + held * counts,
        slots_used=(before.slots_used if before else 0) + stored * counts,
        preemptions=(before.preemptions if before else 0)
        + sum(isinstance(event, Preempted) for event in lane.events),
    )
