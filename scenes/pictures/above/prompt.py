"""The requests' words: one row a request, the prompt and what the model has answered so far.

Where a block table holds a request, its words are cut into the table's blocks, each with its number
in logical order: row 2 of the table is where the words of group 2 are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagereel.model.core.events import Finished, SequenceFinished
from pagereel.model.core.state import Holder, LaneState, PagedMemory, Phase
from pagereel.scenes.pictures.chip import baseline, chip, chip_width
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten
from pagereel.scenes.style import SIZE_LABEL

ROW, PILL, GAP, PADDING = 44, 38, 6, 10
GROUP, LOW_PILL, NEAR, NUMBER, END = 42, 34, 3, 32, 4
"""Height of a group of words, and of a pill in it; between two of its pills; room for its number,
and after its last pill."""
LONGEST_WORD = 260
"""Pixels of one token before it is cut."""


def prompt(moment: Moment, box: Box) -> Iterator[Shape]:
    """The newest requests, as many rows as there is room for."""
    everyone = _arrived(moment)
    shown = _shown(everyone, int(box.h // ROW))
    if not everyone:
        yield Text("prompt/none", box.x, baseline(box.y + ROW / 2, SIZE_LABEL), "no request yet",
                   SIZE_LABEL, "muted", moment.faces.text, tags=frozenset({"prompt"}))  # fmt: skip
    hidden = len(everyone) - len(shown) if len(everyone) > MANY else 0
    for row, holder in enumerate(shown):
        last = hidden and row == len(shown) - 1
        width = box.w - _REST if last else box.w
        yield from _row(moment, holder, Box(box.x, box.y + ROW * row, width, ROW))
    if hidden:
        line = baseline(box.y + ROW * (len(shown) - 0.5), SIZE_LABEL)
        yield Text("prompt/rest", box.right, line, f"and {hidden:,} more", SIZE_LABEL, "muted",
                   moment.faces.text, Anchor.END, tags=frozenset({"prompt"}))  # fmt: skip


MANY, _REST = 12, 230
"""Requests beyond which the panel says how many it does not show; room for that."""


def _arrived(moment: Moment) -> list[Holder]:
    """Who has arrived, each as the furthest lane has it."""
    furthest: dict[str, Holder] = {}
    for lane in moment.step.lanes:
        for holder in _speakers(lane.state):
            known = furthest.get(holder.id)
            if known is None or _progress(known) < _progress(holder):
                furthest[holder.id] = holder
    return list(furthest.values())


def _shown(everyone: Sequence[Holder], rows: int) -> list[Holder]:
    """All, or of too many the newest of those alive."""
    alive = [holder for holder in everyone if holder.phase not in _OVER]
    over = [holder for holder in everyone if holder.phase in _OVER]
    kept = {holder.id for holder in (over + alive)[-rows:]}
    return [holder for holder in everyone if holder.id in kept]


_OVER = (Phase.FINISHED, Phase.ABORTED)


def _speakers(state: LaneState) -> list[Holder]:
    """Every request, or its sequences where it has several."""
    found: list[Holder] = []
    for request in state.requests:
        sequences = [s for s in state.sequences if s.request == request.id]
        found += sequences or [request]
    return found


def _progress(holder: Holder) -> tuple[int, int]:
    return holder.sampled, holder.computed


def _row(moment: Moment, holder: Holder, box: Box) -> Iterator[Shape]:
    owner = moment.storyboard.owner(holder.id).id
    tags = frozenset({"prompt", f"request {owner}", f"request {holder.id}"})
    key, middle = f"prompt/{holder.id}", box.centre[1]
    yield from chip(moment, key, holder.id, box.x, middle, tags)
    x = box.x + max(48, chip_width(moment, holder.id) + 12)
    total, face = holder.prompt + holder.sampled, moment.faces.text
    line = baseline(middle, SIZE_LABEL)
    if not moment.storyboard.knows_words(owner):
        counts = f"{holder.prompt:,} tokens asked, {holder.sampled:,} answered"
        yield Text(f"{key}/counts", x, line, counts, SIZE_LABEL, "muted", face, tags=tags)
        return
    cut = _cut(moment, holder)
    first = _first_that_fits(moment, holder, total, box.right - x, cut)
    if first:
        before = f"{first} before"
        yield Text(f"{key}/more", x, line, before, SIZE_LABEL, "muted", face, tags=tags)
        x += moment.faces.measures("text").width(before, SIZE_LABEL) + 16
    newest = total - 1 if holder.sampled and not _long_over(moment, holder) else None
    if cut.blocks:
        yield from _groups(moment, holder, range(first, total), cut, x, middle, tags)
    for position in range(first, total):
        x += cut.before(position, first)
        word, height = _word(moment, holder, position), LOW_PILL if cut.blocks else PILL
        pill = Box(x, middle - height / 2, _pill_width(moment, word), height)
        look = _look(holder, position, newest)
        yield from _pill(moment, f"{key}/{position}", holder.id, word, pill, look, tags)
        x = pill.right + cut.after(position, total)
    done = "done" if holder.phase is Phase.FINISHED else "gave up"
    fits = x + 8 + moment.faces.measures("text").width(done, SIZE_LABEL) <= box.right
    if holder.phase in _OVER and fits:
        yield Text(f"{key}/done", x + 8, line, done, SIZE_LABEL, "muted", face, tags=tags)


def _long_over(moment: Moment, holder: Holder) -> bool:
    """Whether it ended before this engine step."""
    ended = {
        event.request
        for lane in moment.step.lanes
        for event in moment.events(lane.lane)
        if isinstance(event, Finished | SequenceFinished)
    }
    owner = moment.storyboard.owner(holder.id).id
    return holder.phase in _OVER and not {holder.id, owner} & ended


@dataclass(frozen=True, slots=True)
class _Cut:
    """How a request's words are cut into blocks."""

    size: int = 1
    """Slots a block."""
    blocks: int = 0
    """How many its table has; 0: its words are not cut."""

    def holds(self, position: int) -> bool:
        """Whether the table has a block for this token."""
        return position < self.size * self.blocks

    def before(self, position: int, first: int) -> float:
        """Room left of a token's pill, of those from `first` on: for its group's number."""
        begins = position % self.size == 0 or position == first
        return NUMBER if self.holds(position) and begins else 0

    def after(self, position: int, total: int) -> float:
        """Room right of a token's pill, of so many in all."""
        if not self.holds(position):
            return GAP
        ends = (position + 1) % self.size == 0 or position == total - 1
        return END + GAP if ends else NEAR


def _cut(moment: Moment, holder: Holder) -> _Cut:
    """By its table in the lane that acts, else by the longest in the lanes that are there."""
    found: dict[str, _Cut] = {}
    for step in moment.step.lanes:
        memory = step.state.memory
        if isinstance(memory, PagedMemory) and moment.is_visible(f"lane {step.lane}"):
            for table in memory.tables:
                if table.request == holder.id:
                    found[step.lane] = _Cut(memory.block_size, len(table.blocks))
    longest = max(found.values(), key=lambda cut: cut.blocks, default=_Cut())
    return found.get(moment.leading, longest)


def _groups(
    moment: Moment,
    holder: Holder,
    shown: range,
    cut: _Cut,
    x: float,
    middle: float,
    tags: frozenset[str],
) -> Iterator[Shape]:
    """The frame of each block's words, with the block's number; they lie under the words."""
    starts, key = x, f"prompt/{holder.id}/group"
    for position in (p for p in shown if cut.holds(p)):
        word = _word(moment, holder, position)
        x += cut.before(position, shown.start) + _pill_width(moment, word)
        after = cut.after(position, shown.stop)
        if after > NEAR:
            block = position // cut.size
            frame = Box(starts, middle - GROUP / 2, x + END - starts, GROUP)
            note = f"logical block {block} of {holder.id}"
            yield Rect(f"{key}/{block}", frame, CLEAR, moment.ink(holder.id, "edge"), 2, radius=10,
                       tags=tags, note=note)  # fmt: skip
            yield Text(f"{key}/{block}/number", starts + NUMBER / 2, baseline(middle, SIZE_LABEL),
                       str(block), SIZE_LABEL, "muted", moment.faces.mono, Anchor.MIDDLE,
                       tags=tags, note=note)  # fmt: skip
            starts = x + after
        x += after


_MORE = 170
"""Room for "128 before"."""


def _first_that_fits(moment: Moment, holder: Holder, total: int, width: float, cut: _Cut) -> int:
    """The first token shown: the last ones matter, the rest is counted."""
    used, first = 0.0, total
    while first > 0:
        place = first - 1
        used += _pill_width(moment, _word(moment, holder, place)) + cut.after(place, total)
        used += cut.before(place, -1)
        if used + NUMBER * bool(cut.blocks) > width - (_MORE if first > 1 else 0):
            return first
        first -= 1
    return 0


def _word(moment: Moment, holder: Holder, position: int) -> str:
    word = moment.word(holder, position)
    return shorten(word, LONGEST_WORD, SIZE_LABEL, moment.faces.measures("text"))


def _pill_width(moment: Moment, word: str) -> float:
    return round(moment.faces.measures("text").width(word, SIZE_LABEL) + 2 * PADDING)


def _look(holder: Holder, position: int, newest: int | None) -> str:
    """Prompt tokens are filled; sampled ones outlined; the one that was sampled last is bright."""
    if position == newest:
        return "newest"
    return "sampled" if position >= holder.prompt else "asked"


def _pill(
    moment: Moment, key: str, name: str, word: str, box: Box, look: str, tags: frozenset[str]
) -> Iterator[Shape]:
    fill = {"newest": moment.ink(name, "solid"), "asked": moment.ink(name, "pale")}
    outlined = look != "asked"
    yield Rect(
        key,
        box,
        fill=fill.get(look, CLEAR),
        stroke=moment.ink(name, "edge") if outlined else CLEAR,
        line=2 if outlined else 0,
        radius=8,
        tags=tags,
        note=f"a token of {name}",
    )
    yield Text(
        f"{key}/word",
        box.centre[0],
        baseline(box.centre[1], SIZE_LABEL),
        word,
        SIZE_LABEL,
        moment.ink(name, "on") if look == "newest" else "text",
        moment.faces.text,
        Anchor.MIDDLE,
        room=box,
        tags=tags,
    )
