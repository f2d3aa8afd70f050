"""Ask once what is asked again and again of values that do not change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Generic, TypeVar
from weakref import ref

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Kept(Generic[Asked, Answer]):
    """Answers, each kept for as long as the object lives that it is about.

    Objects are told apart by what they are, not by what is in them: to compare two states takes
    longer than most of what is asked of one. They must be frozen, and must allow weak references.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[ref[Asked], Answer]] = {}

    def of(self, thing: Asked, answer: Callable[[], Answer]) -> Answer:
        """The answer about this object; where there is none yet, it is made."""
        key, kept = id(thing), self._kept
        found = kept.get(key)
        if found is None:
            found = kept[key] = ref(thing, lambda _: kept.pop(key, None)), answer()
        return found[1]


def once(answer: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """The function, which answers once for each object."""
    kept = Kept[Asked, Answer]()

    @wraps(answer)
    def asked(thing: Asked) -> Answer:
        return kept.of(thing, lambda: answer(thing))

    return asked
