"""A sweep as a chart: preemptions and waits by the first setting that is a number."""

from __future__ import annotations

from collections.abc import Sequence

from pagereel.errors import InputWrong
from pagereel.model.core.sizes import human_bytes, read_bytes
from pagereel.replays.sweeps.axes import Axis
from pagereel.replays.sweeps.sweep import Row, Sweep
from pagereel.replays.sweeps.tables import line_of
from pagereel.scenes.pictures.charts.swept import MOST_LINES, SweptChart, SweptLine, SweptPanel


def along(sweep: Sweep) -> Axis:
    """The setting along the chart's axis. Raises `InputWrong` where nothing can be drawn."""
    for axis in sweep.axes:
        places = [axis.number(value) for value in axis.values]
        if len(places) > 1 and None not in places and _is_everybodys(sweep, axis):
            break
    else:
        raise InputWrong(
            "--chart: sweep a number over two values or more, as kv-memory=20..80GiB:7"
        )
    lines = {line_of(sweep.axes, {"lane": r.lane, **dict(r.settings)}, axis.name)
             for r in sweep.replays}  # fmt: skip
    if len(lines) > MOST_LINES:
        told = f"{len(lines)} lines, one for each lane and other setting"
        raise InputWrong(f"--chart: {told}; at most {MOST_LINES} can be told apart")
    return axis


def _is_everybodys(sweep: Sweep, axis: Axis) -> bool:
    return all(axis.concerns(replay.lane) for replay in sweep.replays)


def chart(sweep: Sweep, rows: Sequence[Row]) -> SweptChart:
    """What is drawn. Raises `InputWrong` as `along` does."""
    axis, lines = along(sweep), dict[str, list[Row]]()
    for row in rows:
        lines.setdefault(line_of(sweep.axes, row, axis.name), []).append(row)
    ticks = sorted((_place(axis, value), _words(axis, value)) for value in axis.values)
    step_ms = sweep.first.step_ms
    traffic = sweep.first.traffic
    assumed = "" if step_ms is None else f"; a step counts as {step_ms:g} ms: an assumption"
    if any(other.name == "step-ms" for other in sweep.axes):
        assumed = "; a step counts as what is said: an assumption"
    return SweptChart(
        f"What {axis.name} changes: {traffic.name}",
        axis.name,
        tuple(ticks),
        (
            SweptPanel("Preemptions", ""),
            SweptPanel("Wait for admission, 95th percentile", "steps" if step_ms is None else "s"),
        ),
        tuple(_line(name, axis, group) for name, group in lines.items()),
        f"{len(traffic.requests):,} requests{assumed}",
    )


def _line(name: str, axis: Axis, rows: Sequence[Row]) -> SweptLine:
    ordered = sorted(rows, key=lambda row: _place(axis, str(row[axis.name])))
    return SweptLine(
        name,
        (tuple(_number(row["preemptions"]) for row in ordered), tuple(map(_wait, ordered))),
        tuple(_place(axis, str(row[axis.name])) for row in ordered),
    )


def _wait(row: Row) -> float:
    """Seconds, or steps where steps were given as steps."""
    steps, step_ms = _number(row["waited_steps_p95"]), row["step_ms"]
    return steps if step_ms is None else steps * float(step_ms) / 1000


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _words(axis: Axis, value: str) -> str:
    """A value below the axis: `20 GiB`."""
    size = read_bytes(value) if axis.name == "kv-memory" else None
    return value if size is None else human_bytes(size)


def _place(axis: Axis, value: str) -> float:
    return axis.number(value) or 0.0
