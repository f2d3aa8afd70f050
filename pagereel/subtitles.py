"""Captions as side files: SubRip and WebVTT, timed to the beats, at a pace that can be read."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LINE, LINES = 42, 2
"""Characters a line, and lines a cue."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A few words and when they are shown, in seconds."""

    start: float
    end: float
    lines: tuple[str, ...]


def cues(captions: Iterable[tuple[float, float, str]]) -> tuple[Cue, ...]:
    """Split (start, end, text) into cues; each part of a text gets its share of the time."""
    found: list[Cue] = []
    for start, end, text in captions:
        parts = list(_parts(text))
        weights = [max(len(" ".join(part)), 1) for part in parts]
        at = start
        for part, weight in zip(parts, weights, strict=True):
            until = at + (end - start) * weight / sum(weights)
            found.append(Cue(at, until, part))
            at = until
    return tuple(found)


def srt(shown: Iterable[Cue]) -> str:
    """The cues as SubRip."""
    return "\n".join(
        f"{i}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_plain(cue.lines)}\n"
        for i, cue in enumerate(shown, 1)
    )


def vtt(shown: Iterable[Cue]) -> str:
    """The cues as WebVTT; what it would take for markup is escaped."""
    body = "\n".join(
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n"
        f"{html.escape(_plain(cue.lines), quote=False)}\n"
        for cue in shown
    )
    return f"WEBVTT\n\n{body}"


def _plain(lines: tuple[str, ...]) -> str:
    return "\n".join(line.replace("-->", "→") for line in lines)


def _parts(text: str) -> Iterator[tuple[str, ...]]:
    lines: list[str] = []
    for word in (piece for whole in text.split() for piece in _pieces(whole)):
        if lines and len(lines[-1]) + 1 + len(word) <= LINE:
            lines[-1] += " " + word
        else:
            lines.append(word)
    for first in range(0, len(lines), LINES):
        yield tuple(lines[first : first + LINES])


def _pieces(word: str) -> Iterator[str]:
    """The word, cut where it is longer than a line."""
    for first in range(0, len(word), LINE):
        yield word[first : first + LINE]


def _clock(seconds: float, point: str) -> str:
    total = round(seconds * 1000)
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
