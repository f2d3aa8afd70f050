"""A GPU's memory divided, on its own: a bar to scale, what its parts are, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pagereel.model.core.sizes import human_bytes
from pagereel.scenes.canvas import Canvas
from pagereel.scenes.pictures.charts.rows import flow
from pagereel.scenes.pictures.moment import FIRA, Typefaces
from pagereel.scenes.shapes.picture import (
    CLEAR,
    Anchor,
    Box,
    Ink,
    Path,
    Pattern,
    Picture,
    Rect,
    Shape,
    Text,
)
from pagereel.scenes.shapes.typeface import break_lines, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE

BAR, LINE = 400, 46
"""Height of the bar; from one line of words to the next."""


@dataclass(frozen=True, slots=True)
class GpuShare:
    """One part of the memory, from left to right."""

    name: str
    size_bytes: int
    look: str
    """`weights`, `other`, `pool` or `alone`."""


@dataclass(frozen=True, slots=True)
class DividedGpu:
    """What the picture shows."""

    title: str
    shares: tuple[GpuShare, ...]
    claimed_bytes: int
    claimed: str
    """What stands over the claimed part."""
    facts: tuple[str, ...]
    """Sentences below the bar; the first is the largest."""


_LOOKS: dict[str, tuple[Ink, Ink, Pattern | None]] = {
    "weights": ("edge", CLEAR, None),
    "other": ("muted", CLEAR, Pattern.HATCH),
    "pool": ("request 0 solid", "text", None),
    "alone": (CLEAR, "muted", None),
}


def divided_gpu(shown: DividedGpu, canvas: Canvas, faces: Typefaces = FIRA) -> Picture:
    """The memory as a picture of its own."""
    safe = canvas.safe
    title = shorten(visible(shown.title), safe.w, SIZE_TITLE, faces.measures("bold"))
    shapes = (
        Text("gpu/title", safe.x, safe.y + 46, title, SIZE_TITLE, "text", faces.bold),
        *_bar(shown, Box(safe.x, safe.y + 190, safe.w, BAR), faces),
        *_facts(shown, Box(safe.x, safe.y + 190 + BAR + 40, safe.w, safe.h), faces),
    )
    told = [f"{share.name} {human_bytes(share.size_bytes)}" for share in shown.shares]
    alt = f"{title}. {', '.join(told)}. {' '.join(shown.facts)}"
    return Picture(canvas.width, canvas.height, "background", shapes, alt=alt)


def _bar(shown: DividedGpu, box: Box, faces: Typefaces) -> Iterator[Shape]:
    """All of the memory to scale, and a bracket over what is claimed."""
    whole = sum(share.size_bytes for share in shown.shares)
    x = box.x
    for share in shown.shares:
        width = box.w * share.size_bytes / whole
        yield _part(f"gpu/{share.name}", share.look, Box(x, box.y, max(width - 2, 0), box.h))
        x += width
    end = box.x + box.w * shown.claimed_bytes / whole
    ends = ((box.x, box.y - 8), (box.x, box.y - 20), (end, box.y - 20), (end, box.y - 8))
    yield Path("gpu/claim", ends, "accent", 3)
    yield Text("gpu/claimed", box.x, box.y - 36, shown.claimed, SIZE_BODY, "accent", faces.text)


def _part(key: str, look: str, box: Box) -> Rect:
    fill, stroke, pattern = _LOOKS[look]
    line = 2 if stroke != CLEAR else 0
    if pattern is None:
        return Rect(key, box.inset(line / 2), fill, stroke, line, 4)
    return Rect(key, box, "card", stroke, line, 4, pattern, fill)


def _facts(shown: DividedGpu, box: Box, faces: Typefaces) -> Iterator[Shape]:
    """The legend, then the sentences."""
    measures = faces.measures("text")
    names = [f"{share.name} {human_bytes(share.size_bytes)}" for share in shown.shares]
    widths = [44 + measures.width(name, SIZE_LABEL) for name in names]
    places, height = flow(widths, box)
    for share, name, (x, y) in zip(shown.shares, names, places, strict=True):
        yield _part(f"gpu/legend/{share.name}", share.look, Box(x, y, 32, 24))
        yield Text(f"gpu/legend/{share.name}/told", x + 44, y + 22, name, SIZE_LABEL, "text",
                   faces.text, Anchor.START)  # fmt: skip
    y = box.y + height + 68
    for number, fact in enumerate(shown.facts):
        size, ink = (SIZE_BODY, "text") if number == 0 else (SIZE_LABEL, "muted")
        for line in break_lines(fact, box.w, size, measures):
            yield Text(f"gpu/fact/{round(y)}", box.x, y, line, size, ink, faces.text)
            y += LINE
        y += 10
