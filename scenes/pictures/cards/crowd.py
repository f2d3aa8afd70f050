"""A lane of the race where there are too many requests for rows: each as a sliver, stacked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pagereel.model.readings.race import crowds, most_at_once, most_made, spells
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.scenes.pictures.charts.axis import Axis, plain
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Rect, Shape

MOST = 24
"""Height of a request, at most."""
Sign = Callable[[str, Box], Shape]
"""Draws what stands before a legend's words: from a key and a place."""
Entry = tuple[str, Sign]


def crowd_entries(moment: Moment) -> Sequence[Entry]:
    """What slivers and bars mean."""

    def sliver(key: str, place: Box) -> Shape:
        name = next(iter(moment.storyboard.scripts))
        return Rect(key, place.inset(0, 13), moment.ink(name, "solid"))

    def made(key: str, place: Box) -> Shape:
        return Rect(key, place.inset(0, 2), "muted", radius=3)

    return (("one request that runs", sliver), (f"tokens made in {_stretch(moment)}", made))


def _stretch(moment: Moment) -> str:
    """What one bar stands for: `2 s`, `40 steps`."""
    recording = moment.storyboard.recording
    if recording is None or recording.every == 1:
        return "one step"
    if not recording.log.step_ms:
        return f"{recording.every} steps"
    return f"{plain(recording.every * recording.log.step_ms / 1000)} s"


def crowd(moment: Moment, step: LaneStep, rows: Box, strip: Box, clock: Axis) -> Iterator[Shape]:
    """As high as the slivers stack, so many ran; below, how many tokens each stretch made."""
    key, tags = f"race/{step.lane}", frozenset({"race", f"lane {step.lane}"})
    pitch, gap = min(rows.h / most_at_once(moment.storyboard), MOST), min(2, clock.span(1) / 4)
    for spell in spells(moment.past, step.lane):
        x, right = clock.at(spell.start), clock.at(spell.end)
        y = rows.bottom - (spell.place + 1) * pitch
        box = Box(x + gap / 2, y, right - x - gap, pitch * 0.75)
        yield Rect(f"{key}/{spell.request}/{spell.start:g}", box,
                   moment.ink(spell.request, "solid"),
                   tags=moment.tags(step.lane, spell.request) | tags)  # fmt: skip
    scale = max(strip.h - 16, 0) / most_made(moment.storyboard)
    for each in crowds(moment.past, step.lane):
        x, height = clock.at(each.number - 1) + gap, each.tokens * scale
        box = Box(x, strip.bottom - height, clock.span(1) - 2 * gap, height)
        yield Rect(f"{key}/made/{each.number}", box, "muted", radius=min(3, gap, height / 2),
                   tags=tags, note=f"{each.tokens:,} tokens made")  # fmt: skip
