"""What a beat can make happen: commands, each for every lane that can obey it."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.model.storyboard.script import BeamScript


@dataclass(frozen=True, slots=True)
class Admit:
    """Put a request into every lane's waiting queue."""

    request: str


@dataclass(frozen=True, slots=True)
class Advance:
    """Let every lane take `count` engine steps."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """Let every lane take `count` engine steps, of which a time lapse shows a few."""

    count: int


@dataclass(frozen=True, slots=True)
class Fork:
    """Admit a request as `n` sequences that share its prompt and are sampled in parallel."""

    request: str
    n: int


@dataclass(frozen=True, slots=True)
class Search:
    """Admit a request as a beam search."""

    request: str
    beam: BeamScript


@dataclass(frozen=True, slots=True)
class Preempt:
    """Take a running request's memory away, as the lane itself does when room runs out."""

    request: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Move a running request's K/V to the CPU."""

    request: str


@dataclass(frozen=True, slots=True)
class Compact:
    """Move a request's region to the end of the one before it, and so close a hole."""

    request: str


@dataclass(frozen=True, slots=True)
class Free:
    """The client of a request gives up, in every lane where it is alive."""

    request: str


Verb = Admit | Advance | Run | Fork | Search | Preempt | Swap | Compact | Free
Arrival = Admit | Fork | Search
"""Verbs that bring a request."""


def moments(verb: Verb) -> int:
    """How many moments a verb passes through: two an engine step, else one."""
    return 2 * verb.count if isinstance(verb, Advance | Run) else 1
