"""Logs besides the published traces: any columns, servers' own, benchmarks, conversations."""

from __future__ import annotations

import csv
import importlib
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pagereel.errors import InputWrong
from pagereel.model.core.plain_json import BadJson, parse
from pagereel.model.core.quoting import shown
from pagereel.model.core.request import Request
from pagereel.model.replay.columns import (
    ColumnRequests,
    Columns,
    KnownLog,
    Row,
    first_row,
    flat,
    guessed,
    known_log,
    read_columns,
    read_mapping,
)
from pagereel.model.replay.traffic import BadTrace, TraceProblem
from pagereel.words import printable

BENCH = "result of vllm bench serve"
SHAREGPT = "ShareGPT conversations"
RATE = 1.0
"""Requests a second where a log does not say when they came."""


@dataclass(frozen=True, slots=True)
class LogWishes:
    """How a log is to be read; None where nothing was said."""

    columns: str | None = None
    """`arrival=COLUMN,prompt=COLUMN,output=COLUMN`."""
    rate: float | None = None
    """Requests a second, where the log does not say when they came."""
    tokenizer: Path | None = None
    """A `tokenizer.json`, for logs of words."""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """What was found in a log."""

    title: str
    """What kind of log it is, in words."""
    found: ColumnRequests
    evenly: float | None
    """Requests a second that were assumed; None where the log says when they came."""


def is_log(start: str) -> bool:
    """Whether a text that starts so has columns that are known."""
    row = _first(start)
    return row is not None and known_log(row) is not None


def read_log(
    path: Path, lines: Iterable[str], wishes: LogWishes, step_ms: float, most: int
) -> ReadLog:
    """The requests of a log of rows. Raises `InputWrong`, `BadTrace`.

    A log that nobody knows is refused with its first row, and the columns that would read it.
    """
    line_after_line = iter(lines)
    head = next((line for line in line_after_line if line.strip()), "")
    everything = chain([head], line_after_line)
    as_json = head.lstrip().startswith("{")
    rows = _json_rows(everything) if as_json else _csv_rows(everything)
    first = next(rows, None)
    row = first[1] if first and isinstance(first[1], dict) else {}
    known = _known(path, row, wishes)
    evenly = None if known.columns.arrival else wishes.rate or RATE
    good = _sound(chain([first] if first else [], rows))
    found = read_columns(good, known.columns, step_ms, evenly or RATE, most)
    return ReadLog(known.title, found, evenly)


def _known(path: Path, row: Row, wishes: LogWishes) -> KnownLog:
    """Which columns are read. Raises `InputWrong`."""
    if wishes.columns is not None:
        columns = read_mapping(wishes.columns)
        if isinstance(columns, str):
            raise InputWrong(f"--columns: {columns}")
        if missing := [name for name in columns.names if name not in row]:
            raise InputWrong(
                f"--columns: no column {shown(missing[0])}; {_as_it_starts(path, row)}"
            )
        return KnownLog("log", columns)
    known = known_log(row)
    if known is None:
        raise InputWrong(f"{path}: a log of no known form; {_as_it_starts(path, row)}")
    return known


def _as_it_starts(path: Path, row: Row) -> str:
    if not row:
        return "it has no rows with named columns"
    return (
        f"its first row: {first_row(row)}; say which columns have what: --columns "
        f"{shlex.quote(printable(guessed(row), 300))} (a number is seconds, or arrival=COLUMN:ms; "
        "without an arrival requests come evenly, --rate a second)"
    )


def _first(start: str) -> Row | None:
    """The first row of a text that starts so; None if it has none."""
    head = next((line for line in start.splitlines() if line.strip()), "")
    if not head.startswith("{"):
        names = next(csv.reader([head], delimiter=_delimiter(head)), [])
        return dict.fromkeys(name.strip() for name in names)
    try:
        value = parse(head)
    except BadJson:
        return None
    return dict(flat(value)) if isinstance(value, dict) else None


def _delimiter(head: str) -> str:
    return max(",;\t", key=head.count)


def _csv_rows(lines: Iterator[str]) -> Iterator[tuple[int, Row | str]]:
    """Rows by the names of their columns, each with its line from 1."""
    head = next(lines, "")
    delimiter = _delimiter(head)
    names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
    table = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            line = table.line_num + 1
            if len(cells) != len(names):
                yield line, f"{len(cells)} columns, {len(names)} expected"
            else:
                yield line, {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    except csv.Error as problem:
        yield table.line_num + 1, f"no CSV: {problem}"


def _json_rows(lines: Iterator[str]) -> Iterator[tuple[int, Row | str]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = parse(line)
        except BadJson:
            yield number, "not JSON"
            continue
        yield number, dict(flat(value)) if isinstance(value, dict) else "not a JSON object"


def _sound(rows: Iterable[tuple[int, Row | str]]) -> Iterator[tuple[int, Row]]:
    """Rows alone. Raises `BadTrace` with those that are none."""
    wrong = []
    for line, row in rows:
        if isinstance(row, str):
            wrong.append(TraceProblem(line, row))
        elif not wrong:
            yield line, row
    if wrong:
        raise BadTrace(wrong)


def is_benchmark(document: object) -> bool:
    """Whether a document is what `vllm bench serve --save-result --save-detailed` writes."""
    return isinstance(document, dict) and {"input_lens", "output_lens"} <= document.keys()


def read_benchmark(
    document: Mapping[str, Any], wishes: LogWishes, step_ms: float, most: int
) -> ReadLog:
    """The requests of a benchmark. Raises `BadTrace`."""
    columns = Columns("input_lens", "output_lens", "start_times")
    parts = [document.get(name) for name in columns.names]
    if not isinstance(parts[0], list):  # older versions do not say when requests were sent
        columns, parts = Columns("input_lens", "output_lens"), parts[1:]
    lists = [part for part in parts if isinstance(part, list)]
    if len(lists) < len(parts) or len({len(part) for part in lists}) != 1:
        told = f"{', '.join(columns.names)} must be lists of one length"
        raise BadTrace([TraceProblem(1, told)])
    sent = document.get("request_rate")
    evenly = None
    if not columns.arrival:
        usual = float(sent) if isinstance(sent, int | float) and 0 < sent < 1e6 else RATE
        evenly = wishes.rate or usual
    rows = (
        (number, dict(zip(columns.names, values, strict=True)))
        for number, values in enumerate(zip(*lists, strict=True), start=1)
    )
    return ReadLog(BENCH, read_columns(rows, columns, step_ms, evenly or RATE, most), evenly)


def are_conversations(document: object) -> bool:
    """Whether a document is a list of conversations as ShareGPT has them."""
    return isinstance(document, list) and bool(document) and _is_conversation(document[0])


def _is_conversation(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("conversations"), list)


def read_conversations(
    path: Path, document: list[Any], wishes: LogWishes, step_ms: float, most: int
) -> ReadLog:
    """The first question and answer of each conversation, in tokens. Raises `InputWrong`."""
    if wishes.tokenizer is None:
        raise InputWrong(f"{path}: {SHAREGPT} are words; give a --tokenizer, its tokenizer.json")
    encode, rate = tokenizer(wishes.tokenizer), wishes.rate or RATE
    requests = []
    pairs = (_question_and_answer(entry) for entry in document)
    sound = [pair for pair in pairs if pair]
    for number, (question, answer) in enumerate(islice(sound, most)):
        prompt, output = encode(question), encode(answer)
        if prompt and output:
            arrival = int(1000 * number / rate // step_ms)
            requests.append(Request(f"r{number + 1}", prompt, output, arrival))
    left_out = min(len(document), most) - len(requests)
    return ReadLog(SHAREGPT, ColumnRequests(tuple(requests), max(left_out, 0)), rate)


def _question_and_answer(entry: object) -> tuple[str, str] | None:
    turns = entry.get("conversations") if isinstance(entry, dict) else None
    words = [turn.get("value") for turn in turns or () if isinstance(turn, dict)][:2]
    texts = [word for word in words if isinstance(word, str) and word]
    return (texts[0], texts[1]) if len(texts) == 2 else None


def tokenizer(path: Path) -> Callable[[str], tuple[int, ...]]:
    """What turns words into tokens as a `tokenizer.json` says. Raises `InputWrong`."""
    try:
        found = importlib.import_module("tokenizers")
    except ImportError:
        raise InputWrong("--tokenizer: needs a package: pip install tokenizers") from None
    try:
        loaded = found.Tokenizer.from_file(str(path))
    except Exception as problem:  # the package raises plain exceptions
        raise InputWrong(f"--tokenizer {path}: cannot be read: {shown(str(problem))}") from None
    return lambda words: tuple(loaded.encode(words, add_special_tokens=False).ids)
