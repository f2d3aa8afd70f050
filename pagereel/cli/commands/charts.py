"""`pagereel charts`: a record's charts as PNG and as clips, each with what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pagereel.cli.progress import progress_bar
from pagereel.errors import InputWrong
from pagereel.measured.charts import RESULTS, NothingMeasured, Opened, all_charts, newest
from pagereel.measurements.records.verify import Refused, read_record
from pagereel.model.storyboard.chart import Chart
from pagereel.render.fonts import typefaces
from pagereel.render.plan import failures
from pagereel.render.settings import Settings
from pagereel.render.workers import ClipJob, StillJob, draw
from pagereel.scenes.clips import MOTION, STILL, WORDS_A_SECOND
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.charts.chart import chart_picture, in_words
from pagereel.scenes.shapes.clip import Clip, Leg
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.style import paint
from pagereel.storage.publish import publishing, write_json


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One chart, and the picture of it."""

    name: str
    """Begins with the workload: `four-split`."""
    chart: Chart
    picture: Picture

    def entry(self) -> dict[str, Any]:
        """Its line in index.json."""
        about = {"file": f"{self.name}.png", "title": self.chart.title}
        return about | {"finding": self.chart.finding, "alt": in_words(self.chart)}


def write_charts(
    record: Path | None,
    settings: Settings,
    height: int,
    output: Path,
    jobs: int,
    forms: tuple[str, str],
) -> None:
    """Draw every chart of a record, or of the newest one, with an index of what each says.

    `forms` are that of the files (`png`, or `clip` for one MP4 a workload besides), and that of
    what is printed.
    """
    path, drawn = _drawn(record, settings)
    target, (files, form) = output / path.stem, forms
    with (
        publishing(target) as workshop,
        failures(target),
        progress_bar(path.stem, form) as progress,
    ):
        stills = [StillJob(f"{d.name}.png", d.picture, height, workshop) for d in drawn]
        clips = list(_clips(drawn, settings, height, workshop)) if files == "clip" else []
        draw([*stills, *clips], jobs, progress)
        index = [one.entry() for one in drawn]
        write_json(workshop / "index.json", {"record": path.name, "charts": index})
    if form == "json":
        print(json.dumps({"folder": str(target), "charts": index}))
        return
    for entry in index:
        print(f"{target / entry['file']}: {entry['finding']}")
    for job in clips:
        print(f"{target / job.key}: {job.clip.frames / job.clip.rate:.1f} s")


def _drawn(record: Path | None, settings: Settings) -> tuple[Path, list[_Drawn]]:
    """The record's file and its charts as pictures. Raises `InputWrong`."""
    try:
        path = newest(record or RESULTS) if record is None or record.is_dir() else record
        charts = all_charts(Opened(read_record(path), path))
    except (NothingMeasured, Refused) as refused:
        raise InputWrong(str(refused)) from refused
    except OSError as problem:
        raise InputWrong(f"{record}: {problem.strerror}") from problem
    drawn = []
    for name, chart in charts:
        picture = paint(chart_picture(chart, settings.canvas, typefaces()), settings.colours)
        faults = lint(picture)
        assert not faults, f"chart {name}: {faults[0]}"
        drawn.append(_Drawn(name, chart, picture))
    return path, drawn


def _clips(
    drawn: Sequence[_Drawn], settings: Settings, height: int, folder: Path
) -> Iterator[ClipJob]:
    """One clip a workload: its charts one after the other, each as long as its words take."""
    for workload, group in groupby(drawn, lambda one: one.name.split("-")[0]):
        charts = list(group)
        legs = [
            Leg(
                one.picture,
                round(MOTION * settings.rate) if i else 0,
                round(max(STILL, _words(one.chart) / WORDS_A_SECOND) * settings.rate),
            )
            for i, one in enumerate(charts)
        ]
        clip = Clip(charts[0].picture, tuple(legs), settings.rate)
        yield ClipJob(f"{workload}.mp4", clip, height, folder)


def _words(chart: Chart) -> int:
    return len(f"{chart.title} {chart.finding}".split())
