"""Any log of requests, by the names of its columns: rows as dictionaries in, requests out.

A log says when each request came, and how long its prompt and its answer were. Names of other
columns, or of parts of a JSON object (`usage.prompt_tokens`), are for its readers to find.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pagereel.model.core.quoting import shown
from pagereel.model.core.request import Request
from pagereel.model.replay.traffic import LoggedRequest, requests_of, wrong_lengths

UNITS_MS = {"s": 1000.0, "ms": 1.0, "us": 0.001, "ns": 0.000001}
"""Milliseconds of a unit of time."""
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column has what."""

    prompt: str
    """Tokens."""
    output: str
    """Tokens."""
    arrival: str = ""
    """A number, or a date and time; empty: requests come evenly, at a rate."""
    unit: str = "s"
    """Of an arrival that is a number: a key of `UNITS_MS`."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that must be there."""
        return tuple(name for name in (self.arrival, self.prompt, self.output) if name)


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log that is published, or written by a well-known program."""

    title: str
    columns: Columns


def _usage(prefix: str, tokens: tuple[str, str], arrival: str) -> KnownLog:
    prompt, output = (f"{prefix}usage.{name}" for name in tokens)
    return KnownLog("log of an OpenAI-like server", Columns(prompt, output, prefix + arrival))


_CHAT, _RESPONSES = ("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")
KNOWN_LOGS: tuple[KnownLog, ...] = (
    KnownLog("Azure LLM inference trace", Columns("ContextTokens", "GeneratedTokens", "TIMESTAMP")),
    KnownLog("BurstGPT trace", Columns("Request tokens", "Response tokens", "Timestamp")),
    *(
        _usage(prefix, tokens, arrival)
        for prefix in ("", "response.", "response.body.")
        for tokens in (_CHAT, _RESPONSES)
        for arrival in ("created", "created_at")
    ),
)
"""Azure's of 2023 and 2024, and the one with pictures of 2025; BurstGPT (Wang et al., 2024)."""

_GUESSES = {
    "arrival": r"time|arriv|creat|start|date|\bts\b",
    "prompt": r"prompt|input|context|request.?tok",
    "output": r"output|complet|\bgen|_gen|answer|response.?tok|decode",
}


@dataclass(frozen=True, slots=True)
class ColumnRequests:
    """What a log holds."""

    requests: tuple[Request, ...]
    left_out: int
    """Rows without an answer: requests that failed."""


def known_log(names: Iterable[str]) -> KnownLog | None:
    """The known log that has these columns; None if none has."""
    there = set(names)
    return next((log for log in KNOWN_LOGS if there.issuperset(log.columns.names)), None)


def read_columns(
    rows: Iterable[tuple[int, Row]],
    columns: Columns,
    step_ms: float,
    rate: float,
    limit: int | None = None,
) -> ColumnRequests:
    """Requests r1, r2, ... of rows, each with its line. Raises `BadTrace` with all problems.

    `rate` is requests a second, where there is no column of arrivals. Rows after the first `limit`
    ones are not looked at.
    """
    found: list[tuple[int, LoggedRequest | str]] = []
    left_out = 0
    for number, (line, row) in enumerate(rows):
        if limit is not None and number >= limit:
            break
        request = _logged(row, columns, 1000 * number / rate)
        if request is None:
            left_out += 1
        else:
            found.append((line, request))
    return ColumnRequests(requests_of(found, step_ms), left_out)


def _logged(row: Row, columns: Columns, evenly: float) -> LoggedRequest | str | None:
    """A row, or what is wrong with it; None for a request that failed."""
    missing = [name for name in columns.names if row.get(name) in (None, "")]
    if missing:
        return f"without {', '.join(missing)}"
    prompt, output = _tokens(row[columns.prompt]), _tokens(row[columns.output])
    if prompt is None or output is None:
        wrong = columns.prompt if prompt is None else columns.output
        return f"{wrong} must be a whole number, not {shown(row[wrong])}"
    if output == 0:
        return None
    ms = _milliseconds(row[columns.arrival], columns.unit) if columns.arrival else evenly
    if ms is None:
        return f"{columns.arrival}: {shown(row[columns.arrival])} is no time"
    logged = LoggedRequest(ms, prompt, output)
    return wrong_lengths(logged) or logged


def _tokens(value: object) -> int | None:
    number = _number(value)
    return None if number is None or not number.is_integer() else int(number)


def _number(value: object) -> float | None:
    """A number, or a text that is one; None for what is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e18 else None


def _milliseconds(value: object, unit: str) -> float | None:
    number = _number(value)
    if number is not None:
        return number * UNITS_MS[unit]
    try:
        time = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)


def guessed(row: Row) -> str:
    """The `--columns` that would most likely read such a row; `?` for what nothing looks like."""
    left = [name for name, value in row.items() if not isinstance(value, dict | list)]
    found = []
    for part, pattern in _GUESSES.items():
        likely = [name for name in left if re.search(pattern, name, re.IGNORECASE)]
        numbers = [n for n in likely if part == "arrival" or _tokens(row[n]) is not None]
        best = min(numbers, key=lambda name: "token" not in name.lower(), default="?")
        found.append(f"{part}={best}")
        left = [name for name in left if name != best]
    return ",".join(found)


def read_mapping(text: str) -> Columns | str:
    """Columns as they are typed, `arrival=ts:ms,prompt=in,output=out`, or what is wrong with it."""
    given: dict[str, str] = {}
    for part in text.split(","):
        name, equals, column = part.strip().partition("=")
        if not equals or not column or name not in ("arrival", "prompt", "output"):
            return f"{shown(part)}: write arrival=COLUMN,prompt=COLUMN,output=COLUMN"
        given[name] = column
    if missing := [name for name in ("prompt", "output") if name not in given]:
        return f"says nothing of {' and '.join(missing)}"
    arrival, colon, unit = given.get("arrival", "").rpartition(":")
    if colon and unit in UNITS_MS:
        return Columns(given["prompt"], given["output"], arrival, unit)
    return Columns(given["prompt"], given["output"], given.get("arrival", ""))


def flat(value: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Parts of an object by their paths: `usage.prompt_tokens`."""
    for name, part in value.items():
        if isinstance(part, dict) and prefix.count(".") < 4:
            yield from flat(part, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", part


def first_row(row: Row, most: int = 8) -> str:
    """A row as a message shows it: `a=1, b=2`."""
    parts: Sequence[str] = [f"{name}={shown(value)[:40]}" for name, value in row.items()]
    return ", ".join(parts[:most]) + (", …" if len(parts) > most else "")
