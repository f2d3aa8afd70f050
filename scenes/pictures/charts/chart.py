"""A measured chart in its frame: headline, chart, where it was measured, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.storyboard.chart import (
    BarPair,
    Bars,
    Chart,
    MemoryOverTime,
    ModelTable,
    Splits,
    Unmeasured,
)
from pagereel.scenes.canvas import Canvas
from pagereel.scenes.pictures.charts.bars import bar_pair, bars
from pagereel.scenes.pictures.charts.memory import memory_over_time
from pagereel.scenes.pictures.charts.rows import NARROW
from pagereel.scenes.pictures.charts.split import splits
from pagereel.scenes.pictures.charts.table import model_table
from pagereel.scenes.pictures.moment import FIRA, Moment, Typefaces
from pagereel.scenes.shapes.picture import Anchor, Box, Picture, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, break_lines, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE

CPU_TINT, GPU_TINT = 0, 2
"""Hues: what a CPU measured never looks like what a GPU measured."""
LINE = 40
LINE_SMALL = 36
SWEEP = 14
"""Pictures in which a chart over time is drawn from left to right."""


def chart_picture(chart: Chart, canvas: Canvas, faces: Typefaces = FIRA) -> Picture:
    """A chart as a picture of its own; its finding is the caption."""
    safe = canvas.safe
    measures = faces.measures("bold")
    room = safe.w - measures.width(measured_label(chart), SIZE_LABEL) - 96
    title = shorten(visible(chart.title), room, SIZE_TITLE, measures)
    shapes = (
        Text("header/title", safe.x, safe.y + 46, title, SIZE_TITLE, "text", faces.bold),
        *measured_chip(chart, Box(safe.x, safe.y, safe.w, 64), faces),
        *chart_panel(chart, Box(safe.x, safe.y + 82, safe.w, safe.h - 196), faces),
        *_caption(chart.finding, Box(safe.x, safe.bottom - 98, safe.w, 98), faces),
    )
    return Picture(canvas.width, canvas.height, "background", shapes, alt=in_words(chart))


def chart_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """The beat's chart."""
    chart = moment.played.shot.chart
    assert chart is not None, "the reader gives every chart card its chart"
    stages = chart_stages(moment)
    share = moment.stage / (stages - 1) if stages > 1 else 1
    yield from chart_panel(chart, box, moment.faces, share)


def chart_stages(moment: Moment) -> int:
    """A chart that was not there before is drawn from nothing: row by row, time in columns."""
    chart = moment.played.shot.chart
    if chart is None or not moment.is_new:
        return 1
    match chart.body:
        case MemoryOverTime():
            return SWEEP
        case BarPair():
            return 1 + len(chart.body.left.rows)
        case Bars() | Splits() | ModelTable():
            return 1 + len(chart.body.rows)
        case Unmeasured():
            return 1


def is_sweep(moment: Moment) -> bool:
    """Whether a chart is drawn as time went by, and not row by row."""
    chart = moment.played.shot.chart
    return chart is not None and isinstance(chart.body, MemoryOverTime)


def chart_panel(chart: Chart, box: Box, faces: Typefaces, share: float = 1) -> Iterator[Shape]:
    """The card with the chart, of which so much is drawn, and the lines of its origin below."""
    lines = origin_lines(chart, box.w, faces)
    card = Box(box.x, box.y, box.w, box.h - LINE_SMALL * len(lines) - 24)
    yield Rect("chart", card, "card", "edge", 1.5, radius=16, note=in_words(chart))
    yield from _body(chart, card.inset(40 if box.w > NARROW else 24, 24), faces, share)
    for i, line in enumerate(lines):
        y = card.bottom + 36 + LINE_SMALL * i
        yield Text(f"chart/origin/{i}", box.x, y, line, SIZE_LABEL, "muted", faces.text)


def origin_lines(chart: Chart, width: float, faces: Typefaces) -> list[str]:
    """Where and how it was measured."""
    origin = chart.origin
    if origin is None:
        return []
    runs = f"n = {origin.runs}"
    parts = ("measured", origin.device, origin.versions, origin.date, runs, origin.trust)
    measures = faces.measures("text")
    texts = (" · ".join(parts), origin.setting)
    return [
        line for text in texts for line in break_lines(visible(text), width, SIZE_LABEL, measures)
    ]


def measured_label(chart: Chart) -> str:
    """What kind of number this is, and of what kind of machine."""
    if chart.origin is None:
        return "not measured"
    return "measured on a CPU" if chart.origin.is_cpu else "measured on a GPU"


def measured_chip(chart: Chart, box: Box, faces: Typefaces) -> tuple[Shape, ...]:
    """The label in the machine's tint, at the right end of the headline."""
    text = measured_label(chart)
    width = faces.measures("bold").width(text, SIZE_LABEL) + 40
    chip = Box(box.right - width, box.y + 10, width, 44)
    hue = tint(chart)
    fill, edge = (
        (f"request {hue} pale", f"request {hue} edge") if chart.origin else ("card", "edge")
    )
    return (
        Rect("chart/measured", chip, fill, edge, 2, radius=22),
        Text("chart/measured/label", chip.centre[0], chip.y + 30, text, SIZE_LABEL, "text",
             faces.bold, Anchor.MIDDLE, room=chip),
    )  # fmt: skip


def tint(chart: Chart) -> int:
    """The hue of the chart's machine."""
    return CPU_TINT if chart.origin is None or chart.origin.is_cpu else GPU_TINT


def in_words(chart: Chart) -> str:
    """The chart for those who cannot see it."""
    origin = chart.origin
    said = f"{visible(chart.title)}. {visible(chart.finding)}"
    if origin is None:
        return said
    return f"{said} Measured: {origin.device}, {origin.date}."


def _body(chart: Chart, box: Box, faces: Typefaces, share: float) -> Iterator[Shape]:
    hue = tint(chart)
    match chart.body:
        case MemoryOverTime():
            yield from memory_over_time(chart.body, box, hue, faces, share)
        case Splits():
            yield from splits(chart.body, box, hue, faces, share)
        case Bars():
            yield from bars(chart.body, box, hue, faces, share)
        case BarPair():
            yield from bar_pair(chart.body, box, hue, faces, share)
        case ModelTable():
            yield from model_table(chart.body, box, hue, faces, share)
        case Unmeasured():
            yield from _unmeasured(chart, box, faces)


def _unmeasured(chart: Chart, box: Box, faces: Typefaces) -> Iterator[Shape]:
    """In the middle of the card: what would be here, and what brings it. No axis, no bars."""
    size = SIZE_TITLE if box.w > NARROW else SIZE_BODY
    place, invitation = (f"{part}" for part in visible(chart.finding).split(": ", 1))
    lines = [
        *((line, SIZE_BODY, "muted", faces.text)
          for line in balance(visible(chart.title), box.w, SIZE_BODY, faces.measures("text"))),
        (place, size, "text", faces.bold),
        (invitation.rstrip("."), SIZE_BODY, "muted", faces.text),
    ]  # fmt: skip
    y = box.centre[1] - 32 * len(lines) + 44
    for i, (line, points, ink, face) in enumerate(lines):
        yield Text(f"chart/unmeasured/{i}", box.centre[0], y, line, points, ink, face,
                   Anchor.MIDDLE, room=box)  # fmt: skip
        y += 64


def _caption(text: str, box: Box, faces: Typefaces) -> Iterator[Shape]:
    lines = balance(visible(text), box.w - 24, SIZE_BODY, faces.measures("text"))[:2]
    yield Rect("caption/bar", Box(box.x, box.y + 4, 4, LINE * len(lines)), "accent", radius=2)
    for i, line in enumerate(lines):
        yield Text(f"caption/{i}", box.x + 24, box.y + 34 + i * LINE, line, SIZE_BODY, "text",
                   faces.text, room=box)  # fmt: skip
