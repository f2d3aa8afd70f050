"""Faults that a picture must not have, found by arithmetic: before anything is drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Generic, TypeVar

from pagereel.model.core.once import once
from pagereel.model.storyboard.storyboard import ABOVE, BESIDE
from pagereel.scenes.shapes.colours import contrast, mix
from pagereel.scenes.shapes.extents import around, extent, text_box
from pagereel.scenes.shapes.picture import (
    CLEAR,
    Box,
    Ink,
    Pattern,
    Picture,
    Rect,
    Rgba,
    Shape,
    Text,
)
from pagereel.scenes.style import (
    AT_REST,
    LEAST_PATTERN,
    SIZE_CELL,
    SIZE_LABEL,
    THEMES,
    Theme,
    colour,
)

LEAST_CONTRAST, LEAST_RESTING = 4.5, 1.5
"""WCAG AA for text, whether it acts or not; for patterns of what does not."""
LEAST_SHARE, LEAST_FILLED = 0.6, 0.08
"""Of the frame: what lanes take with all that stands beside and above them, where there are any;
and what any picture has between headline and caption, around all its words and shapes."""
SEEN = 0.1
"""Opacity; what has less is on its way in or out."""
NOTHING = 0.01
"""Of the frame: what a card has on it that has nothing to show yet, and says so."""
INSETS = ("definition/", "levels/", "end/", "excerpt/")
"""Start the keys of what lies over the lanes."""
NAMED = 24
"""Blocks; of more the ids may be missing where there is no room."""
WHOLE = 9
"""Letters; a longer word may be cut, if so many can be seen or its note has all of it."""
MARGIN = 0.05
"""Of the frame: no text comes nearer to its edge."""


class Kind(StrEnum):
    """What can be wrong."""

    OUTSIDE = "outside the frame"
    OVERLAP = "text over text"
    COVERED = "text covered"
    WIDE = "text wider than its box"
    SMALL = "text too small"
    CUT = "text cut"
    FAINT = "text too faint"
    UNSEEN = "a pattern too faint"
    NAMELESS = "a block without its id"
    SHARE = "lanes too small"
    EMPTY = "nearly empty"
    TWICE = "a key stands twice"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and the key of the shape that has it."""

    kind: Kind
    key: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.detail} ({self.key})"


def lint(picture: Picture, theme: Theme = THEMES["dark"]) -> tuple[Fault, ...]:
    """All faults of a picture in a theme; one that is painted already looks as it is painted."""
    return (*lint_layout(picture), *lint_colours(picture, theme))


def lint_layout(picture: Picture) -> tuple[Fault, ...]:
    """The faults that are the same in every theme, in drawing order."""
    return tuple(fault for find in _LAYOUT for fault in find(picture))


def lint_composition(picture: Picture) -> tuple[Fault, ...]:
    """What a frame of a film must not look like, whatever is right in it."""
    return (*_share(picture), *_empty(picture))


def lint_colours(picture: Picture, theme: Theme) -> tuple[Fault, ...]:
    """The faults that depend on the theme."""
    return (*_faint(picture, theme), *_unseen(picture, theme))


@once
def _extents(picture: Picture) -> tuple[Box, ...]:
    """The box of each shape: several rules ask for them."""
    return tuple(map(extent, picture.shapes))


Thing = TypeVar("Thing")


class _Rows(Generic[Thing]):
    """Things by the rows of the frame that they cross: only a few of many are near a word."""

    HEIGHT, LAST = 24, 99
    """Of a row, in units of the canvas; what lies below the last one is beyond every frame."""

    def __init__(self) -> None:
        self._rows = defaultdict[int, list[Thing]](list)

    def add(self, top: float, bottom: float, thing: Thing) -> None:
        """Lay it over what is there."""
        first, last = int(top // self.HEIGHT), int(bottom // self.HEIGHT)
        for row in range(max(first, 0), min(last, self.LAST) + 1):
            self._rows[row].append(thing)

    def near(self, top: float, bottom: float) -> Iterator[Thing]:
        """All that can be there and some more, of each row in the order in which it was laid."""
        first, last = int(top // self.HEIGHT), int(bottom // self.HEIGHT)
        for row in range(max(first, 0), min(last, self.LAST) + 1):
            yield from self._rows[row]


def _texts(picture: Picture) -> list[Text]:
    return [shape for shape in picture.shapes if isinstance(shape, Text) and shape.text]


def _twice(picture: Picture) -> Iterator[Fault]:
    keys = sorted(shape.key for shape in picture.shapes)
    for first, second in pairwise(keys):
        if first == second:
            yield Fault(Kind.TWICE, first, "motion could not tell the two apart")


def _outside(picture: Picture) -> Iterator[Fault]:
    frame = Box(0, 0, picture.width, picture.height)
    safe = frame.inset(picture.width * MARGIN - 1, picture.height * MARGIN - 1)
    for shape, box in zip(picture.shapes, _extents(picture), strict=True):
        allowed = safe if isinstance(shape, Text) else frame
        if not allowed.contains(box):
            yield Fault(Kind.OUTSIDE, shape.key, _say(shape))


def _wide(picture: Picture) -> Iterator[Fault]:
    for text in _texts(picture):
        box = text_box(text)
        if text.room and (box.x < text.room.x - 0.5 or box.right > text.room.right + 0.5):
            yield Fault(Kind.WIDE, text.key, f"{_say(text)} needs {box.w:.0f} px")
        elif text.room and (box.y < text.room.y - 0.5 or text.y > text.room.bottom + 0.5):
            yield Fault(Kind.WIDE, text.key, f"{_say(text)} leaves its box above or below")


def _small(picture: Picture) -> Iterator[Fault]:
    for text in _texts(picture):
        if text.size < (SIZE_CELL if _is_on_cells(text) else SIZE_LABEL):
            yield Fault(Kind.SMALL, text.key, f"{_say(text)} has {text.size:g} px")


def _is_on_cells(text: Text) -> bool:
    """Whether it stands in rows that are as high as the memory leaves them: words of tokens, ids
    and addresses of blocks and slots, rows of block tables, and names of rows. They may be smaller
    than a label.
    """
    panel, *rest = text.key.split("/")
    if panel == "lane":
        return rest[1:2][0] in ("token", "block", "table", "address", "cpu") if rest[1:] else False
    return panel in ("layers", "attend", "prompt", "race", "queue") and text.size >= SIZE_CELL


def _cut(picture: Picture) -> Iterator[Fault]:
    for text in _texts(picture):
        if text.text.endswith("…") and not _may_be_cut(text):
            yield Fault(Kind.CUT, text.key, _say(text))


def _may_be_cut(text: Text) -> bool:
    """Whether an author may have written the dots, or a word is so long that no room is enough."""
    is_authors = text.key.startswith(("header/", "caption/", "question/", "callout/"))
    seen = len(text.text) if text.key.endswith("/word") else 0
    return is_authors or max(seen, len(text.note)) > WHOLE


def _nameless(picture: Picture) -> Iterator[Fault]:
    """Blocks that are drawn slot by slot, where they are not too many; in a field nothing is."""
    keys = {shape.key for shape in picture.shapes}
    if any(key.startswith(INSETS) for key in keys):
        return  # what lies under an inset has no words
    lanes: dict[str, list[str]] = {}
    for key in sorted(keys):
        lane, _, block = key.partition("/block/")
        if lane.startswith("lane/") and block.isdigit() and f"{key}/0" in keys:
            lanes.setdefault(lane, []).append(block)
    for lane, blocks in lanes.items():
        is_near = f"{lane}/title" not in keys  # a camera leaves out what it has passed
        for block in blocks if len(blocks) <= NAMED and not is_near else ():
            if f"{lane}/block/{block}/id" not in keys:
                said = f"block {block} of {lane.replace('/', ' ')}"
                yield Fault(Kind.NAMELESS, f"{lane}/block/{block}", said)


def _share(picture: Picture) -> Iterator[Fault]:
    keys = [shape.key for shape in picture.shapes]
    is_title = any(key.startswith("title/") for key in keys)
    if is_title or not any(key[:5] == "lane/" and key.endswith("/title") for key in keys):
        return  # lanes that are cards, not memory on another card
    found = share(picture)
    if found < LEAST_SHARE:
        said = f"with what stands beside and above them they take {found:.0%} of the frame"
        yield Fault(Kind.SHARE, "lanes", said)


def share(picture: Picture) -> float:
    """How much of the frame lanes take with what stands beside and above them, 0 to 1."""
    names = {"lane", "question", *ABOVE, *BESIDE}
    shapes = zip(picture.shapes, _extents(picture), strict=True)
    boxes = [box for shape, box in shapes if shape.key.partition("/")[0] in names]
    box = around(boxes) if boxes else Box(0, 0, 0, 0)
    return box.w * box.h / (picture.width * picture.height)


def _empty(picture: Picture) -> Iterator[Fault]:
    """Cards have something on them or are as empty as what is below; what was not measured says
    so, and has nothing else to show."""
    if any(shape.key.startswith("chart/unmeasured") for shape in picture.shapes):
        return
    said = [
        box
        for shape, box in zip(picture.shapes, _extents(picture), strict=True)
        if not shape.key.startswith(("header/", "caption/"))
        and not (isinstance(shape, Rect) and shape.fill in ("card", CLEAR))
    ]
    box = around(said) if said else Box(0, 0, 0, 0)
    found = box.w * box.h / (picture.width * picture.height)
    if NOTHING < found < LEAST_FILLED:
        yield Fault(Kind.EMPTY, "picture", f"words and shapes take {found:.0%} of the frame")


def _faint(picture: Picture, theme: Theme) -> Iterator[Fault]:
    below = _Rows[Rect]()
    ground = colour(picture.background, theme)
    for shape in picture.shapes:
        if isinstance(shape, Rect) and shape.fill != CLEAR:
            _, top, _, height = shape.box
            below.add(top, top + height, shape)
        if not isinstance(shape, Text) or not shape.text:
            continue
        box = text_box(shape)
        middle = box.y + box.h / 2
        behind = _behind(ground, below.near(middle, middle), box, theme)
        found = contrast(_over(colour(shape.ink, theme), shape.opacity, behind), behind)
        if found < LEAST_CONTRAST:
            yield Fault(Kind.FAINT, shape.key, f"{_say(shape)} has contrast {found:.1f}")


def _unseen(picture: Picture, theme: Theme) -> Iterator[Fault]:
    """Hatching and dots against the rectangle that they fill, or what shines through it."""
    below: list[Rect] = []
    ground, seen = colour(picture.background, theme), dict[tuple[Ink, Ink], float]()
    for shape in picture.shapes:
        if not isinstance(shape, Rect):
            continue
        if shape.fill != CLEAR:
            below.append(shape)
        if shape.pattern is Pattern.NONE or shape.opacity < SEEN:
            continue
        looks = (shape.pattern_ink, shape.fill)
        if shape.fill == CLEAR or shape.opacity < 1 or looks not in seen:
            behind = _behind(ground, below, shape.box, theme)
            drawn = _over(colour(shape.pattern_ink, theme), shape.opacity, behind)
            seen[looks] = contrast(drawn, behind)
        named = isinstance(shape.pattern_ink, str)  # else it is painted: `check` looks before that
        rests = not named or str(shape.pattern_ink).startswith(AT_REST)
        if seen[looks] < (LEAST_RESTING if rests else LEAST_PATTERN) - 0.01:
            said = f"{shape.pattern.value} has contrast {seen[looks]:.1f}"
            yield Fault(Kind.UNSEEN, shape.key, said)


def _behind(ground: Rgba, below: Iterable[Rect], box: Box, theme: Theme) -> Rgba:
    """The colour under a text: every rectangle below its middle, one over the other."""
    x, y = box.centre
    found = ground
    for lid in below:
        left, top, width, height = lid.box
        if left <= x <= left + width and top <= y <= top + height:
            found = _over(colour(lid.fill, theme), lid.opacity, found)
    return found


def _over(ink: Rgba, opacity: float, behind: Rgba) -> Rgba:
    return mix(behind, ink._replace(a=1), ink.a * opacity)


def _overlaps(picture: Picture) -> Iterator[Fault]:
    boxes = sorted(((text_box(t).inset(0.5, 1), t) for t in _texts(picture)), key=lambda b: b[0].y)
    for i, (box, text) in enumerate(boxes):
        for other_box, other in boxes[i + 1 :]:
            if other_box.y >= box.bottom:
                break
            if box.overlaps(other_box):
                yield Fault(Kind.OVERLAP, text.key, f"{_say(text)} and {_say(other)}")


def _covered(picture: Picture) -> Iterator[Fault]:
    lids = _Rows[tuple[float, float, float, float]]()
    for shape in reversed(picture.shapes):
        if isinstance(shape, Rect) and _hides(shape):
            left, top, width, height = shape.box
            lids.add(top, top + height, (left, top, left + width, top + height))
        elif isinstance(shape, Text) and shape.text:
            box = text_box(shape).inset(1)
            x, y, end, foot = box.x, box.y, box.right, box.bottom  # many lids: plain arithmetic
            if any(x < r and a < end and y < d and b < foot for a, b, r, d in lids.near(y, foot)):
                yield Fault(Kind.COVERED, shape.key, _say(shape))


def _hides(lid: Rect) -> bool:
    """Whether what lies under a rectangle cannot be read through it."""
    alpha = lid.fill.a if isinstance(lid.fill, Rgba) else float(lid.fill != CLEAR)
    return alpha * lid.opacity > 0.5


def _say(shape: Shape) -> str:
    if not isinstance(shape, Text):
        return type(shape).__name__.lower()
    return f"“{shape.text[:_SAID]}…”" if len(shape.text) > _SAID else f"“{shape.text}”"


_SAID = 60
"""Characters of a text that a fault quotes."""


_LAYOUT = (
    _twice,
    _outside,
    _wide,
    _small,
    _cut,
    _nameless,
    _overlaps,
    _covered,
)
"""What is wrong in every theme alike."""
