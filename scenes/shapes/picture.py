"""What one moment looks like, as plain data: a keyed, ordered set of shapes.

Coordinates are pixels of the 1080p canvas, x to the right, y down. Colours are names of roles
(`text`, `request 0 pale`) until `scenes.style.paint` turns them into the theme's values. A shape's
key says what it stands for, all through a video: that is how motion finds it again. What is not
drawn (tags, notes) is left out of `repr`, so that `repr` tells whether two shapes look alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        """The middle."""
        return self.x + self.w / 2, self.y + self.h / 2

    def inset(self, x: float, y: float | None = None) -> Box:
        """The box made smaller on every side; `y` defaults to `x`."""
        dy = x if y is None else y
        return Box(self.x + x, self.y + dy, self.w - 2 * x, self.h - 2 * dy)

    def moved(self, dx: float, dy: float) -> Box:
        """The box moved."""
        return Box(self.x + dx, self.y + dy, self.w, self.h)

    def overlaps(self, other: Box) -> bool:
        """Whether the two share some area."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def contains(self, other: Box) -> bool:
        """Whether the other lies wholly inside, to a tenth of a pixel."""
        x, y, w, h = self  # asked of every shape there is: plain arithmetic
        left, top, width, height = other
        return (
            left >= x - 0.1
            and top >= y - 0.1
            and left + width <= x + w + 0.1
            and top + height <= y + h + 0.1
        )


class Rgba(NamedTuple):
    """A colour as it is drawn: red, green, blue and opacity, each 0 to 1."""

    r: float
    g: float
    b: float
    a: float


Ink = str | Rgba
"""The name of a role; after painting, a colour."""
CLEAR = "clear"
"""The role of what is not drawn."""


class Pattern(StrEnum):
    """What fills a rectangle besides its colour: waste is told apart without colour."""

    NONE = "none"
    HATCH = "hatch"
    """Diagonal lines: reserved."""
    DOTS = "dots"
    """Internal fragmentation."""
    CROSS = "cross"
    """Crossed lines: external fragmentation."""


class Anchor(StrEnum):
    """Which part of a line of text its x stands for."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


class Cause(StrEnum):
    """Why something on screen moves."""

    EVENT = "event"
    """An allocator did something, or a step of it passed."""
    ANSWER = "answer"
    """A question is asked or answered."""
    STAGE = "stage"
    """A card goes on to its next picture of the same moment."""
    CAMERA = "camera"
    FOCUS = "focus"
    """Something is pointed at."""
    INSET = "inset"
    """A definition comes or goes."""
    SHOW = "show"
    """Lanes or panels have come or gone, and the others make room."""
    CARD = "card"
    """One card takes the place of another: a cross-fade."""
    WORDS = "words"
    """Headline and caption change."""


class Rect(NamedTuple):
    """A rectangle with round corners, filled, outlined, or both."""

    key: str
    box: Box
    fill: Ink = CLEAR
    stroke: Ink = CLEAR
    line: float = 0
    """Width of the outline, centred on the edge."""
    radius: float = 0
    pattern: Pattern = Pattern.NONE
    pattern_ink: Ink = CLEAR
    opacity: float = 1
    tags: frozenset[str] = frozenset()
    """What focus and call-outs can name it by."""
    note: str = ""
    """What it means: tooltip and alternative text."""

    def __repr__(self) -> str:
        return _look(self)


class Text(NamedTuple):
    """One line of text."""

    key: str
    x: float
    y: float
    """The baseline."""
    text: str
    size: float
    ink: Ink = "text"
    face: str = "text"
    anchor: Anchor = Anchor.START
    room: Box | None = None
    """The box it must stay inside; None: the frame."""
    opacity: float = 1
    tags: frozenset[str] = frozenset()
    note: str = ""

    def __repr__(self) -> str:
        return _look(self)


class Path(NamedTuple):
    """A line through points, straight or smooth, with or without an arrow head at its end."""

    key: str
    points: tuple[tuple[float, float], ...]
    ink: Ink
    line: float = 2
    head: float = 0
    """Length of the arrow head; 0: none."""
    smooth: bool = False
    """Draw one cubic curve: four points, the inner two its handles."""
    opacity: float = 1
    tags: frozenset[str] = frozenset()
    note: str = ""

    def __repr__(self) -> str:
        return _look(self)


class Formula(NamedTuple):
    """A formula in Typst's notation, scaled to stand inside its box, centred on its left edge."""

    key: str
    box: Box
    typst: str
    ink: Ink = "text"
    opacity: float = 1
    tags: frozenset[str] = frozenset()
    note: str = ""

    def __repr__(self) -> str:
        return _look(self)


Shape = Rect | Text | Path | Formula
"""Named tuples, for a video has a hundred thousand of them: data classes take three times as long.
"""


def _look(shape: Shape) -> str:
    """All that is drawn of a shape: its last two fields, tags and note, are not."""
    fields = zip(shape._fields, shape[:-2], strict=False)
    return f"{type(shape).__name__}({', '.join(f'{name}={value!r}' for name, value in fields)})"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Picture:
    """One moment: shapes in drawing order, each key once."""

    width: int
    height: int
    background: Ink
    shapes: tuple[Shape, ...]
    origins: tuple[tuple[str, str], ...] = ()
    """(key, key it enters from), first to fly first: a token, from the prompt into its slot."""
    departures: tuple[tuple[str, str], ...] = ()
    """(key of the picture before, key it leaves to), first to fly first: entries that are lost, to
    the count of what must be computed again. What is still there, or goes nowhere, is no matter.
    """
    alt: str = ""
    """The picture in words."""
    is_lapse: bool = field(default=False, repr=False)
    """Whether it is one of a time lapse, and passes quickly."""
    waves: tuple[tuple[str, float], ...] = ()
    """(key, share): what changes, flies or enters one after the other on the way here, in the
    order of the shares, 0 to 1: entries as they are read, blocks as they are cut."""
    causes: frozenset[Cause] = field(default=frozenset(), repr=False)
    """Why it differs from the picture before it."""
    is_stage: bool = field(default=False, repr=False)
    """Whether its card goes on from it to another picture of the same moment, and they share the
    time that what is said takes."""
    said: int = field(default=0, repr=False)
    """Which of its beat's utterances is said while it is shown."""

    def pixel_width(self, height: int) -> int:
        """The even number of columns that goes with `height` rows; encoders want no odd ones."""
        return 2 * round(height * self.width / self.height / 2)
