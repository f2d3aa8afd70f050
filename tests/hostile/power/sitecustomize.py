"""Notes what every Python of a command has put on the disk for certain: see disasters.py."""

import hashlib
import os
import stat
from pathlib import Path

_fsync, _log = os.fsync, os.environ.get("PAGEREEL_SETTLED")


def _noted(handle):
    _fsync(handle)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        return
    with Path(f"/proc/self/fd/{handle}").open("rb") as opened:
        line = f"{os.fstat(handle).st_ino} {hashlib.file_digest(opened, 'sha256').hexdigest()}\n"
    log = os.open(_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, line.encode())
    os.close(log)


if _log:
    os.fsync = _noted
