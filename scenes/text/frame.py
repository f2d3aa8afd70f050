"""One moment of a timeline as a frame of text, at most 100 columns: what is true, without pixels.

The golden form of tests and the terminal's view. Every slot of every lane is one character.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from itertools import chain

from pagereel.model.core.events import Event
from pagereel.model.core.state import (
    ContiguousMemory,
    Holder,
    LaneState,
    PagedMemory,
    Phase,
    RequestState,
    SequenceState,
)
from pagereel.model.readings.attention import decode_step
from pagereel.model.readings.claims import holds
from pagereel.model.readings.readings import Readings
from pagereel.model.storyboard.attention import Attend, percent
from pagereel.model.storyboard.storyboard import Shot, Storyboard
from pagereel.model.storyboard.timeline import LaneStep, Timeline
from pagereel.model.usage.occupancy import stored_positions
from pagereel.scenes.text.columns import clipped, escaped, width, wrapped
from pagereel.scenes.text.memory import block_map, memory_map


def request_lines(
    storyboard: Storyboard, state: LaneState, letters: dict[str, str], columns: int
) -> Iterator[str]:
    """A line for every request, and one for each of its sequences if it has several."""
    for request in state.requests:
        sequences = [each for each in state.sequences if each.request == request.id]
        letter = letters.get(request.id, "*")
        name = request.id if request.id.startswith(letter) else f"{letter} ({request.id})"
        if not sequences:
            yield _line(storyboard, state, request, name, columns)
            continue
        yield f"{name} {request.phase.value}, {len(sequences)} sequences"
        for sequence in sequences:
            yield _line(storyboard, state, sequence, f"  {sequence.id}", columns)


def _line(storyboard: Storyboard, state: LaneState, holder: Holder, name: str, columns: int) -> str:
    """Name, phase, counts, and the tokens so far: those that are computed, then those to come."""
    head = f"{name} {holder.phase.value}, {', '.join(_counts(state, holder))}"
    if holder.id not in storyboard.owners or not storyboard.knows_words(holder.id):
        return head
    words = [storyboard.word(holder, at) for at in range(holder.prompt + holder.sampled)]
    shown = escaped("".join(words[: holder.computed]).lstrip(" "))
    shown += "|" + escaped("".join(words[holder.computed :]))
    room = columns - width(head) - 2
    return f"{head}: {shown if width(shown) <= room else clipped(shown, room - 1) + '…'}"


def _counts(state: LaneState, holder: Holder) -> Iterator[str]:
    """What is stored; what was computed and may be read, where that differs."""
    stored = sum(len(span) for span in stored_positions(state.memory, holder))
    if holder.computed != stored:
        yield f"{holder.computed} computed"
    yield "0 stored on the GPU" if holder.phase is Phase.SWAPPED else f"{stored} stored"
    if isinstance(holder, RequestState) and holder.readable is not None:
        yield f"{sum(len(span) for span in holder.readable)} readable"
    if isinstance(holder, SequenceState) and holder.score is not None:
        yield f"score {holder.score:.2f}"


COLUMNS = 100
_PARTS = ("stored", "reserved", "internal", "external", "cached", "free")
_MEASURES = ("utilisation", "held_bytes", "wasted_bytes")
_SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@#"
_QUEUE = 24
"""Blocks of the free queue that are listed; the rest is counted."""


def frames(timeline: Timeline) -> Iterator[str]:
    """The legend, then every step of every beat."""
    yield legend(timeline.storyboard)
    for beat, played in enumerate(timeline.beats):
        for step in range(len(played.steps)):
            yield frame(timeline, beat, step)


def frame(timeline: Timeline, beat: int, step: int) -> str:
    """One step of one beat, both counted from 0. Raises IndexError."""
    played = timeline.beats[beat]
    moment = played.steps[step]
    storyboard = timeline.storyboard
    readings = Readings(storyboard, moment)
    title = f"{beat + 1}. {escaped(played.beat.title)}"
    lines = [_rule("=", title, f"step {moment.number}, {moment.half.value}")]
    for lane in moment.lanes:
        lines += _lane(storyboard, lane, readings)
    for shot in played.shots:
        if moment is shot.end:
            lines += _question(shot.shot, readings)
            lines += _attention(timeline, beat, step, shot.shot.attend)
            lines += ["", *_listed("", wrapped(shot.caption, COLUMNS - 2))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _attention(timeline: Timeline, beat: int, step: int, about: Attend | None) -> list[str]:
    """A line for each block that a query asks, in its order: the words, and their weights."""
    if about is None:
        return []
    before = chain.from_iterable(played.steps for played in timeline.beats[:beat])
    storyboard, steps = timeline.storyboard, (*before, *timeline.beats[beat].steps[: step + 1])
    found = decode_step(storyboard, steps, about)
    if found is None:
        return ["", f"  attention of {about.request}: no decode step yet"]

    def words(places: Iterable[int]) -> str:
        shares = (f" {percent(found.weights[at])}" if found.scores else "" for at in places)
        said = (escaped(storyboard.word(found.holder, at).strip()) for at in places)
        return ", ".join(f"{word}{share}" for word, share in zip(said, shares, strict=True))

    head = f"attention of {about.request} in {about.lane}, step {found.number}"
    lines = ["", f"  {head}: {len(found.cached)} keys and values read"]
    for row in found.rows:
        if row.reads:
            lines += _listed(f"block {row.block}", wrapped(words(row.reads), COLUMNS - 14))
    lines += _listed("its own", [words((found.position,))])
    lines += _listed("next", [escaped(found.answer.strip())]) if found.answer else []
    record = storyboard.attention
    return lines + (_listed("", [record.label]) if record and found.scores else [])


def _question(shot: Shot, readings: Readings) -> list[str]:
    """The question and its options; a mark on the right one."""
    if shot.question is None:
        return []
    options = [
        f"{'*' if holds(option.claim, readings)[0] else '-'} {escaped(option.text)}"
        for option in shot.question.options
    ]
    asked = [line for text in (shot.question.ask, *options) for line in wrapped(text, COLUMNS - 2)]
    return ["", *_listed("", asked)]


def legend(storyboard: Storyboard) -> str:
    """What each character of a memory map stands for."""
    letters, ids = symbols(storyboard), [script.id for script in storyboard.requests]
    named = [f"{letters[id_]} {id_}" for id_ in ids if letters[id_] != id_]
    marks = ["a letter: K/V of that request", "& of several", "/ reserved", ". internal"]
    marks += ["x external", ": cached", "_ free"]
    texts = ["; ".join(marks), "; ".join(named)] if named else ["; ".join(marks)]
    return "\n".join(line for text in texts for line in wrapped(text, COLUMNS)) + "\n"


def symbols(storyboard: Storyboard) -> dict[str, str]:
    """One character for each request: its id or that id's first letter, if that is its alone.

    A sequence has the character of its request.
    """
    ids = [script.id for script in storyboard.requests]
    letters = {id_: id_[0] for id_ in ids}
    if len(set(letters.values())) < len(ids):
        letters = {id_: _SYMBOLS[index % len(_SYMBOLS)] for index, id_ in enumerate(ids)}
    owners = storyboard.owners.items()
    return letters | {name: letters[owner] for name, (owner, _) in owners}


def _lane(storyboard: Storyboard, lane: LaneStep, readings: Readings) -> list[str]:
    """Title, map, requests, tables, queues, parts and events of one lane."""
    state, letters = lane.state, symbols(storyboard)
    title = next(spec.title for spec in storyboard.lanes if spec.name == lane.lane)
    lines = [_rule("-", escaped(title), f"{lane.lane}, {state.capacity} slots")]
    lines += [f"  {row}" for row in memory_map(state, letters, COLUMNS - 2)]
    lines += [f"  {row}" for row in request_lines(storyboard, state, letters, COLUMNS - 2)]
    if isinstance(state.memory, PagedMemory):
        lines += _tables(state.memory) + _swapped(state, state.memory, letters)
    else:
        lines += _chunks(state.memory)
    lines += _listed("running", [" ".join(state.running) or "-"])
    lines += _listed("waiting", [" ".join(state.waiting) or "-"])
    lines += _listed("slots", [_measures(lane, readings, _PARTS)])
    lines += _listed("memory", [_measures(lane, readings, _MEASURES)])
    return lines + _events(lane.events)


def _measures(lane: LaneStep, readings: Readings, names: tuple[str, ...]) -> str:
    return ", ".join(
        f"{name.removesuffix('_bytes')} {readings[f'{lane.lane}.{name}']}" for name in names
    )


def _tables(memory: PagedMemory, mark: str = "") -> list[str]:
    """The block tables, blocks that several of them hold, and the free queue of one pool."""
    lines: list[str] = []
    for table in memory.tables:
        blocks = ("null" if block == memory.null_block else str(block) for block in table.blocks)
        group = f" group {table.group}" if table.group else ""
        lines += _listed(f"{mark}table {table.request}{group}", [" ".join(blocks) or "-"])
    shared = [f"{block} by {count}" for block, count in memory.references if count > 1]
    lines += _listed(f"{mark}shared", [", ".join(shared)] if shared else [])
    shown = " ".join(map(str, memory.free[:_QUEUE])) or "-"
    more = len(memory.free) - _QUEUE
    return lines + _listed(f"{mark}free", [shown + (f" … {more} more" if more > 0 else "")])


def _swapped(state: LaneState, memory: PagedMemory, letters: dict[str, str]) -> list[str]:
    """The CPU pool, while something is in it."""
    swap = memory.swap
    if swap is None or not swap.tables:
        return []
    rows = [f"  cpu {row.lstrip()}" for row in block_map(state, swap, letters, COLUMNS - 6)]
    return [*rows, *_tables(swap, "cpu "), *_listed("swapped", [" ".join(state.swapped)])]


def _chunks(memory: ContiguousMemory) -> list[str]:
    """The free chunks of a buddy allocator, as the slots from first to last."""
    if memory.chunks is None:
        return []
    spans = [f"{start}-{start + size - 1}" for start, size in memory.chunks]
    return _listed("chunks", [" ".join(spans) or "-"])


def _events(events: tuple[Event, ...]) -> list[str]:
    return _listed("events", ["; ".join(_event(event) for event in events)] if events else [])


def _event(event: Event) -> str:
    """The event's name, its request, and every other field that is not at its default."""
    said = [type(event).__name__, event.request]
    for part in fields(event):
        value = getattr(event, part.name)
        if part.name != "request" and (part.default is MISSING or value != part.default):
            said.append(f"{part.name}={value}")
    return " ".join(said)


def _listed(label: str, texts: list[str]) -> list[str]:
    """Texts under a label, wrapped to the frame, every line indented alike."""
    indent = max(10, len(label) + 1) if label else 0
    lines = [line for text in texts for line in wrapped(text, COLUMNS - 2 - indent)]
    heads = [label.ljust(indent), *[" " * indent] * len(lines)]
    return [f"  {head}{line}" for head, line in zip(heads, lines, strict=False)]


def _rule(mark: str, left: str, right: str) -> str:
    room = COLUMNS - width(right) - 10
    left = left if width(left) <= room else clipped(left, room - 1) + "…"
    middle = mark * (COLUMNS - width(left) - width(right) - 8)
    return f"{mark * 2} {left} {middle} {right} {mark * 2}"
