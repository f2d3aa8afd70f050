"""Renders that are killed at any moment, lose power, or fill the disk; and caches that are damaged.

    PYTHONPATH=tests python tests/hostile/disasters.py --kills 20 --damages 20 --seed 7

Under a final name lies a whole file, or none; the next run finishes the work and clears up; from a
damaged cache comes the same video, to the byte. Where the power goes, all is lost that no process
had asked the disk to keep. A full disk is one line and exit 3.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from whole import is_whole

ROOT = Path(__file__).parents[2]
BOARD = ROOT / "tests" / "valid" / "every-verb.yaml"
LINE = (sys.executable, "-m", "pagereel")
RENDER = ("render", str(BOARD), "--quality", "draft", "--jobs")
HIDDEN, DRAWN, SEAL = ".making-", (".mp4", ".png"), ".sha256"


class Disaster(Exception):
    """Something came of a kill or of damage."""


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--damages", type=int, default=20)
    parser.add_argument("--power", type=int, default=20)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    acts = {"kills": _kills, "damages": _damages, "power": _powers, "full": _fulls}
    counts = {name: getattr(given, name) for name in acts}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"{told}, seed {given.seed}", flush=True)
    dice = random.Random(given.seed)
    lost = 0
    for name, act in acts.items():
        with tempfile.TemporaryDirectory(prefix="pagereel-disaster-") as folder:
            lost += act(Place(Path(folder)), counts[name], dice) if counts[name] else 0
    print(f"{told}: {lost} with consequences")
    sys.exit(1 if lost else 0)


class Place:
    """Folders of a campaign: outputs, the cache, and where temporary files go."""

    def __init__(self, folder: Path) -> None:
        self.out, self.cache, self.temporary = (folder / name for name in ("out", "cache", "tmp"))
        self.temporary.mkdir()
        own = {"PAGEREEL_CACHE": str(self.cache), "TMPDIR": str(self.temporary)}
        self.environment = os.environ | own | {"SOURCE_DATE_EPOCH": "1700000000"}

    def run(self, *words: object) -> str:
        """Run a command that must succeed; what it said on stderr."""
        line = [*LINE, *map(str, words)]
        done = subprocess.run(line, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise Disaster(f"{' '.join(line)}: exit {done.returncode}: {done.stderr}")
        return done.stderr

    def begin(self, jobs: int) -> subprocess.Popen[bytes]:
        """Start a render in a session of its own."""
        line, quiet = [*LINE, *RENDER, str(jobs), "-o", str(self.out)], subprocess.DEVNULL
        return subprocess.Popen(
            line, cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet, start_new_session=True
        )

    def look(self) -> None:
        """Raise `Disaster` for a file with a final name that is not whole."""
        kept = [path for path in self.cache.iterdir() if path.suffix in DRAWN]
        for path in [*self.out.rglob("*"), *kept]:
            if path.is_file() and not any(part.startswith(HIDDEN) for part in path.parts):
                try:
                    is_whole(path)
                except Exception as problem:
                    raise Disaster(f"{path.name} is not whole: {problem}") from problem

    def finish(self) -> None:
        """The next run: it succeeds, its outputs are good, and nothing of the others is left."""
        self.run(*RENDER, 2, "-o", self.out)
        self.run("verify", *self.out.rglob("*.mp4"), "--storyboard", BOARD)
        self.run("cache", "--check")
        left = [*self.out.rglob(f"{HIDDEN}*"), *self.cache.glob(f"{HIDDEN}*")]
        left += list(self.temporary.iterdir())
        if left:
            raise Disaster(f"left: {', '.join(path.name for path in left)}")


def _kills(place: Place, count: int, dice: random.Random) -> int:
    whole_s, lost = _whole(place), 0
    for number in range(count):
        running = _under_way(place, dice, whole_s)
        told = _kill(running.pid, dice)
        running.wait()
        lost += _survives(f"kill {number} of {told}", place, number % 5 == 4)
    return lost


def _whole(place: Place) -> float:
    """Seconds that a run takes that nobody disturbs."""
    begun = time.monotonic()
    place.run(*RENDER, 2, "-o", place.out)
    return time.monotonic() - begun


def _under_way(place: Place, dice: random.Random, whole_s: float) -> subprocess.Popen[bytes]:
    """A run at any moment between its start and a little after its end."""
    if dice.random() < 0.7:
        _forget(place, dice)
    running = place.begin(dice.choice((1, 2)))
    time.sleep(whole_s * dice.uniform(0.05, 1.2))
    return running


def _forget(place: Place, dice: random.Random) -> None:
    """Take clips out of the cache, so that there is something to draw."""
    for path in place.cache.glob("*.mp4"):
        if dice.random() < 0.7:
            path.unlink()


def _kill(session: int, dice: random.Random) -> str:
    """Kill the command, one of its processes, or all of them; which."""
    processes = _processes(session)
    which = dice.choice(("the command", "one of its processes", "all", "all"))
    with contextlib.suppress(ProcessLookupError):  # it was faster
        if which == "all":
            os.killpg(session, signal.SIGKILL)
        elif which == "the command" or not processes:
            os.kill(session, signal.SIGKILL)
        else:
            os.kill(dice.choice(processes), signal.SIGKILL)
    return which


def _processes(session: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.parent.name))
    return found


def _survives(what: str, place: Place, also_finish: bool) -> int:
    """0 if nothing came of it; else 1, and it is told."""
    try:
        place.look()
        if also_finish:
            place.finish()
    except Disaster as disaster:
        print(f"{what}: {disaster}", flush=True)
        return 1
    return 0


def _powers(place: Place, count: int, dice: random.Random) -> int:
    """Kills, after which all is zeros that was not settled."""
    settled, home = place.temporary.parent / "settled", str(Path(__file__).parent / "power")
    paths = [home, *filter(None, [place.environment.get("PYTHONPATH")])]
    place.environment |= {"PYTHONPATH": os.pathsep.join(paths), "PAGEREEL_SETTLED": str(settled)}
    whole_s, lost = _whole(place), 0
    for number in range(count):
        running = _under_way(place, dice, whole_s)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        gone = _lose_what_is_not_settled(place, settled)
        lost += _survives(f"power {number}, lost {gone}", place, number % 5 == 4)
    return lost


def _lose_what_is_not_settled(place: Place, settled: Path) -> list[str]:
    kept, gone = set(settled.read_text("utf-8").splitlines()), []
    for path in [*place.out.rglob("*"), *place.cache.rglob("*")]:
        data = path.read_bytes() if path.is_file() else b""
        if data and f"{path.stat().st_ino} {hashlib.sha256(data).hexdigest()}" not in kept:
            gone.append(path.name)
            path.write_bytes(bytes(len(data)))
    return sorted(name for name in gone if not name.startswith(HIDDEN))


def _fulls(place: Place, count: int, dice: random.Random) -> int:
    """Files that cannot grow beyond so many bytes, in whatever process."""
    place.run(*RENDER, 2, "-o", place.out)
    largest, lost = max(path.stat().st_size for path in place.out.rglob("*.mp4")), 0
    for number in range(count):
        _forget(place, dice)
        most = round(largest ** dice.uniform(0.3, 1))
        what = f"full {number}, at {most} bytes"
        try:
            code, said = _with_no_more(place, most)
            if code not in (0, 3) or len(said.strip().splitlines()) > 1:
                raise Disaster(f"exit {code}: {said[-300:]}")
        except Disaster as disaster:
            lost += 1
            print(f"{what}: {disaster}", flush=True)
            continue
        lost += _survives(what, place, number % 5 == 4)
    return lost


def _with_no_more(place: Place, most: int) -> tuple[int, str]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    line = [*LINE, *RENDER, "2", "-o", str(place.out)]
    done = subprocess.run(
        line, cwd=ROOT, env=place.environment, capture_output=True, text=True, preexec_fn=limit
    )
    return done.returncode, done.stderr


def _damages(place: Place, count: int, dice: random.Random) -> int:
    place.run(*RENDER, 2, "-o", place.out)
    (video,) = place.out.rglob("*.mp4")
    good, lost = video.read_bytes(), 0
    for number in range(count):
        entries = sorted(path for path in place.cache.iterdir() if path.suffix in (*DRAWN, SEAL))
        path, damage = dice.choice(entries), dice.choice(DAMAGES)
        damage(path, entries, dice)
        what = f"damage {number}, {damage.__name__.strip('_')} of {path.suffix}"
        try:
            place.run(*RENDER, 1, "-o", place.out)
            if video.read_bytes() != good:
                raise Disaster("another video came of it, and exit 0")
            place.look()
        except Disaster as disaster:
            lost += 1
            print(f"{what}: {disaster}", flush=True)
    return lost


Damage = Callable[[Path, list[Path], random.Random], None]


def _flip(path: Path, entries: list[Path], dice: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    path.write_bytes(data)


def _cut(path: Path, entries: list[Path], dice: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: dice.randrange(len(data))])


def _empty(path: Path, entries: list[Path], dice: random.Random) -> None:
    path.write_bytes(b"")


def _zeros(path: Path, entries: list[Path], dice: random.Random) -> None:
    """As a disk leaves what was not written before the power went."""
    data = path.read_bytes()
    start = dice.randrange(len(data))
    path.write_bytes(data[:start] + bytes(len(data) - start))


def _exchange(path: Path, entries: list[Path], dice: random.Random) -> None:
    path.write_bytes(dice.choice(entries).read_bytes())


def _lose(path: Path, entries: list[Path], dice: random.Random) -> None:
    path.unlink()


DAMAGES: tuple[Damage, ...] = (_flip, _flip, _flip, _cut, _empty, _zeros, _exchange, _lose)

if __name__ == "__main__":
    main()
