"""Where everything of a beam search's tree stands, and what of it there is no room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pagereel.model.core.state import SequenceState
from pagereel.model.readings.beam_tree import Node, Trellis
from pagereel.scenes.pictures.above.prompt import GAP, PADDING
from pagereel.scenes.pictures.chip import chip_width
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box
from pagereel.scenes.shapes.typeface import shorten
from pagereel.scenes.style import SIZE_LABEL

ROW, LOWEST, BETWEEN = 46, 30, 5
"""From one row to the next, at most and at least; and what lies between their pills, at least."""
PILL = 36
"""Height of a pill, at most."""
LONGEST_WORD = 160
"""Pixels of one word before it is cut."""
BRANCH = 44
"""Room for the lines from one column to the next."""
SCORE = 92
"""Room for a score."""
AFTER = 12
"""What is left free after a name or a number."""


@dataclass(frozen=True, slots=True)
class TreePlan:
    """A row is a beam, a column a step; before them stands the prompt, after them the names."""

    moment: Moment
    trellis: Trellis
    box: Box
    rows: dict[str, float]
    """The middle of each row that is shown, by its beam."""
    height: float
    """Of a pill."""
    asked: int
    """First prompt token that is shown; after the last one if there is no room for any."""
    first: int
    """First column that is shown, as an output token's number."""
    columns: tuple[float, ...]
    """The left edge of each column that is shown."""
    root: float
    """Where the prompt ends and the lines begin."""
    names: float
    """The left edge of the beams' names."""

    @property
    def shown(self) -> tuple[Node, ...]:
        """The tokens that there is room for."""
        nodes = self.trellis.nodes
        return tuple(n for n in nodes if n.index >= self.first and n.beam in self.rows)

    def pill(self, node: Node) -> Box:
        """The pill of a token that is shown."""
        width = pill_width(self.moment, node.sequence, node.position)
        top = self.rows[node.beam] - self.height / 2
        return Box(self.columns[node.index - self.first], top, width, self.height)

    def start(self, node: Node) -> tuple[float, float]:
        """Where the line to a token begins: at the nearest one before it that is shown."""
        before = self.trellis.before(node)
        while before and before.index >= self.first:
            if before.beam in self.rows:
                box = self.pill(before)
                return box.right + 2, box.centre[1]
            before = self.trellis.before(before)
        return self.root, self.box.centre[1]


def plan(moment: Moment, trellis: Trellis, box: Box) -> TreePlan:
    """As much as fits: first the prompt is cut to its last words, then the oldest columns go."""
    rows, pitch = _rows(trellis, box)
    beam = trellis.beams[0]
    widths = [_column(moment, trellis, index) for index in range(trellis.length)]
    left = box.x + chip_width(moment, beam.request) + AFTER
    tips = AFTER + max(chip_width(moment, name) for name in rows) + SCORE
    for asked, first in _choices(beam.prompt, trellis.length):
        root = left + before_width(moment, asked + first) + _asked(moment, beam, asked)
        end = root + sum(width + BRANCH for width in widths[first:])
        if end + tips <= box.right:
            break
    columns = [root + BRANCH]
    for width in widths[first:]:
        columns.append(columns[-1] + width + BRANCH)
    return TreePlan(
        moment,
        trellis,
        box,
        rows,
        height=min(PILL, pitch - BETWEEN),
        asked=asked,
        first=first,
        columns=tuple(columns[:-1]),
        root=root,
        names=end + AFTER,
    )


def _rows(trellis: Trellis, box: Box) -> tuple[dict[str, float], float]:
    """The rows, as many as there is room for, around the middle; and how far they are apart."""
    shown = [beam.id for beam in trellis.beams][: int(box.h // LOWEST)]
    pitch = min(ROW, box.h / len(shown))
    top = box.centre[1] - pitch * len(shown) / 2
    return {name: top + pitch * (row + 0.5) for row, name in enumerate(shown)}, pitch


def _choices(prompt: int, steps: int) -> Iterator[tuple[int, int]]:
    """(first prompt token, first column) to be shown, in the order in which they are tried."""
    yield from ((asked, 0) for asked in range(prompt + 1))
    yield from ((prompt, first) for first in range(1, steps))


def _asked(moment: Moment, beam: SequenceState, first: int) -> float:
    """Room for the prompt's words from one on."""
    shown = range(first, beam.prompt)
    return sum(pill_width(moment, beam, position) + GAP for position in shown)


def before_text(count: int) -> str:
    """What stands for the tokens that are not shown."""
    return f"{count} before" if count else ""


def before_width(moment: Moment, count: int) -> float:
    """Room for `before_text`."""
    width = moment.faces.measures("text").width(before_text(count), SIZE_LABEL)
    return round(width) + AFTER if count else 0


def _column(moment: Moment, trellis: Trellis, index: int) -> float:
    nodes = [node for node in trellis.nodes if node.index == index]
    return max(pill_width(moment, node.sequence, node.position) for node in nodes)


def pill_width(moment: Moment, holder: SequenceState, position: int) -> float:
    """How wide the pill of a token is."""
    word = pill_word(moment, holder, position)
    return round(moment.faces.measures("text").width(word, SIZE_LABEL) + 2 * PADDING)


def pill_word(moment: Moment, holder: SequenceState, position: int) -> str:
    """The word of a token as its pill shows it."""
    word = moment.word(holder, position)
    return shorten(word, LONGEST_WORD, SIZE_LABEL, moment.faces.measures("text"))
