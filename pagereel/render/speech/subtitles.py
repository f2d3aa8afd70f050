"""Captions as text with times: SubRip, WebVTT and tracks, at a pace that can be read.

A cue has at most two lines of 42 characters. Cues end with sentences where they can, and their
share of a beat's time is that of their characters, so that all of a beat read at one pace.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LINE, LINES = 42, 2
"""Characters a line, and lines a cue."""
FASTEST = 17.0
"""Characters a second; at normal speed beats last long enough for that."""
_SENTENCE, _CLAUSE, _LONE = 900, 250, 900
"""What a cue gains by ending with a sentence or a clause, and loses by being a lone short word."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A few words and when they are shown, in seconds."""

    start: float
    end: float
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(self.lines)

    @property
    def pace(self) -> float:
        """Characters a second."""
        return len(" ".join(self.lines)) / (self.end - self.start)


def cues(captions: Iterable[tuple[float, float, str]]) -> tuple[Cue, ...]:
    """Split (start, end, text) into cues; each part of a text gets its share of the time."""
    found: list[Cue] = []
    for start, end, text in captions:
        parts = _parts(_words(text))
        weights = [len(" ".join(part)) for part in parts]
        at = start
        for number, part in enumerate(parts, 1):
            until = start + (end - start) * sum(weights[:number]) / sum(weights)
            found.append(Cue(at, until, part))
            at = until
    return tuple(found)


def hurried(shown: Iterable[Cue]) -> float:
    """The pace of the fastest cue if it is too fast to read, else 0."""
    fastest = max((cue.pace for cue in shown), default=0.0)
    return fastest if fastest > FASTEST else 0.0


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


def _words(text: str) -> list[str]:
    """The words of a text; one that is longer than a line is cut into pieces."""
    return [
        word[start : start + LINE]
        for word in text.split()
        for start in range(0, len(word), LINE)
    ]  # fmt: skip


def _parts(words: Sequence[str]) -> list[tuple[str, ...]]:
    """The words in as few cues as possible, of about equal length, cut where the text pauses."""
    fewest = _fewest(words)
    goal = len(" ".join(words)) / max(fewest, 1)
    # best[n]: the cost of the first n words in so many cues, and where the last cue starts
    best: dict[tuple[int, int], tuple[float, int]] = {(0, 0): (0.0, 0)}
    for count in range(1, fewest + 1):
        for end in range(1, len(words) + 1):
            for start in range(end - 1, -1, -1):
                if len(_lines(words[start:end])) > LINES:
                    break
                if (count - 1, start) not in best:
                    continue
                cost = best[count - 1, start][0] + _cost(words[start:end], goal)
                if cost < best.get((count, end), (math.inf, 0))[0]:
                    best[count, end] = cost, start
    cuts, end = [], len(words)
    for count in range(fewest, 0, -1):
        start = best[count, end][1]
        cuts.append(_balanced(words[start:end]))
        end = start
    return cuts[::-1]


def _fewest(words: Sequence[str]) -> int:
    """How many cues the words need."""
    count, start = 0, 0
    while start < len(words):
        end = start + 1
        while end < len(words) and len(_lines(words[start : end + 1])) <= LINES:
            end += 1
        count, start = count + 1, end
    return count


def _cost(words: Sequence[str], goal: float) -> float:
    length = len(" ".join(words))
    return (length - goal) ** 2 - _pause(words[-1]) + (_LONE if length < 12 else 0)


def _pause(word: str) -> int:
    """How good it is to stop after a word."""
    last = word.rstrip('”’")')[-1:]
    return _SENTENCE if last in (".", "!", "?") else _CLAUSE if last in (",", ";", ":") else 0


def _balanced(words: Sequence[str]) -> tuple[str, ...]:
    """One line if the words fit, else two of about equal length."""
    if len(_lines(words)) < LINES:
        return tuple(_lines(words))
    cuts = ((" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words)))
    fitting = [cut for cut in cuts if max(map(len, cut)) <= LINE]

    def cost(cut: tuple[str, str]) -> float:
        return (len(cut[0]) - len(cut[1])) ** 2 - _pause(cut[0]) / 3

    return min(fitting, key=cost)


def _lines(words: Sequence[str]) -> list[str]:
    """The words in lines, each as full as it gets."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= LINE:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _clock(seconds: float, point: str) -> str:
    total = round(seconds * 1000)
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
