"""`pagereel charts`: a record's charts as PNG and as clips, each with what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pagereel.cli.arguments import OUTPUT, USUAL, Folder, Jobs, Json, Theme
from pagereel.cli.commands.frames import frame_height
from pagereel.cli.progress import progress_bar
from pagereel.errors import InputWrong
from pagereel.packaged import records_folder
from pagereel.render.settings import Settings

if TYPE_CHECKING:  # what makes charts is imported when there is a record to open
    from pagereel.model.storyboard.chart import Chart


def charts(
    record: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RECORD]",
            help="A record, or a folder of them.  [default: the newest of measurements/results, "
            "else of pagereel's own]",
        ),
    ] = None,
    output: Folder = OUTPUT / "charts",
    size: Annotated[
        str, typer.Option("--size", metavar="WxH", help="Up to 4K: 3840x2160, or just 2160.")
    ] = f"{USUAL.canvas.width}x{USUAL.canvas.height}",
    clip: Annotated[bool, typer.Option("--clip", help="One MP4 a workload as well.")] = False,
    theme: Theme = USUAL.theme,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Write the charts of a measurement record as PNG, each labelled with its machine."""
    from pagereel.outputs.charts import write_charts
    from pagereel.render.workers import default_jobs

    settings = Settings(theme=theme)
    height, kinds = frame_height(size, settings), ("png", "mp4") if clip else ("png",)
    path, found = _charts(record)
    with progress_bar(path.stem) as progress:
        count = jobs or default_jobs()
        made = write_charts(path, found, settings, height, output, count, kinds, progress)
    if as_json:
        print(json.dumps({"folder": str(made.folder), "charts": made.index}))
        return
    for entry in made.index:
        print(f"{made.folder / entry['file']}: {entry['finding']}")
    for name, seconds in made.clips:
        print(f"{made.folder / name}: {seconds:.1f} s")


def _charts(record: Path | None) -> tuple[Path, list[tuple[str, Chart]]]:
    """The record that was named, or the newest, and its charts. Raises `InputWrong`."""
    from pagereel.measured.charts import NothingMeasured, Opened, all_charts, newest
    from pagereel.measured.records import open_record
    from pagereel.measurements.records.record import RecordRefused
    from pagereel.storage.incoming import Unreadable

    path = record or records_folder()
    try:
        path = newest(path) if path.is_dir() else path
        return path, all_charts(Opened(open_record(path), path))
    except (NothingMeasured, RecordRefused) as refused:
        raise InputWrong(str(refused)) from refused
    except Unreadable as found:
        raise InputWrong(found.of(path)) from found
