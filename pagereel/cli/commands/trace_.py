"""`pagereel trace`: the timeline as text."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pagereel.cli.sources import load


def print_trace(path: Path, overrides: Sequence[str], form: str) -> None:
    """Every step of the timeline: one JSON document a line, or fixed-width frames."""
    (source,) = load([path], overrides)
    timeline = source.timeline
    if form == "text":
        from pagereel.scenes.text.frame import frames

        for text in frames(timeline):
            print(text)
        return
    for number, played in enumerate(timeline.beats, 1):
        for step in played.steps:
            print(json.dumps({"beat": number, **_plain(step)}, ensure_ascii=False))


def _plain(value: Any) -> Any:  # noqa: ANN401  # any part of a timeline
    """A frozen state as JSON has it; events and memories say which kind they are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
