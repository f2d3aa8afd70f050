"""Readers of published request traces: lines of text in, requests out. Opens no file.

Both traces record when requests came, not how long a step takes, so time needs a model: a step
lasts `step_ms` whatever it computes, and a request arrives at step floor(milliseconds since the
first row / `step_ms`). That is a modelling assumption, never a measured time.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple, overload

from pagereel.model.core.plain_json import BadJson, parse
from pagereel.model.core.quoting import shown
from pagereel.model.core.request import Request

BLOCK_TOKENS = 512
"""Tokens that one hash id of a Mooncake trace stands for."""


@dataclass(frozen=True, slots=True)
class HashedPrompt(Sequence[int]):
    """A prompt known by the hash ids of its 512-token blocks: equal prefixes are equal tokens.

    Holds the ids alone; tokens follow from them when asked for. An id names a block together with
    all that precedes it, so equal ids never meet at different places.
    """

    hash_ids: tuple[int, ...]
    length: int

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[int]:
        """As `__getitem__` has them, block by block: prompts are long."""
        starts = (number * BLOCK_TOKENS for number in self.hash_ids)
        tokens = chain.from_iterable(range(start, start + BLOCK_TOKENS) for start in starts)
        return islice(tokens, self.length)

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[int, ...]: ...

    def __getitem__(self, index: int | slice) -> int | tuple[int, ...]:
        """The token ids there: hash id x 512 + place in the block."""
        if isinstance(index, slice):
            return tuple(self._token(place) for place in range(*index.indices(self.length)))
        return self._token(range(self.length)[index])

    def _token(self, position: int) -> int:
        block, place = divmod(position, BLOCK_TOKENS)
        return self.hash_ids[block] * BLOCK_TOKENS + place


STEP_MS = 50.0
"""Default length of a step: about a decode step of a 13B model on one GPU of 2023. Assumed."""

AZURE_COLUMNS = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")

LONGEST = 2**24
"""Tokens of the longest prompt or output that is taken for meant."""
LAST_STEP = 2**31
"""Steps after the first request at which the last may come."""

_HASH_IDS = 2**22
_UNSHARED = _HASH_IDS * BLOCK_TOKENS  # no hash id's token is that large
_TOKENS = 2**32 - 2 * LONGEST - _UNSHARED  # so many others: a token has 32 bits


class TraceProblem(NamedTuple):
    """One thing wrong with a trace."""

    line: int
    """From 1."""
    message: str


class BadTrace(ValueError):
    """A trace that cannot be read; lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[TraceProblem]) -> None:
        super().__init__("\n".join(f"line {line}: {message}" for line, message in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request of a trace."""

    ms: float
    """When it came, from any zero."""
    input_length: int
    output_length: int
    hash_ids: tuple[int, ...] | None = None


def read_azure(
    lines: Iterable[str], step_ms: float = STEP_MS, limit: int | None = None
) -> tuple[Request, ...]:
    """Requests r1, r2, ... of an Azure LLM inference trace (CSV), in the order of its rows.

    Columns TIMESTAMP, ContextTokens, GeneratedTokens; published with Splitwise (Patel et al.,
    ISCA 2024), Azure/AzurePublicDataset. Contents are not published: no prompt matches another.
    Rows after the first `limit` ones are not looked at. Raises `BadTrace`.
    """
    table = csv.reader(lines)
    try:
        header = tuple(cell.strip().removeprefix("\ufeff") for cell in next(table, []))
    except csv.Error as problem:
        raise BadTrace([TraceProblem(1, f"no CSV: {problem}")]) from problem
    if header != AZURE_COLUMNS:
        found = shown(", ".join(header)) if header else "nothing"
        raise BadTrace(
            [TraceProblem(1, f"the columns must be {', '.join(AZURE_COLUMNS)}, not {found}")]
        )
    return requests_of(islice(_azure_rows(table), limit), step_ms)


def read_mooncake(
    lines: Iterable[str], step_ms: float = STEP_MS, limit: int | None = None
) -> tuple[Request, ...]:
    """Requests r1, r2, ... of a Mooncake trace (JSON lines), in the order of its lines.

    Keys timestamp (ms), input_length, output_length, hash_ids: one id for each 512 tokens of the
    prompt, the last of which may be partial; published with Mooncake (Qin et al., FAST 2025).
    Lines after the first `limit` ones are not looked at. Raises `BadTrace`.
    """
    rows = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    found = ((number, _mooncake_row(line)) for number, line in rows)
    return requests_of(islice(found, limit), step_ms)


def _azure_rows(table: Iterator[list[str]]) -> Iterator[tuple[int, LoggedRequest | str]]:
    """Each row with its line; where the CSV itself breaks, that is the last."""
    line = 1
    try:
        for cells in table:
            line = table.line_num  # type: ignore[attr-defined]  # csv's reader type has no name
            if cells:
                yield line, _azure_row(cells)
    except csv.Error as problem:
        yield line + 1, f"no CSV: {problem}"


def _azure_row(cells: list[str]) -> LoggedRequest | str:
    """The row, or what is wrong with it."""
    if len(cells) != len(AZURE_COLUMNS):
        return f"{len(cells)} columns, {len(AZURE_COLUMNS)} expected"
    try:
        time = datetime.fromisoformat(cells[0].strip())
    except ValueError:
        return f"{shown(cells[0])} is no timestamp"
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    ms = (time - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)
    try:
        row = LoggedRequest(ms, int(cells[1]), int(cells[2]))
    except ValueError:
        return f"{shown(cells[1])} and {shown(cells[2])} must be whole numbers"
    return wrong_lengths(row) or row


def _mooncake_row(line: str) -> LoggedRequest | str:
    """The row, or what is wrong with it."""
    try:
        entry = parse(line)
    except BadJson as wrong:
        return "not JSON" if wrong.line else _NUMBERS
    if not isinstance(entry, dict):
        return "not a JSON object"
    wanted = ("timestamp", "input_length", "output_length", "hash_ids")
    missing = [key for key in wanted if key not in entry]
    if missing:
        return f"without {', '.join(missing)}"
    time, prompt, output, ids = (entry[key] for key in wanted)
    if not _is_number(time) or not _all_whole([prompt, output]):
        return _NUMBERS
    if not isinstance(ids, list) or not _all_whole(ids):
        return "hash_ids must be a list of whole numbers"
    row = LoggedRequest(float(time), prompt, output, tuple(ids))
    return wrong_lengths(row) or _wrong_ids(row) or row


_NUMBERS = "timestamp must be a number, input_length and output_length whole numbers"


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300 and math.isfinite(value)


def _all_whole(values: Iterable[object]) -> bool:
    return all(isinstance(value, int) and not isinstance(value, bool) for value in values)


def wrong_lengths(row: LoggedRequest) -> str | None:
    """What is wrong with the lengths of a row; None if nothing is."""
    if min(row.input_length, row.output_length) < 1:
        return f"lengths must be at least 1, not {row.input_length} and {row.output_length}"
    if max(row.input_length, row.output_length) > LONGEST:
        return f"lengths must be at most {LONGEST:,} tokens"
    return None


def _wrong_ids(row: LoggedRequest) -> str | None:
    ids = row.hash_ids or ()
    blocks = -(-row.input_length // BLOCK_TOKENS)
    if len(ids) != blocks:
        return f"{row.input_length} tokens are {blocks} blocks, but there are {len(ids)} hash_ids"
    if min(ids) < 0 or max(ids) >= _HASH_IDS:
        return f"hash_ids must be from 0 to {_HASH_IDS - 1}"
    return None


def requests_of(
    rows: Iterable[tuple[int, LoggedRequest | str]], step_ms: float
) -> tuple[Request, ...]:
    """Requests r1, r2, ... of good rows, each with its line. Raises `BadTrace` with the others."""
    if step_ms <= 0:
        raise ValueError(f"step_ms must be positive, not {step_ms}")
    good: dict[int, LoggedRequest] = {}
    problems: list[TraceProblem] = []
    for line, row in rows:
        if isinstance(row, str):
            problems.append(TraceProblem(line, row))
        else:
            good[line] = row
    problems += _too_late(good, step_ms)
    problems.sort()
    if not good and not problems:
        problems.append(TraceProblem(1, "the trace has no requests"))
    if problems:
        raise BadTrace(problems)
    return tuple(_built(tuple(good.values()), step_ms))


def _too_late(rows: Mapping[int, LoggedRequest], step_ms: float) -> Iterator[TraceProblem]:
    first = min((row.ms for row in rows.values()), default=0.0)
    for line, row in rows.items():
        if (row.ms - first) // step_ms > LAST_STEP:
            yield TraceProblem(line, f"comes more than {LAST_STEP:,} steps after the first request")


def _built(rows: Sequence[LoggedRequest], step_ms: float) -> Iterator[Request]:
    """Tokens without a hash id are counted up from one start, so that none match.

    After 2**31 of them the count starts again. Blocks match only where all before them matches
    too, so it would take the same prompt again at that very place.
    """
    first, unshared = min(row.ms for row in rows), 0
    for number, row in enumerate(rows, start=1):
        start = _UNSHARED + unshared % _TOKENS
        middle, end = start + row.input_length, start + row.input_length + row.output_length
        prompt: Sequence[int] = range(start, middle)
        if row.hash_ids is not None:
            prompt = HashedPrompt(row.hash_ids, row.input_length)
        output = range(middle, end)
        unshared += end - start
        arrival = int((row.ms - first) // step_ms)
        yield Request(f"r{number}", prompt, output, arrival)
