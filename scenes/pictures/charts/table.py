"""The model beside the measurement: a row a method, each figure modelled, measured, and apart."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.storyboard.chart import Compared, ModelRow, ModelTable
from pagereel.scenes.pictures.charts.axis import amount, plain
from pagereel.scenes.pictures.charts.rows import NARROW
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Typefaces
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

HEAD = 84
TALLEST = 116
"""A row, where there are few."""
LARGE = 1.0
"""Percent from which a residual is marked."""
COLUMNS = ("requests at once", "reserved", "held", "used", "worst step")


def model_table(
    body: ModelTable, box: Box, hue: int, faces: Typefaces, share: float = 1
) -> Iterator[Shape]:
    """Modelled and measured peaks, and under them how far they are apart.

    `share` says how many of the rows have their numbers.
    """
    drawn = share * len(body.rows)
    if box.w <= NARROW:
        yield from _narrow(body, box, hue, faces, drawn)
        return
    measures = faces.measures("text")
    first = max(measures.width(row.title, SIZE_BODY) for row in body.rows) + 48
    width = (box.w - first) / len(COLUMNS)
    rights = [box.x + first + width * (i + 1) for i in range(len(COLUMNS))]
    for name, right in zip(COLUMNS, rights, strict=True):
        below = "held or used" if name == "worst step" else "model / engine"
        yield Text(f"chart/head/{name}", right, box.y + 22, name, SIZE_LABEL, "text", faces.bold,
                   Anchor.END)  # fmt: skip
        yield Text(f"chart/head/{name}/below", right, box.y + 54, below, SIZE_LABEL, "muted",
                   faces.text, Anchor.END)  # fmt: skip
    height = min((box.h - HEAD) / len(body.rows), TALLEST)
    for i, row in enumerate(body.rows):
        strip = Box(box.x, box.y + HEAD + i * height, box.w, height)
        ends = ((strip.x, strip.y), (strip.right, strip.y))
        yield Path(f"chart/row/{i}/line", ends, "edge", 1.5)
        yield Text(f"chart/row/{i}/title", strip.x, baseline(strip.centre[1], SIZE_BODY), row.title,
                   SIZE_BODY, "text", faces.text)  # fmt: skip
        if i + 0.5 < drawn:
            yield from _cells(f"chart/row/{i}", row, strip, rights, hue, faces)


def _cells(
    key: str, row: ModelRow, strip: Box, rights: list[float], hue: int, faces: Typefaces
) -> Iterator[Shape]:
    figures = (
        ("live", row.live, ""),
        ("reserved", row.reserved, "bytes"),
        ("held", row.held, "bytes"),
        ("used", row.used, "bytes"),
    )
    upper, lower = strip.centre[1] - 15, strip.centre[1] + 17
    for (name, figure, unit), right in zip(figures, rights, strict=False):
        yield Text(f"{key}/{name}", right, baseline(upper, SIZE_LABEL), _both(figure, unit),
                   SIZE_LABEL, "text", faces.text, Anchor.END)  # fmt: skip
        text, under = residual_words(figure.residual), f"{key}/{name}/residual"
        yield from _residual(under, figure.residual, text, right, lower, hue, faces)
    worst, steps = worst_words(row)
    yield from _residual(f"{key}/worst", row.worst, worst, rights[-1], upper, hue, faces)
    yield Text(f"{key}/steps", rights[-1], baseline(lower, SIZE_LABEL), steps, SIZE_LABEL, "muted",
               faces.text, Anchor.END)  # fmt: skip


def _residual(
    key: str, percent: float, text: str, right: float, middle: float, hue: int, faces: Typefaces
) -> Iterator[Shape]:
    """`equal`, or the percentage; a large one on the machine's tint."""
    if abs(percent) >= LARGE:
        width = faces.measures("bold").width(text, SIZE_LABEL) + 20
        box = Box(right - width + 10, middle - 15, width, 30)
        yield Rect(f"{key}/mark", box, f"request {hue} pale", radius=6)
    face = faces.bold if abs(percent) >= LARGE else faces.text
    ink = "text" if abs(percent) >= LARGE else "muted"
    yield Text(key, right, baseline(middle, SIZE_LABEL), text, SIZE_LABEL, ink, face, Anchor.END)


def residual_words(percent: float) -> str:
    """A residual as it is shown: `equal`, `+3.1 %`."""
    return "equal" if percent == 0 else f"{percent:+.1f} %".replace("-", "−")


def worst_words(row: ModelRow) -> tuple[str, str]:
    """How far off the worst step is, and of how many; or that the steps are others."""
    if row.steps.modelled != row.steps.measured:
        return "other steps", f"{row.steps.modelled:,.0f} / {row.steps.measured:,.0f}"
    return f"{row.worst:.1f} %" if row.worst else "none off", f"of {row.steps.measured:,.0f} steps"


def _both(figure: Compared, unit: str) -> str:
    if not unit:
        return f"{plain(figure.modelled)} / {plain(figure.measured)}"
    modelled, measured = amount(figure.modelled, unit), amount(figure.measured, unit)
    if modelled.split()[1] == measured.split()[1]:
        modelled = modelled.split()[0]
    return f"{modelled} / {measured}"


def _narrow(
    body: ModelTable, box: Box, hue: int, faces: Typefaces, drawn: float
) -> Iterator[Shape]:
    """Two lines a row; a figure that is off is marked, and the worst step says how far."""
    width = box.w / 4
    for i, name in enumerate(("at once", "reserved", "held", "used")):
        yield Text(f"chart/head/{name}", box.x + width * (i + 1), box.y + 22, name, SIZE_LABEL,
                   "text", faces.bold, Anchor.END)  # fmt: skip
    below = "model / engine"
    yield Text("chart/head/below", box.right, box.y + 54, below, SIZE_LABEL, "muted", faces.text,
               Anchor.END)  # fmt: skip
    height = (box.h - HEAD + 12) / len(body.rows)
    for i, row in enumerate(body.rows):
        y, key = box.y + HEAD - 12 + i * height, f"chart/row/{i}"
        yield Path(f"{key}/line", ((box.x, y), (box.right, y)), "edge", 1.5)
        upper, lower = y + height / 2 - 16, y + height / 2 + 16
        yield Text(f"{key}/title", box.x, baseline(upper, SIZE_LABEL), row.title, SIZE_LABEL,
                   "text", faces.bold)  # fmt: skip
        if i + 0.5 >= drawn:
            continue
        worst = " ".join(worst_words(row))
        yield Text(f"{key}/worst", box.right, baseline(upper, SIZE_LABEL), worst, SIZE_LABEL,
                   "muted", faces.text, Anchor.END)  # fmt: skip
        figures = (
            (row.live, ""),
            (row.reserved, "bytes"),
            (row.held, "bytes"),
            (row.used, "bytes"),
        )
        for j, (figure, unit) in enumerate(figures):
            text, right = _both(figure, unit), box.x + width * (j + 1)
            if abs(figure.residual) >= LARGE:
                wide = faces.measures("text").width(text, SIZE_LABEL) + 16
                mark = Box(right - wide + 8, lower - 15, wide, 30)
                yield Rect(f"{key}/{j}/mark", mark, f"request {hue} pale", radius=6)
            yield Text(f"{key}/{j}", right, baseline(lower, SIZE_LABEL), text, SIZE_LABEL, "text",
                       faces.text, Anchor.END)  # fmt: skip
