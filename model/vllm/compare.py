"""Where two recordings part: the first step that differs, shown side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

Document = dict[str, Any]


def first_difference(theirs: Iterable[Document], ours: Iterable[Document]) -> str | None:
    """What differs in the first unequal document, one line a value; None if all are equal."""
    for theirs_now, ours_now in zip_longest(theirs, ours):
        if theirs_now is None or ours_now is None:
            longer = "theirs" if ours_now is None else "ours"
            return f"only {longer} goes on with {_short(theirs_now or ours_now)}"
        if theirs_now != ours_now:
            return _describe(theirs_now, ours_now)
    return None


def _describe(theirs: Document, ours: Document) -> str:
    where = f"step {theirs['step']}" if "step" in theirs else "the summary"
    lines = [f"{where} differs:"]
    for path, left, right in _leaves("", theirs, ours):
        lines += [f"  {path}", f"    theirs {_short(left)}", f"    ours   {_short(right)}"]
    return "\n".join(lines)


def _leaves(path: str, theirs: Any, ours: Any) -> Iterable[tuple[str, Any, Any]]:  # noqa: ANN401 - parsed JSON
    """Each value that differs, with its path through the document."""
    if theirs == ours:
        return
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        yield path, theirs, ours
        return
    for key in dict.fromkeys([*theirs, *ours]):
        yield from _leaves(f"{path}.{key}".lstrip("."), theirs.get(key), ours.get(key))


def _short(value: Any) -> str:  # noqa: ANN401 - parsed JSON
    text = json.dumps(value)
    return text if len(text) <= 200 else text[:200] + "..."
