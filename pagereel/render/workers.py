"""Jobs that a worker process does, the pool of such processes, and the loop that draws with them.

Any `concurrent.futures.Executor` can take the pool's place: a job is a picklable value and a
function on it, and results come back through the shared cache folder.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pagereel.render.encoding.formats import FORMATS
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.picture import Picture
from pagereel.storage.cache import Cache

if TYPE_CHECKING:
    from PIL import Image

    from pagereel.render.encoding.encode import ClipEncoder
    from pagereel.render.encoding.gif import GifEncoder

Progress = Callable[[int, int], None]
"""Told (frames done, frames in all) at the start and whenever a clip or a still is finished."""


@dataclass(frozen=True, slots=True)
class ClipJob:
    """Draw and encode one clip."""

    key: str
    """The file's name."""
    clip: Clip
    height: int
    place: Cache | Path
    """The cache, or the folder of an output that is being made."""
    form: str = "mp4"

    @property
    def frames(self) -> int:
        """Frames to draw."""
        return self.clip.frames


def render_clip(job: ClipJob) -> str:
    """Do the job; returns its key. Raises OSError when the disk does."""
    from pagereel.scenes.drawing.stage import play_clip

    opacity = 0.0 if FORMATS[job.form].clear else 1.0
    with _making(job) as path, _encoder(job, path) as encoder:
        play_clip(job.clip, job.height, encoder, opacity)
    return job.key


def _encoder(job: ClipJob, path: Path) -> ClipEncoder | GifEncoder:
    """What takes the frames of this format."""
    if job.form == "gif":
        from pagereel.render.encoding.gif import GifEncoder, inks_of

        return GifEncoder(path, job.clip.rate, inks_of(job.clip))
    from pagereel.render.encoding.encode import ClipEncoder

    width = job.clip.opening.pixel_width(job.height)
    return ClipEncoder(path, width, job.height, job.clip.rate, FORMATS[job.form])


@dataclass(frozen=True, slots=True)
class StillJob:
    """Draw one picture as PNG."""

    key: str
    """The file's name."""
    picture: Picture
    height: int
    place: Cache | Path
    """As a clip's."""
    opacity: float = 1
    """The background's."""

    @property
    def frames(self) -> int:
        """Frames to draw."""
        return 1


def render_still(job: StillJob) -> str:
    """Do the job; returns its key. Raises OSError when the disk does."""
    image = still_image(job.picture, job.height, job.opacity)
    with _making(job) as path:
        image.save(path, format="PNG")
    return job.key


def still_image(picture: Picture, height: int, opacity: float = 1) -> Image.Image:
    """A picture in pixels: RGB, or RGBA where the background is less than opaque."""
    from PIL import Image

    from pagereel.scenes.drawing.stage import draw_picture

    pixels = draw_picture(picture, height, opacity)
    return Image.fromarray(pixels if opacity < 1 else pixels[..., :3].copy())


def _making(job: ClipJob | StillJob) -> AbstractContextManager[Path]:
    """A path to write the file to."""
    if isinstance(job.place, Cache):
        return job.place.making(job.key)
    return nullcontext(job.place / job.key)


def draw(
    wanted: Sequence[ClipJob | StillJob],
    jobs: int,
    progress: Progress = lambda done, total: None,
    executor: Executor | None = None,
    kept: int = 0,
) -> None:
    """Have `jobs` processes of our own, or any executor, draw clips and stills into their folders.

    `kept` frames are there already, and count as done. Raises OSError when the disk does, and
    `BrokenProcessPool` when a process is ended from outside.
    """
    done, total = kept, kept + sum(job.frames for job in wanted)
    progress(done, total)
    if not wanted:
        return
    with nullcontext(executor) if executor else processes(jobs) as pool:
        waiting = {pool.submit(_render, job): job.frames for job in wanted}
        for future in as_completed(waiting):
            future.result()
            done += waiting[future]
            progress(done, total)


def _render(job: ClipJob | StillJob) -> str:
    return render_clip(job) if isinstance(job, ClipJob) else render_still(job)


def default_jobs() -> int:
    """As many as there are cores for this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def processes(jobs: int) -> Iterator[Executor]:
    """A pool of worker processes; they end when this process does, however it ends."""
    method = "forkserver" if sys.platform != "win32" else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(
            ["pagereel.scenes.drawing.stage", "pagereel.render.encoding.encode"]
        )
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Watch the parent: a worker that nobody waits for must not go on drawing."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        with contextlib.suppress(OSError):
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
