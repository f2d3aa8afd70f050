"""`pagereel check`: everything that is wrong with storyboards, before anything is drawn."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

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
    film: Annotated[
        bool,
        typer.Option(
            "--film",
            help="Also tell how much moves for a reason, the longest still, the smallest type, "
            "the share of the frame that lanes take, and words a minute.",
        ),
    ] = False,
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
    wrong: list[str] = []
    results: list[dict[str, Any]] = []
    paths = course() if everything else named(storyboards)
    for source in load(paths, set_ or ()):
        found = look(source.timeline, typefaces(), aspects, themes, film)
        wrong += [placed(source, fault) for fault in found.faults]
        beats, seconds = len(source.storyboard.beats), round(found.seconds, 1)
        told = {name: asdict(figures) for name, figures in found.films.items()}
        results.append(
            {"file": str(source.path), "beats": beats, "seconds": seconds}
            | ({"film": told} if told else {})
        )
    if wrong:
        raise InputWrong("\n".join(wrong))
    if as_json:
        print(json.dumps(results))
        return
    for result in results:
        print(f"{result['file']}: good, {result['beats']} beats, {result['seconds']} s")
        for name, figures in result.get("film", {}).items():
            print(f"  {name:5} {_figures(figures)}")


def _figures(of: dict[str, Any]) -> str:
    """The figures of one aspect in a line."""
    said = [
        f"moving {of['moving']:.0%}",
        f"longest still {of['longest_still']:.1f} s",
        f"smallest type {of['smallest_type']:.0f} px",
        f"lanes take {of['frame_share']:.0%}",
        f"{of['words_a_minute']:.0f} words a minute",
    ]
    if of["unexplained"]:
        said.append(f"moves without a cause: {', '.join(of['unexplained'][:5])}")
    return ", ".join(said)
