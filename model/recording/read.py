"""Reads the lines of a recording, and believes nothing that it has not checked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, islice
from typing import Any

from pagereel.model.core.plain_json import BadJson, parse
from pagereel.model.core.state import LaneState
from pagereel.model.recording.data import (
    MEANS,
    WHOLE,
    BadRecording,
    Log,
    RecordedRequest,
    RecordedRun,
    RecordedStep,
    Recording,
    ReplaySums,
)
from pagereel.model.recording.line import Line
from pagereel.model.recording.states import MOST_REQUESTS, LaneReader, entries
from pagereel.model.recording.write import VERSION
from pagereel.model.usage.gauge import COLUMNS

MOST_LINES, MOST_LANES, MOST_KEPT = 4_096, 4, 1_000
MOST_TOKENS = 2**22
"""Of all prompts and answers together."""
MOST_STEPS = 2**17
"""Of the stretch."""
MOST_HELD = 2**22
"""Requests and blocks, counted once for every state that they are in."""


def read_recording(texts: Iterable[str]) -> Recording:
    """A recording that `write.lines` wrote. Raises `BadRecording`.

    The lines are gone through twice: once for the digest of the whole, then one by one for what
    they say. So never more than one is held, and what is kept of it.
    """
    first, last, count, digest = _looked_through(texts)
    head = Line(1, parse_line(1, first))
    version = head.whole("recording") if head.has("recording") else None
    if version is None:
        raise BadRecording(1, "this is no recording", "`pagereel replay --record` writes one")
    if version != VERSION:
        remedy = "record it again with this version of pagereel"
        raise BadRecording(1, f"the form has version {version}, not {VERSION}", remedy)
    _check_end(Line(count, parse_line(count, last)), digest)
    between = enumerate(islice(texts, 1, count - 1), start=2)
    return _Reader(head).recording(Line(n, parse_line(n, text)) for n, text in between)


def parse_line(number: int, text: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    """The JSON of one line, of a recording or of a trace. Raises `BadRecording`."""
    try:
        return parse(text)
    except BadJson:
        raise BadRecording(number, "this is no JSON: the file was cut off or changed") from None


def _looked_through(texts: Iterable[str]) -> tuple[str, str, int, str]:
    """The first line, the last, how many there are, and the digest of all but the last."""
    digest, first, last, count = hashlib.sha256(), "", "", 0
    for text in texts:
        digest.update(last.encode("utf-8", "surrogatepass"))
        first, last, count = first or text, text, count + 1
        if count > MOST_LINES:
            raise BadRecording(MOST_LINES, f"more than {MOST_LINES:,} lines")
    if count < 2:
        raise BadRecording(1, "the file ends here: it was cut off")
    return first, last, count, digest.hexdigest()


def _check_end(last: Line, digest: str) -> None:
    """The last line counts all others and has their digest."""
    if not last.has("end"):
        raise BadRecording(last.number, "the last line is missing: the file was cut off")
    end = last.under("end")
    if end.whole("lines") != last.number - 1 or end.text("sha256") != digest:
        raise BadRecording(
            last.number, "the digest does not fit: the file was changed after it was made"
        )


class _Reader:
    """The head of a recording, and with it the lanes that follow."""

    def __init__(self, head: Line) -> None:
        stretch, log = head.under("stretch"), head.under("log")
        self._first = stretch.whole("first", most=2**31)
        self._every = stretch.whole("every", least=1, most=2**20)
        self._last = stretch.whole("last", least=self._first + 1, most=self._first + MOST_STEPS)
        self._lanes = head.whole("lanes", least=1, most=MOST_LANES)
        self._model = head.text("model", 60)
        self._log = Log(
            name=log.text("name", 200),
            citation=log.text("citation"),
            requests=log.whole("requests"),
            sha256=log.text("sha256", 64),
            step_ms=log.number_of("step_ms") if log.has("step_ms") else None,
        )
        self._requests = _requests(head.under("requests"))
        self._room = MOST_HELD

    def recording(self, lines: Iterable[Line]) -> Recording:
        """The whole, from the lines between the head and the end."""
        runs: list[RecordedRun] = []
        rest = _LookingAhead(lines)
        while rest.next is not None and rest.next.has("kind") and len(runs) < self._lanes:
            runs.append(self._run(len(runs), rest))
        if rest.next is not None or len(runs) != self._lanes:
            found = f"{len(runs)} are there" if rest.next is None else "something else is there"
            raise BadRecording(2, f"{self._lanes} lanes are announced, {found}")
        kinds = Counter(run.kind for run in runs)
        if max(kinds.values()) > 1:
            raise BadRecording(2, "two lanes are of one kind")
        return Recording(
            self._log, self._model, self._first, self._every, self._requests, tuple(runs)
        )

    def _run(self, place: int, rest: _LookingAhead) -> RecordedRun:
        """One lane: its head, and the lines of its steps."""
        head = rest.take()
        lane = LaneReader(head, self._requests)
        start = self._state(lane, head.under("start"), self._first)
        steps: list[RecordedStep] = []
        while rest.next is not None and not rest.next.has("kind") and len(steps) <= MOST_KEPT:
            line = rest.take()
            step = self._first + (len(steps) + 1) * self._every
            if line.whole("lane") != place or line.whole("step") != step or step > self._last:
                raise BadRecording(line.number, f"step {step} of lane {place} was to come here")
            steps.append(RecordedStep(step, self._state(lane, line, step)))
        if not steps or len(steps) > MOST_KEPT:
            raise BadRecording(head.number, f"a lane has 1 to {MOST_KEPT:,} steps")
        return RecordedRun(
            kind=head.text("kind", 40),
            system=head.text("system", 60),
            source="",
            block_size=lane.block_size,
            start=start,
            steps=tuple(steps),
            sums=_sums(head.under("replay")),
            numbers=self._numbers(head.under("numbers"), lane.capacity),
        )

    def _state(self, lane: LaneReader, line: Line, step: int) -> LaneState:
        state = lane.state(line, step)
        self._room -= len(state.requests) + entries(state.memory)
        if self._room < 0:
            message = f"more than {MOST_HELD:,} requests and blocks in all states together"
            raise BadRecording(line.number, message, "record fewer states, or smaller lanes")
        return state

    def _numbers(self, line: Line, capacity: int) -> tuple[tuple[int, ...], ...]:
        """Columns of differences as rows of numbers."""
        columns = [
            list(accumulate(line.wholes(name, MOST_STEPS, least=-(2**40)))) for name in COLUMNS
        ]
        rows = tuple(zip(*columns, strict=False))
        if len({len(column) for column in columns}) > 1 or len(rows) > self._last - self._first:
            raise line.wrong(COLUMNS[0], "must have one number a step, as all columns")
        if any(min(row) < 0 or sum(row[2:]) != capacity for row in rows):
            raise line.wrong(COLUMNS[2], f"and the others must add up to {capacity:,} slots")
        return rows


class _LookingAhead:
    """Lines one by one, and the next of them before it is taken."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._rest = iter(lines)
        self.next = next(self._rest, None)

    def take(self) -> Line:
        """The next line; there must be one."""
        taken = self.next
        assert taken is not None
        self.next = next(self._rest, None)
        return taken


def _requests(line: Line) -> tuple[RecordedRequest, ...]:
    """The requests, from their columns."""
    ids = line.texts("id", MOST_REQUESTS)
    columns = [line.wholes(key, MOST_REQUESTS, least=1) for key in ("prompt", "output")]
    columns.append(line.wholes("arrival", MOST_REQUESTS))
    if any(len(column) != len(ids) for column in columns):
        raise line.wrong("id", "must be as long as the other columns")
    if sum(columns[0]) + sum(columns[1]) > MOST_TOKENS:
        raise line.wrong("prompt", f"and `output`: more than {MOST_TOKENS:,} tokens in all")
    if columns[2] != sorted(columns[2]):
        raise line.wrong("arrival", "must be in order")
    return tuple(RecordedRequest(*row) for row in zip(ids, *columns, strict=True))


def _sums(line: Line) -> ReplaySums:
    """The sums."""
    whole = {name: line.whole(name) for name in WHOLE}
    means = {name: line.number_of(name) for name in MEANS}
    return ReplaySums(**whole, **means)  # type: ignore[arg-type]  # each by its field's own list
