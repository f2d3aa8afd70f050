"""Published numbers as a chart: labelled as quoted, with their source under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagereel.model.storyboard.chart import Bars
from pagereel.model.storyboard.quotes import PARTS, QUOTES, ShareRow
from pagereel.scenes.pictures.beside.splitbar import BarPart, swatch
from pagereel.scenes.pictures.charts.bars import bars
from pagereel.scenes.pictures.charts.rows import FOOT, NARROW, flow, lay_rows
from pagereel.scenes.pictures.moment import Moment, Typefaces
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Pattern, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import break_lines
from pagereel.scenes.style import SIZE_LABEL, SUNK

LOOKS = (
    BarPart("token states", 1, "text"),
    BarPart("reserved", 1, "slot", Pattern.HATCH),
    BarPart("internal", 1, SUNK, Pattern.DOTS),
    BarPart("external and others", 1, CLEAR, Pattern.NONE, "muted"),
    BarPart("not broken down", 1, "edge"),
)
"""The parts as they look everywhere else, and what the paper does not break down."""
HUE = 4
"""The tint of quoted bars: neither a CPU's nor a GPU's."""
LINE = 32
LOW = 112
"""A row that is no higher has its title beside its bar."""


def quoted_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """The beat's quote, and its source in as many lines as it needs."""
    quote, faces = QUOTES[moment.played.shot.quote], moment.faces
    stages = quoted_stages(moment)
    drawn = moment.stage / (stages - 1) if stages > 1 else 1
    lines = break_lines(quote.source, box.w, SIZE_LABEL, faces.measures("text"))
    card = Box(box.x, box.y, box.w, box.h - LINE * len(lines) - 24)
    yield Rect("quoted", card, "card", "edge", 1.5, radius=16, note=quote.meaning)
    inner = card.inset(40 if box.w > NARROW else 24, 28)
    if isinstance(quote.body, tuple):
        yield from _shares(quote.body, inner, faces, drawn * len(quote.body))
    elif quote.body is not None:
        yield from bars(quote.body, inner, HUE, faces, drawn)
    for i, line in enumerate(lines):
        y = card.bottom + 36 + LINE * i
        yield Text(f"quoted/source/{i}", box.x, y, line, SIZE_LABEL, "muted", faces.text)


def quoted_stages(moment: Moment) -> int:
    """A quote that was not there before draws its bars from nothing, one after the other."""
    body = QUOTES[moment.played.shot.quote].body
    rows = body.rows if isinstance(body, Bars) else body or ()
    return 1 + len(rows) if moment.is_new else 1


def _shares(rows: Sequence[ShareRow], box: Box, faces: Typefaces, drawn: float) -> Iterator[Shape]:
    """A bar a system, the first so many 100 % long, every part with its number below it."""
    widths = [44 + faces.measures("text").width(look.name, SIZE_LABEL) for look in LOOKS]
    places, height = flow(widths, box)
    for look, (x, y) in zip(LOOKS, places, strict=True):
        key = f"quoted/legend/{look.name}"
        yield swatch(f"{key}/swatch", look, Box(x, y + 2, 32, 24), frozenset())
        yield Text(key, x + 44, y + 22, look.name, SIZE_LABEL, "muted", faces.text)
    names, narrow = [row.title for row in rows], box.w <= NARROW
    below = Box(box.x, box.y, box.w, box.h + FOOT * narrow)  # there is no axis under the rows
    is_low = narrow and (box.h - height - 16) / len(rows) < LOW
    laid = lay_rows("quoted/row", names, below, (height + 16, 0), faces, is_low)
    yield from laid.titles
    for i, (row, strip) in enumerate(zip(rows, laid.strips, strict=True)):
        yield from _bar(f"quoted/{row.title}", row, strip, narrow, faces, i + 0.5 < drawn)


def _bar(
    key: str, row: ShareRow, strip: Box, narrow: bool, faces: Typefaces, is_drawn: bool
) -> Iterator[Shape]:
    height = min(64, strip.h - (40 if narrow else 56))
    # Where it is narrow, a bar keeps close to its title, and its numbers to the bar.
    y = strip.y + (8 if height == 64 else 0) if narrow else strip.centre[1] - height / 2
    x = strip.x
    shares = (*row.shares, *(0.0 for _ in PARTS[len(row.shares) :]), row.rest)
    if len(row.shares) == len(PARTS):
        shares = shares[:-1]  # printed figures are rounded: 0.1 is no part
    for look, share in zip(LOOKS, shares, strict=False):
        width = strip.w * share / 100
        if not share:
            continue
        if not is_drawn:
            yield swatch(f"{key}/{look.name}", look, Box(strip.x, y, 1, height), frozenset())
            continue
        place = Box(x, y, width - 3, height)
        yield swatch(f"{key}/{look.name}", look, place, frozenset())
        number, middle = f"{share:g}", look.name != "not broken down"
        at = place.centre[0] if middle else strip.right
        face, ink = (faces.bold, "text") if look is LOOKS[0] else (faces.text, "muted")
        shown = f"{number} %" if look is LOOKS[0] else number
        yield Text(f"{key}/{look.name}/share", at, y + height + 30, shown, SIZE_LABEL, ink, face,
                   Anchor.MIDDLE if middle else Anchor.END)  # fmt: skip
        x += width
