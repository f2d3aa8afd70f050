"""The typed form of one storyboard: what happens and what is said, never what results."""

from __future__ import annotations

import re
from dataclasses import dataclass

from model.geometry import Geometry
from model.lanes import LaneSpec


def words(text: str) -> tuple[str, ...]:
    """Split text into the tokens that a storyboard shows: words, each with the space before it.

    A teaching tokenizer, the same on every machine; a real one would cut some words in two.
    Nothing is dropped: the tokens joined give the text again.
    """
    return tuple(re.findall(r"\s*\S+|\s+$", text))


@dataclass(frozen=True, slots=True)
class Script:
    """One request of a storyboard: its words are known, what memory makes of them is not."""

    id: str
    prompt: tuple[str, ...]
    output: tuple[str, ...]
    arrival: int | None = None
    """The step before which it joins the queue; None: when a beat admits it."""


@dataclass(frozen=True, slots=True)
class Admit:
    """Put a request into every lane's waiting queue."""

    request: str


@dataclass(frozen=True, slots=True)
class Advance:
    """Let every lane take `count` engine steps."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Abort:
    """The client of a request gives up, in every lane where it is alive."""

    request: str


Verb = Admit | Advance | Abort


@dataclass(frozen=True, slots=True)
class Claim:
    """An `expect:` line: two terms and a comparison, checked against the state the beat ends in."""

    text: str
    """As the author wrote it."""
    left: str
    comparison: str
    right: str


@dataclass(frozen=True, slots=True)
class CallOut:
    """A short remark with a pointer to a part of the picture."""

    at: str
    """A target: `lane paged`, `request A`, `block 3 in lane paged`."""
    text: str


@dataclass(frozen=True, slots=True)
class Beat:
    """One idea: what happens, what is said of it, and where to look."""

    title: str
    say: str
    """Caption and narration; `{names}` stand for readings of the state the beat ends in."""
    do: tuple[Verb, ...] = ()
    focus: tuple[str, ...] = ()
    """Targets that stay bright; the rest dims. Empty: nothing dims."""
    callouts: tuple[CallOut, ...] = ()
    expect: tuple[Claim, ...] = ()
    card: str = "lanes"
    """What the beat shows: `title` (the opening card), `lanes`, or `recap` (both splits, large)."""


@dataclass(frozen=True, slots=True)
class Storyboard:
    """One video: lanes, requests, and the beats that tell their story."""

    name: str
    """The file's stem; outputs are named after it."""
    title: str
    subtitle: str
    about: str
    geometry: Geometry
    lanes: tuple[LaneSpec, ...]
    requests: tuple[Script, ...]
    beats: tuple[Beat, ...]

    def script(self, request_id: str) -> Script:
        """The words of one request. Raises KeyError."""
        for script in self.requests:
            if script.id == request_id:
                return script
        raise KeyError(request_id)
