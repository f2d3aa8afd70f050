"""Reads request logs: when each request came, and how long its prompt and answer were.

The columns are those of the Azure LLM inference traces (Splitwise, 2023): TIMESTAMP,
ContextTokens, GeneratedTokens. What was said is not known, so contents match nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from model.request import Request


def read_request_log(rows: Iterable[Mapping[str, str]], step_ms: float) -> Iterator[Request]:
    """One request a row, in the order of the log; an engine step takes `step_ms` milliseconds.

    Raises ValueError, with the row's number, for a row that is no request.
    """
    first: datetime | None = None
    for number, row in enumerate(rows, start=1):
        try:
            came = datetime.fromisoformat(row["TIMESTAMP"])
            prompt, output = int(row["ContextTokens"]), int(row["GeneratedTokens"])
        except (KeyError, ValueError) as mistake:
            raise ValueError(f"row {number} of the request log: {mistake!r}") from mistake
        if prompt < 1 or output < 1:
            raise ValueError(f"row {number} of the request log: a request has at least one token")
        first = first or came
        arrival = int((came - first) / timedelta(milliseconds=step_ms))
        yield Request(str(number), range(prompt), range(output), arrival)
