"""The numbered headline, and the caption below: what the beat does, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.storyboard.quotes import QUOTES
from pagereel.scenes.pictures.charts.chart import measured_chip, measured_label
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE

LINE = 40
"""From one line of a caption to the next."""
CAPTION = "caption/"
"""Starts the keys of all that belongs to a caption."""


def header(moment: Moment, box: Box) -> Iterator[Shape]:
    """Number and headline, and what is modelled: on the right, or above where it is narrow."""
    if box.w > NARROW:
        yield from _headline(moment, Box(box.x, box.y, box.w - _label_width(moment) - 32, box.h))
        chart = moment.played.shot.chart
        if chart is not None:
            yield from measured_chip(chart, box, moment.faces)
        else:
            yield _provenance(moment, box.right, box.y + 46, Anchor.END)
    else:
        yield from _headline(moment, Box(box.x, box.y + 26, box.w, box.h - 26))
        yield _provenance(moment, box.x, box.y + 18, Anchor.START)


NARROW = 1200
"""A header no wider than this has two lines."""


def _headline(moment: Moment, box: Box) -> Iterator[Shape]:
    bold, measures = moment.faces.bold, moment.faces.measures("bold")
    number = str(moment.number)
    indent = measures.width(number, SIZE_TITLE) + 24
    title, room = visible(moment.title), box.w - indent
    size = SIZE_TITLE
    if measures.width(title, size) > room and box.h < 2 * size:
        size = SIZE_BODY
    baseline = box.y + 46 if box.h >= SIZE_TITLE * 1.5 else box.y + 42
    yield Text("header/number", box.x, baseline, number, SIZE_TITLE, "muted", bold)
    for i, line in enumerate(balance(title, room, size, measures)):
        y = baseline + i * size * 1.2
        key = f"header/title/{moment.number}/{i}"
        yield Text(key, box.x + indent, y, line, size, "text", bold, room=box)


def _provenance(moment: Moment, x: float, baseline: float, anchor: Anchor) -> Text:
    return Text(
        "header/provenance",
        x,
        baseline,
        provenance(moment),
        SIZE_LABEL,
        "muted",
        moment.faces.text,
        anchor,
        note="where every number on this frame comes from",
    )


def _label_width(moment: Moment) -> float:
    chip = 72 if moment.played.shot.chart else 0
    return moment.faces.measures("text").width(provenance(moment), SIZE_LABEL) + chip


def provenance(moment: Moment) -> str:
    """Where the numbers on screen come from."""
    chart = moment.played.shot.chart
    if chart is not None:
        return measured_label(chart)
    if moment.played.shot.quote:
        return f"quoted · {QUOTES[moment.played.shot.quote].label}"
    geometry, measures = moment.storyboard.geometry, moment.faces.measures("text")
    name = shorten(visible(geometry.title or geometry.name), 240, SIZE_LABEL, measures)
    return f"{_origin(moment)} · {name}, {geometry.dtype} K/V"


def _origin(moment: Moment) -> str:
    """Whether the lanes' states are modelled, recorded, or some of each."""
    runs = [spec.recorded for spec in moment.storyboard.lanes]
    if not any(runs):
        return "modelled"
    if all(run and not run.source for run in runs):
        return "modelled, recorded"
    return "recorded" if all(runs) else "recorded and modelled"


def caption(moment: Moment, box: Box) -> tuple[Shape, ...]:
    """One sentence or two under the lanes: two lines where it is wide, more where it is narrow."""
    text = visible(moment.played.caption)
    if not text:
        return ()
    said = f"{moment.number}.{moment.shot}" if moment.shot else str(moment.number)
    lines = balance(text, box.w - 24, SIZE_BODY, moment.faces.measures("text"))
    bar = Rect(
        f"{CAPTION}bar", Box(box.x, box.y + 4, 4, LINE * len(lines)), fill="accent", radius=2
    )
    return (
        bar,
        *(
            Text(
                f"{CAPTION}{said}/{i}",
                box.x + 24,
                box.y + 34 + i * LINE,
                line,
                SIZE_BODY,
                "text",
                moment.faces.text,
                room=box,
            )
            for i, line in enumerate(lines)
        ),
    )
