"""A storyboard as slides: PowerPoint with the clips in it, and a PDF of the same pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.timeline import PlayedBeat
from pagereel.cache import still_key
from pagereel.cover import Cover
from pagereel.manifest import manifest, write_json
from pagereel.plan import Edition, Plan, Progress, Source, draw, failures, missing, plan
from pagereel.publish import publishing
from pagereel.settings import Settings
from pagereel.workers import StillJob
from scenes.shapes import Picture
from scenes.style import colour
from scenes.typeface import visible

STILL_ROWS = 1080
"""Rows of the stills on slides, whatever the clips have."""


@dataclass(frozen=True, slots=True)
class DeckOptions:
    """Which files, and the slides' shape."""

    kinds: tuple[str, ...] = ("pptx", "pdf")
    shape: str = "16:9"


def write_deck(
    source: Source,
    settings: Settings,
    options: DeckOptions,
    folder: Path,
    jobs: int,
    progress: Progress = lambda done, total: None,
    edition: Edition | None = None,
) -> list[Path]:
    """Write `name.pptx` and `name.pdf` into a folder. Raises `InputWrong` and `MachineFailed`.

    Clips and stills come from the cache, or are drawn into it.
    """
    edition, name = edition or Edition(), source.storyboard.name
    planned = plan(source, settings, edition)
    with publishing(folder) as workshop, failures(folder):
        if "pptx" in options.kinds:
            stills = list(_stills(planned).values())
            draw(planned, missing(planned), stills, jobs, progress)
            _write_slides(source, planned, options, edition, workshop / f"{name}.pptx")
        if "pdf" in options.kinds:
            _write_pages(source, planned, edition, workshop / f"{name}.pdf")
        made = sorted(workshop.iterdir())
        write_json(workshop / f"{name}.deck.manifest.json", manifest(source, planned, made))
    planned.cache.tidy()
    return [folder / path.name for path in made]


def _stills(planned: Plan) -> dict[Picture, StillJob]:
    """The pictures that every clip starts and ends with."""
    pictures = [picture for clip in planned.clips for picture in (clip.opening, clip.end)]
    folder = planned.cache.folder
    return {
        picture: StillJob(still_key(picture, STILL_ROWS), picture, STILL_ROWS, folder)
        for picture in pictures
    }


def _write_slides(
    source: Source, planned: Plan, options: DeckOptions, edition: Edition, target: Path
) -> None:
    from pagereel.slides import Deck, Slide, write_pptx

    storyboard, theme = source.storyboard, planned.settings.colours
    opening = planned.clips[0].opening
    deck = Deck(
        title=visible(storyboard.title),
        author=visible(edition.author),
        subject=visible(storyboard.about),
        date=edition.date or source.date,
        background=colour("background", theme),
        text=colour("text", theme),
        shape=options.shape,
        picture=(opening.width, opening.height),
    )
    stills, cache = _stills(planned), planned.cache.folder
    with tempfile.TemporaryDirectory(prefix="pagereel-") as clips:
        paths = list(_single_clips(planned, Path(clips)))
        slides = [
            Slide(
                title=visible(played.beat.title),
                notes=visible(_notes(played)),
                alt=clip.end.alt,
                clip=path,
                seconds=clip.frames / clip.rate,
                opening=cache / stills[clip.opening].key,
                still=cache / stills[clip.end].key,
            )
            for played, clip, path in zip(planned.beats, planned.clips, paths, strict=True)
        ]
        write_pptx(slides, deck, target)


def _notes(played: PlayedBeat) -> str:
    """What the speaker asks and says."""
    question = played.beat.question
    return f"{question.words} {played.caption}" if question else played.caption


def _single_clips(planned: Plan, folder: Path) -> Iterator[Path]:
    """Each clip as a file of its own that starts to play at once, with its speech."""
    from pagereel.join import join
    from pagereel.narration import soundtrack

    number = planned.first
    for played, clip, key, speech in zip(
        planned.beats, planned.clips, planned.keys, planned.speeches, strict=True
    ):
        target = folder / f"{number:02}.mp4"
        cover = Cover(title=visible(played.beat.title), sound=soundtrack([speech], [clip]))
        join([planned.cache.folder / key], [clip.frames], clip.rate, target, cover)
        yield target
        number += 1


def _write_pages(source: Source, planned: Plan, edition: Edition, target: Path) -> None:
    from pagereel.pdf import About, Page, write_pdf

    storyboard = source.storyboard
    pages: Sequence[Page] = [
        Page(clip.end, visible(played.beat.title), str(number))
        for number, (played, clip) in enumerate(
            zip(planned.beats, planned.clips, strict=True), planned.first
        )
    ]
    author, about = visible(edition.author), visible(storyboard.about)
    write_pdf(pages, About(visible(storyboard.title), author, about), target)
