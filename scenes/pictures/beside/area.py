"""One lane's memory over time as areas, one on the other; under them who ran and who was held up.

Time runs to the end of the storyboard from its first picture on: nothing is ever rescaled, the
areas grow to the right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from pagereel.model.readings.history import Mark, Period, Trouble, length, marks, periods
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.scenes.pictures.beside.splitbar import BarPart, parts, swatch
from pagereel.scenes.pictures.charts.axis import Axes, Axis, round_step
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import visible
from pagereel.scenes.style import SIZE_LABEL

ROW = 34
"""Height of a row under the areas."""
NARROW = 16
"""Steps narrower than this have no room for signs side by side."""


@dataclass(frozen=True, slots=True)
class Story:
    """A lane so far, as the areas need it."""

    key: str
    periods: tuple[Period, ...]
    marks: tuple[Mark, ...]
    tags: frozenset[str]


def story(moment: Moment, step: LaneStep) -> Story:
    """What has happened in a lane."""
    tags = frozenset({"history", f"lane {step.lane}"})
    past = moment.past
    return Story(f"history/{step.lane}", periods(past, step.lane), marks(past, step.lane), tags)


def common_axes(moment: Moment, plot: Box, ticks: int) -> Axes:
    """Steps of the whole storyboard, and slots up to the largest capacity: alike for all lanes."""
    steps = max(length(moment.storyboard), 1)
    most = max(step.state.capacity for step in moment.step.lanes)
    time = Axis(plot.x, plot.w, steps, round_step(steps / ticks, ""))
    size, recording = Axis(plot.bottom, -plot.h, most, most), moment.storyboard.recording
    if recording is None or not recording.log.step_ms:
        return Axes(time, size, "steps", "slots", recording.every if recording else 1)
    seconds = recording.every * recording.log.step_ms / 1000
    return Axes(time, size, "s", "slots", seconds)


def areas(told: Story, plot: Box, axes: Axes) -> Iterator[Shape]:
    """The parts of the capacity, stacked in the order of the bars; free stays empty."""
    layers = [tuple(_stacked(period)) for period in told.periods]
    names = dict.fromkeys(layer.part.name for found in layers for layer in found)
    for name in names:
        row = [next((a for a in found if a.part.name == name), None) for found in layers]
        for first, last, layer in _runs(row):
            start, end = told.periods[first].start, told.periods[last].end
            x, right = round(axes.time.at(start)), round(axes.time.at(end))
            top = axes.size.at(layer.below + layer.part.slots)
            box = Box(x, top, right - x, axes.size.at(layer.below) - top)
            if right == x:
                continue  # less than a pixel of time
            line = min(box.w / 4, box.h / 4, 1) if layer.part.stroke != CLEAR else 0
            key = f"{told.key}/{name}/{start:g}"
            shape = swatch(key, layer.part, box.inset(line), told.tags)
            yield shape._replace(radius=0)
    yield Path(f"{told.key}/capacity", ((plot.x, plot.y), (plot.right, plot.y)), "edge", 1.5,
               tags=told.tags, note="capacity")  # fmt: skip


class _Layer(NamedTuple):
    below: int
    """Slots of the parts that it stands on."""
    part: BarPart


def _stacked(period: Period) -> Iterator[_Layer]:
    below = 0
    for part in parts(period.split):
        if part.slots and part.name != "free":
            yield _Layer(below, part)
        below += part.slots


def _runs(row: Sequence[_Layer | None]) -> Iterator[tuple[int, int, _Layer]]:
    """(first, last, layer) of neighbours that are alike; none where there is no layer."""
    done = 0
    for layer, group in groupby(row):
        count = len(list(group))
        if layer is not None:
            yield done, done + count - 1, layer
        done += count


def running_row(moment: Moment, told: Story, row: Box, time: Axis) -> Iterator[Shape]:
    """How many ran, step by step: a number as wide as the time for which it held."""
    done, face = 0, moment.faces.text
    whole = [period for period in told.periods if period.start.is_integer()]
    for count, group in groupby(whole, lambda period: period.running):
        steps = len(list(group))
        x, right = time.at(done), time.at(done + steps)
        key, width = f"{told.key}/running/{done}", _width(moment, str(count))
        yield Path(f"{key}/line", ((x + 2, row.y + 4), (right - 2, row.y + 4)), "muted", 2,
                   tags=told.tags, note=f"{count} running")  # fmt: skip
        if right - x >= width + 4:
            yield Text(key, (x + right) / 2, baseline(row.y + 20, SIZE_LABEL), str(count),
                       SIZE_LABEL, "text", face, Anchor.MIDDLE, tags=told.tags)  # fmt: skip
        done += steps


def marks_row(moment: Moment, told: Story, row: Box, time: Axis) -> Iterator[Shape]:
    """Who was refused, from when to when, and who was preempted."""
    for mark in told.marks:
        x, right = time.at(mark.first - 1) + 1, time.at(mark.last) - 1
        middle = row.y + ROW / 2
        if right - x < NARROW:  # so close that neighbours would cross
            middle += 7 if mark.trouble is Trouble.PREEMPTED else -7
        key = f"{told.key}/{mark.trouble}/{mark.first}"
        pill = Box(x, middle - 14, right - x, 28)
        names = visible(" ".join(mark.requests))
        room = pill.w >= _width(moment, names) + 34
        tags = told.tags | {f"request {name}" for name in mark.requests}
        if pill.w >= 28:
            yield Rect(key, pill, CLEAR, "warning", 2, radius=14, tags=tags,
                       note=f"{names} {mark.trouble}")  # fmt: skip
        at = pill.centre[0] - (_width(moment, names) + 6) / 2 if room else pill.centre[0]
        yield from SIGNS[mark.trouble](f"{key}/sign", (at, middle), tags)
        if room:
            yield Text(f"{key}/names", at + 12, baseline(middle, SIZE_LABEL), names, SIZE_LABEL,
                       "text", moment.faces.text, tags=tags)  # fmt: skip


def cross(key: str, at: tuple[float, float], tags: frozenset[str]) -> Iterator[Path]:
    """Refused."""
    (x, y), half = at, 5
    for name, tilt in (("down", 1), ("up", -1)):
        ends = ((x - half, y - half * tilt), (x + half, y + half * tilt))
        yield Path(f"{key}/{name}", ends, "warning", 2.5, tags=tags)


def fall(key: str, at: tuple[float, float], tags: frozenset[str]) -> Iterator[Path]:
    """Preempted."""
    x, y = at
    yield Path(key, ((x, y - 9), (x, y + 9)), "warning", 2.5, 9, tags=tags)


Sign = Callable[[str, tuple[float, float], frozenset[str]], Iterator[Path]]
SIGNS: dict[Trouble, Sign] = {Trouble.REFUSED: cross, Trouble.PREEMPTED: fall}
"""How each trouble is drawn."""


def _width(moment: Moment, text: str) -> float:
    return moment.faces.measures("text").width(text, SIZE_LABEL)
