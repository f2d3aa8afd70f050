"""A contiguous lane's memory: regions with what they store, reserve and waste, and the holes."""

from __future__ import annotations

from collections.abc import Iterator

from model.state import ContiguousMemory, Region
from model.timeline import LaneStep
from model.waste import free_runs, split_region
from scenes.pictures.chip import baseline
from scenes.pictures.lanes.cells import Holds, Slot, draw, in_region
from scenes.pictures.lanes.grid import Grid, lay_out
from scenes.pictures.lanes.owners import owners
from scenes.pictures.moment import Moment
from scenes.shapes import Anchor, Box, Shape, Text
from scenes.style import SIZE_LABEL

GUTTER, SLIM, ADDRESS = 148, 112, 60
"""Left of the cells: whose region it is, with less room in a narrow lane; and the address of a
row's first slot."""
NARROW = 340
"""A lane no wider than this is narrow."""


def contiguous_memory(
    moment: Moment, step: LaneStep, memory: ContiguousMemory, box: Box
) -> Iterator[Shape]:
    """Addresses, cells, and beside them whose they are."""
    gutter = SLIM if box.w <= NARROW else GUTTER
    cells = Box(box.x + gutter + ADDRESS, box.y, box.w - gutter - ADDRESS, box.h)
    grid = lay_out(cells, step.state.capacity, _group(moment), gutter=0)
    yield from _addresses(moment, step, grid)
    for slot in _slots(moment, step, memory, grid):
        yield from draw(moment, slot, grid)
    yield from owners(moment, step, memory, grid, Box(box.x, box.y, gutter - 12, box.h))


def _group(moment: Moment) -> int:
    """Rows as long as the blocks of the lane beside it, so that the two can be compared."""
    return max((spec.block_size for spec in moment.storyboard.lanes), default=4)


def _addresses(moment: Moment, step: LaneStep, grid: Grid) -> Iterator[Shape]:
    for first in grid.labelled(step.state.capacity):
        cell = grid.slot(first)
        yield Text(
            key=f"lane/{step.lane}/address/{first}",
            x=cell.x - 18,
            y=baseline(cell.centre[1], SIZE_LABEL),
            text=str(first),
            size=SIZE_LABEL,
            ink="muted",
            face=moment.faces.mono,
            anchor=Anchor.END,
            tags=frozenset({f"lane {step.lane}"}),
        )


def _slots(moment: Moment, step: LaneStep, memory: ContiguousMemory, grid: Grid) -> Iterator[Slot]:
    for region in memory.regions:
        yield from _region_slots(moment, step, region, grid)
    tags = frozenset({f"lane {step.lane}", "free"})
    for run in free_runs(memory, step.state.capacity):
        for offset in range(run.size):
            index = run.start + offset
            holds = Holds.EXTERNAL if offset >= run.size - run.unusable else Holds.FREE
            yield Slot(step.lane, _key(step, index), grid.slot(index), holds, tags=tags)


def _region_slots(moment: Moment, step: LaneStep, region: Region, grid: Grid) -> Iterator[Slot]:
    """The region's slots in address order: stored, reserved, internal, external."""
    holder, tags = step.state.holder(region.request), moment.tags(step.lane, region.request)
    split = split_region(region, holder)
    uses = [Holds.STORED, Holds.RESERVED, Holds.INTERNAL, Holds.EXTERNAL]
    held = [use for use, count in zip(uses, split, strict=True) for _ in range(count)]
    for offset, use in enumerate(held):
        fresh = use is Holds.STORED and (step.lane, holder.id, offset) in moment.written
        index = region.start + offset
        yield Slot(
            step.lane,
            _key(step, index),
            grid.slot(index),
            Holds.NEWEST if fresh else use,
            holder,
            offset,
            in_region(holder.id, offset),
            tags,
        )


def _key(step: LaneStep, index: int) -> str:
    return f"lane/{step.lane}/slot/{index}"
