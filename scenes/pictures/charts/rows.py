"""What charts of rows share: titles beside or above the bars, the grid, and the legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagereel.scenes.pictures.charts.axis import Axis, amount, tick_words
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Typefaces
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import break_lines
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

NARROW = 1100
"""A chart no wider than this has its titles above its bars."""
LOWEST = 36
"""Of a bar with its label: where a row has no more, its title stands beside it all the same."""
GAP, FOOT, LINE = 24, 46, 33
"""Beside titles and labels; under the rows, for the axis' numbers; from line to line."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the bars of a chart stand, and the titles of its rows."""

    plot: Box
    strips: tuple[Box, ...]
    titles: tuple[Text, ...]
    are_above: bool = False
    """Whether titles stand above their bars, on the grid."""


def over_grid(text: Text, faces: Typefaces) -> tuple[Rect, Text]:
    """A text that stands on the chart itself: no line of the grid runs through words."""
    width = faces.measures("text").width(text.text, text.size)
    left = text.x - width if text.anchor is Anchor.END else text.x
    box = Box(left - 6, text.y - text.size, width + 12, text.size + 8)
    return Rect(f"{text.key}/behind", box, "card"), text


def lay_rows(
    key: str,
    names: Sequence[str],
    box: Box,
    room: tuple[float, float],
    faces: Typefaces,
    are_low: bool | None = False,
) -> Rows:
    """Rows in a box; `room` is what is needed above them and right of the axis, in pixels.

    Where it is narrow, titles stand above their bars; beside them all the same where rows are low
    (None: where they have no room for both).
    """
    above, labels = room
    if are_low is None:
        are_low = (box.h - above - FOOT) / len(names) < LINE + LOWEST
    narrow = box.w <= NARROW and not are_low
    size = SIZE_LABEL if box.w <= NARROW else SIZE_BODY
    measures = faces.measures("text")
    left = 0 if narrow else max(measures.width(name, size) for name in names) + GAP
    plot = Box(box.x + left, box.y + above, box.w - left - labels, box.h - above - FOOT)
    height = plot.h / len(names)
    strips, titles = [], []
    for i, name in enumerate(names):
        strip = Box(plot.x, plot.y + i * height, plot.w, height)
        y = baseline(strip.centre[1], size)
        if narrow:
            y = strip.y + LINE - 4
            strip = Box(strip.x, strip.y + LINE, strip.w, strip.h - LINE)
        strips.append(strip)
        x = box.x + 10 if narrow else box.x
        titles.append(Text(f"{key}/{name}", x, y, name, size, "text", faces.text))
    return Rows(plot, tuple(strips), tuple(titles), narrow)


def grid(key: str, scale: Axis, plot: Box, unit: str, faces: Typefaces) -> Iterator[Shape]:
    """Thin lines at the ticks, and their numbers below; the unit stands at the last one."""
    measures, free = faces.measures("text"), float("-inf")
    for i, tick in enumerate(scale.ticks):
        x = round(scale.at(tick))
        ink = "muted" if i == 0 else "edge"
        yield Path(f"{key}/tick/{i}", ((x, plot.y), (x, plot.bottom)), ink, 1.5)
        if unit == "bytes":
            text = amount(tick, unit) if tick else "0"
        else:
            last = i == len(scale.ticks) - 1
            text = f"{tick_words(scale, tick)} {unit}".strip() if last else tick_words(scale, tick)
        half = measures.width(text, SIZE_LABEL) / 2
        if x - half > free:
            yield Text(f"{key}/tick/{i}/value", x, plot.bottom + 36, text, SIZE_LABEL, "muted",
                       faces.text, Anchor.MIDDLE)  # fmt: skip
            free = x + half + 16


def words(key: str, text: str, box: Box, faces: Typefaces) -> tuple[tuple[Text, ...], float]:
    """A text in as many lines as it needs from the top of a box, and how high they are."""
    lines = break_lines(text, box.w, SIZE_LABEL, faces.measures("text"))
    shown = tuple(
        Text(f"{key}/{i}", box.x, box.y + 26 + i * LINE, line, SIZE_LABEL, "muted", faces.text)
        for i, line in enumerate(lines)
    )
    return shown, len(lines) * LINE


def flow(widths: Sequence[float], box: Box) -> tuple[list[tuple[float, float]], float]:
    """Where entries of a legend stand, one after the other and in lines; how high they are."""
    x, y, places = box.x, box.y, []
    for width in widths:
        if x > box.x and x + width > box.right:
            x, y = box.x, y + LINE + 4
        places.append((x, y))
        x += width + 48
    return places, y + LINE + 4 - box.y
