"""A story as it travels: what repeats from row to row and from step to step is said once.

Nothing is lost: a player unpacks it before anything else (page/src/unpacking.ts). A pool of
thousands of blocks is thousands of rows that differ in their place, and most of them rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from pagereel.scenes.page.drawn import NOBODY, Row

PACKED = 2
"""The format of a packed story."""
Story = Mapping[str, Any]
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,8})$", re.ASCII)
"""What a key may end in."""


def packed(story: Story) -> dict[str, Any]:
    """The same story, to be sent."""
    canvases = {name: _canvas(canvas) for name, canvas in story["canvases"].items()}
    return {**story, "format": PACKED, "canvases": canvases, "beats": _beats(story["beats"])}


def _canvas(canvas: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **canvas,
        "rows": _rows(canvas["rows"]),
        "pictures": [_runs(picture) for picture in canvas["pictures"]],
        "motions": [_tracks(motion) for motion in canvas["motions"]],
    }


def _runs(numbers: Iterable[int]) -> list[int]:
    """Ascending neighbours as their first and how many they are: 4, 5, 6, 9 is 4, 3, 9, 1."""
    found: list[int] = []
    for number in numbers:
        if found and number == found[-2] + found[-1]:
            found[-1] += 1
        else:
            found += [number, 1]
    return found


def _tracks(tracks: Iterable[Sequence[float]]) -> list[list[float | None]]:
    """Tracks at the same time whose rows are neighbours: how many, then the first of them.

    Its rows count from where the run before ended on that side. None stands for nobody.
    """
    runs: list[list[float]] = []
    for before, after, *rest in tracks:
        last = runs[-1] if runs else None
        if last and [before, after] == _next(last) and rest == last[3:]:
            last[0] += 1
        else:
            runs.append([1, before, after, *rest])
    ends = [0.0, 0.0]
    found = []
    for count, *pair, start, end in (run[:5] for run in runs):
        rows = [None if row == NOBODY else row - at for row, at in zip(pair, ends, strict=True)]
        ends = [at if row == NOBODY else row + count for row, at in zip(pair, ends, strict=True)]
        found.append([count, *rows, start, end])
    return [[*told, *run[5:]] for told, run in zip(found, runs, strict=True)]


def _next(run: Sequence[float]) -> list[float]:
    count, *ends = run[:3]
    return [end if end == NOBODY else end + count for end in ends]


def _rows(rows: Iterable[Row]) -> list[Row]:
    """Each row's difference from the one before it: what is not there is as before.

    Without `k` its key counts on. `-` names what it lacks. `b` is added, in hundredths, to the box
    that the same key had last, or else to the box before, or to nothing.
    """
    found: list[Row] = []
    before: Row = {}
    boxes: dict[str, list[int]] = {}
    for row in rows:
        changed = {key: value for key, value in row.items() if before.get(key) != value}
        if _counted_on(before.get("k", "")) == row["k"]:
            del changed["k"]
        else:
            changed["k"] = row["k"]
        if "b" in row:
            box = [round(value * 100) for value in row["b"]]
            base = boxes.get(row["k"]) or boxes.get(before.get("k", "")) or [0] * 4
            changed["b"] = [now - then for now, then in zip(box, base, strict=True)]
            boxes[row["k"]] = box
            if "b" in before and not any(changed["b"]):
                del changed["b"]
        lacking = sorted(before.keys() - row.keys())
        found.append(changed | ({"-": lacking} if lacking else {}))
        before = row
    return found


def _counted_on(key: str) -> str:
    """The key whose number is the next; empty for a key without one."""
    number = _NUMBER.search(key)
    return f"{key[: number.start()]}{int(number[0]) + 1}" if number else ""


def _grown(now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """A request in memory, with the new end of its table alone."""
    if "table" not in now:
        return {**now}
    table, past = now["table"], before.get("table", [])
    same = takewhile(lambda pair: pair[0] == pair[1], zip(table, past, strict=False))
    kept = sum(1 for _ in same)
    return {**now, "table": table[kept:], "kept": kept} if kept else {**now}


def _beats(beats: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of the requests in memory, at each step those that are not as they were at the last.

    One that is not there any more is None. Of a table `kept` says how many blocks are as before.
    """
    before: dict[str, Mapping[str, Any]] = {}
    told = []
    for beat in beats:
        steps = []
        for step in beat["steps"]:
            memory = {}
            for lane, now in step["memory"].items():
                requests, past = now["requests"], before.get(lane, {})
                changed: dict[str, Any] = {
                    name: _grown(at, past.get(name, {}))
                    for name, at in requests.items()
                    if past.get(name) != at
                }
                changed |= dict.fromkeys(name for name in past if name not in requests)
                memory[lane] = {**now, "requests": changed}
                before[lane] = requests
            steps.append({**step, "memory": memory})
        told.append({**beat, "steps": steps})
    return told
