"""JSON that somebody else may have written: parsed within limits, or refused with the place."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

DEEPEST = 32
"""Lists and objects inside each other; no format here needs ten."""
MOST_LISTS = 2**21
"""Lists and objects in one text: each takes far more memory than its brackets."""
LONGEST_NUMBER = 40
"""Digits in a row. Longer whole numbers are slow to read, and no fraction."""

_FLAT = str.maketrans("123456789E", "000000000e")
_UNUSUAL = ("0" * (LONGEST_NUMBER + 1), "e000", "e+000")
"""What is in the text, all digits made equal, where a number may be too long or too large."""
_TOKEN = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]'
    rf"|\d{{{LONGEST_NUMBER + 1}}}|[eE]\+?0*[1-9]\d\d",
    re.DOTALL,
)
"""Texts in quotes, whole; brackets; and numbers that are too long or too large."""


class BadJson(ValueError):
    """A text that is no JSON, or more than can be meant."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


def parse(text: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    """The value that a text stands for; of equal keys the last counts. Raises `BadJson`."""
    lists, flat = text.count("[") + text.count("{"), text.translate(_FLAT)
    if lists > MOST_LISTS:
        raise BadJson(f"more than {MOST_LISTS:,} lists and objects")
    if lists > DEEPEST or any(part in flat for part in _UNUSUAL):
        _check(text)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as problem:
        raise BadJson(problem.msg, problem.lineno, problem.colno) from None


def _check(text: str) -> None:
    """Refuse what is too deep, too long or too large, but for what stands in quotes."""
    depth = 0
    for token in _TOKEN.finditer(text):
        match token[0][0]:
            case '"':
                continue
            case "[" | "{":
                depth += 1
                wrong = f"more than {DEEPEST} lists and objects inside each other"
            case "]" | "}":
                depth -= 1
                continue
            case _:
                wrong, depth = "a number that is too long or too large", DEEPEST + 1
        if depth > DEEPEST:
            line = text.count("\n", 0, token.start()) + 1
            raise BadJson(f"{wrong}, in line {line}")


def _no_number(name: str) -> NoReturn:
    raise BadJson(f"{name} is no number")


_DECODER = json.JSONDecoder(parse_constant=_no_number)
