"""The parser's complaints about what is not YAML, with a remedy for the usual ones."""

from __future__ import annotations

import yaml

from pagereel.read.problem import Problem
from pagereel.read.source import Source, Span, printable

_REMEDIES = {
    "mapping values are not allowed": "a text with `: ` in it needs quotes; "
    "otherwise check the indentation",
    "end of stream": "a quote or bracket is opened and not closed",
    "unknown escape": "write `\\\\` for a backslash, or use single quotes",
    "expected ',' or ']'": "a list ends with `]`; its items stand between commas",
    "expected ',' or '}'": "a mapping ends with `}`; a text that starts with `{` needs quotes",
    "expected '-' indicator": "items of a list stand in one column, each after `- `",
    "expected key": "keys of one mapping stand in one column; "
    "a text that starts with `{`, `[` or a quote needs quotes around all of it",
}


def syntax_problem(source: Source, error: yaml.YAMLError) -> Problem:
    """The problem that a parser's error is, with the place where it gave up."""
    mark = getattr(error, "problem_mark", None)
    start = min(mark.index if mark else 0, max(len(source.text) - 1, 0))
    words = str(getattr(error, "problem", None) or "the parser gave no reason")
    context = getattr(error, "context", None)
    message = f"this is not YAML: {printable(words, 120)}" + (
        f" {printable(context, 60)}" if context else ""
    )
    return Problem(Span(source, start, start + 1), message, _remedy(source, start, words))


def _remedy(source: Source, start: int, words: str) -> str:
    if "cannot start any token" in words:
        if source.text[start : start + 1] == "\t":
            return "indent with spaces, not with tabs"
        return f"a text that starts with `{source.text[start]}` needs quotes"
    return next((remedy for known, remedy in _REMEDIES.items() if known in words), "")
