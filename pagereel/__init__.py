"""pagereel: exact, animated explainers of an LLM's KV cache, as a command and as a library.

Importing it takes the standard library alone, and little time: each name loads what it needs when
it is asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False  # of `typing`, which takes longer to import than all of this
if TYPE_CHECKING:
    from pagereel.api.played import PlayedStoryboard, load
    from pagereel.api.replayed import replay
    from pagereel.api.swept import sweep
    from pagereel.errors import InputWrong, MachineFailed
    from pagereel.read import StoryboardProblems

__version__ = "0.2.0"
__all__ = [
    "InputWrong",
    "MachineFailed",
    "PlayedStoryboard",
    "StoryboardProblems",
    "__version__",
    "load",
    "replay",
    "sweep",
]
_HOMES = {
    "InputWrong": "pagereel.errors",
    "MachineFailed": "pagereel.errors",
    "PlayedStoryboard": "pagereel.api.played",
    "StoryboardProblems": "pagereel.read",
    "load": "pagereel.api.played",
    "replay": "pagereel.api.replayed",
    "sweep": "pagereel.api.swept",
}
"""The module that each name comes from."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
