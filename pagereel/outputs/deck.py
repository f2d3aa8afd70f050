"""A storyboard as slides: PowerPoint with the clips in it, and a PDF of the same pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pagereel.outputs.manifest import manifest
from pagereel.render.plan import Cover, Plan, draw_missing, failures, missing
from pagereel.render.settings import DeckOptions
from pagereel.render.speech.narration import BREATH, LEAD, soundtrack
from pagereel.render.speech.speech import Speech
from pagereel.render.workers import Progress, StillJob
from pagereel.scenes.shapes.clip import Clip, apart, at_rest, held
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.shapes.typeface import visible
from pagereel.scenes.style import colour
from pagereel.storage.cache import clip_key, still_key
from pagereel.storage.outgoing import publishing, write_json

STILL_ROWS = 1080
"""Rows of the stills on slides, whatever the clips have."""


def write_deck(
    planned: Plan,
    options: DeckOptions,
    folder: Path,
    jobs: int,
    progress: Progress = lambda done, total: None,
) -> list[Path]:
    """Write `name.pptx` and `name.pdf` into a folder, each with a manifest. Raises `MachineFailed`.

    Clips and stills come from the cache, or are drawn into it.
    """
    name, parts = planned.source.storyboard.name, tuple(_parts(planned))
    shown = replace(
        planned, clips=tuple(part.clip for part in parts), keys=tuple(part.key for part in parts)
    )
    with publishing(folder, planned.source.inputs) as workshop, failures(folder):
        if "pptx" in options.kinds:
            stills = list(_stills(shown).values())
            draw_missing(shown, missing(shown), stills, jobs, progress)
            _write_slides(shown, parts, options, workshop / f"{name}.pptx")
        if "pdf" in options.kinds:
            _write_pages(shown, parts, workshop / f"{name}.pdf")
        made = sorted(workshop.iterdir())
        for path in made:
            write_json(workshop / f"{path.name}.manifest.json", manifest(planned, [path]))
    planned.cache.tidy()
    return [folder / path.name for path in made]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one slide shows: one of the things that are said in a beat."""

    number: int
    """The beat's."""
    title: str
    words: str
    """For the speaker."""
    clip: Clip
    key: str
    """The name of the clip's file in the cache."""
    speech: Speech | None


def _parts(planned: Plan) -> Iterator[_Part]:
    """A slide for everything that is said; a question stands there until the speaker goes on."""
    settings = planned.settings
    beats = zip(planned.beats, planned.clips, planned.speeches, strict=True)
    for number, (played, clip, speeches) in enumerate(beats, planned.first):
        parts = zip(played.said, apart(clip), speeches, strict=True)
        for said, shown, speech in parts:
            part = at_rest(shown) if said.asks else shown
            if speech:
                part = held(part, part.end.said, LEAD + speech.seconds + BREATH)
            key = clip_key(part, settings.height, settings.format)
            title, words = visible(played.beat.title), visible(said.words)
            yield _Part(number, title, words, part, key, speech)


def _stills(planned: Plan) -> dict[Picture, StillJob]:
    """The pictures that every clip starts and ends with."""
    pictures = [picture for clip in planned.clips for picture in (clip.opening, clip.end)]
    return {
        picture: StillJob(still_key(picture, STILL_ROWS), picture, STILL_ROWS, planned.cache)
        for picture in pictures
    }


def _write_slides(
    planned: Plan, parts: Sequence[_Part], options: DeckOptions, target: Path
) -> None:
    from pagereel.outputs.slides import Deck, Slide, write_pptx

    source, edition, theme = planned.source, planned.edition, planned.settings.colours
    opening = planned.clips[0].opening
    deck = Deck(
        title=visible(source.storyboard.title),
        author=visible(edition.author),
        subject=visible(source.storyboard.about),
        date=edition.date,
        background=colour("background", theme),
        text=colour("text", theme),
        shape=options.shape,
        picture=(opening.width, opening.height),
    )
    stills, cache = _stills(planned), planned.cache.folder
    with tempfile.TemporaryDirectory(prefix="pagereel-") as clips:
        paths = list(_single_clips(parts, cache, Path(clips)))
        slides = [
            Slide(
                title=part.title,
                notes=part.words,
                alt=part.clip.end.alt,
                clip=path,
                seconds=part.clip.frames / part.clip.rate,
                opening=cache / stills[part.clip.opening].key,
                still=cache / stills[part.clip.end].key,
            )
            for part, path in zip(parts, paths, strict=True)
        ]
        write_pptx(slides, deck, target)


def _single_clips(parts: Sequence[_Part], cache: Path, folder: Path) -> Iterator[Path]:
    """Each clip as a file of its own that starts to play at once, with its speech."""
    from pagereel.outputs.join import join
    from pagereel.render.speech.loudness import mastered

    for number, part in enumerate(parts, 1):
        target, clip = folder / f"{number:02}.mp4", part.clip
        cover = Cover(title=part.title, sound=mastered(soundtrack([[part.speech]], [clip])))
        join([cache / part.key], [clip.frames], clip.rate, target, cover)
        yield target


def _write_pages(planned: Plan, parts: Sequence[_Part], target: Path) -> None:
    from pagereel.outputs.pdf import About, Page, write_pdf

    storyboard = planned.source.storyboard
    pages = [Page(part.clip.end, part.title, str(part.number)) for part in parts]
    author, about = visible(planned.edition.author), visible(storyboard.about)
    write_pdf(pages, About(visible(storyboard.title), author, about), target)
