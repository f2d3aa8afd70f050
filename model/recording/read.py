"""Reads the lines of a recording, and believes nothing that it has not checked."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

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
from pagereel.model.recording.states import MOST_REQUESTS, LaneReader
from pagereel.model.recording.write import VERSION
from pagereel.model.usage.gauge import COLUMNS

MOST_LINES, MOST_LANES, MOST_KEPT = 4_096, 4, 1_000
MOST_TOKENS = 2**22
"""Of all prompts and answers together."""
MOST_STEPS = 2**17
"""Of the stretch."""


def read_recording(texts: Sequence[str]) -> Recording:
    """A recording that `write.lines` wrote. Raises `BadRecording`."""
    if len(texts) > MOST_LINES:
        raise BadRecording(MOST_LINES, f"more than {MOST_LINES:,} lines")
    found = parse(texts)
    head = Line(1, found[0])
    version = head.whole("recording") if head.has("recording") else None
    if version is None:
        raise BadRecording(1, "this is no recording", "`pagereel replay --record` writes one")
    if version != VERSION:
        remedy = "record it again with this version of pagereel"
        raise BadRecording(1, f"the form has version {version}, not {VERSION}", remedy)
    _check_end(texts, Line(len(found), found[-1]))
    return _Reader(head).recording(
        [Line(n, each) for n, each in enumerate(found[1:-1], start=2)],
    )


def parse(texts: Sequence[str]) -> list[Any]:
    """Each line's JSON, of a recording or of a trace. Raises `BadRecording`."""
    if len(texts) < 2:
        raise BadRecording(max(len(texts), 1), "the file ends here: it was cut off")
    found = []
    for number, text in enumerate(texts, start=1):
        try:
            found.append(json.loads(text))
        except (ValueError, RecursionError):
            raise BadRecording(number, "this is no JSON: the file was cut off or changed") from None
    return found


def _check_end(texts: Sequence[str], last: Line) -> None:
    """The last line counts all others and has their digest."""
    if not last.has("end"):
        raise BadRecording(last.number, "the last line is missing: the file was cut off")
    end = last.under("end")
    digest = hashlib.sha256("".join(texts[:-1]).encode()).hexdigest()
    if end.whole("lines") != len(texts) - 1 or end.text("sha256") != digest:
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

    def recording(self, lines: list[Line]) -> Recording:
        """The whole, from the lines between the head and the end."""
        heads = [n for n, line in enumerate(lines) if line.has("kind")]
        if len(heads) != self._lanes or heads[:1] != [0]:
            raise BadRecording(2, f"{self._lanes} lanes are announced, {len(heads)} are there")
        ends = [*heads[1:], len(lines)]
        runs = tuple(
            self._run(place, lines[start], lines[start + 1 : end])
            for place, (start, end) in enumerate(zip(heads, ends, strict=True))
        )
        kinds = Counter(run.kind for run in runs)
        if max(kinds.values()) > 1:
            raise BadRecording(2, "two lanes are of one kind")
        return Recording(self._log, self._model, self._first, self._every, self._requests, runs)

    def _run(self, place: int, head: Line, lines: list[Line]) -> RecordedRun:
        lane = LaneReader(head, self._requests)
        start = lane.state(head.under("start"), self._first)
        steps = []
        for count, line in enumerate(lines, start=1):
            step = self._first + count * self._every
            if line.whole("lane") != place or line.whole("step") != step or step > self._last:
                raise BadRecording(line.number, f"step {step} of lane {place} was to come here")
            steps.append(RecordedStep(step, lane.state(line, step)))
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
