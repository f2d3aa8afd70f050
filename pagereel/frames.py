"""Single frames of a storyboard as PNG, for slides and documents, with an index."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.play import play
from model.timeline import PlayedBeat, Timeline
from pagereel.build import Progress, Source, failures
from pagereel.fonts import typefaces
from pagereel.manifest import write_json
from pagereel.publish import publishing
from pagereel.settings import Settings
from pagereel.workers import StillJob, processes, render_still
from scenes.pictures.compose import compose_beat
from scenes.shapes import Picture
from scenes.style import paint
from scenes.typeface import visible


@dataclass(frozen=True, slots=True)
class FrameOptions:
    """Which frames, and how large."""

    height: int
    """Pixel rows."""
    opacity: float = 1
    """The background's; 0 for transparent PNGs."""
    each: str = "beat"
    """`beat`: the state each beat ends in; `step`: every step on the way as well."""


@dataclass(frozen=True, slots=True)
class _Frame:
    name: str
    picture: Picture
    beat: int
    step: int
    played: PlayedBeat

    def entry(self) -> dict[str, Any]:
        """Its line in index.json."""
        return {
            "file": self.name,
            "beat": self.beat,
            "step": self.step,
            "title": visible(self.played.beat.title),
            "caption": visible(self.played.caption),
            "alt": self.picture.alt,
        }


def write_frames(
    source: Source,
    settings: Settings,
    options: FrameOptions,
    folder: Path,
    jobs: int,
    progress: Progress = lambda done, total: None,
) -> list[Path]:
    """Write the PNGs and index.json into `folder / name`. Raises `MachineFailed`."""
    timeline = play(source.storyboard)
    frames = list(_frames(timeline, settings, options))
    target = folder / source.storyboard.name
    with publishing(target) as workshop, failures(target), processes(jobs) as pool:
        waiting = [
            pool.submit(
                render_still,
                StillJob(frame.name, frame.picture, options.height, workshop, options.opacity),
            )
            for frame in frames
        ]
        progress(0, len(frames))
        for done, future in enumerate(as_completed(waiting), 1):
            future.result()
            progress(done, len(frames))
        index = {
            "title": source.storyboard.title,
            "size": [frames[0].picture.pixel_width(options.height), options.height],
            "frames": [frame.entry() for frame in frames],
        }
        write_json(workshop / "index.json", index)
    return [target / frame.name for frame in frames]


def _frames(timeline: Timeline, settings: Settings, options: FrameOptions) -> Iterator[_Frame]:
    faces = typefaces()
    for index, played in enumerate(timeline.beats):
        pictures = compose_beat(timeline, index, settings.canvas, faces)
        last = len(pictures) - 1
        for step, picture in enumerate(pictures):
            if options.each == "beat" and step != last:
                continue
            suffix = f"-{step + 1:02}" if options.each == "step" else ""
            name = f"{index + 1:02}{suffix}.png"
            painted = paint(picture, settings.colours)
            yield _Frame(name, painted, index + 1, step + 1, played)
