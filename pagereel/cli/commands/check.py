"""`pagereel check`: everything that is wrong with storyboards, before anything is drawn."""

from __future__ import annotations

import json
from typing import Annotated

from pagereel.cli.arguments import Everything, Json, Set, Storyboards, choice
from pagereel.errors import InputWrong
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.style import THEMES

ALL = "all"
"""Stands for every aspect, or every theme."""


def check(
    storyboards: Storyboards = None,
    everything: Everything = False,
    aspect: Annotated[
        str, choice("--aspect", (ALL, *CANVASES), "Shape of the frames that are looked at.")
    ] = ALL,
    theme: Annotated[str, choice("--theme", (ALL, *THEMES), "Colours that are looked at.")] = ALL,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Check storyboards: form, feasibility, claims, and the layout of every picture.

    All mistakes are reported at once, each with its place and remedy. Draws nothing.
    """
    from pagereel.cli.sources import course, load, named, placed
    from pagereel.render.fonts import typefaces
    from pagereel.render.layout import look

    aspects = tuple(CANVASES) if aspect == ALL else (aspect,)
    themes = tuple(THEMES) if theme == ALL else (theme,)
    wrong, results = [], []
    paths = course() if everything else named(storyboards)
    for source in load(paths, set_ or ()):
        found = look(source.timeline, typefaces(), aspects, themes)
        wrong += [placed(source, fault) for fault in found.faults]
        beats, seconds = len(source.storyboard.beats), round(found.seconds, 1)
        results.append({"file": str(source.path), "beats": beats, "seconds": seconds})
    if wrong:
        raise InputWrong("\n".join(wrong))
    if as_json:
        print(json.dumps(results))
        return
    for result in results:
        print(f"{result['file']}: good, {result['beats']} beats, {result['seconds']} s")
