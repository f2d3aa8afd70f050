"""What each lane gains and what it pays, side by side: a gauge, and numbers with their words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pagereel.model.readings.subjects import Ledger, ledger
from pagereel.scenes.pictures.charts.axis import plain
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

PADDING = 24
NAMES, COLUMN, LINE = 170, 118, 34
"""Where each lane is a row: width of the lanes' names, and of a number at least, of which as many
are shown as fit; from line to line of a name."""
GAUGE = 40
"""What is lower has no room for a gauge under its number."""
TAGS = frozenset({"gauges"})


class GaugeRow(NamedTuple):
    """One number: whether it is a gain or a cost, and its words."""

    name: str
    """A field of `model.readings.costs.Ledger`."""
    sign: str
    words: str
    """On one line."""
    lines: tuple[str, str]
    """On two, shorter ones."""


ROWS = (
    GaugeRow("utilisation", "plus", "held slots in use", ("used", "of held")),
    GaugeRow("running", "plus", "requests running", ("running", "now")),
    GaugeRow("wasted", "minus", "slots idle now", ("slots", "idle now")),
    GaugeRow("refused", "minus", "steps refused", ("steps", "refused")),
    GaugeRow("table_entries", "minus", "table entries", ("table", "entries")),
    GaugeRow("copied", "minus", "slots copied", ("slots", "copied")),
    GaugeRow("recomputed", "minus", "tokens redone", ("tokens", "redone")),
)


def gauges(moment: Moment, box: Box) -> Iterator[Shape]:
    """A table on one card: a lane is a column where the box is tall, a row where it is low."""
    yield Rect("gauges", box, "card", "edge", 1.5, radius=16)
    kept = [ledger(step) for step in moment.step.lanes]
    yield from (_low if box.w > box.h else _tall)(moment, kept, box)


def _tall(moment: Moment, kept: list[Ledger], box: Box) -> Iterator[Shape]:
    inner = box.inset(PADDING, 16)
    width, head = inner.w / len(kept), 2 * LINE + 8
    for i in range(len(kept)):
        yield from _name(moment, i, Box(inner.x + i * width, inner.y, width - 12, 2 * LINE))
    pitch = (inner.h - head) / (len(ROWS) + 0.25)
    y = inner.y + head
    for row in ROWS:
        yield from _words(moment, row, (row.words,), (inner.x, baseline(y + 12, SIZE_LABEL)))
        for i, entry in enumerate(kept):
            place = Box(inner.x + i * width, y + 32, width - 12, pitch - 32)
            yield from _number(moment, row, i, entry, place)
        y += pitch * (1.25 if row.name == "utilisation" else 1)


def _low(moment: Moment, kept: list[Ledger], box: Box) -> Iterator[Shape]:
    inner = box.inset(PADDING, 12)
    rows = ROWS[: int((inner.w - NAMES) // COLUMN)]
    width, head = (inner.w - NAMES) / len(rows), 70
    pitch = (inner.h - head) / len(kept)
    for column, row in enumerate(rows):
        x = inner.x + NAMES + column * width
        yield from _words(moment, row, row.lines, (x, baseline(inner.y + 14, SIZE_LABEL)))
        for i, entry in enumerate(kept):
            y = inner.y + head + i * pitch + pitch / 2 - 18
            yield from _number(moment, row, i, entry, Box(x + 20, y, width - 28, pitch))
    for i in range(len(kept)):
        y = inner.y + head + i * pitch + pitch / 2 - 18
        yield from _name(moment, i, Box(inner.x, y, NAMES - 16, LINE))


def _name(moment: Moment, lane: int, box: Box) -> Iterator[Text]:
    """In as many lines as the box has room for."""
    spec, bold = moment.storyboard.lanes[lane], moment.faces.measures("bold")
    most = round(box.h / LINE)
    lines = balance(visible(spec.title), box.w, SIZE_LABEL, bold) if most > 1 else []
    for i, line in enumerate((lines or [visible(spec.title)])[:most]):
        yield Text(f"gauges/{spec.name}/title/{i}", box.x,
                   baseline(box.y + LINE * (i + 0.5), SIZE_LABEL),
                   shorten(line, box.w, SIZE_LABEL, bold), SIZE_LABEL, "text",
                   moment.faces.bold, tags=_tags(moment, lane))  # fmt: skip


def _words(
    moment: Moment, row: GaugeRow, lines: tuple[str, ...], at: tuple[float, float]
) -> Iterator[Shape]:
    """Plus or minus, and what is counted."""
    (x, y), key = at, f"gauges/{row.name}"
    middle = y - SIZE_LABEL * 0.345
    across = ((x, middle), (x + 12, middle))
    yield Path(f"{key}/sign", across, "text", 2.5, tags=TAGS, note=row.sign)
    if row.sign == "plus":
        up = ((x + 6, middle - 6), (x + 6, middle + 6))
        yield Path(f"{key}/sign/up", up, "text", 2.5, tags=TAGS)
    for i, line in enumerate(lines):
        yield Text(f"{key}/words/{i}", x + 20, y + 31 * i, line, SIZE_LABEL, "muted",
                   moment.faces.text, tags=TAGS)  # fmt: skip


def _number(moment: Moment, row: GaugeRow, lane: int, entry: Ledger, box: Box) -> Iterator[Shape]:
    """The number of one lane; of the share, a gauge under it."""
    value = getattr(entry, row.name)
    key, tags = f"gauges/{moment.storyboard.lanes[lane].name}/{row.name}", _tags(moment, lane)
    shown = "–" if value is None else plain(value)
    if row.name == "utilisation" and value is not None:
        shown = f"{value:.0f} %"
    size = SIZE_BODY if len(shown) < 6 and box.h >= GAUGE else SIZE_LABEL
    yield Text(key, box.x, baseline(box.y + 16, SIZE_BODY), shown, size,
               "text" if value else "muted", moment.faces.bold, tags=tags)  # fmt: skip
    if row.name == "utilisation" and box.h >= GAUGE:
        bar = Box(box.x, box.y + 33, box.w, 8)
        yield Rect(f"{key}/bar", bar, "slot", "muted", 1.5, 4, tags=tags)
        full = Box(bar.x, bar.y, max(bar.w * (value or 0) / 100, 0.1), bar.h)
        yield Rect(f"{key}/full", full, "text", radius=min(4, full.w / 2), tags=tags,
                   note=f"{shown} of the held slots store K/V")  # fmt: skip


def _tags(moment: Moment, lane: int) -> frozenset[str]:
    return TAGS | {f"lane {moment.storyboard.lanes[lane].name}"}
