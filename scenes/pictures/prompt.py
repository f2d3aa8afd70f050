"""The requests' words: one row a request, the prompt and what the model has answered so far."""

from __future__ import annotations

from collections.abc import Iterator

from model.state import Phase, RequestState
from scenes.pictures.chip import baseline, chip, chip_width
from scenes.pictures.moment import Moment
from scenes.shapes import CLEAR, Anchor, Box, Rect, Shape, Text
from scenes.style import SIZE_LABEL
from scenes.typeface import shorten

ROW, PILL, GAP, PADDING = 46, 36, 6, 10
LONGEST_WORD = 220
"""Pixels of one token before it is cut."""


def prompt(moment: Moment, box: Box) -> tuple[Shape, ...]:
    """The newest requests, as many rows as there is room for."""
    rows = int(box.h // ROW)
    shapes: list[Shape] = []
    for row, request in enumerate(_shown(moment, rows)):
        middle = box.y + ROW * row + ROW / 2
        shapes += _row(moment, request, Box(box.x, middle - ROW / 2, box.w, ROW))
    return tuple(shapes)


def _shown(moment: Moment, rows: int) -> list[RequestState]:
    """Requests that have arrived, furthest lane first; where there are too many, those alive."""
    arrived: dict[str, RequestState] = {}
    for lane in moment.step.lanes:
        for request in lane.state.requests:
            known = arrived.get(request.id)
            if known is None or (known.sampled, known.computed) < _progress(request):
                arrived[request.id] = request
    everyone = list(arrived.values())
    if len(everyone) <= rows:
        return everyone
    over = (Phase.FINISHED, Phase.ABORTED)
    by_need = sorted(everyone, key=lambda request: request.phase in over)
    kept = {request.id for request in by_need[:rows]}
    return [request for request in everyone if request.id in kept]


def _progress(request: RequestState) -> tuple[int, int]:
    return request.sampled, request.computed


def _row(moment: Moment, request: RequestState, box: Box) -> Iterator[Shape]:
    tags = frozenset({"prompt", f"request {request.id}"})
    middle = box.centre[1]
    yield from chip(moment, f"prompt/{request.id}", request.id, box.x, middle, tags)
    x = box.x + max(48, chip_width(moment, request.id) + 12)
    total = request.prompt + request.sampled
    first = _first_that_fits(moment, request.id, total, box.right - x)
    if first:
        yield Text(
            f"prompt/{request.id}/more",
            x,
            baseline(middle, SIZE_LABEL),
            f"{first} before",
            SIZE_LABEL,
            "muted",
            moment.faces.text,
            tags=tags,
        )
        x += _MORE
    for position in range(first, total):
        word = _word(moment, request.id, position)
        pill = Box(x, middle - PILL / 2, _pill_width(moment, word), PILL)
        yield from _pill(moment, request, position, pill, tags)
        x = pill.right + GAP


_MORE = 140
"""Room for "128 before"."""


def _first_that_fits(moment: Moment, request_id: str, total: int, width: float) -> int:
    """The first token shown: the last ones matter, the rest is counted."""
    used, first = 0.0, total
    while first > 0:
        used += _pill_width(moment, _word(moment, request_id, first - 1)) + GAP
        if used > width - (_MORE if first > 1 else 0):
            return first
        first -= 1
    return 0


def _word(moment: Moment, request_id: str, position: int) -> str:
    word = moment.word(request_id, position)
    return shorten(word, LONGEST_WORD, SIZE_LABEL, moment.faces.measures("text"))


def _pill_width(moment: Moment, word: str) -> float:
    return round(moment.faces.measures("text").width(word, SIZE_LABEL) + 2 * PADDING)


def _pill(
    moment: Moment, request: RequestState, position: int, box: Box, tags: frozenset[str]
) -> Iterator[Shape]:
    """Prompt tokens are filled; sampled ones outlined; the one that was sampled last is bright."""
    newest = request.sampled > 0 and position == request.prompt + request.sampled - 1
    sampled = position >= request.prompt
    key = f"prompt/{request.id}/{position}"
    fill = "solid" if newest else "pale"
    yield Rect(
        key,
        box,
        fill=CLEAR if sampled and not newest else moment.ink(request.id, fill),
        stroke=moment.ink(request.id, "edge") if sampled else CLEAR,
        line=2 if sampled else 0,
        radius=8,
        tags=tags,
        note=f"request {request.id}, token {position}",
    )
    yield Text(
        f"{key}/word",
        box.centre[0],
        baseline(box.centre[1], SIZE_LABEL),
        _word(moment, request.id, position),
        SIZE_LABEL,
        moment.ink(request.id, "on") if newest else "text",
        moment.faces.text,
        Anchor.MIDDLE,
        room=box,
        tags=tags,
    )
