"""Reads request traffic from a file: a workload document, a published trace, any other log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pagereel.errors import InputWrong
from pagereel.model.core.plain_json import BadJson, parse
from pagereel.model.core.request import Request
from pagereel.model.replay.traffic import AZURE_COLUMNS, BadTrace, read_azure, read_mooncake
from pagereel.model.traces.workload import Workload, read_workload
from pagereel.replays.logs import (
    LogWishes,
    ReadLog,
    are_conversations,
    is_benchmark,
    is_log,
    read_benchmark,
    read_conversations,
    read_log,
)
from pagereel.replays.workload_form import MOST_REQUESTS, complaints
from pagereel.storage.incoming import Obstacle, Unreadable, contents, lines, texts

MOST_BYTES = 2**27
"""Of a file, and of what is in it."""
MOST_DOCUMENT, LONGEST_LINE = 2**25, 2**20
"""Characters of a workload document; of a line of a trace."""
UNSAID = LogWishes()
"""Nothing is said of how a log is to be read."""
SHOWN, COUNTED = 20, 10_000
"""Problems of one file that are listed, and how many of the rest are counted."""


class TrafficFormat(StrEnum):
    """What a file can be, in words for the reader."""

    WORKLOAD = "workload document"
    AZURE = "Azure LLM inference trace"
    MOONCAKE = "Mooncake trace"
    LOG = "log"
    """Of other columns, a benchmark's, conversations: `Traffic.title` says which."""


_BY_SUFFIX = {
    ".json": TrafficFormat.WORKLOAD,
    ".csv": TrafficFormat.LOG,
    ".jsonl": TrafficFormat.LOG,
}


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests from a file."""

    name: str
    format: TrafficFormat
    requests: tuple[Request, ...]
    """In order of arrival."""
    document: dict[str, Any] | None = None
    """What the file holds, if it is a workload document."""
    workload: Workload | None = None
    """The same, read: its configuration rules."""
    title: str = ""
    """What kind of log it is, in words."""
    left_out: int = 0
    """Requests without an answer."""
    evenly: float | None = None
    """Requests a second that were assumed; None where the file says when they came."""


def read_traffic(
    path: Path, step_ms: float, limit: int | None, wishes: LogWishes = UNSAID
) -> Traffic:
    """The requests of a file, at most the first `limit`. Raises `InputWrong` with all problems.

    Of a trace no more is read than it takes to have so many.
    """
    try:
        return _read(path, step_ms, limit, wishes)
    except BadTrace as wrong:
        told = (f"{path}:{line}: {message}" for line, message in wrong.problems)
        raise InputWrong(_listed(told)) from wrong
    except Unreadable as problem:
        raise InputWrong(_refusal(path, problem)) from None


def _read(path: Path, step_ms: float, limit: int | None, wishes: LogWishes) -> Traffic:
    parts = texts(contents(path, MOST_BYTES))
    start = _start(parts)
    if not start.strip():
        raise InputWrong(f"{path}: empty; {_FORMATS}")
    kind = TrafficFormat.LOG if wishes.columns else _format(path, start)
    most = min(limit or MOST_REQUESTS + 1, MOST_REQUESTS + 1)
    everything = chain([start], parts)
    if kind is TrafficFormat.WORKLOAD:
        text = _whole(everything)
        return _of_document(path, _parsed(path, text), wishes, step_ms, limit, most)
    rows = lines(everything, LONGEST_LINE)
    if kind is TrafficFormat.LOG:
        return _of_log(path, read_log(path, rows, wishes, step_ms, most))
    read = read_azure if kind is TrafficFormat.AZURE else read_mooncake
    return _by_arrival(Traffic(path.name, kind, read(rows, step_ms, most)), path)


def _by_arrival(traffic: Traffic, path: Path) -> Traffic:
    """The same in the order in which lanes get it. Raises `InputWrong` for too many."""
    if len(traffic.requests) > MOST_REQUESTS:
        raise InputWrong(f"{path}: more than {MOST_REQUESTS:,} requests; {_FEWER}")
    ordered = sorted(traffic.requests, key=lambda request: request.arrival)
    return replace(traffic, requests=tuple(ordered))


def _of_log(path: Path, log: ReadLog) -> Traffic:
    found = log.found
    traffic = Traffic(
        path.name, TrafficFormat.LOG, found.requests,
        title=log.title, left_out=found.left_out, evenly=log.evenly,
    )  # fmt: skip
    return _by_arrival(traffic, path)


def _parsed(path: Path, text: str) -> Any:  # noqa: ANN401  # whatever JSON can say
    """A document. Raises `InputWrong`."""
    try:
        return parse(text)
    except BadJson as problem:
        if problem.line:
            where = f"{path}:{problem.line}:{problem.column}"
            raise InputWrong(f"{where}: {problem.message}") from None
        raise InputWrong(f"{path}: no JSON that can be read: {problem.message}") from None


def _of_document(
    path: Path,
    document: Any,  # noqa: ANN401  # whatever JSON can say
    wishes: LogWishes,
    step_ms: float,
    limit: int | None,
    most: int,
) -> Traffic:
    """A document by what is in it. Raises `InputWrong`, `BadTrace`."""
    if is_benchmark(document):
        return _of_log(path, read_benchmark(document, wishes, step_ms, most))
    if are_conversations(document):
        return _of_log(path, read_conversations(path, document, wishes, step_ms, most))
    return _of_workload(path, document, limit)


def _start(parts: Iterator[str]) -> str:
    """As much of a text as tells its format: its first line that is not blank."""
    found, length, is_blank = list[str](), 0, True
    for text in parts:
        found.append(text)
        length += len(text)
        told = text.lstrip() if is_blank else text
        is_blank = is_blank and not told
        if "\n" in told or length > LONGEST_LINE:
            break
    return "".join(found)


def _whole(parts: Iterable[str]) -> str:
    """A document's text. Raises `Unreadable`."""
    found, room = [], MOST_DOCUMENT
    for text in parts:
        found.append(text)
        room -= len(text)
        if room < 0:
            message = f"a workload document of more than {MOST_DOCUMENT:,} characters"
            raise Unreadable(Obstacle.TOO_LARGE, message)
    return "".join(found)


def _refusal(path: Path, problem: Unreadable) -> str:
    """Why a file cannot be replayed."""
    match problem.obstacle:
        case Obstacle.TOO_LARGE:
            return f"{problem.of(path)}; {_FEWER}"
        case Obstacle.DAMAGED:
            return f"{path}: a broken gzip file: {problem}"
        case Obstacle.NO_TEXT:
            instead = f"; {problem.hint}" if problem.hint else ""
            return f"{path}:{problem.line}: {problem.message}; {_FORMATS}{instead}"
    return f"{path}: cannot be read: {problem}"


_FORMATS = (
    "replay takes workload documents (JSON), Azure traces (CSV), Mooncake traces (JSON lines), "
    "and logs of other columns with --columns"
)
_FEWER = "take the first of them with --limit"


def _format(path: Path, text: str) -> TrafficFormat:
    """By what the file starts with, and where that leaves a doubt, by its name."""
    by_name = _BY_SUFFIX.get(Path(path.name.removesuffix(".gz")).suffix.lower())
    start = text.lstrip()
    if start[0] not in "{[":
        head = tuple(name.strip() for name in start.split("\n", 1)[0].split(","))
        return TrafficFormat.AZURE if head == AZURE_COLUMNS else TrafficFormat.LOG
    try:
        first = parse(start.split("\n", 1)[0])
    except BadJson:
        return TrafficFormat.WORKLOAD
    if isinstance(first, dict) and first.keys() & {"input_length", "output_length", "hash_ids"}:
        return TrafficFormat.MOONCAKE
    if isinstance(first, dict) and first.keys() & {"requests", "config"}:
        return TrafficFormat.WORKLOAD
    if is_benchmark(first) or not isinstance(first, dict):
        return TrafficFormat.WORKLOAD
    return TrafficFormat.LOG if is_log(start) else by_name or TrafficFormat.LOG


def _of_workload(path: Path, document: Any, limit: int | None) -> Traffic:  # noqa: ANN401  # as above
    if isinstance(document, dict) and isinstance(document.get("requests"), list):
        document["requests"] = document["requests"][:limit]
    if wrong := _listed(f"{path}: {message}" for message in complaints(document)):
        raise InputWrong(wrong)
    try:
        workload = read_workload(document)
    except ValueError as breaches:  # those that need the lengths of the requests
        raise InputWrong(f"{path}: {breaches}") from breaches
    return Traffic(path.name, TrafficFormat.WORKLOAD, workload.by_arrival, document, workload)


def _listed(told: Iterable[str]) -> str:
    """The first ones a line each, and how many more there are; empty if there are none."""
    rest = iter(told)
    found = list(islice(rest, SHOWN))
    more = sum(1 for _ in islice(rest, COUNTED + 1))
    count = f"{more}" if more <= COUNTED else f"more than {COUNTED:,}"
    return "\n".join([*found, f"and {count} more"] if more else found)
