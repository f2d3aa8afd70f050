"""`pagereel trace`: the timeline as text. (Modules are never named like the standard library's.)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
    from pagereel.api.moments import PlayedTimeline

    for step in PlayedTimeline(timeline).steps:
        print(harmless_json(step))
