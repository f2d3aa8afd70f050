"""The charts of a measurement record: as PNG, and as one clip a workload, with an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pagereel.model.storyboard.chart import Chart
from pagereel.render.fonts import typefaces
from pagereel.render.plan import failures
from pagereel.render.settings import Settings
from pagereel.render.workers import ClipJob, Progress, StillJob, draw
from pagereel.scenes.clips import MOTION, STILL, WORDS_A_SECOND
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.charts.chart import chart_picture, in_words
from pagereel.scenes.shapes.clip import Clip, Leg
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.style import paint
from pagereel.storage.outgoing import publishing, write_json


@dataclass(frozen=True, slots=True)
class ChartFiles:
    """What was written."""

    folder: Path
    index: tuple[dict[str, Any], ...]
    """For each chart its file, title, finding and words, as in index.json."""
    clips: tuple[tuple[str, float], ...]
    """Names and seconds."""


@dataclass(frozen=True, slots=True)
class _DrawnChart:
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
    record: Path,
    charts: Sequence[tuple[str, Chart]],
    settings: Settings,
    height: int,
    folder: Path,
    jobs: int,
    kinds: Sequence[str] = ("png",),
    progress: Progress = lambda done, total: None,
) -> ChartFiles:
    """Write a record's charts, named for their files, into `folder / record`.

    `height` is in pixel rows; kinds are `png`, and `mp4` besides. Raises `MachineFailed`.
    """
    target = folder / record.stem
    drawn = [_drawn(name, chart, settings) for name, chart in charts]
    with publishing(target, [record]) as workshop, failures(target):
        stills = [StillJob(f"{d.name}.png", d.picture, height, workshop) for d in drawn]
        clips = list(_clips(drawn, settings, height, workshop)) if "mp4" in kinds else []
        draw([*stills, *clips], jobs, progress)
        index = [one.entry() for one in drawn]
        write_json(workshop / "index.json", {"record": record.name, "charts": index})
    lengths = tuple((job.key, job.frames / job.clip.rate) for job in clips)
    return ChartFiles(target, tuple(index), lengths)


def _drawn(name: str, chart: Chart, settings: Settings) -> _DrawnChart:
    picture = paint(chart_picture(chart, settings.canvas, typefaces()), settings.colours)
    faults = lint(picture)
    assert not faults, f"chart {name}: {faults[0]}"
    return _DrawnChart(name, chart, picture)


def _clips(
    drawn: Sequence[_DrawnChart], settings: Settings, height: int, folder: Path
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
