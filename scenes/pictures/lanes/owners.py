"""Beside a contiguous lane's cells: whose each region is, and how long the holes between are."""

from __future__ import annotations

from collections.abc import Iterator

from model.state import ContiguousMemory, Region
from model.timeline import LaneStep
from model.waste import free_runs
from scenes.pictures.chip import CHIP, baseline, chip, chip_width
from scenes.pictures.lanes.grid import Grid
from scenes.pictures.moment import Moment
from scenes.shapes import Box, Path, Shape, Text
from scenes.style import SIZE_LABEL

LINE = 30
"""From one line of text under a chip to the next."""


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
    drawn = float("-inf")
    for region in memory.regions:
        span = grid.span(region.start, region.size)
        top = max(span.y, drawn + 3)
        if span.bottom - top > 3:
            ends = ((column.right, top), (column.right, span.bottom))
            tags = moment.tags(step.lane, region.request)
            ink = moment.ink(region.request, "line")
            yield Path(_key(step, region), ends, ink, line=3, tags=tags)
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
        yield from chip(moment, f"{_key(step, region)}/chip", name, x, top + CHIP / 2, tags)
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
            yield Text(f"{_key(step, region)}/{row}", box.x, y, text, SIZE_LABEL,
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


def _key(step: LaneStep, region: Region) -> str:
    return f"lane/{step.lane}/region/{region.request}"
