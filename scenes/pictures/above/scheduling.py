"""The requests as the schedulers have them: from the waiting queue through the engine to the end.

One row a lane; lanes that agree in everything share one. A request keeps its chip all the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagereel.model.core.state import LaneState, Phase, RequestState
from pagereel.scenes.pictures.above.schedules import (
    ABOVE,
    BAR,
    ScheduleRow,
    bar,
    counted,
    rows,
    told,
)
from pagereel.scenes.pictures.chip import CHIP, baseline, chip, chip_width
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_LABEL

HEADING, LEAST, MOST = 28, 31, 62
"""Height of the headings; the lowest row before lanes stand in two columns, and the highest."""
BETWEEN, ARROW = 10, 40
"""Between two chips; from the queue to the engine, and from there on."""
ROOMY = 640
"""An engine no narrower has room for the tokens of the step."""
MORE, LITTLE, TIGHT = 116, 66, 190
"""Room for "128 more", and for "+128" in a part that is no wider than the last."""


@dataclass(frozen=True, slots=True)
class _ChipPlaces:
    """Where the parts of a row stand: its name, the queue, the engine, and those that left."""

    title: Box
    waiting: Box
    engine: Box
    over: Box


def scheduling(moment: Moment, box: Box) -> Iterator[Shape]:
    """Headings, and a row for each lane or for those that agree."""
    shown = rows(moment)
    columns = 1 if (box.h - HEADING) / len(shown) >= LEAST else 2
    down = math.ceil(len(shown) / columns)
    width = (box.w - 24 * (columns - 1)) / columns
    pitch = min(MOST, (box.h - HEADING) / down)
    top = box.y + HEADING + (box.h - HEADING - pitch * down) / 2
    for i, row in enumerate(shown):
        x, y = box.x + i // down * (width + 24), top + i % down * pitch
        places = _places(moment, Box(x, y, width, pitch))
        if i % down == 0:
            yield from _headings(moment, i // down, places)
        yield from _row(moment, row, places)


def _places(moment: Moment, box: Box) -> _ChipPlaces:
    """The same for every step of a video: the names of the lanes take what they need."""
    bold = moment.faces.measures("bold")
    lanes = moment.storyboard.lanes
    others = f" +{len(lanes) - 2}" if len(lanes) > 2 else ""  # of those that share a row
    titles = [visible(spec.title) + others for spec in lanes]
    most = box.w * (0.24 if box.w > 1000 else 0.3)
    named = min(max(bold.width(title, SIZE_LABEL) for title in titles), most) + 24
    rest = box.w - named - 2 * ARROW
    waiting = Box(box.x + named, box.y, rest * 0.27, box.h)
    engine = Box(waiting.right + ARROW, box.y, rest * 0.5, box.h)
    over = Box(engine.right + ARROW, box.y, box.right - engine.right - ARROW, box.h)
    return _ChipPlaces(Box(box.x, box.y, named - 16, box.h), waiting, engine, over)


def _headings(moment: Moment, column: int, places: _ChipPlaces) -> Iterator[Shape]:
    """What the parts of the rows are."""
    face, tags = moment.faces.text, frozenset({"queue"})
    line = places.engine.y - HEADING + SIZE_LABEL * 0.9
    words = [
        ("waiting", places.waiting.right, Anchor.END),
        ("running", places.engine.x, Anchor.START),
        ("done", *_at_the_end(moment, places.over)),
    ]
    if places.engine.w >= ROOMY:
        words.append(("computed in this step", places.engine.right, Anchor.END))
    for word, x, anchor in words:
        key = f"queue/heading/{column}/{word}"
        yield Text(key, x, line, word, SIZE_LABEL, "muted", face, anchor, tags=tags)


def _at_the_end(moment: Moment, box: Box) -> tuple[float, Anchor]:
    """At the part's left edge if it is wide enough, else so that it ends with it."""
    fits = moment.faces.measures("text").width("done", SIZE_LABEL) <= box.w
    return (box.x, Anchor.START) if fits else (box.right, Anchor.END)


def _row(moment: Moment, row: ScheduleRow, places: _ChipPlaces) -> Iterator[Shape]:
    title, bold = ", ".join(row.titles), moment.faces.measures("bold")
    if bold.width(title, SIZE_LABEL) > places.title.w:
        others = f" +{len(row.titles) - 1}" if len(row.titles) > 1 else ""
        room = places.title.w - bold.width(others, SIZE_LABEL)
        title = shorten(row.titles[0], room, SIZE_LABEL, bold) + others
    line = baseline(_middle(places.title), SIZE_LABEL)
    yield Text(f"{row.key}/title", places.title.x, line, title, SIZE_LABEL, "text",
               moment.faces.bold, tags=row.tags(moment))  # fmt: skip
    yield from _engine(moment, row, places.engine)
    for name, x in (("in", places.waiting.right), ("out", places.engine.right)):
        y = _middle(places.engine)
        yield Path(f"{row.key}/{name}", ((x + 8, y), (x + ARROW - 8, y)), "muted", 2, head=9,
                   tags=row.tags(moment))  # fmt: skip
    yield from _queue(moment, row, places.waiting)
    yield from _left(moment, row, places.over)


def _engine(moment: Moment, row: ScheduleRow, box: Box) -> Iterator[Shape]:
    """Who runs, in the engine's order, and how many tokens the step computed."""
    running = [row.state.request(name) for name in row.state.running]
    body, room = box.inset(0, 2), box.inset(12, 0)
    yield Rect(f"{row.key}/engine", body, "card", "edge", 1.5, radius=min(16, body.h / 2),
               tags=row.tags(moment), note="the batch of this step")  # fmt: skip
    if row.tokens and box.w >= ROOMY:
        text = f"{row.tokens:,} token{'s' if row.tokens > 1 else ''}"
        key, line = f"{row.key}/tokens", baseline(_middle(box), SIZE_LABEL)
        yield Text(key, room.right, line, text, SIZE_LABEL, "muted", moment.faces.text, Anchor.END,
                   tags=row.tags(moment), note="computed in this step")  # fmt: skip
        used = moment.faces.measures("text").width(text, SIZE_LABEL) + 16
        room = Box(room.x, room.y, room.w - used, room.h)
    labels = _labels(moment, running, room.w)
    widths = [_width(moment, r.id, label) for r, label in zip(running, labels, strict=True)]
    gap = 2 * BETWEEN if any(labels) else BETWEEN
    shown = _fitting(widths, gap, room.w)
    x = room.x
    for request, label, width in list(zip(running, labels, widths, strict=True))[:shown]:
        yield from _request(moment, row, request, Box(x, box.y, width, box.h), label)
        x += width + gap
    yield from _more(moment, row, "running", len(running) - shown, x, room, Anchor.START)


def _labels(moment: Moment, running: Sequence[RequestState], room: float) -> list[str]:
    """How far everybody is: in words, else in numbers, and by the bars alone if many run."""
    for say in (told, counted):
        labels = [say(request) for request in running]
        widths = [_width(moment, r.id, label) for r, label in zip(running, labels, strict=True)]
        if sum(widths) + 2 * BETWEEN * (len(widths) - 1) <= room:
            return labels
    return [""] * len(running)


def _width(moment: Moment, name: str, label: str) -> float:
    measures = moment.faces.measures("text")
    return chip_width(moment, name) + (measures.width(label, SIZE_LABEL) + 12 if label else 0)


def _request(
    moment: Moment,
    row: ScheduleRow,
    request: RequestState,
    box: Box,
    label: str,
    look: str = "solid",
) -> Iterator[Shape]:
    """A chip, how far its request is in words if there is room, and as a bar under both."""
    key, tags = f"{row.key}/{request.id}", row.tags(moment, request.id)
    height, middle = _chip_height(box.h), _middle(box)
    if request.id in row.arrived:
        width = chip_width(moment, request.id)
        ring = Box(box.x, middle - height / 2, width, height).inset(-3)
        yield Rect(f"{key}/new", ring, stroke="accent", line=3, radius=ring.h / 2, tags=tags,
                   note=f"{request.id} arrived in this step")  # fmt: skip
    yield from chip(moment, key, request.id, box.x, middle, tags, look=look, height=height)
    if label:
        x = box.x + chip_width(moment, request.id) + 12
        line = baseline(middle, SIZE_LABEL)
        yield Text(f"{key}/told", x, line, label, SIZE_LABEL, "text", moment.faces.text, tags=tags)
    if look == "solid" or request.sampled:
        below = Box(box.x, middle + height / 2 + ABOVE, box.w, BAR)
        yield from bar(moment, key, request, below, tags)


def _chip_height(row: float) -> float:
    return min(CHIP, row - 4 - ABOVE - BAR)


def _middle(box: Box) -> float:
    """Of the chips: chip and bar together stand in the middle of the row."""
    return box.centre[1] - (BAR + ABOVE) / 2


def _queue(moment: Moment, row: ScheduleRow, box: Box) -> Iterator[Shape]:
    """Who waits, the head nearest to the engine; before them those on the CPU."""
    names = [*row.state.swapped, *row.state.waiting]
    right, shown, run = box.right, 0, _runs(row.state, names)
    for phase, members in run:
        word = _WORDS.get(phase, "")
        used = moment.faces.measures("text").width(word, SIZE_LABEL) + 20 if word else 0
        room = (
            right - box.x - used - (_more_width(box.w) if shown + len(members) < len(names) else 0)
        )
        widths = [chip_width(moment, name) for name in members]
        here = _fitting(widths, BETWEEN, room)
        x = right - (10 if word and here else 0)
        for name, width in zip(members[:here], widths, strict=False):
            x -= width
            place = Box(x, box.y, width, box.h)
            yield from _request(moment, row, row.state.request(name), place, "", "open")
            x -= BETWEEN
        if word and here:
            yield from _band(moment, row, word, Box(x - used, box.y, right - x + used, box.h))
            x -= used + BETWEEN
        shown, right = shown + here, x
        if here < len(members):
            break
    yield from _more(moment, row, "waiting", len(names) - shown, right, box, Anchor.END)


_WORDS = {Phase.SWAPPED: "on CPU", Phase.PREEMPTED: "preempted"}


def _runs(state: LaneState, names: Sequence[str]) -> list[tuple[Phase, list[str]]]:
    """Neighbours in the queue that are in the same phase, the head first."""
    runs: list[tuple[Phase, list[str]]] = []
    for name in names:
        phase = state.request(name).phase
        if not runs or runs[-1][0] is not phase:
            runs.append((phase, []))
        runs[-1][1].append(name)
    return runs


def _band(moment: Moment, row: ScheduleRow, word: str, box: Box) -> Iterator[Shape]:
    """What the chips on its right have been through: a word, and a line around all."""
    key, body = f"{row.key}/{word}", box.inset(0, 2)
    yield Rect(key, body, stroke="edge", line=1.5, radius=min(16, body.h / 2),
               tags=row.tags(moment))  # fmt: skip
    line = baseline(_middle(box), SIZE_LABEL)
    yield Text(f"{key}/word", body.x + 14, line, word, SIZE_LABEL,
               "warning" if word == _WORDS[Phase.PREEMPTED] else "muted", moment.faces.text,
               tags=row.tags(moment))  # fmt: skip


def _left(moment: Moment, row: ScheduleRow, box: Box) -> Iterator[Shape]:
    """Who has left, the latest nearest to the engine; one that gave up has an outline alone."""
    widths = [chip_width(moment, name) for name in row.over]
    shown, x = _fitting(widths, BETWEEN, box.w), box.x
    for name, width in list(zip(row.over, widths, strict=True))[:shown]:
        gave_up = row.state.request(name).phase is Phase.ABORTED
        yield from chip(moment, f"{row.key}/{name}", name, x, _middle(box),
                        row.tags(moment, name), look="open" if gave_up else "pale",
                        height=_chip_height(box.h))  # fmt: skip
        x += width + BETWEEN
    yield from _more(moment, row, "done", len(row.over) - shown, x, box, Anchor.START)


def _fitting(widths: Sequence[float], gap: float, room: float) -> int:
    """How many of these stand side by side, and "128 more" if that is not all."""
    if sum(widths) + gap * max(len(widths) - 1, 0) <= room:
        return len(widths)
    shown, used = 0, _more_width(room)
    while shown < len(widths) and used + widths[shown] <= room:
        used, shown = used + widths[shown] + gap, shown + 1
    return shown


def _more_width(room: float) -> float:
    return MORE if room > TIGHT else LITTLE


def _more(
    moment: Moment, row: ScheduleRow, part: str, count: int, x: float, box: Box, anchor: Anchor
) -> Iterator[Shape]:
    if count > 0:
        told = f"{count:,} more" if box.w > TIGHT else f"+{count:,}"
        yield Text(f"{row.key}/{part}/more", x, baseline(_middle(box), SIZE_LABEL), told,
                   SIZE_LABEL, "muted", moment.faces.text, anchor,
                   tags=row.tags(moment))  # fmt: skip
