"""Where the camera of the card `levels` is, where it has been, and at what it looks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pagereel.model.core.state import BlockTable, Holder, PagedMemory
from pagereel.model.readings.levels import route
from pagereel.model.storyboard.storyboard import LEVELS
from pagereel.model.storyboard.timeline import Half, LaneStep
from pagereel.scenes.pictures.cards.movement import in_focus
from pagereel.scenes.pictures.focus import named
from pagereel.scenes.pictures.moment import Moment

DEPTH = {level: depth for depth, level in enumerate(LEVELS)}


def levels_passed(moment: Moment) -> int:
    """A picture for every level on the way; the camera travels when all else has happened."""
    return len(route(moment.played.shot.levels)) if travels(moment) else 1


def travels(moment: Moment) -> bool:
    """Whether all else in the shot has happened."""
    return not moment.is_asking and moment.step is moment.played.end


@dataclass(frozen=True, slots=True)
class Journey:
    """A shot's way, and how much of it is done."""

    route: tuple[str, ...]
    done: tuple[str, ...]
    """Up to where the camera is."""

    @classmethod
    def of(cls, moment: Moment) -> Journey:
        """As far as the moment's stage."""
        whole = route(moment.played.shot.levels)
        return cls(whole, whole[: moment.stage + 1])

    @property
    def level(self) -> str:
        """Where the camera is."""
        return self.done[-1]

    def has_reached(self, level: str) -> bool:
        """Whether the camera is or was as deep as this, in this shot."""
        return DEPTH[level] <= max(DEPTH[seen] for seen in self.done)

    def has_come_out_to(self, level: str) -> bool:
        """Whether it has been at the level inside, and then at this one."""
        ways = pairwise(self.done)
        return any(after == level and DEPTH[before] > DEPTH[after] for before, after in ways)


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at: a block, and in it the slot of somebody's newest token."""

    step: LaneStep
    memory: PagedMemory
    block: int
    offset: int
    holder: Holder | None
    """Whose token is in the slot; None: it is free."""
    position: int
    """The token's; 0 if there is none."""


def looked_at(moment: Moment) -> Looked:
    """In the lane in focus, or the first with blocks: the newest token of whoever is in focus, or
    of the first that runs; the next block to be handed out where nobody stores anything."""
    wanted = frozenset[str]().union(*(named(target) for target in moment.played.shot.focus))
    lanes = ((step, step.state.memory) for step in moment.step.lanes)
    pools = [(step, memory) for step, memory in lanes if isinstance(memory, PagedMemory)]
    assert pools, "the reader gives every card of levels a lane with blocks"
    step, memory = next((p for p in pools if f"lane {p[0].lane}" in wanted), pools[0])
    tables = {table.request: table for table in memory.tables}
    first = in_focus(moment, step.state)
    for name in (*((first.id,) if first else ()), *tables):
        found = _newest(step, memory, tables.get(name))
        if found is not None:
            return found
    return Looked(step, memory, next(iter(memory.free), memory.blocks[0]), 0, None, 0)


def _newest(step: LaneStep, memory: PagedMemory, table: BlockTable | None) -> Looked | None:
    """The newest token of a table that stores one."""
    if table is None:
        return None
    holder = step.state.holder(table.request)
    index, offset = divmod(holder.computed - 1, memory.block_size)
    if not 0 <= index < len(table.blocks) or table.blocks[index] == memory.null_block:
        return None
    return Looked(step, memory, table.blocks[index], offset, holder, holder.computed - 1)


def falls_in(moment: Moment, journey: Journey, looked: Looked) -> bool:
    """Whether the token is still on its way into its slot: written in this shot, and the camera is
    about to see it there."""
    if looked.holder is None or "slot" not in journey.route or journey.has_reached("slot"):
        return False
    key = (looked.step.lane, looked.holder.id, looked.position)
    return key in moment.written and any(s.half is Half.SCHEDULED for s in moment.played.steps)
