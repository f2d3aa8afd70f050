"""A contiguous lane's memory: regions with what they store, reserve and waste, and the holes."""

from __future__ import annotations

from collections.abc import Iterator

from model.state import ContiguousMemory, Region
from model.timeline import LaneStep
from model.waste import free_runs, split_region
from scenes.pictures.cells import Holds, Slot, draw, in_region
from scenes.pictures.chip import CHIP, baseline, chip, chip_width
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
    for slot in _slots(moment, step, memory, grid):
        yield from draw(moment, slot, grid)
    yield from _brackets(moment, step, memory, grid)


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


def _brackets(
    moment: Moment, step: LaneStep, memory: ContiguousMemory, grid: Grid
) -> Iterator[Shape]:
    """Whose region each is: a line along its rows and a chip, and how long it is if that fits.

    Small regions can begin in one row; their chips stand side by side, as many as there is room.
    """
    edge = grid.x - ADDRESS - 12
    left = x = edge - GUTTER + 12
    below = float("-inf")
    spans = [grid.span(region.start, region.size) for region in memory.regions]
    ends = [*(span.y for span in spans[1:]), float("inf")]
    for region, span, end in zip(memory.regions, spans, ends, strict=False):
        name, beside = region.request, span.y < below
        tags, key = moment.tags(step.lane, name), f"lane/{step.lane}/region/{name}"
        x = x if beside else left
        if x + chip_width(moment, name) > edge - 6:
            continue
        if not beside:
            line = ((edge, span.y), (edge, span.bottom))
            yield Path(key, line, moment.ink(name, "line"), line=3, tags=tags)
        yield from chip(moment, f"{key}/chip", name, x, span.y + CHIP / 2, tags)
        x, below = x + chip_width(moment, name) + 6, span.y + CHIP + 2
        if beside:
            continue
        stored = step.state.holder(name).computed
        for row, text in enumerate((f"{region.size} slots", f"{stored} stored")):
            needed = CHIP + 38 + 30 * row
            if needed <= span.h and span.y + needed <= end:
                line_y = baseline(span.y + CHIP / 2 + 38 + 30 * row, SIZE_LABEL)
                yield Text(f"{key}/{row}", left, line_y, text, SIZE_LABEL,
                           "text" if row else "muted", moment.faces.text, tags=tags)  # fmt: skip
