"""How far a request is: in its prompt while that is computed, and then in its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from model.state import Phase, RequestState
from scenes.pictures.moment import Moment
from scenes.shapes import CLEAR, Box, Rect, Shape

BAR, ABOVE = 5, 3
"""Height of the bar, and the gap above it."""


class Progress(NamedTuple):
    """`done` of `total` tokens, of the prompt or of the answer."""

    done: int
    total: int
    of: str
    """`prompt` or `answer`."""


def progress(request: RequestState) -> Progress:
    """Where a request is. One that computes its prompt and former answer again is in its prompt."""
    due = request.prompt + max(request.sampled - 1, 0)
    if request.phase is Phase.RUNNING and request.computed < due:
        return Progress(request.computed, request.prompt + request.sampled, "prompt")
    return Progress(request.sampled, request.final - request.prompt + 1, "answer")


def told(request: RequestState) -> str:
    """The same in words: `prompt 6/16`, then `3/7`."""
    word = "prompt " if progress(request).of == "prompt" else ""
    return word + counted(request)


def counted(request: RequestState) -> str:
    """The same in numbers alone: `6/16`."""
    done, total, _ = progress(request)
    return f"{done}/{total}"


def bar(
    moment: Moment, key: str, request: RequestState, box: Box, tags: frozenset[str]
) -> Iterator[Shape]:
    """A thin bar: pale with an outline for the prompt, saturated for the answer."""
    done, total, of = progress(request)
    note = f"{request.id}: {done} of {total} tokens of its {of}"
    reading = of == "prompt"
    yield Rect(f"{key}/track", box, "slot", moment.ink(request.id, "edge") if reading else CLEAR,
               1.5 if reading else 0, BAR / 2, tags=tags, note=note)  # fmt: skip
    filled = Box(box.x, box.y, box.w * min(done / max(total, 1), 1), box.h)
    kind = "edge" if reading else "solid"
    yield Rect(f"{key}/bar", filled, moment.ink(request.id, kind), radius=BAR / 2, tags=tags)
