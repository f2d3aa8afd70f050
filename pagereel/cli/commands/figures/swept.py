"""`pagereel replay --sweep`: a log in many settings, as a table, files and a chart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pagereel.cli.commands.figures.ticker import ticker
from pagereel.errors import MachineFailed
from pagereel.replays.wishes import ReplayWishes

if TYPE_CHECKING:  # the model is imported when there is something to replay
    from pagereel.replays.sweeps.sweep import Row, Sweep


@dataclass(frozen=True, slots=True)
class SweepFiles:
    """Where the rows go besides the screen."""

    csv: Path | None
    parquet: Path | None
    chart: Path | None
    theme: str
    """Of the chart."""


def replay_swept(
    wishes: ReplayWishes, texts: Sequence[str], form: str, files: SweepFiles, jobs: int | None
) -> None:
    """Replay, write the files, and print. Raises `InputWrong`, `MachineFailed`."""
    from pagereel.replays.arrange import head_document
    from pagereel.replays.sweeps.chart import along
    from pagereel.replays.sweeps.sweep import plan_sweep
    from pagereel.replays.sweeps.tables import arrow, columns, refuse_names, smallest, table

    refuse_names(files.csv, files.parquet, files.chart)
    sweep = plan_sweep(wishes, texts)
    if files.chart:
        from pagereel.outputs.figures import refuse_kind

        refuse_kind("--chart", files.chart)
        along(sweep)
    if files.parquet:
        arrow()
    rows = _run(sweep, jobs)
    _write(sweep, rows, files)
    if form == "json":
        about = {"workload": head_document(sweep.first)["workload"]}
        print(json.dumps(about | {"columns": columns(sweep, rows), "rows": rows}))
        return
    traffic, step_ms = sweep.first.traffic, sweep.first.step_ms
    print(f"{traffic.name}: {len(traffic.requests):,} requests, {len(rows):,} replays")
    if step_ms is not None and all(axis.name != "step-ms" for axis in sweep.axes):
        print(f"A step counts as {step_ms:g} ms: an assumption (--step-ms), nothing was measured")
    print(f"\n{table(sweep, rows)}")
    if enough := smallest(sweep, rows):
        print("\n" + "\n".join(enough))
    written = [str(file) for file in (files.csv, files.parquet, files.chart) if file]
    if written:
        print(f"\nWritten: {', '.join(written)}")


def _run(sweep: Sweep, jobs: int | None) -> list[Row]:
    """On all cores; alone where there is one core or one replay."""
    from pagereel.render.workers import default_jobs, processes
    from pagereel.replays.sweeps.sweep import run_sweep

    count = min(jobs or default_jobs(), len(sweep.replays))
    with ticker("sweep", len(sweep.replays), "replays") as tell:
        if count == 1:
            return run_sweep(sweep, progress=tell)
        try:
            with processes(count, ["pagereel.replays.sweeps.sweep"]) as pool:
                return run_sweep(sweep, pool, tell)
        except (BrokenProcessPool, EOFError, ConnectionError):
            told = "a process was ended from outside, perhaps for want of memory"
            raise MachineFailed(f"--sweep: {told}; take fewer --jobs") from None


def _write(sweep: Sweep, rows: Sequence[Row], files: SweepFiles) -> None:
    from pagereel.replays.sweeps.tables import columns, write_csv, write_parquet

    log, names = sweep.first.wishes.path, columns(sweep, rows)
    if files.csv:
        write_csv(files.csv, log, names, rows)
    if files.parquet:
        write_parquet(files.parquet, log, names, rows)
    if files.chart:
        from pagereel.outputs.figures import draw_sweep
        from pagereel.replays.sweeps.chart import chart

        draw_sweep(chart(sweep, rows), files.chart, files.theme, log)
