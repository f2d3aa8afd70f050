"""`pagereel render`: storyboards become videos."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pagereel.cli.arguments import (
    OUTPUT,
    USUAL,
    Aspect,
    Author,
    Beats,
    Date,
    Duration,
    Everything,
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
from pagereel.render.encoding.formats import FORMATS
from pagereel.render.settings import CAPTIONS, Settings

if TYPE_CHECKING:  # what draws is imported when there is something to draw
    from pagereel.outputs.video import Rendered
    from pagereel.render.plan import Plan


def _formats() -> str:
    told = (f"{form.name}, {form.about}" if form.about else name for name, form in FORMATS.items())
    return "; ".join(told) + "."


def render(
    storyboards: Storyboards = None,
    everything: Everything = False,
    output: Folder = OUTPUT,
    quality: Quality = USUAL.quality,
    aspect: Aspect = USUAL.aspect,
    theme: Theme = USUAL.theme,
    speed: Speed = USUAL.speed,
    duration: Duration = None,
    form: Annotated[str, choice("--format", FORMATS, _formats())] = USUAL.format,
    captions: Annotated[
        str,
        choice(
            "--captions",
            CAPTIONS,
            "burn: in the picture, and in a track that is off; track: only in a track that "
            "is on; none: neither. The .srt and .vtt files are written always.",
        ),
    ] = USUAL.captions,
    beats: Beats = None,
    voice: Voice = None,
    script: Annotated[
        bool,
        typer.Option(
            "--script",
            help="Write NAME.script.md, to record one's own voice by, in place of a video: each "
            "sentence, its file's name for --voice recorded:DIR, and the seconds it has.",
        ),
    ] = False,
    author: Author = "",
    date: Date = "",
    set_: Set = None,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Render videos: MP4 with chapters, captions (.srt, .vtt), poster.png and manifest.json.

    Beats are drawn side by side and kept: a second run draws only what has changed, and an
    interrupted one goes on where it stopped.
    """
    from pagereel.cli.sources import course, load, named, warn_of_silence
    from pagereel.outputs.script import write_script
    from pagereel.outputs.video import render as render_plan
    from pagereel.render.plan import edition, plan
    from pagereel.render.workers import default_jobs

    settings = Settings(quality, aspect, theme, speed, form, captions)
    chosen = edition(beats, voice, author, date, settings, duration)
    results: list[dict[str, Any]] = []
    paths = course() if everything else named(storyboards)
    for source in load(paths, set_ or ()):
        planned = plan(source, settings, chosen)
        if script:
            written = write_script(planned, output)
            results.append({"script": str(written)})
            if not as_json:
                print(written)
            continue
        _warn_of_faults(planned)
        warn_of_silence(planned)
        with progress_bar(source.storyboard.name) as progress:
            made = render_plan(planned, output, jobs or default_jobs(), progress)
        results.append(dataclasses.asdict(made) | {"video": str(made.video)})
        if made.hurried:
            pace = f"captions run at {made.hurried:.0f} characters a second"
            print(f"warning: {pace}; --speed 1 keeps them at 17", file=sys.stderr)
        if not as_json:
            print(_told(made))
    if as_json:
        print(json.dumps(results))


def _told(made: Rendered) -> str:
    kept = f", {made.beats - made.drawn} beats kept" if made.drawn < made.beats else ""
    return f"{made.video}: {made.seconds:.1f} s, {made.beats} beats{kept}"


def _warn_of_faults(planned: Plan) -> None:
    """A video with a fault is drawn all the same; the author should know that it has one."""
    from pagereel.render.layout import faults

    settings = planned.settings
    found = faults(planned.pictures, settings.aspect, [settings.theme], planned.first)
    if found:
        count = "a layout fault" if len(found) == 1 else f"{len(found)} layout faults"
        warning = (
            f"warning: {planned.source.path} has {count}; `pagereel check` names all. {found[0]}"
        )
        print(warning, file=sys.stderr)
