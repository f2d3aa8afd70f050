"""A whole replay in numbers, lane beside lane: the card `replay`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.sizes import human_time
from pagereel.model.recording.data import ReplaySums
from pagereel.scenes.pictures.above.arrivals import sources
from pagereel.scenes.pictures.charts.axis import plain
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

PADDING, FOOT, LINE = 32, 44, 30


class _Measure(NamedTuple):
    """One number of a replay."""

    title: str
    of: Callable[[ReplaySums], float]
    shown: Callable[[float], str]
    most: float | None = None
    """Where the scale ends; None: at the largest."""


def _measures(step_ms: float | None) -> tuple[_Measure, ...]:
    """What is shown: waiting as time where it is said how long a step lasts, else in steps."""
    waits = _Measure("steps a request waited, mean", lambda r: r.wait, lambda v: plain(round(v)))
    if step_ms:
        seconds = step_ms / 1000
        waits = _Measure("time a request waited, mean", lambda r: r.wait * seconds, human_time)
    return (
        _Measure("requests at once, mean", lambda r: r.mean_running, lambda v: f"{v:,.1f}"),
        waits,
        _Measure(
            "of the held slots store K/V",
            lambda r: 100 * r.utilisation,
            lambda v: f"{v:.1f} %",
            100,
        ),
        _Measure("requests answered", lambda r: r.finished, lambda v: f"{v:,.0f}"),
    )


def replay_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """For each number a group of bars, one a lane; below, whose log it is."""
    lanes = [s for s in moment.storyboard.lanes if s.recorded and s.recorded.sums]
    recording = moment.storyboard.recording
    if not lanes or recording is None:
        return
    faces = moment.faces
    sentence = " · ".join((_extent(lanes), *reversed(sources(recording))))
    foot = balance(sentence, box.w, SIZE_LABEL, faces.measures("text"))
    card = Box(box.x, box.y, box.w, box.h - FOOT - LINE * (len(foot) - 1))
    yield Rect("replay", card, "card", "edge", 1.5, radius=16)
    for row, line in enumerate(foot):
        y = card.bottom + 34 + row * LINE
        yield Text(f"replay/source/{row}", box.x, y, line, SIZE_LABEL, "muted", faces.text)
    inner = card.inset(PADDING, 20)
    across = 2 if inner.w > 1200 else 1
    measures = _measures(recording.log.step_ms)
    height = inner.h / (len(measures) // across)
    width = (inner.w - 64 * (across - 1)) / across
    drawn = _drawn(moment)[0] + moment.stage
    for place, measure in enumerate(measures):
        x = inner.x + (place % across) * (width + 64)
        group = Box(x, inner.y + (place // across) * height, width, height - 20)
        yield from _group(moment, measure, lanes, group, place < drawn)


def replay_stages(moment: Moment) -> int:
    """Numbers that were not there before draw their bars from nothing, one after another."""
    before, after = _drawn(moment)
    return 1 + after - before


def _drawn(moment: Moment) -> tuple[int, int]:
    """How many numbers are there before and after a shot: a beat's shots on them share them out."""
    count = len(_measures(None))
    if not moment.is_opened:
        return count, count
    turns = (moment.turn, moment.turn + 1)
    before, after = (math.ceil(count * turn / moment.turns) for turn in turns)
    return before, after


def _extent(lanes: list[LaneSpec]) -> str:
    most = max(spec.recorded.sums.steps for spec in lanes if spec.recorded
               and spec.recorded.sums)  # fmt: skip
    return f"modelled, {most:,} steps"


def _group(
    moment: Moment, measure: _Measure, lanes: list[LaneSpec], box: Box, is_drawn: bool
) -> Iterator[Shape]:
    """One number: its title over a bar for each lane."""
    faces, key = moment.faces, f"replay/{measure.title}"
    runs = [spec.recorded.sums for spec in lanes if spec.recorded and spec.recorded.sums]
    values = [measure.of(run) for run in runs]
    yield Text(key, box.x, box.y + 26, measure.title, SIZE_BODY, "text", faces.text)
    names = [visible(spec.title) for spec in lanes]
    left = min(max(faces.measures("text").width(n, SIZE_LABEL) for n in names) + 20, box.w * 0.3)
    room = max(faces.measures("bold").width(measure.shown(v), SIZE_BODY) for v in values) + 24
    pitch = min((box.h - 44) / len(lanes), 112)
    most = measure.most or max(*values, 1e-9)
    for row, (name, value) in enumerate(zip(names, values, strict=True)):
        middle = box.y + 44 + pitch * (row + 0.5)
        line, here = baseline(middle, SIZE_LABEL), f"{key}/{row}"
        title = shorten(name, left - 12, SIZE_LABEL, faces.measures("text"))
        yield Text(f"{here}/name", box.x, line, title, SIZE_LABEL, "muted", faces.text)
        full = Box(box.x + left, middle - pitch * 0.34, box.w - left - room, pitch * 0.68)
        long = max(full.w * value / most, 2) if is_drawn else 2
        yield Rect(f"{here}/room", full, "slot", radius=4)
        yield Rect(here, Box(full.x, full.y, long, full.h), "text", radius=4,
                   note=f"{name}: {measure.shown(value)}")  # fmt: skip
        if is_drawn:
            yield Text(f"{here}/value", full.right + 16, baseline(middle, SIZE_BODY),
                       measure.shown(value), SIZE_BODY, "text", faces.bold)  # fmt: skip
