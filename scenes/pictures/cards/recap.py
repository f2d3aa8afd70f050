"""The recap: every lane's memory as one wide bar, with each part's slots and share."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.usage.occupancy import split
from pagereel.scenes.pictures.beside.metrics import strip
from pagereel.scenes.pictures.beside.splitbar import BarPart, bar, parts, swatch
from pagereel.scenes.pictures.chip import named_or_counted
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

WIDE_RECAP = 1264
"""A recap wider than this has its parts in one row, else in two."""


def recap_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """Every lane's capacity as one wide bar under the other, with each part's slots and share."""
    lanes = moment.step.lanes
    height = (box.h - 24 * (len(lanes) - 1)) / len(lanes)
    for i, step in enumerate(lanes):
        card = Box(box.x, box.y + i * (height + 24), box.w, height)
        needed = 140 + 78 * (1 if card.w > WIDE_RECAP else 2)
        yield from (_recap_lane if height >= needed else strip)(moment, step, card)


def _recap_lane(moment: Moment, step: LaneStep, card: Box) -> Iterator[Shape]:
    spec = next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)
    key, tags, inner = f"recap/{step.lane}", frozenset({f"lane {step.lane}"}), card.inset(32, 24)
    divided, faces = split(step.state), moment.faces
    yield Rect(key, card, "card", "edge", 1.5, radius=16)
    title = shorten(visible(spec.title), inner.w * 0.5, SIZE_BODY, faces.measures("bold"))
    yield Text(f"{key}/title", inner.x, inner.y + 32, title, SIZE_BODY, "text", faces.bold,
               tags=tags)  # fmt: skip
    running = named_or_counted(step.state.running)
    yield Text(f"{key}/running", inner.right, inner.y + 32, f"running: {visible(running)}",
               SIZE_BODY, "muted", faces.text, Anchor.END, tags=tags)  # fmt: skip
    shown = parts(divided)
    across = len(shown) if card.w > WIDE_RECAP else 3
    rows = -(-len(shown) // across)
    pitch = 112 if inner.h - 76 - rows * 112 >= 24 else 78
    bar_height = max(16, min(128, inner.h - 76 - rows * pitch))
    lane_bar = Box(inner.x, inner.y + 60, inner.w, bar_height)
    yield from bar(f"{key}/bar", divided, lane_bar, tags)
    for i, part in enumerate(shown):
        x = inner.x + (i % across) * inner.w / across
        y = lane_bar.bottom + 44 + (i // across) * pitch
        share = 100 * part.slots / divided.total
        yield from _recap_part(moment, f"{key}/{part.name}", part, share, (x, y), tags)
        if pitch > 78:
            yield Text(f"{key}/{part.name}/meaning", x + 46, y + 66, _MEANING[part.name],
                       SIZE_LABEL, "muted", faces.text, tags=tags)  # fmt: skip


def _recap_part(
    moment: Moment,
    key: str,
    part: BarPart,
    percent: float,
    at: tuple[float, float],
    tags: frozenset[str],
) -> Iterator[Shape]:
    """A part's look, name, slots and share."""
    (x, y), face = at, moment.faces.text
    ink = "text" if part.slots else "muted"
    slots = "1 slot" if part.slots == 1 else f"{part.slots:,} slots"
    yield swatch(f"{key}/swatch", part, Box(x, y - 20, 32, 24), tags)
    yield Text(key, x + 46, y, part.name, SIZE_BODY, ink, face, tags=tags)
    share = f"{slots}, {percent:.0f} %"
    yield Text(f"{key}/slots", x + 46, y + 36, share, SIZE_LABEL, ink, face, tags=tags)


_MEANING = {
    "stored": "keys and values",
    "reserved": "for tokens to come",
    "internal": "held, not used",
    "external": "holes too small",
    "cached": "free, can be hit",
    "free": "for anyone",
}
