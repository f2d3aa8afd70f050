"""From a storyboard to a finished video, with captions, poster and manifest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from model.play import play
from model.storyboard import Storyboard
from model.timeline import Timeline
from pagereel.cache import Cache, cache_folder, clip_key, still_key
from pagereel.failure import MachineFailed, explain
from pagereel.fonts import typefaces
from pagereel.manifest import manifest, write_json
from pagereel.publish import publishing
from pagereel.settings import Settings
from pagereel.subtitles import cues, srt, vtt
from pagereel.workers import ClipJob, StillJob, processes, render_clip, render_still
from scenes.clip import Clip, clips

Progress = Callable[[int, int], None]
"""Told (frames done, frames in all) at the start and whenever a beat is finished."""


@dataclass(frozen=True, slots=True)
class Source:
    """A storyboard and where it came from."""

    path: Path
    storyboard: Storyboard
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a render made, and how much of it was there already."""

    video: Path
    seconds: float
    beats: int
    drawn: int
    """Beats that had to be drawn; the others were in the cache."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A video before it is drawn: its clips, and the names of their files in the cache."""

    timeline: Timeline
    clips: tuple[Clip, ...]
    keys: tuple[str, ...]
    poster: StillJob
    cache: Cache

    @property
    def frames(self) -> int:
        return sum(clip.frames for clip in self.clips)


def render(
    source: Source,
    settings: Settings,
    folder: Path,
    jobs: int,
    progress: Progress = lambda done, total: None,
    executor: Executor | None = None,
) -> Rendered:
    """Render a video into `folder / name`.

    Beats are drawn by `jobs` processes of our own, or by any `executor` that shares the cache
    folder. Raises `MachineFailed`; finished beats stay in the cache for the next run.
    """
    plan = _plan(source, settings)
    target = folder / source.storyboard.name
    with publishing(target) as workshop, failures(target):
        missing = _missing(plan, settings.height)
        _draw(plan, missing, jobs, progress, executor)
        _assemble(source, settings, plan, workshop)
    plan.cache.tidy()
    video = target / f"{source.storyboard.name}.mp4"
    return Rendered(video, plan.frames / settings.rate, len(plan.clips), len(missing))


def _plan(source: Source, settings: Settings) -> _Plan:
    timeline = play(source.storyboard)
    drawn = clips(
        timeline, settings.canvas, settings.colours, settings.rate, settings.speed, typefaces()
    )
    keys = tuple(clip_key(clip, settings.height) for clip in drawn)
    cache = Cache(cache_folder())
    cover = drawn[0].end
    poster = StillJob(still_key(cover, settings.height), cover, settings.height, cache.folder)
    return _Plan(timeline, drawn, keys, poster, cache)


def _missing(plan: _Plan, height: int) -> list[ClipJob]:
    """A job for each clip that is not in the cache, the longest first; equal clips once."""
    found = {
        key: ClipJob(key, clip, height, plan.cache.folder)
        for key, clip in zip(plan.keys, plan.clips, strict=True)
        if plan.cache.find(key) is None
    }
    return sorted(found.values(), key=lambda job: -job.clip.frames)


def _draw(
    plan: _Plan,
    missing: Sequence[ClipJob],
    jobs: int,
    progress: Progress,
    executor: Executor | None,
) -> None:
    done = plan.frames - sum(job.clip.frames for job in missing)
    progress(done, plan.frames)
    no_poster = plan.cache.find(plan.poster.key) is None
    if not missing and not no_poster:
        return
    with nullcontext(executor) if executor else processes(jobs) as pool:
        frames = {pool.submit(render_clip, job): job.clip.frames for job in missing}
        if no_poster:
            frames[pool.submit(render_still, plan.poster)] = 0
        for future in as_completed(frames):
            future.result()
            done += frames[future]
            progress(done, plan.frames)


def _assemble(source: Source, settings: Settings, plan: _Plan, workshop: Path) -> None:
    """Join the clips and write what goes with them."""
    from pagereel.join import join

    name = source.storyboard.name
    video = workshop / f"{name}.mp4"
    paths = [plan.cache.folder / key for key in plan.keys]
    lengths = [clip.frames for clip in plan.clips]
    join(paths, lengths, settings.rate, video, source.storyboard.title)
    shown = cues(_captions(plan))
    (workshop / f"{name}.srt").write_text(srt(shown), encoding="utf-8")
    (workshop / f"{name}.vtt").write_text(vtt(shown), encoding="utf-8")
    shutil.copyfile(plan.cache.folder / plan.poster.key, workshop / "poster.png")
    about = manifest(
        source.path,
        source.overrides,
        settings,
        plan.timeline,
        plan.clips,
        plan.keys,
        sorted(workshop.iterdir()),
    )
    write_json(workshop / "manifest.json", about)


def _captions(plan: _Plan) -> Iterator[tuple[float, float, str]]:
    start = 0
    for played, clip in zip(plan.timeline.beats, plan.clips, strict=True):
        end = start + clip.frames
        if played.caption:
            yield start / clip.rate, end / clip.rate, played.caption
        start = end


@contextmanager
def failures(target: Path) -> Iterator[None]:
    """What the disk or a worker process does to us, in one clear line."""
    try:
        yield
    except BrokenProcessPool as problem:
        raise MachineFailed(
            "a drawing process was ended from outside (out of memory?); "
            "finished beats are kept, run again, perhaps with --jobs 1"
        ) from problem
    except OSError as problem:
        raise explain(problem, f"cannot render to {target}") from problem
