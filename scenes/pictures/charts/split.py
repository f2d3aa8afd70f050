"""Reserved, held and used bytes of each method at its fullest moment, on one axis."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.storyboard.chart import SplitRow, Splits
from pagereel.scenes.pictures.charts.axis import Axis, across, amount
from pagereel.scenes.pictures.charts.rows import GAP, NARROW, flow, grid, lay_rows, over_grid
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Typefaces
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Path, Pattern, Rect, Shape, Text
from pagereel.scenes.style import SIZE_LABEL

MEANINGS = (
    ("used", "used: K/V that a request can read"),
    ("held", "held, but not used"),
    ("reserved", "reserved, free for the next request"),
)


def splits(body: Splits, box: Box, hue: int, faces: Typefaces, share: float = 1) -> Iterator[Shape]:
    """A bar a method: used, then held beyond it, then reserved beyond that.

    `share` says how many of the bars are drawn; a bar's numbers come with it.
    """
    measures, narrow = faces.measures("text"), box.w <= NARROW
    labels = max(measures.width(_label(row), SIZE_LABEL) for row in body.rows) + GAP
    names = [row.title for row in body.rows]
    trial = lay_rows("chart/row", names, box, (0, 0), faces)
    above = Box(trial.plot.x, box.y, box.right - trial.plot.x, 0)
    shapes, height = legend(above, hue, faces, MEANINGS)
    yield from shapes
    rows = lay_rows("chart/row", names, box, (height + 12, 0 if narrow else labels), faces)
    scale = across(rows.plot, max(row.reserved for row in body.rows), "bytes", 4)
    yield from grid("chart", scale, rows.plot, "bytes", faces)
    drawn = share * len(body.rows)
    for i, (row, strip, title) in enumerate(zip(body.rows, rows.strips, rows.titles, strict=True)):
        yield from over_grid(title, faces) if narrow else (title,)
        yield from _bar(f"chart/{row.title}", row, strip, scale, hue, i + 0.5 < drawn)
        if i + 0.5 >= drawn:
            continue
        x, anchor = (rows.plot.right + GAP, Anchor.START) if not narrow else (box.right, Anchor.END)
        y = title.y if narrow else baseline(strip.centre[1], SIZE_LABEL)
        room = box.w - measures.width(row.title, title.size) - 32
        whole = not narrow or measures.width(_label(row), SIZE_LABEL) <= room
        said = _label(row) if whole else _label(row).rsplit(": ", 1)[1]
        label = Text(f"chart/{row.title}/label", x, y, said, SIZE_LABEL, "text", faces.text,
                     anchor)  # fmt: skip
        yield from over_grid(label, faces) if narrow else (label,)


def part(key: str, name: str, box: Box, hue: int, note: str = "") -> Rect:
    """A rectangle that looks like one of the parts, on bars and in legends; `pale`: held, plain."""
    if name == "used":
        return Rect(key, box, f"request {hue} solid", radius=3, note=note)
    if name == "pale":
        return Rect(key, box, f"request {hue} pale", radius=3, note=note)
    if name == "held":
        ink, pattern = f"request {hue} edge", Pattern.HATCH
        return Rect(key, box, f"request {hue} pale", CLEAR, 0, 3, pattern, ink, note=note)
    return Rect(key, box, CLEAR, "muted", 2, 3, note=note)


def _bar(
    key: str, row: SplitRow, strip: Box, scale: Axis, hue: int, is_drawn: bool
) -> Iterator[Shape]:
    height = min(52, strip.h * 0.55)
    y = strip.centre[1] - height / 2
    ends = (0, row.used, row.held, row.reserved)
    for i, (name, meaning) in enumerate(MEANINGS):
        if scale.span(ends[i + 1] - ends[i]) < 0.5:
            continue
        start, end = scale.at(ends[i] * is_drawn), scale.at(ends[i + 1] * is_drawn)
        box = Box(start, y, max(end - start, 3), height)
        inside = box.inset(1) if name == "reserved" else Box(box.x, y, max(box.w - 1, 1), height)
        size = amount(ends[i + 1] - ends[i], "bytes")
        yield part(f"{key}/{name}", name, inside, hue, f"{row.title}: {size} {meaning}")


def _label(row: SplitRow) -> str:
    share = 100 * row.used / row.held if row.held else 0
    return f"{amount(row.used, 'bytes')} used of {amount(row.held, 'bytes')} held: {share:.0f} %"


def legend(
    box: Box, hue: int, faces: Typefaces, meanings: tuple[tuple[str, str], ...]
) -> tuple[tuple[Shape, ...], float]:
    """What the parts mean, from the top of a box, in as many lines as they need; their height."""
    measures = faces.measures("text")
    widths = [44 + measures.width(meaning, SIZE_LABEL) for _, meaning in meanings]
    places, height = flow(widths, box)
    shapes: list[Shape] = []
    for (name, meaning), (x, y) in zip(meanings, places, strict=True):
        key = f"chart/legend/{name}"
        if name == "line":
            ends = ((x, y + 14), (x + 32, y + 14))
            shapes.append(Path(f"{key}/swatch", ends, "muted", 2))
        else:
            shapes.append(part(f"{key}/swatch", name, Box(x, y + 2, 32, 24), hue))
        shapes.append(Text(key, x + 44, y + 22, meaning, SIZE_LABEL, "muted", faces.text))
    return tuple(shapes), height
