"""Everybody who came, as a skyline: one bar a request, its prompt and above it its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagereel.model.recording.data import Recording
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import Face, break_lines
from pagereel.scenes.style import SIZE_LABEL

LINE = 30
"""From line to line."""
WIDEST = 24
"""Pixels of a bar and the gap beside it."""


def arrivals(moment: Moment, box: Box) -> Iterator[Shape]:
    """Bars in order of arrival, as high as the request is long; over them what they are."""
    came = _came(moment)
    scripts = moment.storyboard.scripts
    lengths = {name: (len(s.prompt), len(s.output)) for name, s in scripts.items()}
    tallest = max((sum(both) for both in lengths.values()), default=1)
    said, face = _said(moment, came, lengths), moment.faces.text
    measures = moment.faces.measures("text")
    lines = packed(said, box.w, measures)[: max(int(box.h // LINE) - 1, 1)]
    for row, line in enumerate(lines):
        yield Text(f"arrivals/{row}", box.x, box.y + 22 + row * LINE, line, SIZE_LABEL, "muted",
                   face, tags=frozenset({"arrivals"}))  # fmt: skip
    top = box.y + len(lines) * LINE + 8
    pitch = min(box.w / max(len(scripts), 1), WIDEST)
    for place, (name, (prompt, output)) in enumerate(lengths.items()):
        if name in came:
            x, high = box.x + place * pitch, (box.bottom - top) / tallest
            bar = Box(x, box.bottom - prompt * high, pitch * 0.8, prompt * high)
            yield from _bar(moment, name, bar, max(output * high, 1))


def packed(said: Sequence[str], width: float, measures: Face) -> list[str]:
    """Several remarks in as few lines as they need; one that is too long is broken."""
    lines: list[str] = []
    for text in said:
        joined = f"{lines[-1]} · {text}" if lines else text
        if lines and measures.width(joined, SIZE_LABEL) <= width:
            lines[-1] = joined
        else:
            lines += break_lines(text, width, SIZE_LABEL, measures)
    return lines


def _bar(moment: Moment, name: str, prompt: Box, answer: float) -> Iterator[Shape]:
    tags = frozenset({"arrivals", f"request {name}"})
    least = Box(prompt.x, prompt.bottom - max(prompt.h, 1), prompt.w, max(prompt.h, 1))
    top = Box(prompt.x, least.y - answer, prompt.w, answer)
    key = f"arrivals/bar/{name}"
    yield Rect(key, least, moment.ink(name, "edge"), tags=tags, note=f"the prompt of {name}")
    yield Rect(f"{key}/answer", top, "text", tags=tags, note=f"the answer of {name}")


def _came(moment: Moment) -> set[str]:
    """Who has come to some lane; with a recording, also who was turned away there."""
    storyboard = moment.storyboard
    found = {
        storyboard.owner(request.id).id
        for lane in moment.step.lanes
        for request in lane.state.requests
    }
    shown = moment.shown
    if shown:
        found |= {a.id for a in shown.recording.requests if a.arrival < shown.step}
    return found


def _said(moment: Moment, came: set[str], lengths: dict[str, tuple[int, int]]) -> tuple[str, ...]:
    """How many came and how long the longest is; then whose log it is, and what was assumed."""
    count = f"{len(came):,} request" + ("" if len(came) == 1 else "s")
    if came:
        count += f", up to {max(sum(lengths[name]) for name in came):,} tokens"
    shown = moment.shown
    if shown is None:
        return (count,)
    timed = shown.recording.log.step_ms is not None
    when = f"{shown.seconds:,.0f} s" if timed else f"step {shown.step:,}"
    return (f"{when}: {count}", *sources(shown.recording))


def sources(recording: Recording) -> tuple[str, ...]:
    """Whose log it is, and what a step was assumed to last."""
    log = recording.log
    assumed = (f"one step = {log.step_ms:g} ms, assumed",) if log.step_ms else ()
    return (*assumed, log.citation or log.name)
