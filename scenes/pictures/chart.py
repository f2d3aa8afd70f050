"""A measured chart in its frame: headline, chart, where it was measured, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from model.chart import BarPair, Bars, Chart, MemoryOverTime, ModelTable, Splits
from scenes.pictures.chart_bars import bar_pair, bars
from scenes.pictures.chart_memory import memory_over_time
from scenes.pictures.chart_split import splits
from scenes.pictures.chart_table import model_table
from scenes.pictures.moment import FIRA, Typefaces
from scenes.shapes import Anchor, Box, Picture, Rect, Shape, Text
from scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE, Canvas
from scenes.typeface import balance, shorten, visible

CPU_TINT, GPU_TINT = 0, 2
"""Hues: what a CPU measured never looks like what a GPU measured."""
LINE = 40
CARD_TOP, CARD_BOTTOM = 82, 762
"""Of the card with the chart, below the top of the safe area."""


def chart_picture(chart: Chart, canvas: Canvas, faces: Typefaces = FIRA) -> Picture:
    """A chart as a picture of its own; its finding is the caption."""
    safe = canvas.safe
    measures = faces.measures("bold")
    room = safe.w - measures.width(measured_label(chart), SIZE_LABEL) - 96
    title = shorten(visible(chart.title), room, SIZE_TITLE, measures)
    shapes = (
        Text("header/title", safe.x, safe.y + 46, title, SIZE_TITLE, "text", faces.bold),
        *measured_chip(chart, Box(safe.x, safe.y, safe.w, 64), faces),
        *chart_panel(chart, safe, faces),
        *_caption(chart.finding, Box(safe.x, safe.bottom - 98, safe.w, 98), faces),
    )
    return Picture(canvas.width, canvas.height, "background", shapes, alt=in_words(chart))


def chart_panel(chart: Chart, safe: Box, faces: Typefaces) -> Iterator[Shape]:
    """The card with the chart, and the two lines of its origin below."""
    card = Box(safe.x, safe.y + CARD_TOP, safe.w, CARD_BOTTOM - CARD_TOP)
    yield Rect("chart", card, "card", "edge", 1.5, radius=16, note=in_words(chart))
    yield from _body(chart, card.inset(40, 28), faces)
    origin = chart.origin
    runs = "1 run" if origin.runs == 1 else f"{origin.runs} runs"
    parts = ("measured", origin.device, origin.versions, origin.date, f"n = {runs}")
    for i, line in enumerate((" · ".join(parts), origin.setting)):
        text = shorten(visible(line), safe.w, SIZE_LABEL, faces.measures("text"))
        y = card.bottom + 34 + 32 * i
        yield Text(f"chart/origin/{i}", safe.x, y, text, SIZE_LABEL, "muted", faces.text)


def measured_label(chart: Chart) -> str:
    """What kind of number this is, and of what kind of machine."""
    return "measured on a CPU" if chart.origin.is_cpu else "measured on a GPU"


def measured_chip(chart: Chart, box: Box, faces: Typefaces) -> tuple[Shape, ...]:
    """The label in the machine's tint, at the right end of the headline."""
    text = measured_label(chart)
    width = faces.measures("bold").width(text, SIZE_LABEL) + 40
    chip = Box(box.right - width, box.y + 10, width, 44)
    hue = tint(chart)
    return (
        Rect("chart/measured", chip, f"request {hue} pale", f"request {hue} edge", 2, radius=22),
        Text("chart/measured/label", chip.centre[0], chip.y + 30, text, SIZE_LABEL, "text",
             faces.bold, Anchor.MIDDLE, room=chip),
    )  # fmt: skip


def tint(chart: Chart) -> int:
    """The hue of the chart's machine."""
    return CPU_TINT if chart.origin.is_cpu else GPU_TINT


def in_words(chart: Chart) -> str:
    """The chart for those who cannot see it."""
    origin = chart.origin
    said = f"{visible(chart.title)}. {visible(chart.finding)}"
    return f"{said} Measured: {origin.device}, {origin.date}."


def _body(chart: Chart, box: Box, faces: Typefaces) -> Iterator[Shape]:
    hue = tint(chart)
    match chart.body:
        case MemoryOverTime():
            yield from memory_over_time(chart.body, box, hue, faces)
        case Splits():
            yield from splits(chart.body, box, hue, faces)
        case Bars():
            yield from bars("chart/bars", chart.body, box, hue, faces)
        case BarPair():
            yield from bar_pair(chart.body, box, hue, faces)
        case ModelTable():
            yield from model_table(chart.body, box, hue, faces)


def _caption(text: str, box: Box, faces: Typefaces) -> Iterator[Shape]:
    lines = balance(visible(text), box.w - 24, SIZE_BODY, faces.measures("text"))[:2]
    yield Rect("caption/bar", Box(box.x, box.y + 4, 4, LINE * len(lines)), "accent", radius=2)
    for i, line in enumerate(lines):
        yield Text(f"caption/{i}", box.x + 24, box.y + 34 + i * LINE, line, SIZE_BODY, "text",
                   faces.text, room=box)  # fmt: skip
