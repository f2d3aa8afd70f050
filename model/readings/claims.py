"""Check what a storyboard claims (`expect:`) against the state its beat ends in.

A claim is `TERM OP TERM`: terms are readings (`paged.A.blocks`), numbers, `[lists]` or words;
sums and differences of readings and numbers are terms too. OP is one of == != < <= > >=.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from pagereel.model.readings.metrics import Value
from pagereel.model.readings.readings import Readings
from pagereel.model.storyboard.storyboard import Claim

COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_SHAPE = re.compile(r"^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
_LIST = re.compile(r"^\[\s*(\d+(\s*,\s*\d+)*)?\s*\]$")


class NotAClaim(ValueError):
    """The text is not of the form TERM OP TERM."""


def parse(text: str) -> Claim:
    """Read one `expect:` line. Raises `NotAClaim`."""
    match = _SHAPE.match(text.strip())
    if match is None:
        raise NotAClaim(text)
    return Claim(text, match[1].strip(), match[2], match[3].strip())


def holds(claim: Claim, readings: Readings) -> tuple[bool, Value, Value]:
    """Whether the claim holds, and both values.

    Raises `UnknownName`, `NotAClaim`, and TypeError where < or > stands between a list and a word.
    """
    left, right = _term(claim.left, readings), _term(claim.right, readings)
    if isinstance(left, int | float) != isinstance(right, int | float):
        return claim.comparison == "!=", left, right
    return COMPARISONS[claim.comparison](left, right), left, right


def _term(text: str, readings: Readings) -> Value:
    if _LIST.match(text):
        return tuple(int(item) for item in re.findall(r"\d+", text))
    parts = re.split(r"\s+([+-])\s+", text)
    if len(parts) == 1:
        return _atom(text, readings)
    total = _number(parts[0], readings)
    for sign, part in zip(parts[1::2], parts[2::2], strict=True):
        value = _number(part, readings)
        total = total + value if sign == "+" else total - value
    return total


def _number(text: str, readings: Readings) -> int | float:
    value = _atom(text, readings)
    if isinstance(value, int | float):
        return value
    raise NotAClaim(text)


def _atom(text: str, readings: Readings) -> Value:
    if _NUMBER.match(text):
        return float(text) if "." in text else int(text)
    if text.startswith("["):
        raise NotAClaim(text)
    return readings[text].value if "." in text else text
