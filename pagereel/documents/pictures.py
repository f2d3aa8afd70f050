"""The pictures of the pages: each is a beat of a storyboard, named in one table, drawn by us."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from pagereel.errors import InputWrong
from pagereel.read import read_timeline
from pagereel.render.fonts import typefaces
from pagereel.render.settings import Settings
from pagereel.render.workers import StillJob, default_jobs, draw
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Formula, Picture, Text
from pagereel.scenes.style import paint
from pagereel.storage.cache import Cache, cache_folder, still_key
from pagereel.storage.outgoing import publishing_file
from pagereel.words import did_you_mean

TABLE = Path("docs/pictures/pictures.yaml")
"""Which page shows which beat of which storyboard."""
HEIGHT, COLOURS = 720, 72
"""Rows of a picture, and the colours that its palette is cut down to, to be light."""
WORDS = "Words"
"""The text chunk of a PNG that tells which words the picture had when it was drawn."""


@dataclass(frozen=True, slots=True)
class Illustration:
    """One picture of a page."""

    name: str
    page: Path
    storyboard: Path
    beat: str
    """By its title."""
    file: Path


def illustrations(root: Path) -> Iterator[Illustration]:
    """What the table of pictures asks for."""
    rows = yaml.safe_load((root / TABLE).read_text(encoding="utf-8"))
    for name, row in rows.items():
        storyboard = root / "storyboards" / f"{row['storyboard']}.yaml"
        file = (root / TABLE).with_name(f"{name}.png")
        yield Illustration(name, root / row["page"], storyboard, row["beat"], file)


def compose_illustration(wanted: Illustration) -> Picture:
    """The picture that the beat ends in. Raises `InputWrong` if there is no such beat."""
    timeline = read_timeline(wanted.storyboard)
    titles = [played.beat.title for played in timeline.beats]
    if wanted.beat not in titles:
        remedy = did_you_mean(wanted.beat, titles)
        where = f"{TABLE}, {wanted.name}"
        raise InputWrong(f"{where}: {wanted.storyboard.name} has no beat {wanted.beat!r}; {remedy}")
    settings = Settings()
    composed = compose_beat(timeline, titles.index(wanted.beat), settings.canvas, typefaces())
    return paint(composed[-1], settings.colours)


def words(picture: Picture) -> str:
    """A digest of what a picture says, wherever it says it: its texts, numbers and formulas."""
    said = [
        shape.text if isinstance(shape, Text) else shape.typst
        for shape in picture.shapes
        if isinstance(shape, Text | Formula)
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def draw_illustrations(root: Path) -> list[Path]:
    """Draw every picture of the table. Raises `InputWrong` for a beat that is not there."""
    wanted = list(illustrations(root))
    pictures = [compose_illustration(one) for one in wanted]
    cache = Cache(cache_folder())
    jobs = [StillJob(still_key(p, HEIGHT), p, HEIGHT, cache) for p in pictures]
    draw(jobs, default_jobs())
    for one, picture, job in zip(wanted, pictures, jobs, strict=True):
        _lighten(cache.folder / job.key, one, picture)
    return [one.file for one in wanted]


def _lighten(drawn: Path, wanted: Illustration, picture: Picture) -> None:
    """Write the picture with a small palette, and in it what it says and where it is from."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    about = PngInfo()
    about.add_text("Source", f"{wanted.storyboard.name}: {wanted.beat}")
    about.add_text(WORDS, words(picture))
    with Image.open(drawn) as image:
        light = image.convert("RGB").quantize(
            COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
        )
    with publishing_file(wanted.file, (drawn,)) as opened:
        light.save(opened, format="PNG", optimize=True, pnginfo=about)
