"""From a storyboard to a finished video, with captions, chapters, sound, poster and manifest."""

from __future__ import annotations

import shutil
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from pagereel.outputs.manifest import manifest
from pagereel.render.plan import Edition, Plan, Progress, Source, draw, failures, missing, plan
from pagereel.render.settings import Settings
from pagereel.render.speech.narration import soundtrack
from pagereel.render.speech.subtitles import hurried, srt, vtt
from pagereel.scenes.shapes.typeface import visible
from pagereel.storage.publish import publishing, write_json

__all__ = ["Edition", "Progress", "Rendered", "Source", "failures", "render"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a render made, and how much of it was there already."""

    video: Path
    seconds: float
    beats: int
    drawn: int
    """Beats that had to be drawn; the others were in the cache."""
    hurried: float = 0
    """Characters a second of the fastest caption, if that is too fast to read."""


def render(
    source: Source,
    settings: Settings,
    folder: Path,
    jobs: int,
    progress: Progress = lambda done, total: None,
    executor: Executor | None = None,
    edition: Edition | None = None,
) -> Rendered:
    """Render a video into `folder / name`.

    Beats are drawn by `jobs` processes of our own, or by any `executor` that shares the cache
    folder. Raises `InputWrong` for beats that there are not, and `MachineFailed`; finished beats
    stay in the cache for the next run.
    """
    edition = edition or Edition()
    planned = plan(source, settings, edition)
    stem, target = _stem(source, planned), folder / source.storyboard.name
    with publishing(target) as workshop, failures(target):
        wanted = missing(planned)
        draw(planned, wanted, [planned.poster], jobs, progress, executor)
        _assemble(source, edition, planned, workshop, stem)
    planned.cache.tidy()
    video = target / f"{stem}.{settings.format}"
    seconds = planned.frames / settings.rate
    return Rendered(video, seconds, len(planned.clips), len(wanted), hurried(planned.cues))


def _stem(source: Source, planned: Plan) -> str:
    """The video's name without suffix; a part of a storyboard says which."""
    name, count = source.storyboard.name, len(planned.clips)
    if count == len(planned.timeline.beats):
        return name
    last = planned.first + count - 1
    return f"{name}-{planned.first}" + (f"-{last}" if count > 1 else "")


def _assemble(source: Source, edition: Edition, planned: Plan, workshop: Path, stem: str) -> None:
    """Join the clips and write what goes with them."""
    settings = planned.settings
    whole = stem == source.storyboard.name
    _video(source, edition, planned, workshop / f"{stem}.{settings.format}")
    (workshop / f"{stem}.srt").write_text(srt(planned.cues), encoding="utf-8")
    (workshop / f"{stem}.vtt").write_text(vtt(planned.cues), encoding="utf-8")
    poster = "poster.png" if whole else f"{stem}-poster.png"
    shutil.copyfile(planned.cache.folder / planned.poster.key, workshop / poster)
    about = manifest(source, planned, sorted(workshop.iterdir()))
    plain = whole and settings.format == "mp4"
    name = "manifest.json" if plain else f"{stem}.{settings.format}.manifest.json"
    write_json(workshop / name, about)


def _video(source: Source, edition: Edition, planned: Plan, target: Path) -> None:
    paths = [planned.cache.folder / key for key in planned.keys]
    settings, storyboard = planned.settings, source.storyboard
    if settings.format == "gif":
        from pagereel.render.encoding.gif import join_gifs

        join_gifs(paths, target)
        return
    from pagereel.outputs.join import join
    from pagereel.render.plan import Cover

    cover = Cover(
        title=visible(storyboard.title),
        author=visible(edition.author),
        date=edition.date or source.date,
        about=visible(storyboard.about),
        chapters=planned.chapters,
        captions=planned.cues if settings.captions != "none" else (),
        show_captions=settings.captions == "track",
        sound=soundtrack(planned.speeches, planned.clips),
    )
    lengths = [clip.frames for clip in planned.clips]
    join(paths, lengths, settings.rate, target, cover, settings.form)
