"""A contiguous lane's memory: regions with what they store, reserve and waste, and the holes."""

from __future__ import annotations

from collections.abc import Iterator

from model.state import ContiguousMemory, Region
from model.timeline import LaneStep
from model.waste import free_runs, split_region
from scenes.pictures.cells import Holds, Slot, draw, newest
from scenes.pictures.chip import CHIP, baseline, chip
from scenes.pictures.grid import Grid, lay_out
from scenes.pictures.moment import Moment
from scenes.shapes import Anchor, Box, Path, Shape, Text
from scenes.style import SIZE_LABEL

GUTTER, ADDRESS = 148, 60
"""Left of the cells: whose region it is; and the address of a row's first slot."""


def contiguous_memory(
    moment: Moment, step: LaneStep, memory: ContiguousMemory, box: Box
) -> Iterator[Shape]:
    """Addresses, cells and region brackets."""
    cells = Box(box.x + GUTTER + ADDRESS, box.y, box.w - GUTTER - ADDRESS, box.h)
    grid = lay_out(cells, step.state.capacity, _group(moment), gutter=0)
    yield from _addresses(moment, step, grid)
    for slot in _slots(step, memory, grid):
        yield from draw(moment, slot, grid)
    for region in memory.regions:
        yield from _bracket(moment, step, region, grid)


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


def _slots(step: LaneStep, memory: ContiguousMemory, grid: Grid) -> Iterator[Slot]:
    for region in memory.regions:
        yield from _region_slots(step, region, grid)
    tags = frozenset({f"lane {step.lane}", "free"})
    for run in free_runs(memory, step.state.capacity):
        for offset in range(run.size):
            index = run.start + offset
            holds = Holds.EXTERNAL if offset >= run.size - run.unusable else Holds.FREE
            yield Slot(step.lane, _key(step, index), grid.slot(index), holds, tags=tags)


def _region_slots(step: LaneStep, region: Region, grid: Grid) -> Iterator[Slot]:
    """The region's slots in address order: stored, reserved, internal, external."""
    holder, owner = step.state.holder(region.request), step.state.owner(region.request).id
    tags = frozenset({f"lane {step.lane}", f"request {owner}", f"request {region.request}"})
    split = split_region(region, holder)
    uses = [Holds.STORED, Holds.RESERVED, Holds.INTERNAL, Holds.EXTERNAL]
    held = [use for use, count in zip(uses, split, strict=True) for _ in range(count)]
    for offset, use in enumerate(held):
        fresh = use is Holds.STORED and newest(holder, offset)
        index = region.start + offset
        yield Slot(
            step.lane,
            _key(step, index),
            grid.slot(index),
            Holds.NEWEST if fresh else use,
            region.request,
            owner,
            offset,
            tags,
        )


def _key(step: LaneStep, index: int) -> str:
    return f"lane/{step.lane}/slot/{index}"


def _bracket(moment: Moment, step: LaneStep, region: Region, grid: Grid) -> Iterator[Shape]:
    """Whose region it is, and how long."""
    span = grid.span(region.start, region.size)
    owner = step.state.owner(region.request).id
    tags = frozenset({f"lane {step.lane}", f"request {owner}", f"request {region.request}"})
    key = f"lane/{step.lane}/region/{region.request}"
    x = grid.x - ADDRESS - 12
    ink = moment.ink(owner, "line")
    yield Path(key, ((x, span.y), (x, span.bottom)), ink, line=3, tags=tags)
    left, top = x - GUTTER + 12, span.y + CHIP / 2
    yield from chip(moment, f"{key}/chip", (owner, region.request), left, top, tags)
    if span.h < 2.4 * CHIP:
        return
    stored = step.state.holder(region.request).computed
    for row, text in enumerate((f"{region.size} slots", f"{stored} stored")):
        yield Text(
            key=f"{key}/{row}",
            x=left,
            y=baseline(top + 38 + 30 * row, SIZE_LABEL),
            text=text,
            size=SIZE_LABEL,
            ink="text" if row else "muted",
            face=moment.faces.text,
            tags=tags,
        )
