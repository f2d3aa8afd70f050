"""The two ways a command ends early: the author's input is wrong, or the machine failed us."""

from __future__ import annotations

import errno
import os


class InputWrong(Exception):
    """What the author gave us cannot be used; the message says what and how to mend it. Exit 1."""


class MachineFailed(Exception):
    """Disk, fonts, processes: nothing the author wrote is at fault. Exit 3."""


ELSEWHERE = "choose another folder with -o"


def explain(problem: OSError, what: str, elsewhere: str = ELSEWHERE) -> MachineFailed:
    """An operating-system error in one clear line, with a remedy where we know one.

    `elsewhere` says how to have the files written to another place.
    """
    where = f" ({problem.filename})" if problem.filename else ""
    match problem.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return MachineFailed(
                f"{what}: no space left on the disk{where}; free some and run again"
            )
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return MachineFailed(f"{what}: not allowed to write{where}; {elsewhere}")
        case errno.ENOTDIR | errno.EEXIST:
            return MachineFailed(f"{what}: a file is in the way{where}; {elsewhere}")
    reason = os.strerror(problem.errno) if problem.errno else str(problem)
    return MachineFailed(f"{what}: {reason}{where}")
