"""Frames side by side as a piece of HTML, for notebooks.

It may stand in anybody's page. So a frame is an image with its own fonts and styles, whose scripts
no browser would run; all that an author wrote is escaped; there is no script and no style sheet.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from pagereel.outputs.frames import Frame, svgs
from pagereel.scenes.shapes.typeface import visible

WIDTH = 420
"""Of a frame, in CSS pixels."""


def strip(frames: Sequence[Frame]) -> str:
    """A row of figures that scrolls, each with its number, headline and caption."""
    figures = "".join(map(_figure, frames, svgs(frames)))
    return f'<div style="display:flex;gap:16px;overflow-x:auto;padding-bottom:8px">{figures}</div>'


def _figure(frame: Frame, drawn: str) -> str:
    image = base64.b64encode(drawn.encode()).decode()
    beat, alt = frame.played.beat, escape(frame.picture.alt)
    head = f"{frame.beat}. {escape(visible(beat.title))}"
    said = escape(visible(frame.shot.caption))
    return (
        f'<figure style="flex:0 0 {WIDTH}px;margin:0">'
        f'<img src="data:image/svg+xml;base64,{image}" alt="{alt}" width="{WIDTH}">'
        f'<figcaption style="font-size:small"><b>{head}</b><br>{said}</figcaption></figure>\n'
    )
