"""The numbered headline, and the caption below: what the beat does, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.readings.sources import labels, quotes_of, shows_state
from pagereel.scenes.pictures.charts.chart import measured_chip, measured_label
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE

LINE = 1.19
"""From one line of a caption to the next, in its size; less where there are many."""
CAPTION = "caption/"
"""Starts the keys of all that belongs to a caption."""


def header(moment: Moment, box: Box) -> Iterator[Shape]:
    """Number and headline, and where its numbers are from: on the right, or above if narrow."""
    if box.w <= NARROW:
        yield from _headline(moment, Box(box.x, box.y + 26, box.w, box.h - 26))
        told = _in_one_line(moment, box.w)
        yield _provenance(moment, told, (box.x, box.y + 18), Anchor.START)
        return
    yield from _headline(moment, Box(box.x, box.y, box.w - _label_width(moment) - 32, box.h))
    chart, lines = moment.played.shot.chart, provenance(moment)
    baselines = [box.y + 46] if len(lines) == 1 else [box.y + 24, box.y + 54]
    if chart is not None:
        yield from measured_chip(chart, box, moment.faces)
        lines, baselines = lines[1:], [box.y + 76]
    for line, baseline in zip(lines, baselines, strict=False):
        yield _provenance(moment, line, (box.right, baseline), Anchor.END)


def _in_one_line(moment: Moment, room: float) -> str:
    """All of it, without the model's name where that has no room, or what is quoted alone."""
    lines, measures = provenance(moment), moment.faces.measures("text")
    short = tuple(line.split(" · ")[0] for line in lines[:1])
    ways = (" · ".join(way) for way in (lines, (*short, *lines[1:]), lines[1:]))
    fitting = (way for way in ways if way and measures.width(way, SIZE_LABEL) <= room)
    return next(fitting, short[0])


NARROW, FIRST_LINE = 1200, 46
"""A header no wider than this has two lines; the baseline of a headline, in its box."""


def _headline(moment: Moment, box: Box) -> Iterator[Shape]:
    bold, measures = moment.faces.bold, moment.faces.measures("bold")
    number = str(moment.number)
    indent = measures.width(number, SIZE_TITLE) + 24
    title, room = visible(moment.title), box.w - indent
    size = SIZE_TITLE
    if measures.width(title, size) > room and box.h < FIRST_LINE + 1.2 * size:
        size = SIZE_BODY
    baseline = box.y + FIRST_LINE if box.h >= SIZE_TITLE * 1.5 else box.y + 42
    yield Text("header/number", box.x, baseline, number, SIZE_TITLE, "muted", bold)
    for i, line in enumerate(balance(title, room, size, measures)):
        y = baseline + i * size * 1.2
        key = f"header/title/{moment.number}/{i}"
        yield Text(key, box.x + indent, y, line, size, "text", bold, room=box)


def _provenance(moment: Moment, told: str, at: tuple[float, float], anchor: Anchor) -> Text:
    return Text(
        f"header/provenance/{told}",
        *at,
        told,
        SIZE_LABEL,
        "muted",
        moment.faces.text,
        anchor,
        note="where every number on this frame comes from",
    )


def _label_width(moment: Moment) -> float:
    chip = 72 if moment.played.shot.chart else 0
    measures = moment.faces.measures("text")
    return max(measures.width(line, SIZE_LABEL) for line in provenance(moment)) + chip


def provenance(moment: Moment) -> tuple[str, ...]:
    """Where the numbers on screen come from: what is measured or modelled, and what is quoted."""
    shot = moment.played.shot
    whom = labels(quotes_of(shot))
    quoted = (f"quoted · {whom}",) if whom else ()
    if shot.chart is not None:
        return (measured_label(shot.chart), *quoted)
    if quoted and not shows_state(shot):
        return quoted
    geometry, measures = moment.storyboard.geometry, moment.faces.measures("text")
    name = shorten(visible(geometry.title or geometry.name), 240, SIZE_LABEL, measures)
    return (f"{_origin(moment)} · {name}, {geometry.dtype} K/V", *quoted)


def _origin(moment: Moment) -> str:
    """Whether the lanes' states are modelled, recorded, or some of each; a replay that was kept is
    modelled all the same."""
    runs = [spec.recorded for spec in moment.storyboard.lanes]
    if not any(runs) or all(run and not run.source for run in runs):
        return "modelled"
    return "recorded" if all(runs) else "recorded and modelled"


def caption(moment: Moment, box: Box) -> tuple[Shape, ...]:
    """One sentence or two under the lanes: two lines where it is wide, more where it is narrow."""
    text = visible(moment.played.caption)
    if not text:
        return ()
    said = f"{moment.number}.{moment.shot}" if moment.shot else str(moment.number)
    size = SIZE_BODY if box.w > NARROW else SIZE_LABEL
    lines = balance(text, box.w - 24, size, moment.faces.measures("text"))
    pitch = max(min(round(LINE * size), (box.h - 6) // max(len(lines), 1)), round(0.93 * size))
    bar = Rect(
        f"{CAPTION}bar",
        Box(box.x, box.y + 4, 4, pitch * len(lines)),
        fill="accent",
        radius=2,
    )
    return (
        bar,
        *(
            Text(
                f"{CAPTION}{said}/{i}",
                box.x + 24,
                box.y + round(0.9 * size) + i * pitch,
                line,
                size,
                "text",
                moment.faces.text,
                room=box,
            )
            for i, line in enumerate(lines)
        ),
    )
