"""One row of a block table: which physical block a logical one stands in, and how full it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.timeline import LaneStep
from scenes.pictures.chip import baseline
from scenes.pictures.moment import Moment
from scenes.shapes import Anchor, Box, Path, Rect, Shape, Text
from scenes.style import SIZE_LABEL

STRUCK = 10
"""Between a block id that is crossed out and the one that replaces it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, ready to be drawn."""

    key: str
    name: str
    """Whose table."""
    texts: Mapping[str, str]
    """What each column says."""
    before: str
    """The physical block that this step has copied and replaced; empty: none."""
    look: str
    """`solid` when this step has written the row, else `pale`."""
    tags: frozenset[str]


def heads(moment: Moment, step: LaneStep, box: Box, columns: Sequence[str]) -> Iterator[Text]:
    """The columns' names."""
    tags = frozenset({f"lane {step.lane}", "table"})
    for column, place in zip(columns, _cells(box, len(columns)), strict=True):
        yield Text(f"lane/{step.lane}/table/head/{column}", place.centre[0], box.y + 26, column,
                   SIZE_LABEL, "muted", moment.faces.text, Anchor.MIDDLE, tags=tags)  # fmt: skip


def row(moment: Moment, entry: Row, line: Box, columns: Sequence[str]) -> Iterator[Shape]:
    """The row, bright when it is new; a block that was replaced is crossed out."""
    block = entry.texts["physical"]
    note = f"block table entry: block {block}"
    fill = moment.ink(entry.name, entry.look)
    yield Rect(entry.key, line, fill, radius=6, tags=entry.tags, note=note)
    for column, place in zip(columns, _cells(line, len(columns)), strict=True):
        if column == "physical":
            yield from _physical(moment, entry, place)
        else:
            x, said = place.centre[0], entry.texts[column]
            yield _text(moment, entry, f"{entry.key}/{column}", x, said, place)


def _physical(moment: Moment, entry: Row, cell: Box) -> Iterator[Shape]:
    """The block's id; before it, if there is room, the crossed-out one that it replaces."""
    now, before = entry.texts["physical"], entry.before
    digits = moment.faces.measures("mono").width("0", SIZE_LABEL)
    wide = len(before) * digits + STRUCK if before else 0.0
    if wide + len(now) * digits > cell.w - 4:
        wide = 0.0
    x, y = cell.centre[0] - (wide + len(now) * digits) / 2, cell.centre[1]
    if wide:
        width = wide - STRUCK
        yield _text(moment, entry, f"{entry.key}/id/{before}", x + width / 2, before, cell, 0.6)
        line = ((x - 4, y + 4), (x + width + 4, y - 4))
        yield Path(f"{entry.key}/struck", line, _ink(moment, entry), tags=entry.tags,
                   note="before the copy")  # fmt: skip
    middle = x + wide + len(now) * digits / 2
    yield _text(moment, entry, f"{entry.key}/id/{now}", middle, now, cell)


def _text(
    moment: Moment, entry: Row, key: str, x: float, said: str, cell: Box, opacity: float = 1
) -> Text:
    return Text(
        key=key,
        x=x,
        y=baseline(cell.centre[1], SIZE_LABEL),
        text=said,
        size=SIZE_LABEL,
        ink=_ink(moment, entry),
        face=moment.faces.mono,
        anchor=Anchor.MIDDLE,
        room=cell,
        opacity=opacity,
        tags=entry.tags,
    )


def _ink(moment: Moment, entry: Row) -> str:
    return moment.ink(entry.name, "on") if entry.look == "solid" else "text"


def _cells(line: Box, columns: int) -> Iterator[Box]:
    """The places of a row's columns."""
    width = line.w / columns
    for column in range(columns):
        yield Box(line.x + column * width, line.y, width, line.h)


def arrow(moment: Moment, entry: Row, line: Box, end: tuple[float, float]) -> Path:
    """From a row to its block."""
    x0, y0 = line.right + 2, line.centre[1]
    x1, y1 = end
    bend = (x1 - x0) * 0.55
    return Path(
        key=f"{entry.key}/arrow",
        points=((x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)),
        ink=moment.ink(entry.name, "line"),
        line=3 if entry.look == "solid" else 2,
        head=9,
        smooth=True,
        tags=entry.tags,
    )
