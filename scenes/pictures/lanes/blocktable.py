"""Block tables: for each sequence the physical blocks of its tokens, with arrows to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pagereel.model.core.events import BlockCopied, BlockShared, BlockTaken
from pagereel.model.core.state import BlockTable, PagedMemory, Phase
from pagereel.model.readings.history import forgotten
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import filled_slots
from pagereel.scenes.pictures.chip import CHIP, baseline, chip, chip_width
from pagereel.scenes.pictures.lanes.arrows import Arrow, Target, lay
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.style import SIZE_CELL, SIZE_LABEL

STRUCK = 10
"""Between a block id that is crossed out and the one that replaces it."""


@dataclass(frozen=True, slots=True)
class TableRow:
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
    group: int = 0
    """Whose table it is of the request's: the group of layers."""


def heads(moment: Moment, step: LaneStep, box: Box, columns: Sequence[str]) -> Iterator[Text]:
    """The columns' names."""
    tags = frozenset({f"lane {step.lane}", "table"})
    for column, place in zip(columns, _cells(box, len(columns)), strict=True):
        yield Text(f"lane/{step.lane}/table/head/{column}", place.centre[0], box.y + 28, column,
                   SIZE_LABEL, "muted", moment.faces.text, Anchor.MIDDLE, tags=tags)  # fmt: skip


def row(moment: Moment, entry: TableRow, line: Box, columns: Sequence[str]) -> Iterator[Shape]:
    """The row, bright when it is new; a block that was replaced is crossed out."""
    block = entry.texts["physical"]
    note = f"block table entry: block {block}"
    fill = moment.ink(entry.name, entry.look, entry.group)
    yield Rect(entry.key, line, fill, radius=6, tags=entry.tags, note=note)
    for column, place in zip(columns, _cells(line, len(columns)), strict=True):
        if column == "physical":
            yield from _physical(moment, entry, place)
        else:
            x, said = place.centre[0], entry.texts[column]
            yield _text(moment, entry, f"{entry.key}/{column}", x, said, place)


def _physical(moment: Moment, entry: TableRow, cell: Box) -> Iterator[Shape]:
    """The block's id; before it, if there is room, the crossed-out one that it replaces."""
    now, before = entry.texts["physical"], entry.before
    digits = moment.faces.measures("mono").width("0", _size(cell))
    wide = len(before) * digits + STRUCK if before else 0.0
    if wide + len(now) * digits > cell.w - 4:
        wide = 0.0
    x, y = cell.centre[0] - (wide + len(now) * digits) / 2, cell.centre[1]
    if wide:
        width = wide - STRUCK
        yield _text(moment, entry, f"{entry.key}/id/{before}", x + width / 2, before, cell, 0.8)
        line = ((x - 4, y + 4), (x + width + 4, y - 4))
        yield Path(f"{entry.key}/struck", line, _ink(moment, entry), tags=entry.tags,
                   note="before the copy")  # fmt: skip
    middle = x + wide + len(now) * digits / 2
    yield _text(moment, entry, f"{entry.key}/id/{now}", middle, now, cell)


def _text(
    moment: Moment, entry: TableRow, key: str, x: float, said: str, cell: Box, opacity: float = 1
) -> Text:
    return Text(
        key=key,
        x=x,
        y=baseline(cell.centre[1], _size(cell)),
        text=said,
        size=_size(cell),
        ink=_ink(moment, entry),
        face=moment.faces.mono,
        anchor=Anchor.MIDDLE,
        room=cell,
        opacity=opacity,
        tags=entry.tags,
    )


def _size(cell: Box) -> int:
    """Of the ids in a row, by its height: figures have no descenders."""
    return next((size for size in (SIZE_LABEL, 26, 24, 22) if size + 2 <= cell.h), SIZE_CELL)


def _ink(moment: Moment, entry: TableRow) -> str:
    return moment.ink(entry.name, "on", entry.group) if entry.look == "solid" else "text"


def _cells(line: Box, columns: int) -> Iterator[Box]:
    """The places of a row's columns."""
    width = line.w / columns
    for column in range(columns):
        yield Box(line.x + column * width, line.y, width, line.h)


@dataclass(frozen=True, slots=True)
class TableSize:
    """How large tables are drawn, and which columns they have."""

    width: float
    """A chip and the columns."""
    rows: tuple[float, ...]
    """Heights of a row, the best first."""
    between: float
    """Gap between two tables."""
    columns: tuple[str, ...]
    """Left to right; the physical block is always there."""

    @property
    def head(self) -> float:
        """Height of the line that names the columns; 0 where there is only one."""
        return 44 if len(self.columns) > 1 else 0


NONE, LEAST = TableSize(0, (28,), 0, ()), 120
"""No tables: for lanes that are low and narrow, lower than this. Colours say whose blocks are."""
FLAT = TableSize(236, (38, 34, 31, 28, 25), 3, ("physical",))
"""A table is one line, its blocks side by side: for lanes that are wide and low."""
SMALL = TableSize(104, (40, 36, 34, 31, 28, 26, 24), 10, ("physical",))
LARGE = TableSize(400, (48, 44, 40, 36, 34, 31, 28, 26), 18, ("logical", "physical", "filled"))
ROOMY = 1100
"""A lane at least so wide has large tables."""


def table_size(box: Box, blocks: int) -> TableSize:
    """The size of tables in a lane of that room, so that they fit when all blocks are held."""
    if box.w >= ROOMY:
        return LARGE
    if blocks * SMALL.rows[-1] <= box.h:
        return SMALL
    return FLAT if box.w > 2 * FLAT.width else SMALL if box.h >= LEAST else NONE


def block_tables(
    moment: Moment,
    step: LaneStep,
    memory: PagedMemory,
    box: Box,
    targets: Mapping[int, Target],
    pitch: float,
) -> Iterator[Shape]:
    """The tables one under the other; where they do not all fit, each shows its last rows.

    `targets` says where the arrow to a block ends; blocks without one get none. Rows are as high
    as the blocks' `pitch` if there is room, so that the two can be read across; 0: blocks are too
    high for that.
    """
    size = table_size(box, len(memory.blocks))
    fresh, copied = _changed(moment, step), _copied(moment, step)
    if size is NONE:
        return
    if size is FLAT:
        yield from _flat_tables(moment, step, memory, box)
        return
    left = max((_chip_width(moment, table) for table in memory.tables), default=CHIP) + 6
    heights = (pitch, *(h for h in size.rows if h < pitch)) if pitch >= size.rows[-1] else size.rows
    height, between, shown = _rows(memory, box.h - size.head, heights, size.between)
    y = box.y
    if size.head and memory.tables:
        line = Box(box.x + left, y, size.width - left, size.head)
        yield from heads(moment, step, line, size.columns)
        y += size.head
    tables, arrows = _in_group_order(moment, memory.tables), list[Arrow]()
    owners = _owners(memory)
    for place, table in enumerate(tables):
        name, group = table.request, table.group
        tags = moment.tags(step.lane, name) | {"table"}
        key = table_key(step.lane, table)
        if y + height > box.bottom + 1:
            yield _more(moment, step, box.x, box.bottom - height / 2, f"+{len(tables) - place}")
            break
        yield from chip(moment, f"{key}/chip", name, box.x, y + height / 2, tags,
                        height=min(CHIP, height - 2), group=group)  # fmt: skip
        rows = list(enumerate(table.blocks))[-shown:]
        for at, (index, block) in enumerate(rows):
            line = Box(box.x + left, y + at * height, size.width - left, _row_height(height))
            if at == 0 and index and len(rows) > 1:
                yield _folded(moment, f"{key}/folded", f"+{index + 1}", line, tags)
                continue
            look = "solid" if (name, group, index) in fresh else "pale"
            texts = _texts(step, memory, table, index)
            before = copied.get((name, index), "")
            entry = TableRow(f"{key}/{index}", name, texts, before, look, tags, group)
            yield from row(moment, entry, line, size.columns)
            if block in targets:
                who, ink = owners[block], moment.ink(name, "line", group)
                arrows.append(
                    Arrow(f"{entry.key}/arrow", (line.right + 2, line.centre[1]), targets[block],
                          place, who.index(name), len(who), ink, look == "solid", tags)
                )  # fmt: skip
        y += max(len(rows), 1) * height + between
    yield from lay(arrows, len(tables), len(moment.storyboard.owners))
    yield from _debts(moment, step, Box(box.x, y, box.w, box.bottom - y))


def table_key(lane: str, table: BlockTable) -> str:
    """The key of a table's shapes."""
    more = f"/group {table.group}" if table.group else ""
    return f"lane/{lane}/table/{table.request}{more}"


def _chip_width(moment: Moment, table: BlockTable) -> float:
    return chip_width(moment, table.request, table.group)


def _owners(memory: PagedMemory) -> dict[int, list[str]]:
    """Whose tables hold each block, in the tables' order."""
    found: dict[int, list[str]] = {}
    for table in memory.tables:
        for block in table.blocks:
            found.setdefault(block, []).append(table.request)
    return found


DEBT, DEBT_LINE = 96, 28
"""Height of what is said in the place of a table that was lost, and of its lines."""


def _debts(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """In the places of tables that preempted requests have lost: what they must compute again."""
    preempted = [r.id for r in step.state.requests if r.phase is Phase.PREEMPTED]
    for place, name in enumerate(preempted[: max(0, int(box.h // DEBT))]):
        count = forgotten(moment.past, step.lane, name)
        y, tags = box.y + place * DEBT, moment.tags(step.lane, name) | {"table"}
        key = debt_key(step.lane, name)
        yield from chip(moment, f"{key}/chip", name, box.x, y + CHIP / 2, tags, look="open")
        beside = box.x + chip_width(moment, name) + 10
        for line, told in enumerate((f"{count:,} to", "compute", "again")):
            at = baseline(y + CHIP / 2 + line * DEBT_LINE, SIZE_LABEL)
            yield Text(f"{key}/{line}" if line else key, box.x if line else beside, at, told,
                       SIZE_LABEL, "warning", moment.faces.text, tags=tags)  # fmt: skip


def debt_key(lane: str, name: str) -> str:
    """The key of what a preempted request must compute again."""
    return f"lane/{lane}/debt/{name}"


ID = 46
"""Width of a block's id in a table that is one line."""


def _row_height(pitch: float) -> float:
    """Of a row, from the distance between two."""
    return pitch - (4 if pitch >= 40 else 3)


def _folded(moment: Moment, key: str, said: str, line: Box, tags: frozenset[str]) -> Text:
    """In the place of a table's first rows: how many there is no room for."""
    return Text(key, line.centre[0], baseline(line.centre[1], SIZE_LABEL), said, SIZE_LABEL, "text",
                moment.faces.text, Anchor.MIDDLE, tags=tags)  # fmt: skip


def _more(moment: Moment, step: LaneStep, x: float, middle: float, said: str) -> Text:
    """In the place of the last tables: how many there is no room for."""
    return Text(f"lane/{step.lane}/table/more", x, baseline(middle, SIZE_LABEL), f"{said} tables",
                SIZE_LABEL, "text", moment.faces.text,
                tags=frozenset({f"lane {step.lane}", "table"}))  # fmt: skip


def _flat_tables(moment: Moment, step: LaneStep, memory: PagedMemory, box: Box) -> Iterator[Shape]:
    """Every table as lines of ids, without arrows; of too many tables the last are counted."""
    fresh, tables = _changed(moment, step), _in_group_order(moment, memory.tables)
    left = max((_chip_width(moment, table) for table in tables), default=CHIP) + 6
    across = int((FLAT.width - left) // ID)
    lines = [max(-(-len(table.blocks) // across), 1) for table in tables]
    fitting = [h for h in FLAT.rows if sum(lines) * h + FLAT.between * len(lines) <= box.h + 4]
    height, y = next(iter(fitting), FLAT.rows[-1]), box.y
    for place, (table, count) in enumerate(zip(tables, lines, strict=True)):
        tags = moment.tags(step.lane, table.request) | {"table"}
        key, rest = table_key(step.lane, table), len(tables) - place
        last = y + (count + (rest > 1)) * height > box.bottom + 4
        if last and rest > 1:
            yield _more(moment, step, box.x, y + height / 2, f"+{rest}")
            return
        high = min(CHIP, height - 2)
        yield from chip(moment, f"{key}/chip", table.request, box.x, y + height / 2 - 1, tags,
                        height=high, group=table.group)  # fmt: skip
        for index in range(len(table.blocks)):
            down, right = divmod(index, across)
            cell = Box(box.x + left + right * ID, y + down * height, ID - 4, _row_height(height))
            look = "solid" if (table.request, table.group, index) in fresh else "pale"
            texts, group = _texts(step, memory, table, index), table.group
            entry = TableRow(f"{key}/{index}", table.request, texts, "", look, tags, group)
            yield from row(moment, entry, cell, FLAT.columns)
        y += count * height + FLAT.between


def _texts(step: LaneStep, memory: PagedMemory, table: BlockTable, index: int) -> Mapping[str, str]:
    """What each column says of a row."""
    block = table.blocks[index]
    if block == memory.null_block:
        return {"logical": str(index), "physical": "–", "filled": "0"}
    entries = step.state.holder(table.request).computed
    filled = filled_slots(entries, index, memory.block_size)
    return {"logical": str(index), "physical": str(block), "filled": str(filled)}


def _changed(moment: Moment, step: LaneStep) -> set[tuple[str, int, int]]:
    """Rows that this engine step has written: request, group of layers, index."""
    return {
        (event.request, 0 if isinstance(event, BlockCopied) else event.group, event.index)
        for event in moment.events(step.lane)
        if isinstance(event, BlockTaken | BlockShared | BlockCopied)
    }


def _copied(moment: Moment, step: LaneStep) -> dict[tuple[str, int], str]:
    """The block that a row named before this engine step copied it."""
    return {
        (event.request, event.index): str(event.source)
        for event in moment.events(step.lane)
        if isinstance(event, BlockCopied)
    }


def _in_group_order(moment: Moment, tables: Sequence[BlockTable]) -> list[BlockTable]:
    """Requests as they were admitted, each with its sequences in order: a name has one place."""
    owners = moment.storyboard.owners
    admitted = list(dict.fromkeys(owners[table.request][0] for table in tables))

    def place(table: BlockTable) -> tuple[int, int]:
        owner, number = owners[table.request]
        return admitted.index(owner), number

    return sorted(tables, key=place)


def _rows(
    memory: PagedMemory, height: float, heights: Sequence[float], between: float
) -> tuple[float, float, int]:
    """How high rows are, what lies between tables, and the most rows that a table may show so that
    all tables fit; at least one.

    Rows are lower only where more of them can be shown then.
    """
    longest = max((len(table.blocks) for table in memory.tables), default=0)
    for rows in range(longest, 0, -1):
        count = sum(max(min(len(table.blocks), rows), 1) for table in memory.tables)
        for row_h in heights:
            for gap in (between, between / 2):
                if count * row_h + gap * (len(memory.tables) - 1) <= height:
                    return row_h, gap, rows
    return heights[-1], between / 2, 1
