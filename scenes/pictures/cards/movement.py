"""The numbers of an engine step: entries and bytes that it read and wrote, and every step before.

From the events and the geometry; beside the layers, or below them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pagereel.model.core.events import EntriesRead, EntriesWritten
from pagereel.model.core.sizes import human_bytes
from pagereel.model.core.state import Holder, LaneState, Phase
from pagereel.model.storyboard.timeline import Half, LaneStep
from pagereel.model.usage.bandwidth import Movement, movement
from pagereel.model.usage.occupancy import stored_positions
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.focus import named
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Rect, Shape, Text
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL

Moved = tuple[EntriesRead | EntriesWritten, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One request or sequence of one lane, with what the latest engine step did to it."""

    lane: str
    holder: Holder
    number: int
    """The engine step's; 0 before the first."""
    moved: Moved
    stored: frozenset[int]
    """Positions whose K/V is in the lane's memory now."""

    @property
    def tokens(self) -> int:
        """Tokens it has: its prompt, and what was sampled so far."""
        return self.holder.prompt + self.holder.sampled

    @property
    def tokens_at_the_end(self) -> int:
        """Tokens it will have: one more than entries, for the last one's is never computed."""
        return self.holder.final + 1

    @property
    def is_done(self) -> bool:
        """Whether it has all its tokens and its memory is freed."""
        return self.holder.phase is Phase.FINISHED

    @property
    def computed(self) -> int:
        """Tokens whose K/V was computed; of one that is done, all but the last sampled one."""
        return self.tokens - 1 if self.is_done else self.holder.computed

    @property
    def written(self) -> range:
        """Positions that the step wrote."""
        for event in self.moved:
            if isinstance(event, EntriesWritten):
                return range(event.start, event.start + event.count)
        return range(0)

    @property
    def read(self) -> frozenset[int]:
        """Positions that the step read from the cache: those that its events name, or the last
        ones before what it wrote."""
        for event in self.moved:
            if isinstance(event, EntriesRead):
                last = self.written.start
                spans = event.positions or (range(last - event.count, last),)
                return frozenset(position for span in spans for position in span)
        return frozenset()

    @property
    def does(self) -> str:
        """The step's kind: `prefill` or `decode`; `done` once its memory is freed; or nothing."""
        if self.is_done or not self.stored:
            return "done" if self.is_done else ""
        return "decode" if self.written.start >= self.holder.prompt else "prefill"


def subject(moment: Moment) -> Subject | None:
    """Who is in focus, or the first that runs, in the lane in focus or the first; None before
    anybody has arrived."""
    wanted = frozenset[str]().union(*(named(target) for target in moment.played.shot.focus))
    lanes = moment.step.lanes
    step = next((lane for lane in lanes if f"lane {lane.lane}" in wanted), lanes[0])
    holder = in_focus(moment, step.state)
    if holder is None:
        return None
    spans = stored_positions(step.state.memory, holder)
    stored = frozenset(position for span in spans for position in span)
    return Subject(step.lane, holder, moment.step.number, _own(step, holder), stored)


def history(moment: Moment, about: Subject) -> tuple[tuple[int, Movement], ...]:
    """(number, entries moved) of every engine step so far that moved some of the subject's."""
    found = []
    for step in moment.past:
        moved = _own(step.lane(about.lane), about.holder)
        if step.half is Half.SCHEDULED and moved:
            found.append((step.number, movement(moved, moment.storyboard.geometry)))
    return tuple(found)


def _own(step: LaneStep, holder: Holder) -> Moved:
    return tuple(event for event in step.moved if event.request == holder.id)


def in_focus(moment: Moment, state: LaneState) -> Holder | None:
    """Who is in focus, or the first that runs, or has arrived."""
    wanted = frozenset[str]().union(*(named(target) for target in moment.played.shot.focus))
    everyone: list[Holder] = []
    for request in state.requests:
        own = [sequence for sequence in state.sequences if sequence.request == request.id]
        everyone += own or [request]
    for holder in everyone:
        owner = moment.storyboard.owner(holder.id).id
        if f"request {holder.id}" in wanted or f"request {owner}" in wanted:
            return holder
    running = (holder for holder in everyone if holder.phase is Phase.RUNNING)
    return next(running, next(iter(everyone), None))


SECTION, LINE = 188, 40
"""Height of what is said of reading, or of writing; from one line to the next."""
BAR, STEP, MOST = 20, 60, 8
"""Width of a bar; from one engine step to the next, at most; steps that fit anyway."""
THIRD = 230
"""The least that what was read, what was written and all steps need side by side."""


def movement_card(moment: Moment, about: Subject | None, box: Box) -> Iterator[Shape]:
    """Read and written, one under the other or side by side; then all steps so far, where there is
    room for them."""
    has_history = about is not None
    yield Rect("movement", box, "card", "edge", 1.5, radius=16)
    inner = box.inset(24, 16)
    moved = movement(about.moved if about else (), moment.storyboard.geometry)
    if box.h > box.w:
        places = [Box(inner.x, inner.y + i * SECTION, inner.w, SECTION) for i in range(2)]
        below = inner.y + 2 * SECTION + 8
        rest = Box(inner.x, below, inner.w, inner.bottom - below)
    else:
        has_history = has_history and inner.w / 3 >= THIRD
        width = inner.w / (3 if has_history else 2)
        places = [Box(inner.x + i * width, inner.y, width - 24, inner.h) for i in range(2)]
        rest = Box(inner.x + 2 * width, inner.y, width, inner.h)
    for name, place in zip(("read", "written"), places, strict=True):
        yield from _section(moment, about, moved, name, place)
    if about and has_history:
        yield from _history(moment, about, rest)


def _section(
    moment: Moment, about: Subject | None, moved: Movement, name: str, box: Box
) -> Iterator[Shape]:
    """Entries, bytes a layer, bytes in all layers."""
    faces, key, x = moment.faces, f"movement/{name}", box.x
    read = name == "read"
    entries = moved.entries_read if read else moved.entries_written
    layer = moved.layer_bytes_read if read else moved.layer_bytes_written
    everything = moved.bytes_read if read else moved.bytes_written
    if about:
        yield _swatch(moment, about, f"{key}/swatch", name, Box(x, box.y + 8, 32, 24))
        x += 44
    yield Text(f"{key}/name", x, baseline(box.y + 20, SIZE_BODY), name, SIZE_BODY, "text",
               faces.bold)  # fmt: skip
    count = "1 token" if entries == 1 else f"{entries:,} tokens"
    layers = moment.storyboard.geometry.layers
    lines: tuple[str, ...] = (f"K/V of {count}" if entries else "nothing",)
    if entries:
        lines += (f"{human_bytes(layer)} a layer", f"{human_bytes(everything)} in {layers} layers")
    size = SIZE_BODY if box.w > 340 else SIZE_LABEL
    if box.w <= 340 and entries:
        lines = (*lines[:2], f"{human_bytes(everything)} in all")
    for row, told in enumerate(lines):
        y = baseline(box.y + 62 + row * LINE, size)
        ink = "text" if entries else "muted"
        yield Text(f"{key}/{row}", box.x, y, told, size, ink, faces.text, room=box)


def _swatch(moment: Moment, about: Subject, key: str, name: str, box: Box) -> Rect:
    """As the layers show it: pale and outlined, or bright."""
    who = about.holder.id
    radius = min(6, box.w / 5)
    if name == "written":
        return Rect(key, box, moment.ink(who, "solid"), radius=radius)
    return Rect(
        key,
        box.inset(min(1, box.h / 4)),
        moment.ink(who, "pale"),
        moment.ink(who, "line"),
        2,
        radius,
    )


def _history(moment: Moment, about: Subject, box: Box) -> Iterator[Shape]:
    """Two bars an engine step, to one scale: what it read, and what it wrote."""
    faces, steps = moment.faces, history(moment, about)
    size = SIZE_BODY if box.w > 340 else SIZE_LABEL
    yield Text("movement/history", box.x, baseline(box.y + 20, SIZE_BODY), "every step so far",
               size, "text", faces.bold, room=box)  # fmt: skip
    if box.w > 340:
        line = baseline(box.y + 20, SIZE_LABEL)
        yield Text("movement/unit", box.right, line, "tokens", SIZE_LABEL, "muted", faces.text,
                   Anchor.END, room=box)  # fmt: skip
    plot = Box(box.x, box.y + 76, box.w, box.h - 76 - 34)
    yield Path("movement/axis", ((plot.x, plot.bottom), (plot.right, plot.bottom)), "edge", 1.5)
    answer = about.tokens_at_the_end - about.holder.prompt
    pitch = min(STEP, box.w / min(max(answer, 1), MOST))
    shown = steps[-int(box.w / pitch + 0.01) :]
    for place, (number, moved) in enumerate(shown):
        column = Box(plot.x + place * pitch, plot.y, pitch, plot.h)
        yield from _bars(moment, about, number, moved, column)


def _bars(
    moment: Moment, about: Subject, number: int, moved: Movement, box: Box
) -> Iterator[Shape]:
    """One engine step: its two bars, the entries of the higher one, and the step's number."""
    faces, middle, scale = moment.faces, box.centre[0], box.h / about.tokens_at_the_end
    width, highest = min(BAR, (box.w - 14) / 2), max(moved.entries_read, moved.entries_written)
    if faces.measures("mono").width(str(highest), SIZE_LABEL) < box.w - 4:
        yield Text(f"movement/{number}/most", middle, box.bottom - highest * scale - 10,
                   str(highest), SIZE_LABEL, "text", faces.mono, Anchor.MIDDLE)  # fmt: skip
    counts = (("read", moved.entries_read), ("written", moved.entries_written))
    alone = not (moved.entries_read and moved.entries_written)
    for (name, count), x in zip(counts, (middle - width - 1, middle + 1), strict=True):
        if count:
            left = middle - width / 2 if alone else x
            bar = Box(left, box.bottom - count * scale, width, count * scale)
            yield _swatch(moment, about, f"movement/{number}/{name}", name, bar)
    yield Text(f"movement/{number}", middle, box.bottom + 28, str(number), SIZE_LABEL, "muted",
               faces.mono, Anchor.MIDDLE)  # fmt: skip
