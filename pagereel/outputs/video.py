"""From a storyboard to a finished video, with captions, chapters, sound, poster and manifest."""

from __future__ import annotations

import shutil
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from pagereel.outputs.manifest import manifest
from pagereel.render.plan import Plan, draw_missing, failures, missing
from pagereel.render.speech.narration import soundtrack
from pagereel.render.speech.subtitles import hurried, srt, vtt
from pagereel.render.workers import Progress
from pagereel.scenes.shapes.typeface import visible
from pagereel.storage.outgoing import publishing, write_json


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
    planned: Plan,
    folder: Path,
    jobs: int,
    progress: Progress = lambda done, total: None,
    executor: Executor | None = None,
) -> Rendered:
    """Render a video into `folder / name`.

    Beats are drawn by `jobs` processes of our own, or by any `executor` that shares the cache
    folder. Raises `MachineFailed`; finished beats stay in the cache for the next run.
    """
    stem, target = planned.name, folder / planned.source.storyboard.name
    with publishing(target, planned.source.inputs) as workshop, failures(target):
        wanted = missing(planned)
        draw_missing(planned, wanted, [planned.poster], jobs, progress, executor)
        _assemble(planned, workshop, stem)
    planned.cache.tidy()
    video = target / f"{stem}.{planned.settings.format}"
    seconds = planned.frames / planned.settings.rate
    return Rendered(video, seconds, len(planned.clips), len(wanted), hurried(planned.cues))


def _assemble(planned: Plan, workshop: Path, stem: str) -> None:
    """Join the clips and write what goes with them.

    The whole as MP4 has the names that everybody looks for. All that goes with another edition is
    named after its video: no two editions share a file, so neither makes the other's untrue.
    """
    video = f"{stem}.{planned.settings.format}"
    base = stem if planned.settings.format == "mp4" else video
    plain = video == f"{planned.source.storyboard.name}.mp4"
    _video(planned, workshop / video)
    (workshop / f"{base}.srt").write_text(srt(planned.cues), encoding="utf-8")
    (workshop / f"{base}.vtt").write_text(vtt(planned.cues), encoding="utf-8")
    poster = "poster.png" if plain else f"{base}.poster.png"
    shutil.copyfile(planned.cache.folder / planned.poster.key, workshop / poster)
    about = manifest(planned, sorted(workshop.iterdir()))
    write_json(workshop / ("manifest.json" if plain else f"{video}.manifest.json"), about)


def _video(planned: Plan, target: Path) -> None:
    paths = [planned.cache.folder / key for key in planned.keys]
    settings, source, edition = planned.settings, planned.source, planned.edition
    if settings.format == "gif":
        from pagereel.render.encoding.gif import join_gifs

        join_gifs(paths, target)
        return
    from pagereel.outputs.join import join
    from pagereel.render.plan import Cover
    from pagereel.render.speech.loudness import mastered

    cover = Cover(
        title=visible(source.storyboard.title),
        author=visible(edition.author),
        date=edition.date,
        about=visible(source.storyboard.about),
        chapters=planned.chapters,
        captions=planned.cues if settings.captions != "none" else (),
        show_captions=settings.captions == "track",
        sound=mastered(soundtrack(planned.speeches, planned.clips)),
    )
    lengths = [clip.frames for clip in planned.clips]
    join(paths, lengths, settings.rate, target, cover, settings.form)
