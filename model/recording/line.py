"""Small checks on what a line of a recording says. Nothing in it is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pagereel.model.recording.data import BadRecording

LARGEST = 2**40
"""No number of a recording is as large."""
LONGEST = 400
"""Characters of the longest text."""
_NO_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def is_line(text: str, longest: int = LONGEST) -> bool:
    """Whether a text is one line, without control characters and half ones."""
    return len(text) <= longest and not _NO_LINE.search(text)


class Line:
    """A JSON object of one line, asked key by key. All raise `BadRecording`."""

    def __init__(self, number: int, found: object, what: str = "the line") -> None:
        self.number, self._what = number, what
        if not isinstance(found, Mapping):
            raise BadRecording(number, f"{what} is no JSON object")
        self._found: Mapping[str, Any] = found

    def has(self, key: str) -> bool:
        """Whether there is such a key, with something in it."""
        return self._found.get(key) is not None

    def whole(self, key: str, least: int = 0, most: int = LARGEST) -> int:
        """A whole number."""
        value = self._at(key)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(key, f"must be a whole number from {least:,} to {most:,}")
        return value

    def maybe(self, key: str, most: int = LARGEST) -> int | None:
        """A whole number or null."""
        return self.whole(key, 0, most) if self.has(key) else None

    def number_of(self, key: str) -> float:
        """A number, not negative."""
        value = self._at(key)
        if type(value) not in (int, float) or not 0 <= value < LARGEST:
            raise self.wrong(key, "must be a number, not negative")
        return float(value)

    def text(self, key: str, longest: int = LONGEST) -> str:
        """A text."""
        value = self._at(key)
        if not isinstance(value, str) or not is_line(value, longest):
            raise self.wrong(key, f"must be a text of at most {longest} characters in one line")
        return value

    def under(self, key: str) -> Line:
        """The object under a key."""
        return Line(self.number, self._at(key), f"`{key}`")

    def items(self, key: str, most: int) -> list[Any]:
        """A list."""
        value = self._at(key)
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(key, f"must be a list of at most {most:,}")
        return value

    def texts(self, key: str, most: int) -> list[str]:
        """A list of short texts, none of them twice."""
        found = self.items(key, most)
        if not all(isinstance(value, str) and value and is_line(value, 40) for value in found):
            raise self.wrong(key, "must be a list of texts of 1 to 40 characters in one line")
        self.once(key, found)
        return found

    def once(self, key: str, found: list[Any]) -> None:
        """Refuse a list that names something twice."""
        seen: set[Any] = set()
        for value in found:
            if value in seen:
                raise self.wrong(key, f"names {value!r} twice")
            seen.add(value)

    def wholes(self, key: str, most: int, least: int = 0, largest: int = LARGEST) -> list[int]:
        """A list of whole numbers."""
        return self.row(key, self.items(key, most), least, largest)

    def rows(self, key: str, most: int, width: int) -> list[list[int]]:
        """A list of lists of so many whole numbers; `width` 0: one or more."""
        found = [self.row(key, row, 0, LARGEST) for row in self.items(key, most)]
        if not all(len(row) == width if width else row for row in found):
            raise self.wrong(key, f"must be a list of lists of {width or 'some'} numbers")
        return found

    def row(self, key: str, row: object, least: int, largest: int) -> list[int]:
        """One list of whole numbers."""
        if not isinstance(row, list) or len(row) > 2**16:
            raise self.wrong(key, "must hold lists of whole numbers")
        if row and (set(map(type, row)) != {int} or min(row) < least or max(row) > largest):
            raise self.wrong(key, f"must hold whole numbers from {least:,} to {largest:,}")
        return row

    def wrong(self, key: str, message: str) -> BadRecording:
        """The refusal of what stands under a key."""
        return BadRecording(self.number, f"`{key}` {message}")

    def _at(self, key: str) -> Any:  # noqa: ANN401 - parsed JSON
        if key not in self._found:
            raise BadRecording(self.number, f"{self._what} has no `{key}`")
        return self._found[key]
