"""A story's poster: the picture of it that a list of stories shows."""

from __future__ import annotations

import re
from dataclasses import replace

from pagereel.model.storyboard.timeline import Timeline
from pagereel.model.usage.occupancy import split
from pagereel.render.svg_pens import outlined
from pagereel.scenes.page.bake import SCREENS, bare
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.extents import around, extent
from pagereel.scenes.shapes.picture import Picture, Text
from pagereel.scenes.style import THEMES, paint
from pagereel.scenes.svg import Pen, number, svg

MOST_SHAPES, MARGIN = 600, 24
"""Of a poster that nobody chose; and pixels around it."""
_PEN = Pen(formula=outlined, style="")
"""The page has a style sheet for all of them."""


def poster(timeline: Timeline) -> tuple[str, dict[str, set[str]]]:
    """The poster as SVG, without the empty margins around it, and its characters by face."""
    cover = _end(timeline, poster_beat(timeline))
    used: dict[str, set[str]] = {}
    for shape in cover.shapes:
        if isinstance(shape, Text):
            used.setdefault(shape.face, set()).update(shape.text)
    return _drawn(cover), used


def poster_beat(timeline: Timeline) -> int:
    """The beat, from 0, whose end is the poster.

    The author's; without one, of the beats that end with lanes and a small picture that in which
    most is stored; else the first.
    """
    if timeline.storyboard.poster:
        return timeline.storyboard.poster
    lanes = [
        (sum(split(lane.state).stored for lane in beat.end.lanes), i)
        for i, beat in enumerate(timeline.beats)
        if beat.shots[-1].shot.card == "lanes"
    ]
    for _, i in sorted(lanes, reverse=True):
        if len(_end(timeline, i).shapes) <= MOST_SHAPES:
            return i
    return 0


def _end(timeline: Timeline, beat: int) -> Picture:
    return bare(compose_beat(timeline, beat, SCREENS["16:9"])[-1])


def _drawn(cover: Picture) -> str:
    box = around([extent(shape) for shape in cover.shapes if shape.opacity > 0]).inset(-MARGIN)
    height = max(box.h, box.w * 9 / 16)
    view = f"{number(box.x)} {number(box.centre[1] - height / 2)} {number(box.w)} {number(height)}"
    drawn = svg(paint(replace(cover, alt=""), THEMES["dark"]), _PEN)
    return re.sub(
        r'<svg xmlns="[^"]*" viewBox="[^"]*" width="\d+" height="\d+" role="img">',
        f'<svg aria-hidden="true" style="background:{THEMES["dark"].background}" viewBox="{view}">',
        drawn,
        count=1,
    )
