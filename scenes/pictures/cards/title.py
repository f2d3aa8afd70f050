"""The opening card: the video's title over the memories that it is about."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.scenes.pictures.above.arrivals import sources
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Shape, Text
from pagereel.scenes.shapes.typeface import balance, break_lines, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_DISPLAY, SIZE_LABEL, SIZE_TITLE

LOW = 190
"""A box that is lower has a smaller title."""
LINE = 34
"""From one line under the title to the next."""


def title_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """Title and subtitle where a headline and the panel above the lanes stand later."""
    storyboard, faces = moment.storyboard, moment.faces
    is_low = box.h < LOW
    size, small = (SIZE_TITLE, SIZE_LABEL) if is_low else (SIZE_DISPLAY, SIZE_BODY)
    y = box.y + size
    measures = faces.measures("bold")
    for i, line in enumerate(balance(visible(storyboard.title), box.w, size, measures)):
        yield Text(f"title/{i}", box.x, y, line, size, "text", faces.bold, room=box)
        y += round(size * 1.15)
    y -= 8
    subtitle = visible(storyboard.subtitle)
    for i, line in enumerate(balance(subtitle, box.w, small, faces.measures("text"))):
        yield Text(f"title/subtitle/{i}", box.x, y, line, small, "muted", faces.text, room=box)
        y += 40
    if _is_wordless(moment):
        yield from _log(moment, Box(box.x, y - 4, box.w, box.bottom - y))


def _is_wordless(moment: Moment) -> bool:
    recording = moment.storyboard.recording
    return recording is not None and not any(asked.tokens for asked in recording.requests)


def _log(moment: Moment, box: Box) -> Iterator[Shape]:
    """Whose requests they are, where only their lengths are known."""
    recording, faces = moment.storyboard.recording, moment.faces
    assert recording, "only a recording has requests without words"
    log, y = recording.log, box.y
    told = (
        f"{log.requests:,} real requests, replayed through the models below",
        *sources(recording),
    )
    for i, text in enumerate(told):
        for j, line in enumerate(break_lines(text, box.w, SIZE_LABEL, faces.measures("text"))):
            if y > box.bottom:  # the panel of arrivals names them again
                return
            key = f"title/log/{i}/{j}"
            yield Text(key, box.x, y, line, SIZE_LABEL, "muted", faces.text)
            y += LINE
