"""`pagereel frames`: storyboards become slide-ready PNGs or SVGs."""

from __future__ import annotations

import json
import re
from typing import Annotated

import typer

from pagereel.cli.arguments import (
    OUTPUT,
    USUAL,
    Aspect,
    Everything,
    Folder,
    Jobs,
    Json,
    Set,
    Storyboards,
    Theme,
    choice,
)
from pagereel.cli.progress import progress_bar
from pagereel.errors import InputWrong
from pagereel.render.settings import STILLS, TEXTS, FrameOptions, Settings

LARGEST = 2160
"""Rows of the largest frame: 4K."""
SHEET = 0.5
"""Size of the frames on a sheet, as a part of the video's."""
_USUAL = FrameOptions(USUAL.canvas.rows)


def frames(
    storyboards: Storyboards = None,
    everything: Everything = False,
    output: Folder = OUTPUT,
    steps: Annotated[
        bool, typer.Option("--steps", help="One frame a step, not only one a beat.")
    ] = False,
    transparent: Annotated[
        bool, typer.Option("--transparent", help="Leave the background out.")
    ] = False,
    sheet: Annotated[
        bool,
        typer.Option(
            "--sheet",
            help="All frames of a storyboard numbered on one PNG instead, DIR/NAME.png, to look "
            "at everything at once; each half as large as in the video, or by --size.",
        ),
    ] = False,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WxH",
            help="Up to 4K: 3840x2160, or just 2160.  [default: the video's, as 1920x1080]",
        ),
    ] = None,
    at_2x: Annotated[
        bool, typer.Option("--at-2x", help="Each PNG also with twice the rows, as 01@2x.png.")
    ] = False,
    form: Annotated[str, choice("--format", STILLS, "Pixels or vectors.")] = _USUAL.form,
    text: Annotated[
        str,
        choice(
            "--text",
            TEXTS,
            "In SVG: embed keeps text as text and brings the fonts; outline draws it.",
        ),
    ] = _USUAL.text,
    aspect: Aspect = USUAL.aspect,
    theme: Theme = USUAL.theme,
    set_: Set = None,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Write slide-ready PNGs or SVGs, one a beat, with an index.json of captions and alt texts."""
    from pagereel.cli.sources import course, load, named
    from pagereel.outputs.frames import write_frames
    from pagereel.outputs.sheet import write_sheet
    from pagereel.render.workers import default_jobs

    settings, count = Settings(aspect=aspect, theme=theme), jobs or default_jobs()
    options = FrameOptions(
        frame_height(size, settings, SHEET if sheet else 1.0),
        0.0 if transparent else _USUAL.opacity,
        "step" if steps else _USUAL.each,
        (1, 2) if at_2x else _USUAL.scales,
        form,
        text,
    )
    if sheet:
        _refuse_for_sheets(options)
    results: dict[str, str | list[str]] = {}
    paths = course() if everything else named(storyboards)
    for source in load(paths, set_ or ()):
        name = source.storyboard.name
        with progress_bar(name) as progress:
            if sheet:
                path = write_sheet(source, settings, options, output, count, progress)
                results[name] = told = str(path)
            else:
                made = write_frames(source, settings, options, output, count, progress)
                results[name] = [str(path) for path in made]
                told = f"{made[0].parent}: {len(made)} frames and index.json"
        if not as_json:
            print(told)
    if as_json:
        print(json.dumps(results))


def _refuse_for_sheets(options: FrameOptions) -> None:
    """Raise `InputWrong` for what a sheet cannot be."""
    wrong = {
        "--format svg": options.form != "png",
        "--transparent": options.opacity < 1,
        "--at-2x": options.scales != (1,),
    }
    for option in (option for option, given in wrong.items() if given):
        raise InputWrong(f"--sheet is one PNG on the theme's background; leave {option} out")


def frame_height(size: str | None, settings: Settings, share: float = 1) -> int:
    """Rows of `WxH` or `H`; without a size, `share` of the video's at 1080p.

    Raises `InputWrong` for a size that is not the aspect's.
    """
    if size is None:
        return round(settings.canvas.rows * share)
    match = re.fullmatch(r"(?:(\d{1,5})[xX×])?(\d{1,5})", size.strip())
    if match is None:
        raise InputWrong(f"--size {size}: give rows (2160) or columns and rows (3840x2160)")
    height = int(match[2])
    if not 90 <= height <= LARGEST:
        raise InputWrong(f"--size {size}: between 90 and {LARGEST} rows (4K)")
    width = 2 * round(height * settings.canvas.width / settings.canvas.height / 2)
    if match[1] and abs(int(match[1]) - width) > 1:
        raise InputWrong(f"--size {size}: {settings.aspect} with {height} rows is {width}x{height}")
    return height
