"""The letter of a request on its colour: how requests are named everywhere."""

from __future__ import annotations

from scenes.pictures.moment import Moment
from scenes.shapes import Anchor, Box, Rect, Shape, Text
from scenes.style import SIZE_LABEL
from scenes.typeface import shorten, visible

CHIP = 32
"""Width and height of a chip with one letter."""


def chip(
    moment: Moment,
    key: str,
    request_id: str,
    x: float,
    middle: float,
    tags: frozenset[str] = frozenset(),
) -> tuple[Shape, ...]:
    """A filled chip, its left edge at x, centred on `middle`; has its request's tag and `tags`."""
    box = Box(x, middle - CHIP / 2, chip_width(moment, request_id), CHIP)
    tags |= {f"request {request_id}"}
    label = Text(
        key=f"{key}/letter",
        x=box.centre[0],
        y=baseline(middle, SIZE_LABEL),
        text=_label(moment, request_id),
        size=SIZE_LABEL,
        ink=moment.ink(request_id, "on"),
        face=moment.faces.bold,
        anchor=Anchor.MIDDLE,
        room=box,
        tags=tags,
    )
    back = Rect(key, box, fill=moment.ink(request_id, "solid"), radius=CHIP / 2, tags=tags)
    return back, label


def chip_width(moment: Moment, request_id: str) -> float:
    """How wide the request's chip is."""
    label = _label(moment, request_id)
    return max(CHIP, moment.faces.measures("bold").width(label, SIZE_LABEL) + 16)


def _label(moment: Moment, request_id: str) -> str:
    return shorten(visible(request_id), 72, SIZE_LABEL, moment.faces.measures("bold"))


def baseline(middle: float, size: float) -> float:
    """The baseline at which capitals of that size are centred on `middle`."""
    return round(middle + size * 0.345, 2)
