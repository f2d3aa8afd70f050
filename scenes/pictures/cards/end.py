"""The last card: what to see next, over the memory that was spoken of."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_TITLE

WIDEST, PADDING, GAP = 1240, 48, 28
"""Of the inset; inside it; between two videos."""


def end_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """An inset with the videos that follow; the first shape is its ground."""
    width = min(WIDEST, box.w - 48)
    room, faces = width - 2 * PADDING, moment.faces
    blocks = [
        (
            balance(visible(video.title), room, SIZE_TITLE, faces.measures("bold")),
            balance(visible(video.subtitle), room, SIZE_BODY, faces.measures("text")),
        )
        for video in moment.storyboard.following
    ]
    title, line = SIZE_TITLE * 1.2, SIZE_BODY * 1.35
    heights = [title * len(head) + line * len(text) for head, text in blocks]
    height = 2 * PADDING + SIZE_BODY + 20 + sum(heights) + GAP * max(len(blocks) - 1, 0)
    card = Box(box.centre[0] - width / 2, box.centre[1] - height / 2, width, height)
    inner = card.inset(PADDING)
    yield Rect("end", card, "card", "accent", 3, radius=20, note="what to see next")
    word = "Next" if blocks else "The end"
    yield Text("end/word", inner.x, inner.y + SIZE_BODY * 0.8, word, SIZE_BODY, "accent",
               faces.bold)  # fmt: skip
    y = inner.y + SIZE_BODY + 20
    for place, (head, text) in enumerate(blocks):
        for i, words in enumerate(head):
            yield Text(f"end/{place}/title/{i}", inner.x, y + SIZE_TITLE * 0.85, words, SIZE_TITLE,
                       "text", faces.bold, room=inner)  # fmt: skip
            y += title
        for i, words in enumerate(text):
            yield Text(f"end/{place}/{i}", inner.x, y + SIZE_BODY * 0.9, words, SIZE_BODY, "muted",
                       faces.text, room=inner)  # fmt: skip
            y += line
        y += GAP
