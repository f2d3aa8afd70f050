"""The levels' bytes, one under the other: seen on the way in, multiplied on the way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagereel.model.readings.levels import Size, route, sizes
from pagereel.scenes.pictures.cards.levels.journey import Journey, Looked
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Rect, Shape, Text
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE

HIGH = 76
"""A row no lower has its product in a line of its own."""
PAD = 20
"""Inside the card, left and right."""


def rungs(moment: Moment, looked: Looked) -> tuple[Size, ...]:
    """The levels that the storyboard's cameras pass, and with the innermost one number: the same
    in every shot."""
    known = sizes(moment.storyboard, looked.step.state, looked.memory)
    shots = (shot for beat in moment.storyboard.beats for shot in beat.shots if shot.levels)
    there = {level for shot in shots for level in route(shot.levels)}
    inmost = {"number"} if "vector" in there else set()
    return tuple(size for size in known if size.level in there | inmost)


def is_multiplied(journey: Journey, size: Size) -> bool:
    """Whether it is told how the size follows from the one inside: once the camera has come out,
    and of the innermost at once."""
    return bool(size.product) and (
        journey.has_come_out_to(size.level)
        or (size.level == "vector" and journey.has_reached("vector"))
    )


def is_known(journey: Journey, size: Size) -> bool:
    """Whether the camera has been there."""
    return journey.has_reached("vector" if size.level == "number" else size.level)


def width(moment: Moment, shown: Sequence[Size]) -> float:
    """What the ladder needs where it stands beside the picture."""
    text, bold = moment.faces.measures("text"), moment.faces.measures("bold")
    lines = [text.width(size.product, SIZE_BODY) for size in shown]
    lines += [
        text.width(size.name, SIZE_BODY) + bold.width(size.told, SIZE_TITLE) + 32 for size in shown
    ]
    return max(lines) + 2 * PAD + 16


def ladder(moment: Moment, journey: Journey, shown: Sequence[Size], box: Box) -> Iterator[Shape]:
    """A row a level, the outermost on top; a bar marks where the camera is."""
    yield Rect("levels/ladder", box, "card", "edge", 1.5, radius=16)
    inner = box.inset(PAD, 12)
    pitch = min(inner.h / len(shown), 132)
    top = inner.centre[1] - pitch * len(shown) / 2
    for i, size in enumerate(shown):
        row = Box(inner.x + 16, top + i * pitch, inner.w - 16, pitch)
        if size.level == journey.level:
            bar = Box(inner.x - 4, row.y + 6, 6, pitch - 12)
            yield Rect("levels/ladder/here", bar, "accent", radius=3)
        yield from _rung(moment, journey, size, row)


def _rung(moment: Moment, journey: Journey, size: Size, row: Box) -> Iterator[Shape]:
    faces, key = moment.faces, f"levels/ladder/{size.level}"
    known, here = is_known(journey, size), size.level == journey.level
    is_high = row.h >= HIGH
    line = row.y + row.h * 0.34 if is_high else row.centre[1]
    yield Text(key, row.x, baseline(line, SIZE_BODY), size.name, SIZE_BODY,
               "text" if known else "muted", faces.text, room=row)  # fmt: skip
    if not known:
        return
    large = SIZE_TITLE if is_high else SIZE_BODY
    yield Text(f"{key}/size", row.right, baseline(line, large), size.told, large,
               "accent" if here else "text", faces.bold, Anchor.END, row)  # fmt: skip
    if not is_multiplied(journey, size):
        return
    ink = "accent" if here else "muted"
    if is_high:
        yield Text(f"{key}/product", row.right, baseline(row.y + row.h * 0.74, SIZE_BODY),
                   size.product, SIZE_BODY, ink, faces.text, Anchor.END, row)  # fmt: skip
    else:
        x = row.right - faces.measures("bold").width("1,023.99 GiB", SIZE_BODY)
        measures = faces.measures("text")
        room = x - row.x - measures.width(size.name, SIZE_BODY) - 24
        fits = measures.width(size.product, SIZE_BODY) <= room
        small = SIZE_BODY if fits else SIZE_LABEL
        yield Text(f"{key}/product", x, baseline(line, small), size.product, small, ink,
                   faces.text, Anchor.END, row)  # fmt: skip
