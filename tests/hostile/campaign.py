"""The campaign: thousands of files that are almost good, each read under limits.

    python tests/hostile/campaign.py --cases 2000 --seed 7

What counts as a fault: any end but exit 0 or 1, a traceback, a refusal without words, ten seconds,
a gigabyte, anything that a terminal would obey. A case is its seed and its number: `--only 17`
does one again. The smallest input of each fault is left in output/hostile/.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cell
from corpus import AZURE, ROOT, Kind, corpus

TRIES = 60
"""Runs that may be spent to make the input of a fault small."""
LEFT = ROOT / "output" / "hostile"


@dataclass(frozen=True, slots=True)
class Case:
    """One file, and the command that reads it."""

    seed: int
    number: int

    @property
    def dice(self) -> random.Random:
        """The chance of this case, the same every time."""
        return random.Random(f"{self.seed}/{self.number}")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case."""

    case: Case
    kind: str
    fault: str
    words: tuple[str, ...]
    cpu_s: float
    memory_bytes: int


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", type=int, help="the number of one case")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    numbers = range(given.cases) if given.only is None else [given.only]
    print(f"{len(numbers)} cases, seed {given.seed}", flush=True)
    with _prepared():
        results = list(_results([Case(given.seed, n) for n in numbers], given.jobs))
        faults = {result.fault: result for result in reversed(results) if result.fault}
        for fault in sorted(faults):
            _report(faults[fault], sum(result.fault == fault for result in results))
    _sum_up(results)
    sys.exit(1 if faults else 0)


@contextmanager
def _prepared() -> Iterator[None]:
    """Good files of what pagereel writes, in a folder of their own; and its modules, loaded."""
    with tempfile.TemporaryDirectory(prefix="pagereel-hostile-") as made:
        folder = Path(made)
        board = (ROOT / "tests" / "valid" / "every-verb.yaml").read_bytes()
        (folder / "two.yaml").write_bytes(board)
        (folder / "it.csv").write_text(AZURE, "utf-8")
        recorded = ("--record", "it.jsonl.gz", "--stretch", "0:100:10", "--cite", "Ours")
        small = ("--model", "gpt2", "--kv-memory", "64MiB", "--max-len", "512")
        for words in (
            ("frames", "two.yaml", "--format", "svg", "-o", "."),
            ("deck", "two.yaml", "--format", "pdf", "-o", "."),
            ("replay", "it.csv", *small, *recorded),
        ):
            outcome = cell.run(words, folder)
            assert outcome.code == 0, outcome
        for path in (folder / "two").iterdir():
            shutil.copy(path, folder)
        shutil.rmtree(folder / "about")
        os.environ["PAGEREEL_HOSTILE"] = made
        _load(folder / "two.yaml")
        yield


def _load(board: Path) -> None:
    """Import and warm up what every case would have to."""
    import pagereel.measured.records
    import pagereel.outputs.frames
    import pagereel.outputs.verify
    import pagereel.replays.compare
    import pagereel.replays.report  # noqa: F401  # imported for the children
    from pagereel.cli.app import COMMANDS, command
    from pagereel.read import read_timeline
    from pagereel.render.fonts import typefaces
    from pagereel.render.layout import look

    for name in COMMANDS:
        command(name)
    look(read_timeline(board), typefaces(), ("16:9",), ("dark",))


@cache
def _kinds() -> tuple[list[Kind], list[int]]:
    found = corpus(Path(os.environ["PAGEREEL_HOSTILE"]))
    return found, [kind.weight for kind in found]


def _results(cases: list[Case], jobs: int) -> Iterator[Result]:
    """All cases, side by side; each process forks a child for each of its own."""
    _kinds()
    if jobs == 1:
        yield from map(result_of, cases)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        for done, result in enumerate(pool.map(result_of, cases, chunksize=8), 1):
            if result.fault or done % 500 == 0:
                print(f"{done} of {len(cases)} {result.fault}"[:160], flush=True)
            yield result


def result_of(case: Case) -> Result:
    """Run a case."""
    kind, dice = _chosen(case)
    data = kind.case(dice)
    words, outcome = _run(kind, data, dice)
    return Result(case, kind.name, outcome.fault, words, outcome.cpu_s, outcome.memory_bytes)


def _chosen(case: Case) -> tuple[Kind, random.Random]:
    dice = case.dice
    kinds, weights = _kinds()
    return dice.choices(kinds, weights)[0], dice


def _run(kind: Kind, data: bytes, dice: random.Random) -> tuple[tuple[str, ...], cell.Outcome]:
    with tempfile.TemporaryDirectory(prefix="pagereel-case-") as folder:
        words = tuple(kind.put(Path(folder), data, dice))
        return words, cell.run(words, Path(folder))


def _report(result: Result, count: int) -> None:
    """Tell a fault once, with the smallest input that was found for it."""
    kind, dice = _chosen(result.case)
    data = kind.case(dice)
    state = dice.getstate()

    def fails(tried: bytes) -> bool:
        dice.setstate(state)
        return _run(kind, tried, dice)[1].fault == result.fault

    smallest = _smallest(data, fails, kind)
    LEFT.mkdir(parents=True, exist_ok=True)
    kept = LEFT / f"{result.case.seed}-{result.case.number}-{kind.name.split()[0]}"
    kept.write_bytes(smallest)
    print(f"\n{result.fault}\n  {count} cases; the first is {result.case.number}, a {kind.name}")
    print(f"  pagereel {' '.join(result.words)}\n  {kept}: {smallest[:300]!r}", flush=True)


def _smallest(data: bytes, fails: Callable[[bytes], bool], kind: Kind) -> bytes:
    """The input with as many stretches taken out as leave the fault, in so many tries."""
    if kind.is_packed:
        return data
    tries, size = TRIES, len(data) // 2
    while size and tries:
        start = 0
        while start < len(data) and tries:
            shorter = data[:start] + data[start + size :]
            tries -= 1
            if fails(shorter):
                data = shorter
            else:
                start += size
        size //= 2
    return data


def _sum_up(results: list[Result]) -> None:
    slow, large = max(r.cpu_s for r in results), max(r.memory_bytes for r in results)
    wrong = sum(bool(result.fault) for result in results)
    print(f"\n{len(results)} cases, {wrong} faults; at most {slow:.1f} s, {large / 2**20:.0f} MiB")
    for name in sorted({result.kind for result in results}):
        of_kind = [result for result in results if result.kind == name]
        wrong = sum(bool(result.fault) for result in of_kind)
        print(f"  {name}: {len(of_kind)}, {wrong} faults")


if __name__ == "__main__":
    main()
