"""A contiguous lane's memory: regions with what they store, reserve and waste, and the holes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from pagereel.model.core.events import RegionSlid
from pagereel.model.core.state import ContiguousMemory, Region
from pagereel.model.storyboard.timeline import Half, LaneStep
from pagereel.model.usage.occupancy import free_runs, split_region
from pagereel.scenes.pictures.chip import CHIP, baseline, chip, chip_width
from pagereel.scenes.pictures.lanes.cells import Holds, Slot, draw, in_region, longest_word
from pagereel.scenes.pictures.lanes.grid import Grid, lay_out
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.style import SIZE_CELL, SIZE_LABEL

LINE = 34
"""From one line of text under a chip to the next."""
ASIDE = 5
"""From the column of texts to the brackets beside it."""


def owners(
    moment: Moment, step: LaneStep, memory: ContiguousMemory, grid: Grid, column: Box
) -> Iterator[Shape]:
    """Brackets, chips and sizes in a column left of the cells."""
    tops = [_chip_top(grid, region, column) for region in memory.regions]
    yield from _brackets(moment, step, memory, grid, column)
    yield from _chips(moment, step, memory, tops, grid, column)
    yield from _holes(moment, step, memory, tops, grid, column)


def _chip_top(grid: Grid, region: Region, column: Box) -> float:
    """At the region's first row, but never below the column's end."""
    return min(grid.span(region.start, region.size).y, column.bottom - CHIP)


def _brackets(
    moment: Moment, step: LaneStep, memory: ContiguousMemory, grid: Grid, column: Box
) -> Iterator[Path]:
    """A line along the rows of each region; a row that two share is the upper one's."""
    drawn, x = float("-inf"), column.right + ASIDE
    for region in memory.regions:
        span = grid.span(region.start, region.size)
        top = max(span.y, drawn + 3)
        if span.bottom - top > 3:
            ends = ((x, top), (x, span.bottom))
            tags = moment.tags(step.lane, region.request)
            ink = moment.ink(region.request, "line")
            yield Path(_owner_key(step, region), ends, ink, line=3, tags=tags)
            drawn = span.bottom


def _chips(
    moment: Moment,
    step: LaneStep,
    memory: ContiguousMemory,
    tops: list[float],
    grid: Grid,
    column: Box,
) -> Iterator[Shape]:
    """Small regions can begin in one row; their chips stand side by side, as many as fit."""
    x, below = column.x, float("-inf")
    ends = [*tops[1:], float("inf")]
    for region, top, end in zip(memory.regions, tops, ends, strict=False):
        name, beside = region.request, top < below
        x, width = x if beside else column.x, chip_width(moment, name)
        if x + width > column.right - 6:
            continue
        tags = moment.tags(step.lane, name)
        yield from chip(moment, f"{_owner_key(step, region)}/chip", name, x, top + CHIP / 2, tags)
        x, below = x + width + 6, top + CHIP + 2
        if not beside:
            height = min(grid.span(region.start, region.size).h, end - top)
            yield from _size(moment, step, region, Box(column.x, top, column.w, height))


def _size(moment: Moment, step: LaneStep, region: Region, box: Box) -> Iterator[Text]:
    """How long a region is and how much it stores, under its chip, as far as there is room."""
    stored, tags = (
        step.state.holder(region.request).computed,
        moment.tags(step.lane, region.request),
    )
    for row, text in enumerate((f"{region.size} slots", f"{stored} stored")):
        if CHIP + LINE * row + 38 <= box.h:
            y = baseline(box.y + CHIP / 2 + 38 + LINE * row, SIZE_LABEL)
            if moment.faces.measures("text").width(text, SIZE_LABEL) > box.w:
                return
            yield Text(f"{_owner_key(step, region)}/{row}", box.x, y, text, SIZE_LABEL,
                       "text" if row else "muted", moment.faces.text, tags=tags)  # fmt: skip


def _holes(
    moment: Moment,
    step: LaneStep,
    memory: ContiguousMemory,
    tops: list[float],
    grid: Grid,
    column: Box,
) -> Iterator[Text]:
    """How long each hole is, beside its first whole row, where no chip is in the way."""
    row, taken = grid.columns * grid.across, list(tops)
    tags = frozenset({f"lane {step.lane}", "free"})
    for run in free_runs(memory, step.state.capacity):
        first = -(-run.start // row) * row
        top = grid.slot(first).y
        if first >= run.start + run.size or any(y - LINE < top < y + CHIP + 2 for y in taken):
            continue
        taken.append(top)
        y = baseline(top + max(grid.cell_h, SIZE_LABEL) / 2, SIZE_LABEL)
        yield Text(f"lane/{step.lane}/hole/{run.start}", column.x, y, f"{run.size} free",
                   SIZE_LABEL, "muted", moment.faces.text, tags=tags)  # fmt: skip


def _owner_key(step: LaneStep, region: Region) -> str:
    return f"lane/{step.lane}/region/{region.request}"


GUTTER, SLIM, ADDRESS = 132, 112, 58
"""Left of the cells: whose region it is, with less room in a narrow lane; and the address of a
row's first slot, which a narrow lane leaves to its words."""
NARROW = 600
"""A lane no wider than this is narrow."""


def contiguous_memory(
    moment: Moment, step: LaneStep, memory: ContiguousMemory, box: Box
) -> Iterator[Shape]:
    """Addresses, cells, and beside them whose they are."""
    is_narrow = box.w <= NARROW
    gutter, left = (SLIM, SLIM) if is_narrow else (GUTTER, GUTTER + ADDRESS)
    cells = Box(box.x + left, box.y, box.w - left, box.h)
    grid = lay_out(cells, step.state.capacity, _group(moment), 0, longest_word(moment))
    if not is_narrow:
        yield from _addresses(moment, step, grid)
    for slot in _slots(moment, step, memory, grid):
        yield from draw(moment, slot, grid)
    yield from _ghosts(moment, step, memory, grid)
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
            y=baseline(cell.centre[1], grid.id_size or SIZE_CELL),
            text=str(first),
            size=grid.id_size or SIZE_CELL,
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


def _ghosts(
    moment: Moment, step: LaneStep, memory: ContiguousMemory, grid: Grid
) -> Iterator[Shape]:
    """Where entries lay before their region slid, since the last engine step, if it is free now."""
    runs = free_runs(memory, step.state.capacity)
    free = {index for run in runs for index in range(run.start, run.start + run.size)}
    since = takewhile(lambda past: past.half is Half.START, reversed(moment.past))
    for event in (event for past in since for event in past.lane(step.lane).events):
        if isinstance(event, RegionSlid):
            for index in sorted(free & set(range(event.source, event.source + event.entries))):
                free.remove(index)
                box = grid.slot(index).inset(1)
                yield Rect(
                    f"lane/{step.lane}/ghost/{index}",
                    box,
                    CLEAR,
                    moment.ink(event.request, "edge"),
                    2,
                    min(6, box.h / 5),
                    tags=moment.tags(step.lane, event.request),
                    note=f"{event.request} was here",
                )


def _key(step: LaneStep, index: int) -> str:
    return f"lane/{step.lane}/slot/{index}"
