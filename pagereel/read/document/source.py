"""Text with a name, and places in it: where a problem points, with the line shown under it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pagereel.scenes.text.columns import cell

_LINE = re.compile(r"\r\n|\n|\r")
_WINDOW = 88
"""Characters of a line that an excerpt shows; a longer line is cut around the place."""


@dataclass(frozen=True, slots=True)
class NamedText:
    """A storyboard file, or one `--set`: what places point into."""

    name: str
    """The path as it was given, or the override."""
    text: str = ""
    numbered: bool = True
    """Whether line and column help a reader to find the place."""


@dataclass(frozen=True, slots=True)
class Span:
    """The characters [start, end) of a source. One that starts at its end shows one caret."""

    source: NamedText
    start: int = 0
    end: int = 0

    @property
    def line(self) -> int:
        """Line number, from 1."""
        return len(_LINE.findall(self.source.text, 0, self.start)) + 1

    @property
    def column(self) -> int:
        """Character in the line, from 1."""
        return self.start - self._line_start() + 1

    def label(self) -> str:
        """`file:line:column`, or the name alone where there is nothing to count."""
        if self.source.numbered and self.source.text:
            return f"{self.source.name}:{self.line}:{self.column}"
        return self.source.name

    def within(self, part: str, before: int = 0) -> Span:
        """The place of `part` inside this one, after `before` others; this one if it is not there.

        An escape or a fold in the file can hide a part of the text it stands for.
        """
        at = self.start - 1
        for _ in range(before + 1):
            at = self.source.text.find(part, at + 1, self.end) if part else -1
            if at < 0:
                return self
        return Span(self.source, at, at + len(part))

    def excerpt(self) -> str:
        """The line with carets under the place; empty if the source has no text."""
        if not self.source.text:
            return ""
        first = self._line_start()
        ending = _LINE.search(self.source.text, first)
        line = self.source.text[first : ending.start() if ending else len(self.source.text)]
        shown, before, width = _window(line, self.start - first, self.end - first)
        number = str(self.line) if self.source.numbered else ""
        return f"{number:>5} | {shown}\n      | {' ' * before}{'^' * width}"

    def _line_start(self) -> int:
        ends = [match.end() for match in _LINE.finditer(self.source.text, 0, self.start)]
        return ends[-1] if ends else 0


def _window(line: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a line to show, the columns before the carets, and how many carets."""
    first = max(0, start - _WINDOW // 2) if len(line) > _WINDOW else 0
    last = min(len(line), first + _WINDOW)
    head, tail = ("…" if first else ""), ("…" if last < len(line) else "")
    cells = [cell(char) for char in line[first:last]]
    before = len(head) + sum(width for _, width in cells[: start - first])
    width = sum(width for _, width in cells[start - first : max(end, start + 1) - first])
    shown = head + "".join(text for text, _ in cells) + tail
    return shown.rstrip(), before, max(1, width)
