"""Requests of the file become scripts: text is split into words, numbers into anonymous tokens."""

from __future__ import annotations

from model.storyboard import Script, words
from pagereel.read.fields import MAX_REQUESTS
from pagereel.read.review import Review
from pagereel.read.schema import StoryboardForm

MAX_TOKENS = 65_536
"""Tokens of all requests of one storyboard."""


def scripts(form: StoryboardForm, review: Review) -> dict[str, Script]:
    """Every valid request by id; too many of them, or too many tokens, are reported."""
    for name in list(form.requests)[MAX_REQUESTS:]:
        review.complain(review.key("requests", name), f"more than {MAX_REQUESTS} requests")
        review.distrust_from(0)
    found: dict[str, Script] = {}
    total = 0
    for name, request in form.requests.items():
        total += _count(request.prompt) + _count(request.output)
        if total > MAX_TOKENS:
            span = review.key("requests", name)
            review.complain(span, f"more than {MAX_TOKENS:,} tokens in all requests together")
            review.distrust_from(0)
            break
        prompt = _tokens(request.prompt, name, 1)
        output = _tokens(request.output, name, len(prompt) + 1)
        found[name] = Script(name, prompt, output, request.arrival)
    return found


def _tokens(given: int | str | list[str], name: str, first: int) -> tuple[str, ...]:
    """Anonymous tokens are named by their position, so that they match no other request's."""
    if isinstance(given, int):
        numbers = range(first, first + given)
        return tuple(f"{' ' if number > 1 else ''}{name}·{number}" for number in numbers)
    return words(given) if isinstance(given, str) else tuple(given)


def _count(given: int | str | list[str]) -> int:
    return given if isinstance(given, int) else len(given)
