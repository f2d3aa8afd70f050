"""`pagereel frames`: storyboards become slide-ready PNGs or SVGs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from pagereel.cli.progress import progress_bar
from pagereel.cli.sources import load
from pagereel.errors import InputWrong
from pagereel.outputs.frames import FrameOptions, write_frames
from pagereel.outputs.sheet import write_sheet
from pagereel.render.plan import Source
from pagereel.render.settings import Settings
from pagereel.render.workers import Progress, default_jobs

LARGEST = 2160
"""Rows of the largest frame: 4K."""


def write_storyboard_frames(
    paths: Sequence[Path],
    overrides: Sequence[str],
    settings: Settings,
    options: FrameOptions,
    output: Path,
    jobs: int | None,
    form: str,
) -> None:
    """Write each storyboard's frames; print where they are."""

    def write(source: Source, progress: Progress) -> tuple[list[str], str]:
        made = write_frames(source, settings, options, output, jobs or default_jobs(), progress)
        return [str(path) for path in made], f"{made[0].parent}: {len(made)} frames and index.json"

    _write_each(paths, overrides, form, write)


def write_storyboard_sheets(
    paths: Sequence[Path],
    overrides: Sequence[str],
    settings: Settings,
    options: FrameOptions,
    output: Path,
    jobs: int | None,
    form: str,
) -> None:
    """Write one sheet a storyboard; print where they are."""

    def write(source: Source, progress: Progress) -> tuple[str, str]:
        made = write_sheet(source, settings, options, output, jobs or default_jobs(), progress)
        return str(made), str(made)

    _write_each(paths, overrides, form, write)


def _write_each(
    paths: Sequence[Path],
    overrides: Sequence[str],
    form: str,
    write: Callable[[Source, Progress], tuple[object, str]],
) -> None:
    """Write what each storyboard becomes; `write` returns it for machines and for people."""
    results = {}
    for source in load(paths, overrides):
        with progress_bar(source.storyboard.name, form) as progress:
            results[source.storyboard.name], told = write(source, progress)
        if form == "text":
            print(told)
    if form == "json":
        print(json.dumps(results))


def refuse_for_sheets(options: FrameOptions) -> None:
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
        return round(settings.canvas.height * share)
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
