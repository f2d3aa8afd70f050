"""`pagereel trace`: the timeline as text. (Modules are never named like the standard library's.)"""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated, Any

import typer

from pagereel.cli.arguments import OneStoryboard, Set


def trace(
    storyboard: OneStoryboard,
    text: Annotated[
        bool, typer.Option("--text", help="Fixed-width frames for people, not JSON lines.")
    ] = False,
    set_: Set = None,
) -> None:
    """Print the timeline: every step's exact state, one JSON document a line."""
    from pagereel.cli.sources import load

    (source,) = load([storyboard], set_ or ())
    if text:
        from pagereel.scenes.text.frame import frames

        for frame in frames(source.timeline):
            print(frame)
        return
    for number, played in enumerate(source.timeline.beats, 1):
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
