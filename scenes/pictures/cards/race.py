"""All lanes on one clock: who did what at each engine step, and how many tokens a step made.

A row a request; under the rows, for each step the weights, read once, and on them a square for
each token that came of it. Where there are too many requests for rows, how many ran and waited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagereel.model.core.sizes import human_bytes
from pagereel.model.readings.race import (
    Course,
    Crowd,
    Doing,
    course,
    crowds,
    horizon,
    weights_bytes,
)
from pagereel.model.storyboard.timeline import Half, LaneStep
from pagereel.scenes.pictures.cards.crowd import Entry, Sign, crowd, crowd_entries
from pagereel.scenes.pictures.charts.axis import Axes, Axis, round_step, time_numbers
from pagereel.scenes.pictures.charts.rows import LINE, flow
from pagereel.scenes.pictures.chip import CHIP, baseline, chip
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Path, Pattern, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_DISPLAY, SIZE_LABEL, SIZE_TITLE

WIDE = 1200
"""A card wider than this has its verdicts left of the rows, else over them."""
LEFT, OVER, LOW, NAMES, CLOCK, GAP, END = 412, 84, 200, 44, 36, 20, 20
"""Room for verdicts left or above; a lane that is low; room for the names of requests, for the
clock, between lanes, and after the last step."""
LEAST_ROW, MOST_ROW, MOST_ROWS, MOST_STEPS = 26, 48, 12, 64
"""Heights of a row, and how many rows and columns there are at most."""
CELL, STACK, SQUARE, DOT = 32, 80, 18, 9
"""Heights of the weights, of all tokens on them, of one at most; size of a token's dot."""
THICK, THIN, ROWS = 0.66, 4, 0.76
"""Of a row: a bar; pixels of the line of one that waits; of a lane: all rows at most."""


@dataclass(frozen=True, slots=True)
class _Band:
    """One lane's place."""

    step: LaneStep
    key: str
    tags: frozenset[str]
    verdict: Box
    rows: Box
    strip: Box
    """Under the rows: what each step made."""
    clock: Axis


def race_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """The lanes one below the other, the clock and the legend under them, and where time is."""
    yield Rect("race", box, "card", "edge", 1.5, radius=16)
    inner = box.inset(28 if box.w > WIDE else 24, 20)
    frame = Box(inner.x, inner.y, inner.w, inner.h - 2 * LINE - CLOCK)
    is_crowded = _is_crowded(moment, _bands(moment, frame)[0])
    entries = crowd_entries(moment) if is_crowded else _entries(moment)
    legend, used = _legend(moment, entries, inner)
    yield from legend
    bands = _bands(moment, Box(inner.x, inner.y, inner.w, inner.h - used - CLOCK))
    yield from _clock(moment, bands)
    for band in bands:
        if is_crowded:
            yield from crowd(moment, band.step, band.rows, band.strip, band.clock)
        else:
            told = course(moment.storyboard, moment.past, band.step.lane)
            yield from _rows(moment, band, told)
            yield from _strip(moment, band, told)
        yield from _said(moment, band, _verdict(moment, band.step))
    yield from _now(moment, bands)


def _lanes(moment: Moment) -> list[LaneStep]:
    """Those that are there; all, where none is."""
    lanes = list(moment.step.lanes)
    return [step for step in lanes if moment.is_visible(f"lane {step.lane}")] or lanes


def _is_crowded(moment: Moment, band: _Band) -> bool:
    """Whether there is no room for a row a request or a column a step, or no record of them."""
    count, steps = len(moment.storyboard.scripts), band.clock.most
    is_low = band.rows.h < LEAST_ROW / 2 * count
    return moment.storyboard.recording is not None or is_low or steps > MOST_STEPS


def _bands(moment: Moment, area: Box) -> list[_Band]:
    """Equal heights for the lanes; left of the rows or over them, what came of it."""
    is_wide = area.w > WIDE
    lanes = _lanes(moment)
    height = (area.h + GAP) / len(lanes) - GAP
    left, over = (LEFT, 0.0) if is_wide else (0, OVER if height > LOW else LINE + 6)
    count = min(len(moment.storyboard.scripts), MOST_ROWS)
    row = min(max((height - over - CELL - STACK) / count, LEAST_ROW), MOST_ROW)
    held = min(row * count, (height - over) * ROWS)
    names = NAMES if held >= LEAST_ROW * count else 2 * NAMES
    x, width = area.x + left + names, area.w - left - names
    steps = max(horizon(moment.storyboard, "race"), 1)
    clock = Axis(x, width - END, steps, round_step(steps / (12 if is_wide else 6), ""))
    found = []
    for i, step in enumerate(lanes):
        y = area.y + i * (height + GAP)
        rows = Box(x, y + over, width, held)
        found.append(
            _Band(
                step,
                f"race/{step.lane}",
                frozenset({"race", f"lane {step.lane}"}),
                Box(area.x, y, LEFT - 40 if is_wide else area.w, height if is_wide else over),
                rows,
                Box(x, rows.bottom, width, y + height - rows.bottom),
                clock,
            )
        )
    return found


def _rows(moment: Moment, band: _Band, told: Course) -> Iterator[Shape]:
    """Everybody's row: the name, what it did from step to step, a dot a token, and its end."""
    names = list(moment.storyboard.scripts)
    row = band.rows.h / len(names)
    middles = {name: band.rows.y + (i + 0.5) * row for i, name in enumerate(names)}
    arrived = {request.id for request in band.step.state.requests}
    for i, name in enumerate(names):
        look = "solid" if name in arrived else "open"
        is_low = row < LEAST_ROW  # then names stand in two columns by turns
        x, height = band.rows.x - NAMES, min(CHIP, 2 * row - 2 if is_low else row - 2)
        yield from chip(moment, f"{band.key}/{name}", name, x - NAMES * (is_low and i % 2),
                        middles[name], _tags(moment, band, name), look=look,
                        height=height)  # fmt: skip
    for stint in told.stints:
        x, right = band.clock.at(stint.start), band.clock.at(stint.end)
        middle, tags = middles[stint.request], _tags(moment, band, stint.request)
        thick = row * THICK if stint.doing is not Doing.WAITING else THIN
        place = Box(x + 1, middle - thick / 2, right - x - 2, thick)
        key = f"{band.key}/{stint.request}/{stint.doing}/{stint.start:g}"
        yield _bar(moment, key, stint.doing, stint.request, place)._replace(
            tags=tags, note=f"{stint.request}: {stint.doing.value}"
        )
    prefills = [s for s in told.stints if s.doing is Doing.PREFILL]
    for reading in told.readings:
        for name, _ in reading.made:
            dot = _dot(moment, band, name, reading.number, middles[name])
            begun = any(s.request == name and s.start < reading.number <= s.end for s in prefills)
            yield dot._replace(fill="text") if begun else dot
    for name, number in told.ended:
        at = (band.clock.at(number) + 6, middles[name])
        yield _tick(f"{band.key}/{name}/done", at, moment.ink(name, "line"))._replace(
            tags=_tags(moment, band, name), note=f"{name}: done"
        )


def _tags(moment: Moment, band: _Band, request: str) -> frozenset[str]:
    return moment.tags(band.step.lane, request) | {"race"}


def _bar(moment: Moment, key: str, doing: Doing, name: str, box: Box) -> Rect:
    """A stint: a thin line, an outline, a full bar, or hatching."""
    line, radius = moment.ink(name, "line"), min(6, box.h / 2)
    match doing:
        case Doing.WAITING:
            return Rect(key, box, line, radius=box.h / 2)
        case Doing.PREFILL:
            return Rect(key, box.inset(1), moment.ink(name, "pale"), line, 2, radius)
        case Doing.DECODE:
            return Rect(key, box, moment.ink(name, "solid"), radius=radius)
        case Doing.PREEMPTED:
            return Rect(key, box.inset(1), CLEAR, "warning", 2, radius, Pattern.HATCH, "warning")


def _dot(moment: Moment, band: _Band, name: str, number: int, middle: float) -> Rect:
    """A token that a step gave to a request."""
    x, key = band.clock.at(number - 0.5), f"{band.key}/{name}/token/{number}"
    size = min(DOT, band.clock.span(1) * 0.4)
    box = Box(x - size / 2, middle - size / 2, size, size)
    return Rect(key, box, moment.ink(name, "on"), radius=size / 2, tags=_tags(moment, band, name))


def _tick(key: str, at: tuple[float, float], ink: str) -> Path:
    """Done."""
    x, y = at
    return Path(key, ((x, y), (x + 6, y + 7), (x + 18, y - 8)), ink, 3)


def _strip(moment: Moment, band: _Band, told: Course) -> Iterator[Shape]:
    """For each step the weights that it read, with the number of tokens; over them the tokens."""
    strip, clock, faces = band.strip, band.clock, moment.faces
    widest = max(len(script.sequence_ids) for script in moment.storyboard.scripts.values())
    most = widest * len(moment.storyboard.scripts)
    side = max(min(SQUARE, (strip.h - CELL - 12) / most), 0)
    for reading in told.readings:
        x, width = clock.at(reading.number - 1) + 2, clock.span(1) - 4
        width = width if reading.is_done else width / 2
        key, foot = f"{band.key}/weights/{reading.number}", strip.bottom - CELL
        note = f"step {reading.number}: weights read once, {reading.tokens} tokens made"
        yield Rect(key, Box(x, foot, width, CELL), "edge", radius=6, tags=band.tags, note=note)
        words = str(reading.tokens)
        if reading.is_done and faces.measures("bold").width(words, SIZE_LABEL) <= width:
            yield Text(f"{key}/tokens", x + width / 2, baseline(foot + CELL / 2, SIZE_LABEL), words,
                       SIZE_LABEL, "text", faces.bold, Anchor.MIDDLE, tags=band.tags)  # fmt: skip
        gap, y = min(2, side / 4), foot - 4
        for name, count in reading.made:
            y -= count * side
            place = Box(x, y, width, count * side - gap)
            yield Rect(f"{key}/{name}", place, moment.ink(name, "solid"), radius=min(3, gap),
                       tags=_tags(moment, band, name))  # fmt: skip


def drops(moment: Moment) -> Iterator[tuple[str, str]]:
    """(key of a token's square, key of its dot): what a step made falls onto its weights."""
    for lane in moment.step.lanes:
        for reading in course(moment.storyboard, moment.past, lane.lane).readings:
            for name, _ in reading.made:
                square = f"race/{lane.lane}/weights/{reading.number}/{name}"
                yield square, f"race/{lane.lane}/{name}/token/{reading.number}"


def _clock(moment: Moment, bands: Sequence[_Band]) -> Iterator[Shape]:
    """Thin lines at the ticks through each lane, and their numbers under the last."""
    clock = bands[0].clock
    for band in bands:
        for i, tick in enumerate(clock.ticks):
            x = round(clock.at(tick))
            yield Path(f"{band.key}/clock/{i}", _upright(band, x), "edge", 1.5, opacity=0.6)
    recording = moment.storyboard.recording
    axes = Axes(clock, clock, "steps", "", recording.every if recording else 1)
    if recording is not None and recording.log.step_ms:
        seconds = recording.every * recording.log.step_ms / 1000
        axes = axes._replace(time_unit="s", time_scale=seconds)
    plot = Box(clock.start, bands[0].rows.y, clock.length, bands[-1].strip.bottom - bands[0].rows.y)
    yield from time_numbers("race/clock", plot, axes, moment.faces)


def _upright(band: _Band, x: float) -> tuple[tuple[float, float], ...]:
    """A line through all of a lane's rows."""
    return (x, band.rows.y), (x, band.strip.bottom)


def _now(moment: Moment, bands: Sequence[_Band]) -> Iterator[Shape]:
    """Where time is: a line through each lane, at the same place."""
    step = moment.step
    x = bands[0].clock.at(step.number - (0.5 if step.half is Half.SCHEDULED else 0))
    for band in bands:
        yield Path(f"{band.key}/now", _upright(band, x), "accent", 3,
                   note=f"engine step {step.number}")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What came of a lane so far."""

    made: str
    """Large: `36 words`."""
    cost: str
    """As large as fits: `in 14 readings`."""
    of: str
    """`of the model, 14.96 GiB each`; or nothing."""
    now: str
    """`10 at once, 112 waiting`; or nothing."""
    rate: str
    """`2.6 words a reading`; or nothing."""


def _verdict(moment: Moment, step: LaneStep) -> _Verdict:
    if moment.storyboard.recording is not None:
        return _crowd_verdict(moment, step)
    told = course(moment.storyboard, moment.past, step.lane)
    weights, noun = weights_bytes(moment.storyboard), _noun(moment)
    readings = sum(reading.is_done for reading in told.readings)
    rate = f"{told.tokens / readings:.1f} {noun}s a reading" if readings else ""
    size = f", {human_bytes(weights)} each" if weights else ""
    cost = f"in {_counted(readings, 'reading')}"
    return _Verdict(_counted(told.tokens, noun), cost, f"of the model{size}", "", rate)


def _crowd_verdict(moment: Moment, step: LaneStep) -> _Verdict:
    """Of a recording the steps are known and what they made, not how many of them were idle."""
    counted = crowds(moment.past, step.lane)
    recording = moment.storyboard.recording
    steps = moment.step.number * (recording.every if recording else 1)
    now = counted[-1] if counted else Crowd(0, 0, 0, 0)
    tokens = sum(each.tokens for each in counted)
    noun, there = _noun(moment), f"{now.running:,} at once, {now.waiting:,} waiting"
    rate = f"{tokens / steps:.1f} {noun}s a step" if steps else ""
    return _Verdict(_counted(tokens, noun), f"in {_counted(steps, 'step')}", "", there, rate)


def race_in_words(moment: Moment) -> Iterator[str]:
    """What the card says of each lane, for those who cannot see it."""
    for step in _lanes(moment):
        told = _verdict(moment, step)
        parts = (f"{told.made} {told.cost} {told.of}".strip(), told.now, told.rate)
        yield f"Lane {step.lane}: {', '.join(part for part in parts if part)}."


def _noun(moment: Moment) -> str:
    """A storyboard's tokens are words; of a log only their number is known."""
    storyboard = moment.storyboard
    return "word" if all(map(storyboard.knows_words, storyboard.scripts)) else "token"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _said(moment: Moment, band: _Band, verdict: _Verdict) -> Iterator[Shape]:
    """The lane's name and its verdict: in a column, in two lines, or in one."""
    faces, box, key = moment.faces, band.verdict, f"{band.key}/verdict"
    spec = next(s for s in moment.storyboard.lanes if s.name == band.step.lane)
    measures, title = faces.measures("bold"), visible(spec.title)
    if box.h > OVER:
        yield from _column(moment, band, shorten(title, box.w, SIZE_BODY, measures), verdict)
        return
    made, is_one_line = f"{verdict.made} {verdict.cost}", box.h < OVER
    size = SIZE_BODY if is_one_line else min(_fitting(moment, made, box.w), SIZE_TITLE)
    at = (box.right, Anchor.END) if is_one_line else (box.x, Anchor.START)
    y = box.y + (26 if is_one_line else 68)
    yield Text(f"{key}/made", at[0], y, made, size, "text", faces.bold, at[1], tags=band.tags)
    beside = made if is_one_line else verdict.rate
    room = box.w - measures.width(beside, SIZE_BODY) - 24
    name = shorten(title, room, SIZE_BODY, measures)
    yield Text(f"{key}/name", box.x, box.y + 26, name, SIZE_BODY, "muted", faces.bold,
               tags=band.tags)  # fmt: skip
    if not is_one_line:
        yield Text(f"{key}/rate", box.right, box.y + 26, verdict.rate, SIZE_BODY, "accent",
                   faces.bold, Anchor.END, tags=band.tags)  # fmt: skip


def _column(moment: Moment, band: _Band, name: str, verdict: _Verdict) -> Iterator[Shape]:
    """One line under the other, as large as fits."""
    faces, box, is_low = moment.faces, band.verdict, band.verdict.h < LOW
    made, cost = (_fitting(moment, text, box.w) for text in (verdict.made, verdict.cost))
    lines = (
        (name, SIZE_BODY, "muted", faces.bold),
        (verdict.made, min(made, SIZE_TITLE) if is_low else made, "text", faces.bold),
        (verdict.cost, min(cost, SIZE_BODY if is_low else SIZE_TITLE), "text", faces.bold),
        ("" if is_low else verdict.of or verdict.now, SIZE_LABEL, "muted", faces.text),
        (verdict.rate, SIZE_LABEL if is_low else SIZE_BODY, "accent", faces.bold),
    )
    y = box.y
    for i, (text, size, ink, face) in enumerate(lines):
        step = size * (1.2 if is_low else 1.36)
        if text and y + step <= box.bottom:
            y += step
            yield Text(f"{band.key}/verdict/{i}", box.x, y, text, size, ink, face, room=box,
                       tags=band.tags)  # fmt: skip


def _fitting(moment: Moment, text: str, width: float) -> float:
    """The largest size at which a text is no wider than that."""
    measures = moment.faces.measures("bold")
    sizes = (SIZE_DISPLAY, SIZE_TITLE, SIZE_BODY)
    return next((size for size in sizes if measures.width(text, size) <= width), SIZE_LABEL)


def _entries(moment: Moment) -> Sequence[Entry]:
    """What bars and squares mean, in the hue of the first request; `preempted` once one was."""
    name = next(iter(moment.storyboard.scripts))

    def doing(what: Doing) -> Sign:
        def sign(key: str, place: Box) -> Shape:
            thick = THIN if what is Doing.WAITING else 22
            middle = Box(place.x, place.centre[1] - thick / 2, place.w, thick)
            return _bar(moment, key, what, name, middle)

        return sign

    def ticked(key: str, place: Box) -> Shape:
        return _tick(key, (place.x + 8, place.centre[1]), moment.ink(name, "line"))

    def weights(key: str, place: Box) -> Shape:
        return Rect(key, place.inset(0, 2), "edge", radius=6)

    noun = _noun(moment)
    told = [course(moment.storyboard, moment.past, step.lane) for step in _lanes(moment)]
    fell = any(stint.doing is Doing.PREEMPTED for run in told for stint in run.stints)
    seen = [what for what in Doing if fell or what is not Doing.PREEMPTED]
    return (
        *((what.value, doing(what)) for what in Doing if what in seen),
        ("done", ticked),
        (f"one reading of the weights, and the {noun}s it made", weights),
    )


def _legend(moment: Moment, entries: Sequence[Entry], box: Box) -> tuple[tuple[Shape, ...], float]:
    """Signs and words at the foot of a box, and how high they are."""
    measures = moment.faces.measures("text")
    places, height = flow([44 + measures.width(label, SIZE_LABEL) for label, _ in entries], box)
    shapes: list[Shape] = []
    for (label, sign), (x, y) in zip(entries, places, strict=True):
        place = Box(x, y + box.h - height, 32, 30)
        shapes.append(sign(f"race/legend/{label}/sign", place))
        line = baseline(place.centre[1], SIZE_LABEL)
        shapes.append(Text(f"race/legend/{label}", x + 44, line, label, SIZE_LABEL, "text",
                           moment.faces.text))  # fmt: skip
    return tuple(shapes), height
