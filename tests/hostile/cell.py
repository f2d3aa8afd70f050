"""One run of the command in a child of this process, under limits, and what became of it.

The child has all modules already, so a case takes milliseconds. Linux only.
"""

from __future__ import annotations

import os
import re
import resource
import select
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

MEMORY_BYTES, CPU_S, WALL_S = 2**30, 10, 60
"""What a case may take. The wall is for what waits without working: on a busy machine, all does."""
GOOD = (0, 1)
_FRAME = re.compile(r'File ".*?([^/"]+/[^/"]+)", line (\d+), in (\S+)')


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    code: int
    """Its exit code; negative: the signal that ended it."""
    said: str
    complaint: str
    """What it printed, and what it said on stderr."""
    kept: str
    """The traceback that it wrote down, if it did."""
    memory_bytes: int
    cpu_s: float
    in_time: bool = True

    @property
    def fault(self) -> str:
        """What is wrong with it, without what differs from case to case; empty: nothing is."""
        acting = [c for c in self.said + self.complaint if not c.isprintable() and c not in "\n\t"]
        if not self.in_time or self.code == -signal.SIGXCPU:
            return "it takes too long"
        if self.code not in GOOD:
            return f"exit {self.code}: {_place(self.kept) or self.complaint.strip()[-200:]}"
        if "Traceback" in self.complaint:
            return f"a traceback: {_place(self.complaint)}"
        if self.memory_bytes > MEMORY_BYTES:
            return "it takes too much memory"
        if acting:
            return f"a terminal obeys {acting[0]!a}"
        if self.code and not self.complaint.strip():
            return "it does not say why"
        return ""


def _place(text: str) -> str:
    """The last frame of a traceback, and what it raised."""
    frames = _FRAME.findall(text)
    last = [line for line in text.splitlines() if line and not line.startswith(" ")]
    if not frames or not last:
        return ""
    where = " ".join(frames[-1])
    return f"{where}: {last[-1][:120]}"


def run(words: Sequence[str], folder: Path) -> Outcome:
    """Run `pagereel WORDS` in a folder."""
    place = folder / "about"
    place.mkdir(exist_ok=True)
    child = os.fork()
    if not child:
        _be_the_command(words, folder, place)
    in_time = _ends(child)
    _, status, used = os.wait4(child, 0)
    kept = [path.read_text("utf-8") for path in place.rglob("pagereel-debug-*")]
    return Outcome(
        os.waitstatus_to_exitcode(status),
        (place / "said").read_text("utf-8", "replace"),
        (place / "complaint").read_text("utf-8", "replace"),
        "".join(kept),
        used.ru_maxrss * 1024,
        used.ru_utime + used.ru_stime,
        in_time,
    )


def _ends(child: int) -> bool:
    """Wait for the end; whether it came in time, or would have if it had had a processor."""
    handle = os.pidfd_open(child)
    try:
        while not select.select([handle], [], [], WALL_S)[0]:
            if not _works(child):
                os.kill(child, signal.SIGKILL)
                return False
    finally:
        os.close(handle)
    return True


def _works(process: int) -> bool:
    """Whether it does something, or would if it could; what it may take is limited elsewhere."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "R"


def _be_the_command(words: Sequence[str], folder: Path, place: Path) -> NoReturn:
    """The child: never returns, whatever happens."""
    code = 99
    try:
        for stream, name in ((0, os.devnull), (1, place / "said"), (2, place / "complaint")):
            opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            os.dup2(opened, stream)
        os.chdir(folder)
        os.environ |= {"TMPDIR": str(place), "PAGEREEL_CACHE": str(place / "cache")}
        import tempfile

        tempfile.tempdir = None
        have = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
        resource.setrlimit(resource.RLIMIT_AS, (have + MEMORY_BYTES,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 2))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        from pagereel.cli.boundary import main

        sys.argv = ["pagereel", "--debug", *words]
        main()
    except SystemExit as over:
        code = over.code if isinstance(over.code, int) else 98
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)
