"""A contact sheet: all beats, or all steps, of a storyboard on one PNG, to look at them at once.

The sheet's title, numbers and edges are a picture like any other; the frames are drawn by the same
workers, and pasted into their places.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pagereel.outputs.frames import Frame, frames_of
from pagereel.render.fonts import typefaces
from pagereel.render.plan import Source, failures
from pagereel.render.settings import FrameOptions, Settings
from pagereel.render.workers import Progress, StillJob, draw
from pagereel.scenes.pictures.moment import Typefaces
from pagereel.scenes.shapes.picture import Anchor, Box, Picture, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_LABEL, SIZE_TITLE, paint
from pagereel.storage.outgoing import publishing

GAP, NUMBER, HEAD = 32, 40, 96
"""Between frames and around them; the line of a frame's number; the line of the title."""
PROPORTION = 4 / 3
"""Width to height that a sheet comes near to: long storyboards grow both ways."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where the title and every frame stand, in pixels of the sheet."""

    width: int
    height: int
    places: tuple[Box, ...]


def arrange(count: int, width: int, height: int) -> Sheet:
    """A grid of `count` frames of this size, in rows from left to right."""
    columns = max(1, min(count, round((count * height / width * PROPORTION) ** 0.5)))
    rows = -(-count // columns)
    columns = -(-count // rows)
    across, down = width + GAP, height + NUMBER + GAP
    places = tuple(
        Box(GAP + i % columns * across, HEAD + i // columns * down + NUMBER, width, height)
        for i in range(count)
    )
    tall = HEAD + rows * down
    return Sheet(GAP + columns * across, tall + tall % 2, places)


def write_sheet(
    source: Source,
    settings: Settings,
    options: FrameOptions,
    folder: Path,
    jobs: int,
    progress: Progress = lambda done, total: None,
) -> Path:
    """Write `folder / name.png`. Raises `MachineFailed`."""
    frames = list(frames_of(source.timeline, settings, options))
    size = (frames[0].picture.pixel_width(options.height), options.height)
    sheet = arrange(len(frames), *size)
    ground = paint(_ground(source, frames, sheet, options.each, typefaces()), settings.colours)
    name = f"{source.storyboard.name}.png"
    with (
        publishing(folder, source.inputs) as workshop,
        failures(folder / name),
        tempfile.TemporaryDirectory(prefix="pagereel-") as drawn,
    ):
        wanted = [StillJob(f.name, f.picture, options.height, Path(drawn)) for f in frames]
        draw([StillJob(_GROUND, ground, sheet.height, Path(drawn)), *wanted], jobs, progress)
        _paste(Path(drawn), frames, sheet).save(workshop / name, format="PNG")
    return folder / name


_GROUND = "ground.png"


def _paste(drawn: Path, frames: Sequence[Frame], sheet: Sheet) -> Image.Image:
    with Image.open(drawn / _GROUND) as opened:
        ground = opened.convert("RGB")
    for frame, place in zip(frames, sheet.places, strict=True):
        with Image.open(drawn / frame.name) as image:
            ground.paste(image, (round(place.x), round(place.y)))
    return ground


def _ground(
    source: Source, frames: Sequence[Frame], sheet: Sheet, each: str, faces: Typefaces
) -> Picture:
    """What lies under the frames: title, numbers, and an edge around each."""
    story, measures = source.storyboard, faces.measures("bold")
    file = Text("sheet/file", sheet.width - GAP, 64, visible(story.name), SIZE_LABEL, "muted",
                faces.text, Anchor.END)  # fmt: skip
    room = sheet.width - 3 * GAP - faces.measures("text").width(file.text, SIZE_LABEL)
    size = SIZE_TITLE if measures.width(visible(story.title), SIZE_TITLE) <= room else SIZE_LABEL
    title = shorten(visible(story.title), max(room, 0), size, measures)
    shapes: list[Shape] = [Text("sheet/title", GAP, 66, title, size, "text", faces.bold), file]
    for i, (frame, place) in enumerate(zip(frames, sheet.places, strict=True)):
        label = str(frame.beat) if each == "beat" else f"{frame.beat}.{frame.step}"
        shapes.append(Rect(f"sheet/{i}", place.inset(-1), stroke="edge", line=2))
        shapes.append(Text(f"sheet/{i}/number", place.x, place.y - 12, label, SIZE_LABEL,
                           "muted", faces.bold))  # fmt: skip
    return Picture(sheet.width, sheet.height, "background", tuple(shapes), alt=story.title)
