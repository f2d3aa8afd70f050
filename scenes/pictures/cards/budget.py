"""Where a GPU's memory goes: the card to scale, and under it the pool of K/V blocks, enlarged.

Before anything is stored, its shares come one after the other, as an engine claims them. Later, the
pool fills and empties once more, as it did.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.core.sizes import human_bytes
from pagereel.model.readings.gpu import budget
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.budget import Budget
from pagereel.model.usage.occupancy import Split, split
from pagereel.scenes.pictures.beside.splitbar import BarPart, bar, parts, swatch
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.focus import named
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Ink, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import break_lines, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

WIDE = 1200
"""A box wider than this has its parts in one row, else in two."""
POOL, REST = "K/V pool", frozenset({"budget"})
"""A share of the card, and the tag of all others: they dim where a beat looks at a lane alone."""
NAME, BRACKET, LINE, SOURCED = 56, 68, 34, 600
"""Height of the card's name, of what nvidia-smi shows; from one line of the
source to the next; a card that is lower has no room for the source."""


class _Item(NamedTuple):
    """One part of a legend."""

    name: str
    told: str
    look: BarPart


class _Share(NamedTuple):
    """One part of the whole card."""

    name: str
    size_bytes: int
    fill: Ink
    stroke: Ink = CLEAR


class _Places(NamedTuple):
    """Where everything stands, from top to bottom."""

    name: Box
    shares: Box
    """The first row of the legend over the card's bar."""
    whole: Box
    pool: Box
    held: Box
    """The first row of the legend under the pool's bar."""
    across: int
    """Parts in a row of a legend."""


def budget_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """What is claimed and what nvidia-smi shows of it; what the pool holds; and the sources."""
    found = budget(moment.storyboard)
    assert found is not None, "the reader gives every budget card its GPU"
    if _is_starting(moment):
        step, claimed = _lane(moment), _claimed(moment)[0] + moment.stage
    else:
        step, claimed = _retold(moment)[moment.stage], len(_shares(found))
    is_whole, inner = claimed == len(_shares(found)), box.inset(40, 20)
    divided, own = split(step.state), frozenset({f"lane {step.lane}"})
    lines = _source(moment, found, inner) if inner.h > SOURCED else []
    held = _pool_items(found, divided)
    at = _places(inner, len(held), len(lines))
    yield Rect("budget", box, "card", "edge", 1.5, radius=16)
    yield from _name(moment, found, step, at.name)
    told = _shares_told(found)[:claimed]
    yield from _legend(moment, _Legend("budget", REST, at.across), told, at.shares)
    yield from _whole(moment, found, divided, at.whole, claimed)
    if is_whole:
        yield from _enlarged(moment, found, step, at.whole, at.pool)
        yield from bar("budget/enlarged", divided, at.pool, own)
        yield Rect("budget/enlarged/edge", at.pool.inset(-4), CLEAR, "text", 2, 8)
        yield from _legend(moment, _Legend("budget/pool", own, at.across), held, at.held)
    for i, line in enumerate(lines):
        y = inner.bottom - LINE * (len(lines) - 1 - i) - 6
        yield Text(f"budget/source/{i}", inner.x, y, line, SIZE_LABEL, "muted", moment.faces.text)


RETOLD = 6
"""Pictures in which the pool fills and empties once more."""


def budget_stages(moment: Moment) -> int:
    """As many as shares come, or as the past is told again in."""
    if _is_starting(moment):
        before, after = _claimed(moment)
        return 1 + after - before
    return len(_retold(moment))


def _is_starting(moment: Moment) -> bool:
    """Whether nothing has been stored so far."""
    return not any(lane.state.running for step in moment.past for lane in step.lanes)


def _retold(moment: Moment) -> tuple[LaneStep, ...]:
    """The lane as the card shows it, one moment after the other: the past where the card is new."""
    now = _lane(moment)
    if not moment.is_new or moment.played.shot.do:
        return (now,)
    past = [step.lane(now.lane) for step in moment.past]
    changed = [b for a, b in pairwise(past) if split(a.state) != split(b.state)]
    told = (past[0], *changed)
    count = min(len(told), RETOLD)
    return tuple(told[round(i * (len(told) - 1) / max(count - 1, 1))] for i in range(count))


def _claimed(moment: Moment) -> tuple[int, int]:
    """How many shares are there before and after a shot: a beat's shots share them out."""
    found = budget(moment.storyboard)
    count = len(_shares(found)) if found else 0
    if moment.played.shot.do or not moment.is_opened:
        return count, count
    turns = (moment.turn, moment.turn + 1)
    before, after = (math.ceil(count * turn / moment.turns) for turn in turns)
    return before, after


def _places(box: Box, items: int, lines: int) -> _Places:
    """Two bars of one height with room between them; what is left over stays below."""
    across = 4 if box.w > WIDE else 2
    shares, held = 4 // across, -(-items // across)
    row = 92 if box.h > 690 else 74
    spare = box.h - NAME - BRACKET - (shares + held) * row - LINE * lines - 40
    between = min(max(56, spare * 0.3), 160)
    thick = min(max((spare - between) / 2, 16), 300)
    top = box.y + NAME + shares * row + BRACKET
    pool = Box(box.x, top + thick + between, box.w, thick)
    return _Places(
        name=Box(box.x, box.y, box.w, NAME),
        shares=Box(box.x, box.y + NAME, box.w, row),
        whole=Box(box.x, top, box.w, thick),
        pool=pool,
        held=Box(box.x, pool.bottom + 24, box.w, row),
        across=across,
    )


def _lane(moment: Moment) -> LaneStep:
    """The lane in focus, or the first paged one, or the first."""
    wanted = frozenset[str]().union(*(named(target) for target in moment.played.shot.focus))
    specs, lanes = moment.storyboard.lanes, moment.step.lanes
    paged = [spec.name for spec in specs if kind_of(spec).paging]
    focused = [lane for lane in lanes if f"lane {lane.lane}" in wanted]
    return next(iter(focused), next((x for x in lanes if x.lane in paged), lanes[0]))


def _shares(found: Budget) -> tuple[_Share, ...]:
    return (
        _Share("weights", found.gpu.weights_bytes, "edge"),
        _Share("activations and other", found.gpu.activations_bytes, "muted"),
        _Share(POOL, found.pool_bytes, "slot", "text"),
        _Share("left alone", found.alone_bytes, CLEAR, "muted"),
    )


def _shares_told(found: Budget) -> tuple[_Item, ...]:
    whole = found.gpu.memory_bytes
    return tuple(
        _Item(
            share.name,
            f"{human_bytes(share.size_bytes)}, {_percent(share.size_bytes, whole)}",
            BarPart(share.name, share.size_bytes, share.fill, stroke=share.stroke),
        )
        for share in _shares(found)
    )


def _pool_items(found: Budget, divided: Split) -> tuple[_Item, ...]:
    """What is in the pool; in bytes if the lane is as large as the pool, else shares alone."""
    shown = {part.name: part for part in parts(divided)}
    shown.setdefault("cached", BarPart("cached", 0, "slot", stroke="muted"))
    order = ("stored", "reserved", "internal", "external", "cached", "free")
    always = ("stored", "internal", "cached", "free")
    return tuple(
        _Item(name, _told(found, divided, shown[name].slots), shown[name])
        for name in order
        if name in always or shown[name].slots
    )


def _told(found: Budget, divided: Split, slots: int) -> str:
    share = _percent(slots, divided.total)
    if divided.total != found.slots:
        return share
    return f"{human_bytes(slots * found.token_bytes)}, {share}"


def _percent(part: int, whole: int) -> str:
    """A share; what is there is never called nothing."""
    share = 100 * part / whole
    return "under 1 %" if 0 < share < 0.5 else f"{share:.0f} %"


def _name(moment: Moment, found: Budget, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The card and its memory; how many requests there are."""
    faces, y = moment.faces, baseline(box.y + 22, SIZE_BODY)
    name = shorten(visible(found.gpu.name), box.w * 0.5, SIZE_BODY, faces.measures("bold"))
    yield Text("budget/name", box.x, y, name, SIZE_BODY, "text", faces.bold)
    running, waiting = len(step.state.running), len(step.state.waiting)
    told = f"{running} running" + (f", {waiting} waiting" if waiting else "")
    yield Text("budget/requests", box.right, y, f"requests: {told}", SIZE_BODY, "muted",
               faces.text, Anchor.END)  # fmt: skip


class _Legend(NamedTuple):
    """What the parts of a legend share."""

    key: str
    tags: frozenset[str]
    across: int
    """Parts in a row."""


def _legend(moment: Moment, of: _Legend, items: Sequence[_Item], box: Box) -> Iterator[Shape]:
    """Each part's look, name and size, in rows of the box's height."""
    face = moment.faces.text
    for i, (name, told, look) in enumerate(items):
        x = box.x + (i % of.across) * box.w / of.across
        y = box.y + (i // of.across) * box.h + 28
        key = f"{of.key}/legend/{name}"
        ink = "text" if look.slots else "muted"
        tags = frozenset() if name == POOL else of.tags
        yield swatch(f"{key}/swatch", look, Box(x, y - 20, 32, 24), tags)
        yield Text(key, x + 46, y, name, SIZE_BODY, ink, face, tags=tags)
        yield Text(f"{key}/size", x + 46, y + 36, told, SIZE_LABEL, ink, face, tags=tags)


def _whole(moment: Moment, found: Budget, divided: Split, box: Box, count: int) -> Iterator[Shape]:
    """The card to scale, the first so many of its shares, and over it how much of it nvidia-smi
    calls used."""
    scale, x = box.w / found.gpu.memory_bytes, box.x
    claimed = sum(share.size_bytes for share in _shares(found)[: min(count, 3)])
    end = box.x + claimed * scale
    told = f"nvidia-smi: about {human_bytes(claimed)} of "
    told += f"{human_bytes(found.gpu.memory_bytes)} in use"
    yield Text("budget/claimed", box.x, box.y - 30, told, SIZE_BODY, "accent", moment.faces.text)
    ends = ((box.x, box.y - 6), (box.x, box.y - 16), (end, box.y - 16), (end, box.y - 6))
    yield Path("budget/claim", ends, "accent", 3, note="what the engine claims when it starts")
    if count < len(_shares(found)):
        yield Rect("budget/gpu", box, CLEAR, "edge", 1.5, 6, note="the whole GPU")
    for i, share in enumerate(_shares(found)):
        width = share.size_bytes * scale * (i < count)
        inside = Box(x, box.y, max(width - 2, 0), box.h)
        note = f"{share.name}: {human_bytes(share.size_bytes)}"
        if share.name == POOL:
            yield from bar("budget/whole", divided, inside, frozenset())
            yield Rect("budget/pool", inside.inset(1), CLEAR, "text", 2, 6, note=note)
        else:
            line, radius = (2, 6) if share.stroke != CLEAR else (0, min(6, width / 2))
            shown = inside.inset(line / 2)
            yield Rect(f"budget/{share.name}", shown, share.fill, share.stroke, line, radius,
                       tags=REST, note=note)  # fmt: skip
        x += width


def _enlarged(
    moment: Moment, found: Budget, step: LaneStep, whole: Box, pool: Box
) -> Iterator[Shape]:
    """The lines that enlarge the pool, and between them what it is made of."""
    scale = whole.w / found.gpu.memory_bytes
    left = whole.x + (found.gpu.weights_bytes + found.gpu.activations_bytes) * scale
    right = left + found.pool_bytes * scale
    for name, start, end in (("left", left, pool.x), ("right", right - 2, pool.right)):
        ends = ((start, whole.bottom + 4), (end, pool.y - 6))
        yield Path(f"budget/zoom/{name}", ends, "muted", 2)
    told = f"{found.blocks:,} blocks of {found.block_size} tokens"
    if found.null_blocks:
        told += f", {found.null_blocks} of them a placeholder"
    if step.state.capacity != found.slots:
        told += f"; drawn: shares of {step.state.capacity} slots"
    # Lines lean from a part of the width to all of it: in the middle of them there is room.
    middle, y = (left + right + pool.x + pool.right) / 4, (whole.bottom + pool.y) / 2
    half = moment.faces.measures("text").width(told, SIZE_LABEL) / 2 + 16
    middle = min(middle, pool.right - half)
    # Where the pool is small a line comes near: it does not run through words.
    yield Rect("budget/blocks/behind", Box(middle - half, y - 16, 2 * half, 32), "card")
    yield Text("budget/blocks", middle, baseline(y, SIZE_LABEL), told, SIZE_LABEL, "text",
               moment.faces.text, Anchor.MIDDLE)  # fmt: skip


def _source(moment: Moment, found: Budget, box: Box) -> list[str]:
    """Where what is given comes from."""
    told = f"given: {visible(found.gpu.source)}"
    return break_lines(told, box.w, SIZE_LABEL, moment.faces.measures("text"))
