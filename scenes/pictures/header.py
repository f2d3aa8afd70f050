"""The numbered headline, and the caption below: what the beat does, and what came of it."""

from __future__ import annotations

from scenes.pictures.moment import Moment
from scenes.shapes import Anchor, Box, Rect, Shape, Text
from scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE
from scenes.typeface import balance, shorten, visible

LINE = 40
"""From one line of a caption to the next."""


def header(moment: Moment, box: Box) -> tuple[Shape, ...]:
    """Number and headline on the left; what is modelled on the right."""
    measures = moment.faces.measures("bold")
    number = str(moment.number)
    indent = measures.width(number, SIZE_TITLE) + 24
    baseline = box.y + 46
    label = provenance(moment)
    label_width = moment.faces.measures("text").width(label, SIZE_LABEL)
    return (
        Text("header/number", box.x, baseline, number, SIZE_TITLE, "muted", moment.faces.bold),
        Text(
            f"header/title/{moment.number}",
            box.x + indent,
            baseline,
            visible(moment.played.beat.title),
            SIZE_TITLE,
            "text",
            moment.faces.bold,
            room=Box(box.x, box.y, box.w - label_width - 32, box.h),
        ),
        Text(
            "header/provenance",
            box.right,
            baseline,
            label,
            SIZE_LABEL,
            "muted",
            moment.faces.text,
            Anchor.END,
            room=box,
            note="every number on this frame is computed by the allocator model",
        ),
    )


def provenance(moment: Moment) -> str:
    """Where the numbers on screen come from."""
    geometry, measures = moment.storyboard.geometry, moment.faces.measures("text")
    name = shorten(visible(geometry.title or geometry.name), 240, SIZE_LABEL, measures)
    return f"modelled · {name}, {geometry.dtype} K/V"


def caption(moment: Moment, box: Box) -> tuple[Shape, ...]:
    """One sentence or two under the lanes, at most two lines."""
    text = visible(moment.played.caption)
    if not text:
        return ()
    lines = balance(text, box.w - 24, SIZE_BODY, moment.faces.measures("text"))
    bar = Rect("caption/bar", Box(box.x, box.y + 4, 4, LINE * len(lines)), fill="accent", radius=2)
    return (
        bar,
        *(
            Text(
                f"caption/{moment.number}/{i}",
                box.x + 24,
                box.y + 34 + i * LINE,
                line,
                SIZE_BODY,
                "text",
                moment.faces.text,
                room=box,
            )
            for i, line in enumerate(lines)
        ),
    )
