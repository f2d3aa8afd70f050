"""The numbers of one lane: its capacity as a bar, and each part of it, which is also the legend."""

from __future__ import annotations

from collections.abc import Iterator

from model.timeline import LaneStep
from model.waste import split
from scenes.pictures.chip import baseline
from scenes.pictures.moment import Moment
from scenes.pictures.splitbar import bar, parts, swatch
from scenes.shapes import Anchor, Box, Rect, Shape, Text
from scenes.style import SIZE_LABEL
from scenes.typeface import shorten, visible

PADDING, HEAD, BAR = 20, 34, 30


def metrics(moment: Moment, step: LaneStep, box: Box) -> Iterator[Shape]:
    """The card: name and capacity, bar, one row a part."""
    spec = next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)
    tags = frozenset({"metrics", f"lane {step.lane}"})
    key, inner = f"metrics/{step.lane}", box.inset(PADDING, 14)
    yield Rect(key, box, "card", "edge", 1.5, radius=16)
    title = shorten(visible(spec.title), inner.w - 96, SIZE_LABEL, moment.faces.measures("bold"))
    line = baseline(inner.y + HEAD / 2, SIZE_LABEL)
    bold, mono = moment.faces.bold, moment.faces.mono
    yield Text(f"{key}/title", inner.x, line, title, SIZE_LABEL, "text", bold, tags=tags)
    yield Text(
        f"{key}/slots", inner.right, line, "slots", SIZE_LABEL, "muted", moment.faces.text,
        Anchor.END, tags=tags,
    )  # fmt: skip
    divided = split(step.state)
    yield from bar(f"{key}/bar", divided, Box(inner.x, inner.y + HEAD + 8, inner.w, BAR), tags)
    top = inner.y + HEAD + BAR + 22
    shown = parts(divided)
    pitch = min(36, (inner.bottom - top) / len(shown))
    for row, part in enumerate(shown):
        middle = top + pitch * (row + 0.5)
        line, here = baseline(middle, SIZE_LABEL), f"{key}/{part.name}"
        yield swatch(f"{here}/swatch", part, Box(inner.x, middle - 11, 28, 22), tags)
        ink = "text" if part.slots else "muted"
        yield Text(
            here, inner.x + 42, line, part.name, SIZE_LABEL, ink, moment.faces.text, tags=tags
        )
        yield Text(
            f"{here}/value", inner.right, line, str(part.slots), SIZE_LABEL, ink, mono,
            Anchor.END, tags=tags,
        )  # fmt: skip
