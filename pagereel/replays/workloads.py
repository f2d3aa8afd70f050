"""Reads request traffic from a file: a workload document, an Azure or a Mooncake trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pagereel.errors import InputWrong
from pagereel.model.core.plain_json import BadJson, parse
from pagereel.model.core.request import Request
from pagereel.model.replay.traffic import BadTrace, read_azure, read_mooncake
from pagereel.model.traces.workload import Workload, read_workload
from pagereel.replays.workload_form import MOST_REQUESTS, complaints
from pagereel.storage.incoming import Obstacle, Unreadable, contents, lines, texts

MOST_BYTES = 2**27
"""Of a file, and of what is in it."""
MOST_DOCUMENT, LONGEST_LINE = 2**25, 2**20
"""Characters of a workload document; of a line of a trace."""
SHOWN, COUNTED = 20, 10_000
"""Problems of one file that are listed, and how many of the rest are counted."""


class TrafficFormat(StrEnum):
    """What a file can be, in words for the reader."""

    WORKLOAD = "workload document"
    AZURE = "Azure LLM inference trace"
    MOONCAKE = "Mooncake trace"


_BY_SUFFIX = {
    ".json": TrafficFormat.WORKLOAD,
    ".csv": TrafficFormat.AZURE,
    ".jsonl": TrafficFormat.MOONCAKE,
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


def read_traffic(path: Path, step_ms: float, limit: int | None) -> Traffic:
    """The requests of a file, at most the first `limit`. Raises `InputWrong` with all problems.

    Of a trace no more is read than it takes to have so many.
    """
    try:
        return _read(path, step_ms, limit)
    except Unreadable as problem:
        raise InputWrong(_refusal(path, problem)) from None


def _read(path: Path, step_ms: float, limit: int | None) -> Traffic:
    parts = texts(contents(path, MOST_BYTES))
    start = _start(parts)
    if not start.strip():
        raise InputWrong(f"{path}: empty; {_FORMATS}")
    kind = _format(path, start)
    if kind is TrafficFormat.WORKLOAD:
        return _read_document(path, _whole(chain([start], parts)), limit)
    read = read_azure if kind is TrafficFormat.AZURE else read_mooncake
    most = min(limit or MOST_REQUESTS + 1, MOST_REQUESTS + 1)
    try:
        requests = read(lines(chain([start], parts), LONGEST_LINE), step_ms, most)
    except BadTrace as wrong:
        told = (f"{path}:{line}: {message}" for line, message in wrong.problems)
        raise InputWrong(_listed(told)) from wrong
    if len(requests) > MOST_REQUESTS:
        raise InputWrong(f"{path}: more than {MOST_REQUESTS:,} requests; {_FEWER}")
    return Traffic(path.name, kind, tuple(sorted(requests, key=lambda request: request.arrival)))


def _start(parts: Iterator[str]) -> str:
    """As much of a text as tells its format: its first line that is not blank."""
    start = ""
    for text in parts:
        start += text
        if "\n" in start.lstrip() or len(start) > LONGEST_LINE:
            break
    return start


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
    "replay takes workload documents (JSON), Azure traces (CSV), Mooncake traces (JSON lines)"
)
_FEWER = "take the first of them with --limit"


def _format(path: Path, text: str) -> TrafficFormat:
    """By what the file starts with, and where that leaves a doubt, by its name."""
    by_name = _BY_SUFFIX.get(Path(path.name.removesuffix(".gz")).suffix.lower())
    start = text.lstrip()
    if start[0] not in "{[":
        return by_name if by_name and by_name is not TrafficFormat.WORKLOAD else TrafficFormat.AZURE
    try:
        first = parse(start.split("\n", 1)[0])
    except BadJson:
        return by_name if by_name and by_name is not TrafficFormat.AZURE else TrafficFormat.WORKLOAD
    if isinstance(first, dict) and first.keys() & {"input_length", "output_length", "hash_ids"}:
        return TrafficFormat.MOONCAKE
    if isinstance(first, dict) and first.keys() & {"requests", "config"}:
        return TrafficFormat.WORKLOAD
    return by_name if by_name and by_name is not TrafficFormat.AZURE else TrafficFormat.WORKLOAD


def _read_document(path: Path, text: str, limit: int | None) -> Traffic:
    try:
        document = parse(text)
    except BadJson as problem:
        if problem.line:
            where = f"{path}:{problem.line}:{problem.column}"
            raise InputWrong(f"{where}: {problem.message}") from None
        raise InputWrong(f"{path}: no JSON that can be read: {problem.message}") from None
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
