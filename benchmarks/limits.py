"""What does a storyboard cost that asks for as much as it may? Time and memory of `check`.

    python benchmarks/limits.py

A small storyboard grows tenfold and a hundredfold in one way at a time, as far as the limits of the
language let it: beats, steps, requests, blocks. Each is looked at in a process of its own, in one
aspect and one theme. For each way a line of JSON for each size, and whether the cost grew no faster
than what was asked for. Then the largest: 100 beats of 5 steps, 4 lanes, 64 requests, and one beat
with 399 steps. Processor seconds are counted, so other work on the machine does little harm.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SLACK = 1.5
"""A cost that grew by more than what was asked for, times this, did not grow linearly: what a
process takes before it has read anything is taken off."""


@dataclass(frozen=True, slots=True)
class Board:
    """How large a storyboard is."""

    beats: int = 1
    steps: int = 4
    """A beat."""
    requests: int = 1
    blocks: int = 8
    """Of 16 slots, in each lane."""
    lanes: int = 1

    def text(self) -> str:
        """The storyboard. Requests come one after the other through the first half."""
        kinds = ("paged/vllm", "paged/paper", "contiguous/max", "contiguous/pow2")[: self.lanes]
        size = {kind: ", block_size: 16" if "paged" in kind else ", max_len: 32" for kind in kinds}
        every = self.beats * self.steps / (2 * self.requests)
        return "\n".join([
            "title: As much as it may",
            "lanes:",
            *(f"  lane{i}: {{kind: {kind}, slots: {16 * self.blocks}{size[kind]}}}"
              for i, kind in enumerate(kinds)),
            "requests:",
            *(f"  R{i}: {{prompt: The quick brown fox number {i} jumps, output: ' over a lazy dog "
              f"and then another', arrival: {1 + int(i * every)}}}" for i in range(self.requests)),
            "beats:",
            *(f"  - {{title: Beat {i + 1}, do: [{{step: {self.steps}}}], say: Steps pass.}}"
              for i in range(self.beats)),
        ])  # fmt: skip


SMALL = Board()
WAYS = {
    "beats": [replace(SMALL, beats=n) for n in (1, 10, 100)],
    "steps": [replace(SMALL, steps=n) for n in (4, 40, 399)],
    "requests": [replace(SMALL, requests=n) for n in (1, 10, 64)],
    "blocks": [replace(SMALL, blocks=n) for n in (8, 80, 800)],
}
LARGEST = {
    "100 beats of 5 steps, 4 lanes, 64 requests": Board(100, 5, 64, 32, 4),
    "1 beat of 399 steps, 4 lanes, 64 requests": Board(1, 399, 64, 32, 4),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one `check`."""

    cpu_s: float
    memory_mib: float
    exit: int
    """1 where the layout has faults: large storyboards are not pretty."""


def cost(board: Board) -> Cost:
    """Check a storyboard in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "it.yaml"
        file.write_text(board.text(), encoding="utf-8")
        words = ["check", str(file), "--aspect", "16:9", "--theme", "dark"]
        quiet = subprocess.DEVNULL
        started = subprocess.Popen(
            [sys.executable, "-m", "pagereel", *words], cwd=ROOT, stdout=quiet, stderr=quiet
        )
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    spent = used.ru_utime + used.ru_stime
    return Cost(round(spent, 2), round(used.ru_maxrss / 1024), started.returncode)


def grown(way: str, boards: list[Board]) -> Iterator[str]:
    """A line of JSON for each size, and the verdict."""
    idle = cost(replace(SMALL, steps=1)).cpu_s
    found = [cost(board) for board in boards]
    for board, one in zip(boards, found, strict=True):
        yield json.dumps({way: getattr(board, way)} | asdict(one))
    first, last = (max(one.cpu_s - idle, 0.05) for one in (found[1], found[-1]))
    asked = getattr(boards[-1], way) / getattr(boards[1], way)
    said = "linear" if last / first <= SLACK * asked else "FASTER THAN LINEAR"
    yield f"{way}: {asked:.1f} times as many take {last / first:.1f} times as long: {said}"


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--way", choices=[*WAYS, "largest"], help="only this")
    given = parser.parse_args()
    for way, boards in WAYS.items():
        for line in grown(way, boards) if given.way in (None, way) else ():
            print(line, flush=True)
    for name, board in LARGEST.items() if given.way in (None, "largest") else ():
        print(json.dumps({"largest": name} | asdict(cost(board))), flush=True)


if __name__ == "__main__":
    main()
