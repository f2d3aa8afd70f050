"""Reads request traffic from a file: a workload document, an Azure or a Mooncake trace."""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pagereel.errors import InputWrong
from pagereel.model.core.request import Request
from pagereel.model.replay.traffic import BadTrace, read_azure, read_mooncake
from pagereel.model.traces.workload import Workload, read_workload
from pagereel.replays.workload_form import complaints

SHOWN = 20
"""Problems of one file that are listed; the rest are counted."""


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
    """The requests of a file, at most the first `limit`. Raises `InputWrong` with all problems."""
    text = _text(path)
    kind = _format(path, text)
    if kind is TrafficFormat.WORKLOAD:
        return _read_document(path, text, limit)
    read = read_azure if kind is TrafficFormat.AZURE else read_mooncake
    try:
        requests = read(io.StringIO(text, newline=""), step_ms, limit)
    except BadTrace as wrong:
        lines = (f"{path}:{line}: {message}" for line, message in wrong.problems)
        raise InputWrong(_listed(lines)) from wrong
    return Traffic(path.name, kind, tuple(sorted(requests, key=lambda request: request.arrival)))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
        raise InputWrong(f"{path}: a broken gzip file: {problem}") from problem
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        raise InputWrong(f"{path}: cannot be read: {reason}") from problem
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise InputWrong(f"{path}:{line}: not UTF-8 text; {_FORMATS}") from problem
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputWrong(f"{path}:{line}: not text: it has zero bytes; {_FORMATS}")
    if not text.strip():
        raise InputWrong(f"{path}: empty; {_FORMATS}")
    return text


_FORMATS = (
    "replay takes workload documents (JSON), Azure traces (CSV), Mooncake traces (JSON lines)"
)


def _format(path: Path, text: str) -> TrafficFormat:
    """By what the file starts with, and where that leaves a doubt, by its name."""
    by_name = _BY_SUFFIX.get(Path(path.name.removesuffix(".gz")).suffix.lower())
    start = text.lstrip()
    if start[0] not in "{[":
        return by_name if by_name and by_name is not TrafficFormat.WORKLOAD else TrafficFormat.AZURE
    try:
        first = json.loads(start.split("\n", 1)[0])
    except (ValueError, RecursionError):
        return by_name if by_name and by_name is not TrafficFormat.AZURE else TrafficFormat.WORKLOAD
    if isinstance(first, dict) and first.keys() & {"input_length", "output_length", "hash_ids"}:
        return TrafficFormat.MOONCAKE
    if isinstance(first, dict) and first.keys() & {"requests", "config"}:
        return TrafficFormat.WORKLOAD
    return by_name if by_name and by_name is not TrafficFormat.AZURE else TrafficFormat.WORKLOAD


def _read_document(path: Path, text: str, limit: int | None) -> Traffic:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as problem:
        raise InputWrong(f"{path}:{problem.lineno}:{problem.colno}: {problem.msg}") from problem
    except (ValueError, RecursionError) as problem:
        raise InputWrong(f"{path}: no JSON that can be read: {problem}") from problem
    if isinstance(document, dict) and isinstance(document.get("requests"), list):
        document["requests"] = document["requests"][:limit]
    if wrong := complaints(document):
        raise InputWrong(_listed(f"{path}: {message}" for message in wrong))
    try:
        workload = read_workload(document)
    except ValueError as breaches:  # those that need the lengths of the requests
        raise InputWrong(f"{path}: {breaches}") from breaches
    return Traffic(path.name, TrafficFormat.WORKLOAD, workload.by_arrival, document, workload)


def _listed(lines: Iterable[str]) -> str:
    found = list(lines)
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "\n".join(found[:SHOWN] + more)
