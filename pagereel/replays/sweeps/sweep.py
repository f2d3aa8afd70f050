"""Runs a sweep: each combination is what `pagereel replay` would count for it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from functools import lru_cache

from pagereel.errors import InputWrong
from pagereel.replays.arrange import Replay, arrange, traffic_of
from pagereel.replays.run import ReplayedLane, run
from pagereel.replays.sweeps.axes import Axis, Combination, combinations, read_axes
from pagereel.replays.wishes import ReplayWishes
from pagereel.replays.workloads import Traffic

Value = str | int | float | None
Row = dict[str, Value]
"""A combination and what came of it, by the name of the column."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A log, what is varied, and every replay that comes of it."""

    axes: tuple[Axis, ...]
    replays: tuple[Combination, ...]
    first: Replay
    """The first of them, arranged: what it says of the log holds for all."""


def plan_sweep(wishes: ReplayWishes, texts: Sequence[str]) -> Sweep:
    """Arrange every replay before the first one runs. Raises `InputWrong` with all that is wrong.

    `texts` are what `--sweep` says, one a setting.
    """
    for name in ("states", "record", "stretch", "cite"):
        if getattr(wishes, name) is not None:
            raise InputWrong(f"--{name}: is kept of one replay, not of a sweep; leave one out")
    axes = read_axes(texts, wishes)
    replays = combinations(axes, wishes)
    if not replays:
        arrange(wishes)  # says which lanes there are
    arranged, wrong = [], []
    for one in replays:
        try:
            arranged.append(arrange(one.wishes, _traffic(_alone(one.wishes))))
        except InputWrong as problem:
            wrong += [line for line in str(problem).split("\n") if line not in wrong]
    if wrong:
        raise InputWrong("\n".join(wrong))
    return Sweep(axes, tuple(replays), arranged[0])


def run_sweep(
    sweep: Sweep, executor: Executor | None = None, progress: Callable[[int], None] | None = None
) -> list[Row]:
    """The rows, in the order of the sweep. Any executor can run them: jobs are picklable, and need
    the log's file. None: here, one after another. Raises `InputWrong`."""
    tell = progress or (lambda done: None)
    rows: dict[int, Row] = {}
    if executor is None:
        for place, one in enumerate(sweep.replays):
            rows[place] = replay_one(one)
            tell(len(rows))
    else:
        waiting = {executor.submit(replay_one, one): i for i, one in enumerate(sweep.replays)}
        for future in as_completed(waiting):
            rows[waiting[future]] = future.result()
            tell(len(rows))
    return [rows[place] for place in sorted(rows)]


def replay_one(one: Combination) -> Row:
    """Replay one combination. Raises `InputWrong`."""
    arranged = arrange(one.wishes, _traffic(_alone(one.wishes)))
    requests = arranged.traffic.requests
    (lane,) = arranged.lanes
    return _row(one, arranged, run(lane, requests, lambda done: None, arranged.extent))


def _alone(wishes: ReplayWishes) -> ReplayWishes:
    """As much of it as tells which traffic is read."""
    return ReplayWishes(
        wishes.path, "", step_ms=wishes.step_ms, limit=wishes.limit,
        columns=wishes.columns, rate=wishes.rate, tokenizer=wishes.tokenizer,
    )  # fmt: skip


@lru_cache(maxsize=1)
def _traffic(wishes: ReplayWishes) -> Traffic:
    """Read once in a process, for as long as the next replay wants the same."""
    return traffic_of(wishes)


def _row(one: Combination, arranged: Replay, lane: ReplayedLane) -> Row:
    summary, waits = lane.summary, lane.waits
    row: Row = {**dict(one.settings), "lane": one.lane}
    row |= {"kv_slots": lane.capacity, "max_len": arranged.max_len, "step_ms": arranged.step_ms}
    tally = summary.tally if summary else None
    for name in ("finished", "aborted", "steps", "preemptions", "refusals", "computed",
                 "recomputed", "hit"):  # fmt: skip
        row[name] = getattr(tally, name) if tally else None
    row["turned_away"] = len(lane.turned_away)
    row["hit_rate"] = round(tally.hit_rate, 6) if tally else None
    row["mean_running"] = round(summary.means.running, 6) if summary else None
    row["mean_waiting"] = round(summary.means.waiting, 6) if summary else None
    row["peak_running"] = summary.peak_running if summary else None
    row["occupancy"] = round(summary.occupancy, 6) if summary else None
    for rank in ("p50", "p95", "p99"):
        row[f"waited_steps_{rank}"] = getattr(waits, rank) if waits else None
    return row
