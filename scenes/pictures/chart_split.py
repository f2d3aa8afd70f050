"""Reserved, held and used bytes of each method at its fullest moment, on one axis."""

from __future__ import annotations

from collections.abc import Iterator

from model.chart import SplitRow, Splits
from scenes.pictures.axis import Axis, across, amount
from scenes.pictures.chart_bars import FOOT, GAP
from scenes.pictures.chip import baseline
from scenes.pictures.moment import Typefaces
from scenes.shapes import CLEAR, Anchor, Box, Path, Pattern, Rect, Shape, Text
from scenes.style import SIZE_BODY, SIZE_LABEL

TOP = 56
MEANINGS = (
    ("used", "used: K/V that a request can read"),
    ("held", "held, but not used"),
    ("reserved", "reserved, free for the next request"),
)


def splits(body: Splits, box: Box, hue: int, faces: Typefaces) -> Iterator[Shape]:
    """A bar a method: used, then held beyond it, then reserved beyond that."""
    measures = faces.measures("text")
    titles = max(measures.width(row.title, SIZE_BODY) for row in body.rows) + GAP
    labels = max(measures.width(_label(row), SIZE_LABEL) for row in body.rows) + GAP
    plot = Box(box.x + titles, box.y + TOP, box.w - titles - labels, box.h - TOP - FOOT)
    scale = across(plot, max(row.reserved for row in body.rows), "bytes", 4)
    yield from _legend(Box(plot.x, box.y, box.w - titles, 28), hue, faces)
    yield from _ticks(scale, plot, faces)
    height = plot.h / len(body.rows)
    for i, row in enumerate(body.rows):
        strip = Box(plot.x, plot.y + i * height, plot.w, height)
        middle = strip.centre[1]
        yield Text(f"chart/{row.title}", box.x, baseline(middle, SIZE_BODY), row.title, SIZE_BODY,
                   "text", faces.text)  # fmt: skip
        yield from _bar(f"chart/{row.title}", row, strip, scale, hue)
        yield Text(f"chart/{row.title}/label", plot.right + GAP, baseline(middle, SIZE_LABEL),
                   _label(row), SIZE_LABEL, "text", faces.text)  # fmt: skip


def part(key: str, name: str, box: Box, hue: int, note: str = "") -> Rect:
    """A rectangle that looks like one of the three, on bars and in legends."""
    if name == "used":
        return Rect(key, box, f"request {hue} solid", radius=3, note=note)
    if name == "held":
        ink, pattern = f"request {hue} edge", Pattern.HATCH
        return Rect(key, box, f"request {hue} pale", CLEAR, 0, 3, pattern, ink, note=note)
    return Rect(key, box, CLEAR, "muted", 2, 3, note=note)


def _bar(key: str, row: SplitRow, strip: Box, scale: Axis, hue: int) -> Iterator[Shape]:
    height = min(52, strip.h * 0.55)
    y = strip.centre[1] - height / 2
    ends = (0, row.used, row.held, row.reserved)
    for i, (name, meaning) in enumerate(MEANINGS):
        start, end = scale.at(ends[i]), scale.at(ends[i + 1])
        if end - start < 0.5:
            continue
        box = Box(start, y, end - start, height)
        inside = box.inset(1) if name == "reserved" else Box(box.x, y, max(box.w - 1, 1), height)
        size = amount(ends[i + 1] - ends[i], "bytes")
        yield part(f"{key}/{name}", name, inside, hue, f"{row.title}: {size} {meaning}")


def _label(row: SplitRow) -> str:
    share = 100 * row.used / row.held if row.held else 0
    return f"{amount(row.used, 'bytes')} used of {amount(row.held, 'bytes')} held: {share:.0f} %"


def _legend(box: Box, hue: int, faces: Typefaces) -> Iterator[Shape]:
    x = box.x
    for name, meaning in MEANINGS:
        yield part(f"chart/legend/{name}/swatch", name, Box(x, box.y + 2, 32, 24), hue)
        yield Text(f"chart/legend/{name}", x + 44, box.y + 22, meaning, SIZE_LABEL, "muted",
                   faces.text)  # fmt: skip
        x += 44 + faces.measures("text").width(meaning, SIZE_LABEL) + 48


def _ticks(scale: Axis, plot: Box, faces: Typefaces) -> Iterator[Shape]:
    for i, tick in enumerate(scale.ticks):
        x = round(scale.at(tick))
        ink = "muted" if i == 0 else "edge"
        yield Path(f"chart/tick/{i}", ((x, plot.y), (x, plot.bottom)), ink, 1.5)
        text = amount(tick, "bytes") if tick else "0"
        yield Text(f"chart/tick/{i}/value", x, plot.bottom + 32, text, SIZE_LABEL, "muted",
                   faces.text, Anchor.MIDDLE)  # fmt: skip
