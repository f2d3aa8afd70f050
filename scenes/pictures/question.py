"""A question over the lanes: what will happen next, its options, and later which one was right."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.readings.claims import holds
from pagereel.model.readings.readings import Readings
from pagereel.model.storyboard.storyboard import Option
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

GAP, LINE = 16, 30
"""Between options; from one line of an option to the next."""


def question(moment: Moment, box: Box) -> Iterator[Shape]:
    """The question, and its options side by side; when it is answered, the right one stands out."""
    asked = moment.played.shot.question
    assert asked is not None, "only drawn for beats that ask"
    faces, ask, measures = moment.faces, visible(asked.ask), moment.faces.measures("bold")
    is_large = box.h > 100 and measures.width(ask, SIZE_BODY) <= box.w
    size = SIZE_BODY if is_large else SIZE_LABEL
    key, tags = f"question/{moment.number}", frozenset({"question"})
    lines = balance(ask, box.w, size, measures)
    for i, line in enumerate(lines):
        y = box.y + size + LINE * i
        yield Text(f"{key}/ask/{i}", box.x, y, line, size, "text", faces.bold, room=box,
                   tags=tags)  # fmt: skip
    top = box.y + size * 1.3 + LINE * (len(lines) - 1)
    width = (box.w - GAP * (len(asked.options) - 1)) / len(asked.options)
    for i, option in enumerate(asked.options):
        place = Box(box.x + i * (width + GAP), top, width, box.bottom - top)
        yield from _option(moment, f"{key}/{i}", option, place)


def _option(moment: Moment, key: str, option: Option, box: Box) -> Iterator[Shape]:
    """An option: open, right, or wrong."""
    is_right = not moment.is_asking and _is_right(moment, option)
    is_wrong = not moment.is_asking and not is_right
    tags, faces = frozenset({"question"}), moment.faces
    stroke = "accent" if is_right else "edge"
    yield Rect(key, box, "halo" if is_right else CLEAR, stroke, 3 if is_right else 2, radius=12,
               tags=tags, note=f"an answer: {option.text}")  # fmt: skip
    room = Box(box.x + 12, box.y, box.w - 24 - (36 if is_right else 0), box.h)
    lines = balance(visible(option.text), room.w, SIZE_LABEL, faces.measures("text"))
    first = box.centre[1] - LINE * (len(lines) - 1) / 2 + SIZE_LABEL * 0.345
    for i, line in enumerate(lines):
        yield Text(f"{key}/{i}", room.centre[0], first + LINE * i, line, SIZE_LABEL,
                   "muted" if is_wrong else "text", faces.text, Anchor.MIDDLE, box,
                   tags=tags)  # fmt: skip
    if is_right:
        x, y = box.right - 38, box.centre[1]
        points = ((x - 10, y), (x - 2, y + 9), (x + 13, y - 10))
        yield Path(f"{key}/tick", points, "accent", 4, tags=tags, note="the right answer")


def _is_right(moment: Moment, option: Option) -> bool:
    return holds(option.claim, Readings(moment.storyboard, moment.played.end))[0]
