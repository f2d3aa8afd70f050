"""Hidden folders to work in, each held by a lock: what a killed run leaves, the next one removes.

However a process ends, the system lets go of its locks: a folder that can be locked belongs to
nobody any more. On a disk that knows no locks, age must tell.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # asked for before each use

MAKING, TEMPORARY, MARK = ".making-", ".pagereel-", "~"
"""How the names of these folders start: beside what is made, and for temporary files; how they
end, so that nobody's own folder is taken for one."""
DAY = 86400.0
LONGEST = 80
"""Bytes of a folder's path that leave room for the name of a socket: the system takes 104."""


@contextmanager
def workshop(folder: Path, kind: str = MAKING) -> Iterator[Path]:
    """A hidden folder inside `folder`, gone at the end with all that is still in it.

    What killed runs left there goes first. Raises OSError.
    """
    clear(folder, kind)
    with ExitStack() as holds:
        place = _made(folder, kind, holds)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def clear(folder: Path, kind: str = MAKING) -> None:
    """Remove the workshops in a folder that no living process holds."""
    with suppress(OSError):
        for place in [Path(entry.path) for entry in os.scandir(folder) if is_one(entry.name, kind)]:
            with suppress(OSError), _hold(place) as held:
                if held or (held is None and time.time() - place.lstat().st_mtime > DAY):
                    shutil.rmtree(place, ignore_errors=True)


def lasting() -> Path:
    """Where a temporary file may stay when this process is over."""
    place = Path(tempfile.gettempdir())
    return place.parent if is_one(place.name, TEMPORARY) else place


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other run is in this block with the same folder. Raises OSError."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network disks know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_one(name: str, kind: str = MAKING) -> bool:
    """Whether a workshop could have this name."""
    return re.fullmatch(rf"{re.escape(kind)}[a-z0-9_]{{8}}{MARK}", name) is not None


def work_apart() -> None:
    """Have this process's temporary files in a workshop, gone when it ends, however it ends."""
    with suppress(OSError):  # who needs a temporary file will say that there is no room for one
        tempfile.tempdir = str(_apart(Path(tempfile.gettempdir())))


@cache
def room_for_sockets() -> Path | None:
    """A workshop for temporary files whose paths have to be short; None if we do not work apart.

    Raises OSError.
    """
    place = Path(tempfile.gettempdir())
    if not is_one(place.name, TEMPORARY):
        return None
    return place if len(os.fsencode(place)) <= LONGEST else _apart(Path("/tmp"))


def _apart(folder: Path) -> Path:
    """A workshop until this process ends."""
    until_the_end = ExitStack()
    place = until_the_end.enter_context(workshop(folder, TEMPORARY))
    atexit.register(until_the_end.close)
    return place


def _made(folder: Path, kind: str, holds: ExitStack) -> Path:
    while True:
        try:
            place = Path(tempfile.mkdtemp(MARK, kind, folder))
        except OSError as problem:
            problem.filename = str(folder)  # the other name says nothing to anybody
            raise
        if holds.enter_context(_hold(place)) is not False:
            return place
        # Another run, clearing up, was faster than the lock.


@contextmanager
def _hold(place: Path) -> Iterator[bool | None]:
    """Whether a folder is ours alone until the block ends; None where there are no locks.

    Raises OSError for what is no folder, or somebody else's.
    """
    if fcntl is None:
        yield None
        return
    try:
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield False
        return
    try:
        yield _locked(handle) and _same(handle, place)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool | None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None  # some network disks
    return True


def _same(handle: int, place: Path) -> bool:
    """Whether an open folder is still to be found there."""
    try:
        return os.path.samestat(os.fstat(handle), place.lstat())
    except FileNotFoundError:
        return False
