"""Jobs that a worker process does, the pool of such processes, and the loop that draws with them.

Any `concurrent.futures.Executor` can take the pool's place: a job is a picklable value and a
function on it, and results come back through the shared cache folder.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from pagereel.render.encoding.formats import FORMATS
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.picture import Picture
from pagereel.storage.cache import Cache
from pagereel.storage.workshop import room_for_sockets

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
        try:
            waiting = {pool.submit(_render, job): job.frames for job in wanted}
        except (EOFError, ConnectionError) as problem:
            raise BrokenProcessPool("what starts the processes is gone") from problem
        for future in as_completed(waiting):
            future.result()
            done += waiting[future]
            progress(done, total)


def _render(job: ClipJob | StillJob) -> str:
    try:
        return render_clip(job) if isinstance(job, ClipJob) else render_still(job)
    except _Over:
        os._exit(1)  # nobody waits for the result


def default_jobs() -> int:
    """As many as there are cores for this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


GRACE_S = 5
"""Seconds that a worker may take to put away what it was making."""


class _Over(BaseException):
    """This worker is to end: nobody needs it any more."""


DRAWING = ("pagereel.scenes.drawing.stage", "pagereel.render.encoding.encode")
"""What workers that draw have imported when they start."""


@contextmanager
def processes(jobs: int, imported: Sequence[str] = DRAWING) -> Iterator[Executor]:
    """A pool of worker processes; they end with the block, or with this process, however it ends.

    They say nothing, and have one folder for temporary files, which goes when they do.
    """
    method = "forkserver" if sys.platform != "win32" else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload([*imported])
        place = room_for_sockets()
        if place:  # not in a folder beside ours, which would stay when we are killed
            multiprocessing.current_process()._config["tempdir"] = str(place)  # type: ignore[attr-defined]  # there is no other way to say it
    ends, lifeline = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="pagereel-", ignore_cleanup_errors=True) as folder:
        if method == "forkserver":
            _start_servers()
        pool = ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_begin, initargs=(ends, folder)
        )
        try:
            with _no_script():
                yield pool
        except BaseException:
            lifeline.close()
            raise
        finally:
            _end(pool)
            lifeline.close()
            ends.close()


@contextmanager
def _no_script() -> Iterator[None]:
    """Processes that start in the block do not run the caller's script again: they need nothing of
    it, and it may be one that renders, without a guard against that."""
    main = sys.modules["__main__"]
    spec, file = main.__spec__, main.__dict__.pop("__file__", None)
    main.__spec__ = None
    try:
        yield
    finally:
        main.__spec__ = spec
        if file is not None:
            main.__file__ = file


def _end(pool: ProcessPoolExecutor) -> None:
    """Wait for the workers; one that hears nothing, in the midst of something, is killed."""
    workers = [*(pool._processes or {}).values()]  # Python 3.14 has `kill_workers` for this
    pool.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.join(2 * GRACE_S)
        worker.kill()


def _start_servers() -> None:
    """Start what starts the workers: silent, and deaf to what a terminal sends; it ends with us."""
    with _unheard():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        try:
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _unheard() -> Iterator[None]:
    """What is started in the block inherits no output, which would mix with ours."""
    kept = [(stream, os.dup(stream)) for stream in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for stream, _ in kept:
            os.dup2(nowhere, stream)
        yield
    finally:
        for stream, copy in kept:
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nowhere)


def _begin(ends: Connection, folder: str) -> None:
    """Make ready a worker: it ends, and its job with it, when the other end of a pipe is gone."""
    tempfile.tempdir = folder
    main = threading.main_thread().ident
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; our parent tells us
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _leave)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # from `_start_servers`

    def watch() -> None:
        ends.poll(None)
        shutil.rmtree(folder, ignore_errors=True)
        if sys.platform != "win32" and main is not None:
            signal.pthread_kill(main, signal.SIGTERM)
            threading.Event().wait(GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _leave(number: int, frame: FrameType | None) -> None:
    """Put away what is half made, and end."""
    signal.signal(number, signal.SIG_IGN)
    raise _Over
