"""The requests' words: one row a request, the prompt and what the model has answered so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagereel.model.core.events import Finished, SequenceFinished
from pagereel.model.core.state import Holder, LaneState, Phase
from pagereel.scenes.pictures.chip import baseline, chip, chip_width
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten
from pagereel.scenes.style import SIZE_LABEL

ROW, PILL, GAP, PADDING = 44, 38, 6, 10
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
    first = _first_that_fits(moment, holder, total, box.right - x)
    if first:
        before = f"{first} before"
        yield Text(f"{key}/more", x, line, before, SIZE_LABEL, "muted", face, tags=tags)
        x += moment.faces.measures("text").width(before, SIZE_LABEL) + 16
    newest = total - 1 if holder.sampled and not _long_over(moment, holder) else None
    for position in range(first, total):
        word = _word(moment, holder, position)
        pill = Box(x, middle - PILL / 2, _pill_width(moment, word), PILL)
        look = _look(holder, position, newest)
        yield from _pill(moment, f"{key}/{position}", holder.id, word, pill, look, tags)
        x = pill.right + GAP
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


_MORE = 170
"""Room for "128 before"."""


def _first_that_fits(moment: Moment, holder: Holder, total: int, width: float) -> int:
    """The first token shown: the last ones matter, the rest is counted."""
    used, first = 0.0, total
    while first > 0:
        used += _pill_width(moment, _word(moment, holder, first - 1)) + GAP
        if used > width - (_MORE if first > 1 else 0):
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
