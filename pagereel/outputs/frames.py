"""Single frames of a storyboard as PNG or SVG, for slides and documents, with an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pagereel.model.storyboard.timeline import PlayedBeat, PlayedShot, Timeline
from pagereel.outputs.manifest import made, origin
from pagereel.render.fonts import typefaces
from pagereel.render.plan import Source, failures
from pagereel.render.settings import TEXTS, FrameOptions, Settings, choose
from pagereel.render.workers import Progress, StillJob, draw, still_image
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.shapes.typeface import visible
from pagereel.scenes.style import paint
from pagereel.storage.cache import picture_digest
from pagereel.storage.outgoing import publishing, write_json

if TYPE_CHECKING:
    from PIL import Image

TWICE = "@2x"
"""What is added to the name of a frame with twice the rows."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: its file's name, what it shows, and which moment that is."""

    name: str
    picture: Picture = field(repr=False)
    beat: int
    """From 1."""
    step: int
    """From 1, among the beat's pictures."""
    played: PlayedBeat = field(repr=False)

    @property
    def shot(self) -> PlayedShot:
        """The shot that it belongs to."""
        return self.played.shots[self.played.said[self.picture.said].shot]

    def entry(self) -> dict[str, Any]:
        """Its line in index.json."""
        return {
            "file": self.name,
            "beat": self.beat,
            "step": self.step,
            "title": visible(self.played.beat.title),
            "caption": visible(self.shot.caption),
            "alt": self.picture.alt,
        }

    def svg(self, text: str = TEXTS[0], opacity: float = 1) -> str:
        """The frame as an SVG document, its units the pixels of 1080p. Needs no Manim.

        `text` is `embed` (text that brings its fonts) or `outline`; `opacity` the background's, 0
        to 1. Raises ValueError.
        """
        return next(svgs([self], text, opacity))

    @property
    def _rows(self) -> int:
        """Rows at 1080p: 1,080 pixels on the shorter side."""
        return round(self.picture.height * 1080 / min(self.picture.width, self.picture.height))

    def image(self, height: int | None = None, opacity: float = 1) -> Image.Image:
        """The frame in pixels, drawn by Manim: `height` rows, or as many as at 1080p.

        RGB; RGBA where the background's `opacity` is less than 1.
        """
        return still_image(self.picture, height or self._rows, opacity)


def write_frames(
    source: Source,
    settings: Settings,
    options: FrameOptions,
    folder: Path,
    jobs: int,
    progress: Progress = lambda done, total: None,
) -> list[Path]:
    """Write the frames and index.json into `folder / name`. Raises `MachineFailed`.

    They take the place of those that an earlier run left there.
    """
    frames = list(frames_of(source.timeline, settings, options))
    target = folder / source.storyboard.name
    with publishing(target, source.inputs) as workshop, failures(target):
        if options.form == "svg":
            _write_svgs(frames, options, workshop, progress)
        else:
            _draw_pngs(frames, options, workshop, jobs, progress)
        index = {
            "title": source.storyboard.title,
            "size": [frames[0].picture.pixel_width(options.height), options.height],
            "frames": [frame.entry() for frame in frames],
        }
        write_json(workshop / "index.json", index)
        about = {
            **origin(source, settings),
            "frames": {frame.name: picture_digest(frame.picture) for frame in frames},
            "each": options.each,
            **made(sorted(workshop.iterdir())),
        }
        write_json(workshop / "frames.manifest.json", about)
    return [target / frame.name for frame in frames]


def shown_now(source: Source, settings: Settings, options: FrameOptions) -> dict[str, str]:
    """What each frame would show: digests by name without suffix."""
    frames = frames_of(source.timeline, settings, options)
    return {frame.name.partition(".")[0]: picture_digest(frame.picture) for frame in frames}


def _draw_pngs(
    frames: Sequence[Frame], options: FrameOptions, workshop: Path, jobs: int, progress: Progress
) -> None:
    wanted = [
        StillJob(_scaled(frame.name, scale), frame.picture, options.height * scale, workshop,
                 options.opacity)
        for frame in frames
        for scale in options.scales
    ]  # fmt: skip
    draw(wanted, jobs, progress)


def _scaled(name: str, scale: int) -> str:
    return name if scale == 1 else name.replace(".", f"{TWICE}.")


def _write_svgs(
    frames: Sequence[Frame], options: FrameOptions, workshop: Path, progress: Progress
) -> None:
    drawn = svgs(frames, options.text, options.opacity)
    for done, (frame, document) in enumerate(zip(frames, drawn, strict=True), 1):
        (workshop / frame.name).write_text(document, encoding="utf-8")
        progress(done, len(frames))


def svgs(frames: Sequence[Frame], text: str = TEXTS[0], opacity: float = 1) -> Iterator[str]:
    """Each frame as an SVG document: no Manim and no pixels, its shapes are written down.

    Where they bring fonts, all bring the same, with the characters of all. Raises ValueError.
    """
    from pagereel.render.svg_pens import embedding, outlining
    from pagereel.scenes.svg import svg

    choose("text", text, TEXTS)
    pen = embedding(f.picture for f in frames) if text == "embed" else outlining()
    return (svg(frame.picture, pen, opacity) for frame in frames)


def frames_of(timeline: Timeline, settings: Settings, options: FrameOptions) -> Iterator[Frame]:
    """The frames that the options ask for, painted, in order."""
    faces = typefaces()
    for index, played in enumerate(timeline.beats):
        pictures = compose_beat(timeline, index, settings.canvas, faces)
        last = len(pictures) - 1
        for step, picture in enumerate(pictures):
            if options.each == "beat" and step != last:
                continue
            suffix = f"-{step + 1:02}" if options.each == "step" else ""
            name = f"{index + 1:02}{suffix}.{options.form}"
            painted = paint(picture, settings.colours)
            yield Frame(name, painted, index + 1, step + 1, played)
