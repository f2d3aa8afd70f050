"""A lane's settings: what each is, in a record, and how they are read, all mistakes together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

FULL = "full"
"""Full attention, where windows are named."""
Option = int | float | str | bool | None
"""What a setting's value can be."""


GROUPS: dict[str, tuple[int | None, ...]] = {
    "gpt-oss-20b": (128, None),
    "gpt-oss-120b": (128, None),
    "gemma-3-12b": (1024, 1024, 1024, 1024, 1024, None),
}
"""How vLLM 0.32 groups the layers of a model (v1/core/kv_cache_utils.py, `get_kv_cache_groups`, run
on the layers of its published configuration): the window of each group. Of models whose groups have
as many layers each; of others (Gemma 3 1B, 4B, 27B) vLLM fills groups up."""


def read_windows(value: Option) -> tuple[int | None, ...]:
    """Windows by group, as in `full, 8`, or those of a model in `GROUPS`; empty: it is neither."""
    if str(value) in GROUPS:
        return GROUPS[str(value)]
    words = [word.strip() for word in str(value).split(",")]
    if not all(word == FULL or (word.isdecimal() and int(word) >= 1) for word in words):
        return ()
    return tuple(None if word == FULL else int(word) for word in words)


@dataclass(frozen=True, slots=True)
class EngineOption:
    """One option of a kind of lane, and what is said of a lane that sets it otherwise."""

    sets: str
    """What it sets."""
    default: Option
    """The engine's own value; None where the engine finds it by itself."""
    told: str
    """What stands under a lane with another value, in a few words; `{}` is the value."""
    otherwise: str = ""
    """What holds where it is not set, in words; empty: the default says it."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What stands for each value that is a word, where the word alone says too little."""

    @property
    def meaning(self) -> str:
        """What it sets, and its default, for the reference: `rows of a batch (8)`."""
        default = str(self.default)
        shown = default.lower() if isinstance(self.default, bool) else default
        return f"{self.sets} ({self.otherwise or shown})"

    def in_words(self, value: Option) -> str:
        """What a viewer must know of a lane with this value; empty: it is the default."""
        if value is None or value == self.default:
            return ""
        return self.told.format(self.words.get(str(value), value))


class BadOptions(ValueError):
    """Settings that a lane kind does not have, or values it cannot take; lists all of them."""

    def __init__(self, kind: str, problems: Sequence[str]) -> None:
        super().__init__(f"{kind}: " + "; ".join(problems))
        self.kind, self.problems = kind, tuple(problems)


class OptionReader:
    """The settings of one lane. Ask for each that the kind knows, then `close`."""

    def __init__(self, kind: str, given: Iterable[tuple[str, Option]]) -> None:
        self._kind, self._given = kind, dict(given)
        self._known: list[str] = []
        self._problems: list[str] = []

    def whole(self, name: str, default: int, least: int = 0) -> int:
        """A whole number, at least `least`."""
        value = self._take(name, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self._problems.append(f"{name} must be a whole number from {least}, not {value!r}")
        return default

    def whole_or_none(self, name: str, default: int | None, least: int = 0) -> int | None:
        """A whole number, at least `least`, or nothing."""
        if self._given.get(name, default) is None:
            self._take(name, default)
            return None
        return self.whole(name, default or least, least)

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no."""
        value = self._take(name, default)
        if isinstance(value, bool):
            return value
        self._problems.append(f"{name} must be true or false, not {value!r}")
        return default

    def share(self, name: str, default: float) -> float:
        """A number from 0 up to, not including, 1."""
        value = self._take(name, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1:
            return float(value)
        self._problems.append(f"{name} must be from 0 to below 1, not {value!r}")
        return default

    def word(self, name: str, default: str, allowed: Iterable[str]) -> str:
        """One of the allowed words."""
        value, words = self._take(name, default), tuple(allowed)
        if isinstance(value, str) and value in words:
            return value
        self._problems.append(f"{name} must be one of {', '.join(words)}, not {value!r}")
        return default

    def windows(self, name: str) -> tuple[int | None, ...] | None:
        """Windows by group, as `read_windows` reads them, or nothing."""
        value = self._take(name, None)
        if value is None:
            return None
        windows = read_windows(value)
        if not windows:
            models = ", ".join(GROUPS)
            told = f"{name} must be windows like `{FULL}, 8`, or one of {models}, not {value!r}"
            self._problems.append(told)
        return windows or None

    def close(self) -> None:
        """Raise `BadOptions` if anything was wrong or is unknown."""
        unknown = [name for name in self._given if name not in self._known]
        known = ", ".join(self._known) or "none"
        problems = [
            *self._problems,
            *(f"no option {name} (there are: {known})" for name in unknown),
        ]
        if problems:
            raise BadOptions(self._kind, problems)

    def _take(self, name: str, default: Option) -> Option:
        self._known.append(name)
        return self._given.get(name, default)
