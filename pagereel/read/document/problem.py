"""A mistake of the author: where it is, what is wrong, and what would put it right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pagereel.read.document.source import Span

SHOWN = 50
"""Problems printed of one storyboard; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `str` of it is the report: place, message, excerpt, caret and remedy."""

    span: Span
    message: str
    """What is wrong, in one line and without a full stop."""
    remedy: str = ""
    """What to do about it; may be empty."""

    @property
    def place(self) -> tuple[str, int, int]:
        """File, line and column (both from 1)."""
        return self.span.source.name, self.span.line, self.span.column

    def __str__(self) -> str:
        remedy = f"   {self.remedy}" if self.remedy else ""
        lines = (f"{self.span.label()}: {self.message}", self.span.excerpt(), remedy)
        return "\n".join(line for line in lines if line)


class StoryboardProblems(Exception):
    """Everything that is wrong with a storyboard or its overrides, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        self.problems = tuple(sorted(unique, key=_order))
        super().__init__(self.problems)

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            shown.append(f"and {len(self.problems) - SHOWN} more")
        return "\n".join(shown)


def _order(problem: Problem) -> tuple[int, int, str]:
    """Those of the file by place, then those of the overrides as they were found."""
    if not problem.span.source.numbered:
        return 1, 0, ""
    return 0, problem.span.start, problem.message
