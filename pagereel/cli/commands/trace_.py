"""`pagereel trace`: the timeline as text. (Modules are never named like the standard library's.)"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pagereel.cli.arguments import OneStoryboard, Set
from pagereel.cli.terminal import harmless_json
from pagereel.errors import InputWrong
from pagereel.packaged import storyboard_file

if TYPE_CHECKING:  # the model is imported when there is something to play
    from pagereel.model.storyboard.timeline import Timeline


def trace(
    storyboard: OneStoryboard,
    text: Annotated[
        bool, typer.Option("--text", help="Fixed-width frames for people, not JSON lines.")
    ] = False,
    set_: Set = None,
) -> None:
    """Print the timeline: every step's exact state, one JSON document a line.

    It is printed even if a claim of the storyboard fails; which, is said on stderr.
    """
    from pagereel.read import ClaimsFail, StoryboardProblems, read_timeline

    path = storyboard_file(storyboard)
    tell = _tell_text if text else _tell_json
    try:
        tell(read_timeline(path, set_ or ()))
    except ClaimsFail as claims:
        tell(claims.timeline)
        raise InputWrong(str(claims)) from None
    except StoryboardProblems as problems:
        raise InputWrong(str(problems)) from None


def _tell_text(timeline: Timeline) -> None:
    from pagereel.scenes.text.frame import frames

    for frame in frames(timeline):
        print(frame)


def _tell_json(timeline: Timeline) -> None:
    for number, played in enumerate(timeline.beats, 1):
        for step in played.steps:
            print(harmless_json({"beat": number, **_plain(step)}))


def _plain(value: Any) -> Any:  # noqa: ANN401  # any part of a timeline
    """A frozen state as JSON has it; events and memories say which kind they are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
