"""A beam search as a tree that grows to the right: every word that a beam has had, and from which.

What is left of a path that was given up stands pale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pagereel.model.core.events import TokenSampled
from pagereel.model.core.state import SequenceState
from pagereel.model.readings.beam_tree import Node, Trellis, grow
from pagereel.scenes.pictures.above.prompt import GAP, PADDING, prompt
from pagereel.scenes.pictures.chip import CHIP, baseline, chip, chip_width
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten
from pagereel.scenes.style import SIZE_LABEL

ROW, LOWEST, BETWEEN = 46, 30, 5
"""From one row to the next, at most and at least; and what lies between their pills, at least."""
PILL = 36
"""Height of a pill, at most."""
LONGEST_WORD = 200
"""Pixels of one word before it is cut."""
AFTER = 12
"""What is left free after a name or a number."""


class Air(NamedTuple):
    """What is left free across."""

    branch: float
    """For the lines from one column to the next."""
    padding: float
    """On both sides of a word in its pill."""
    score: float
    """For a score."""


WIDE, TIGHT, NARROW = Air(44, PADDING, 112), Air(18, 5, 90), 1000
"""In a box no wider than `NARROW` there is less, so that more words are seen."""


def air(box: Box) -> Air:
    """What is left free across in a box."""
    return WIDE if box.w > NARROW else TIGHT


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
        width = pill_width(self.moment, node.sequence, node.position, air(self.box))
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
    free = air(box)
    widths = [_column(moment, trellis, index, free) for index in range(trellis.length)]
    left = box.x + chip_width(moment, beam.request) + AFTER
    tips = AFTER + max(chip_width(moment, name) for name in rows) + free.score
    for asked, first in _choices(beam.prompt, trellis.length):
        root = left + before_width(moment, asked + first) + _asked(moment, beam, asked, free)
        end = root + sum(width + free.branch for width in widths[first:])
        if end + tips <= box.right:
            break
    columns = [root + free.branch]
    for width in widths[first:]:
        columns.append(columns[-1] + width + free.branch)
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


def _asked(moment: Moment, beam: SequenceState, first: int, free: Air) -> float:
    """Room for the prompt's words from one on."""
    shown = range(first, beam.prompt)
    return sum(pill_width(moment, beam, position, free) + GAP for position in shown)


def before_text(count: int) -> str:
    """What stands for the tokens that are not shown."""
    return f"{count} before" if count else ""


def before_width(moment: Moment, count: int) -> float:
    """Room for `before_text`."""
    width = moment.faces.measures("text").width(before_text(count), SIZE_LABEL)
    return round(width) + AFTER if count else 0


def _column(moment: Moment, trellis: Trellis, index: int, free: Air) -> float:
    nodes = [node for node in trellis.nodes if node.index == index]
    return max(pill_width(moment, node.sequence, node.position, free) for node in nodes)


def pill_width(moment: Moment, holder: SequenceState, position: int, free: Air) -> float:
    """How wide the pill of a token is."""
    word = pill_word(moment, holder, position)
    return round(moment.faces.measures("text").width(word, SIZE_LABEL) + 2 * free.padding)


def pill_word(moment: Moment, holder: SequenceState, position: int) -> str:
    """The word of a token as its pill shows it."""
    word = moment.word(holder, position)
    return shorten(word, LONGEST_WORD, SIZE_LABEL, moment.faces.measures("text"))


def beams(moment: Moment, box: Box) -> Iterator[Shape]:
    """The search of the newest request that has one; without any, the requests' words."""
    trellis = _search(moment)
    if trellis is None:
        yield from prompt(moment, box)
        return
    laid = plan(moment, trellis, box)
    heirs = {node: trellis.heirs(node) for node in laid.shown}
    for node in sorted(laid.shown, key=lambda node: bool(heirs[node])):  # pale lines beneath
        yield _line(laid, node, heirs[node])
    yield from _root(laid)
    for node in laid.shown:
        yield from _token(laid, node, heirs[node])
    for beam in trellis.beams:
        if beam.id in laid.rows:
            yield from _tip(laid, beam)


def sprouts(moment: Moment) -> Iterator[tuple[str, str]]:
    """(new pill, pill it grows out of) for what this step has sampled."""
    trellis = _search(moment) or Trellis()
    sampled = {
        (event.request, event.index)
        for step in moment.step.lanes
        for event in step.events
        if isinstance(event, TokenSampled)
    }
    for node in trellis.nodes:
        if (node.beam, node.index) in sampled:
            before = trellis.before(node)
            parent = before.beam if before else trellis.beams[0].id
            yield _key(node), f"prompt/{parent}/{node.position - 1}"


def _search(moment: Moment) -> Trellis | None:
    """The newest search, as the furthest lane has it; none before one has arrived."""
    found = None
    for script in moment.storyboard.scripts.values():
        if script.beam:
            lanes = [lane.lane for lane in moment.step.lanes]
            trees = [grow((step.lane(name) for step in moment.past), script.id) for name in lanes]
            furthest = max(trees, key=lambda tree: (tree.length, len(tree.beams)))
            found = furthest if furthest.beams else found
    return found


def _key(node: Node) -> str:
    """As in the panel of the words: tokens fly from here into their slots."""
    return f"prompt/{node.beam}/{node.position}"


def _tags(request: str, *names: str) -> frozenset[str]:
    return frozenset({"beams", f"request {request}", *(f"request {name}" for name in names)})


def _root(laid: TreePlan) -> Iterator[Shape]:
    """The request's name and its last words; how many tokens there are before what is shown."""
    moment, beam, middle = laid.moment, laid.trellis.beams[0], laid.box.centre[1]
    request, tags = beam.request, _tags(beam.request)
    yield from chip(moment, f"beams/{request}", request, laid.box.x, middle, tags,
                    height=min(laid.height, CHIP))  # fmt: skip
    x = laid.box.x + chip_width(moment, request) + AFTER
    before = laid.asked + laid.first
    yield Text(f"beams/{request}/before", x, baseline(middle, SIZE_LABEL), before_text(before),
               SIZE_LABEL, "muted", moment.faces.text, tags=tags)  # fmt: skip
    hidden = len(laid.trellis.beams) - len(laid.rows)
    if hidden:
        text, line = f"{hidden} more below", laid.box.bottom - 6
        yield Text(f"beams/{request}/hidden", laid.box.x, line, text, SIZE_LABEL, "muted",
                   moment.faces.text, tags=tags)  # fmt: skip
    x += before_width(moment, before)
    for position in range(laid.asked, beam.prompt):
        width = pill_width(moment, beam, position, air(laid.box))
        box, key = Box(x, middle - laid.height / 2, width, laid.height), f"prompt/{beam.id}"
        yield Rect(f"{key}/{position}", box, moment.ink(request, "pale"), radius=8, tags=tags,
                   note=f"a token of {request}")  # fmt: skip
        yield _word(moment, f"{key}/{position}", beam, position, box, "text", tags)
        x += width + GAP


def _token(laid: TreePlan, node: Node, heirs: frozenset[str]) -> Iterator[Shape]:
    """One token: bright if it was sampled last, coloured while a beam goes on from it."""
    request, tags = node.sequence.request, _tags(node.sequence.request, *heirs)
    newest, moment = heirs and node.index == laid.trellis.length - 1, laid.moment
    fill = moment.ink(request, "solid") if newest else CLEAR
    edge = moment.ink(request, "edge") if heirs else "edge"
    ink = moment.ink(request, "on") if newest else "text" if heirs else "muted"
    note = f"a token of {node.beam}" if heirs else f"a token that {node.beam} gave up"
    box = laid.pill(node)
    yield Rect(_key(node), box, fill, edge, 2, radius=8, tags=tags, note=note)
    yield _word(moment, _key(node), node.sequence, node.position, box, ink, tags)


def _word(
    moment: Moment,
    key: str,
    holder: SequenceState,
    position: int,
    box: Box,
    ink: str,
    tags: frozenset[str],
) -> Text:
    x, y = box.centre
    return Text(f"{key}/word", x, baseline(y, SIZE_LABEL), pill_word(moment, holder, position),
                SIZE_LABEL, ink, moment.faces.text, Anchor.MIDDLE, box, tags=tags)  # fmt: skip


def _line(laid: TreePlan, node: Node, heirs: frozenset[str]) -> Path:
    """From the token that one goes on from."""
    request, box = node.sequence.request, laid.pill(node)
    x0, y0 = laid.start(node)
    x1, y1 = box.x - 2, box.centre[1]
    bend = (x1 - x0) / 2
    return Path(
        key=f"{_key(node)}/line",
        points=((x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)),
        ink=laid.moment.ink(request, "line") if heirs else "edge",
        line=3 if heirs else 2,
        smooth=True,
        tags=_tags(request, *heirs),
    )


def _tip(laid: TreePlan, beam: SequenceState) -> Iterator[Shape]:
    """A beam's name at the end of its row, and its score; the best one's stands out.

    The name belongs to the end of one path: it makes way for a new word, and comes back behind it.
    """
    moment, tags, middle = laid.moment, _tags(beam.request, beam.id), laid.rows[beam.id]
    x, key = laid.names, f"beams/{beam.id}/{beam.sampled}"
    yield from chip(moment, key, beam.id, x, middle, tags, height=min(laid.height, CHIP))
    if beam.score is None or not beam.output:
        return
    x += chip_width(moment, beam.id) + AFTER
    ink = "text" if beam == laid.trellis.best else "muted"
    yield Text(f"prompt/{beam.id}/score", x, baseline(middle, SIZE_LABEL), f"{beam.score:.2f}",
               SIZE_LABEL, ink, moment.faces.mono, tags=tags,
               note=f"cumulative log-probability of {beam.id}")  # fmt: skip
