"""`pagereel deck`: storyboards become slides."""

from __future__ import annotations

import json
from typing import Annotated

from pagereel.cli.arguments import (
    OUTPUT,
    USUAL,
    Aspect,
    Author,
    Beats,
    Date,
    Folder,
    Jobs,
    Json,
    Quality,
    Set,
    Speed,
    Storyboards,
    Theme,
    choice,
)
from pagereel.cli.progress import progress_bar
from pagereel.cli.spoken import Voice
from pagereel.render.settings import DECKS, SLIDES, DeckOptions, Settings

_USUAL = DeckOptions()


def deck(
    storyboards: Storyboards = None,
    output: Folder = OUTPUT,
    kind: Annotated[
        str,
        choice(
            "--format",
            (*DECKS, "+".join(DECKS)),
            "PowerPoint with the clips in it, PDF, or both.",
        ),
    ] = "+".join(_USUAL.kinds),
    slides: Annotated[
        str, choice("--slides", SLIDES, "Shape of the slides; pictures stay whole.")
    ] = _USUAL.shape,
    quality: Quality = USUAL.quality,
    aspect: Aspect = USUAL.aspect,
    theme: Theme = USUAL.theme,
    speed: Speed = USUAL.speed,
    beats: Beats = None,
    voice: Voice = None,
    author: Author = "",
    date: Date = "",
    set_: Set = None,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Write slides: one a beat, with its clip set to play, notes and alt texts; and a PDF."""
    from pagereel.cli.sources import load, named, warn_of_silence
    from pagereel.outputs.deck import write_deck
    from pagereel.render.plan import edition, plan
    from pagereel.render.workers import default_jobs

    settings = Settings(quality, aspect, theme, speed)
    options = DeckOptions(tuple(kind.split("+")), slides)
    chosen = edition(beats, voice, author, date, settings)
    results: dict[str, list[str]] = {}
    for source in load(named(storyboards), set_ or ()):
        name, planned = source.storyboard.name, plan(source, settings, chosen)
        warn_of_silence(planned)
        with progress_bar(name) as progress:
            made = write_deck(planned, options, output, jobs or default_jobs(), progress)
        results[name] = [str(path) for path in made]
        if not as_json:
            for path in made:
                print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    if as_json:
        print(json.dumps(results))
