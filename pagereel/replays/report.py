"""A replay in words and numbers: tables of fixed width for people, plain data for machines."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from pagereel.model.replay.meter import Means, Point, Summary
from pagereel.model.replay.waits import Percentiles
from pagereel.replays.run import ReplayedLane

SIDE_BY_SIDE = 4
"""Lanes in one table; it is at most 100 columns wide."""
_LABEL, _WIDTH = 24, 19
_PARTS = (
    ("stored", "stored: hold K/V"),
    ("reserved", "reserved: for later"),
    ("internal", "internal: never used"),
    ("external", "external: lost outside"),
    ("cached", "cached: free, findable"),
    ("free", "free and empty"),
)
_NAMED = 3
"""Turned-away requests that are named in the text."""

Row = tuple[str, Callable[[Summary], str]]


def tables(lanes: Sequence[ReplayedLane], step_ms: float | None, points: int) -> str:
    """Sums and means, then the way there, for every lane; then who could never fit."""
    parts = []
    for start in range(0, len(lanes), SIDE_BY_SIDE):
        group = lanes[start : start + SIDE_BY_SIDE]
        parts += [_sums(group, step_ms), _over_time(group, step_ms, points)]
    parts += [_strangers(lane) for lane in lanes if lane.turned_away]
    return "\n\n".join(parts)


def document(lanes: Sequence[ReplayedLane], points: int) -> list[dict[str, Any]]:
    """The same as plain data, in slots and counts; shares are parts of 1."""
    return [_lane_document(lane, points) for lane in lanes]


def _sums(lanes: Sequence[ReplayedLane], step_ms: float | None) -> str:
    rows: list[Row] = [
        ("requests finished", lambda s: f"{s.tally.finished:,}"),
        ("  aborted by the client", lambda s: f"{s.tally.aborted:,}"),
        ("  turned away", lambda s: f"{s.turned_away:,}"),
        ("steps", lambda s: f"{s.tally.steps:,}"),
    ]
    if step_ms is not None:
        ms = step_ms
        rows.append(("  at the assumed length", lambda s: duration(s.tally.steps * ms)))
    rows += [
        ("running, mean (most)", lambda s: f"{s.means.running:,.1f} ({s.peak_running:,})"),
        ("waiting, mean", lambda s: f"{s.means.waiting:,.1f}"),
        ("  queueing steps", lambda s: f"{s.tally.queued_steps:,}"),
        ("refusals of the head", lambda s: f"{s.tally.refusals:,}"),
        ("preemptions", lambda s: f"{s.tally.preemptions:,}"),
        ("tokens computed", lambda s: f"{s.tally.computed:,}"),
        ("  recomputed", lambda s: f"{s.tally.recomputed:,}"),
        ("  not: prefix hits", lambda s: f"{s.tally.hit:,}"),
        ("    by preempted ones", lambda s: f"{s.tally.hit_again:,}"),
        ("prefix hit rate", lambda s: percent(s.tally.hit_rate)),
    ]
    lines = [_line("", [lane.lane.kind for lane in lanes])]
    lines.append(_line("K/V slots", [f"{lane.capacity:,}" for lane in lanes]))
    lines += [_line(label, _cells(lanes, show)) for label, show in rows]
    for label, rank in (("steps waited, p50", "p50"), ("  p95", "p95"), ("  p99", "p99")):
        lines.append(_line(label, [waited(lane.waits, rank) for lane in lanes]))
    lines += ["", "Where the slots are, mean over all steps"]
    for name, meaning in _PARTS:
        lines.append(_line(f"  {meaning}", _cells(lanes, _share(name))))
    lines.append(_line("used of what is held", _cells(lanes, lambda s: percent(s.utilisation))))
    return "\n".join(line.rstrip() for line in lines)


def _over_time(lanes: Sequence[ReplayedLane], step_ms: float | None, points: int) -> str:
    """Rows about evenly apart, at points of the longest lane's curve."""
    longest = max((lane.curve for lane in lanes), key=_last_step)
    count = min(points, len(longest))
    steps = [longest[len(longest) * place // count - 1].step for place in range(1, count + 1)]
    head = "After each step: running+waiting requests, and the share of slots that hold K/V"
    lines = [head, _line("", [lane.lane.kind for lane in lanes])]
    for step in steps:
        time = f"  ({duration(step * step_ms)})" if step_ms is not None else ""
        cells = [_counts(at(lane, step)) for lane in lanes]
        lines.append(_line(f"{step:>9,}{time}", cells))
    return "\n".join(line.rstrip() for line in lines)


def _last_step(curve: Sequence[Point]) -> int:
    return curve[-1].step if curve else 0


def _counts(point: Point | None) -> str:
    if point is None:
        return "-"
    gauge = point.gauge
    return f"{gauge.running:,}+{gauge.waiting:,} {percent(gauge.split.occupancy):>7}"


def at(lane: ReplayedLane, step: int) -> Point | None:
    """The last point up to a step; None before the first, and after the lane's end."""
    place = bisect_right(lane.curve, step, key=lambda point: point.step)
    ended = lane.summary is None or step > lane.summary.tally.steps
    return lane.curve[place - 1] if place and not ended else None


def _strangers(lane: ReplayedLane) -> str:
    gone = lane.turned_away
    named = ", ".join(f"{t.request} ({t.needed:,} of {t.capacity:,} slots)" for t in gone[:_NAMED])
    more = f" and {len(gone) - _NAMED:,} more" if len(gone) > _NAMED else ""
    return f"{lane.lane.kind} turned away {len(gone):,} that can never fit: {named}{more}"


def _cells(lanes: Sequence[ReplayedLane], show: Callable[[Summary], str]) -> list[str]:
    return ["-" if lane.summary is None else show(lane.summary) for lane in lanes]


def _share(name: str) -> Callable[[Summary], str]:
    return lambda summary: percent(getattr(summary.means, name) / summary.capacity)


def _line(label: str, cells: Sequence[str]) -> str:
    return f"{label:<{_LABEL}}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)


def waited(waits: Percentiles | None, rank: str) -> str:
    """Steps that so many of a hundred waited at most: `1,290`."""
    return "-" if waits is None else f"{getattr(waits, rank):,}"


def percent(share: float) -> str:
    """`23.8 %`."""
    return f"{100 * share:.1f} %"


def duration(ms: float) -> str:
    """`58 min 20 s`, `2 h 50 min`: the two largest units."""
    seconds = round(ms / 1000)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if hours:
        return f"{hours:,} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{ms / 1000:.2g} s"


def _lane_document(lane: ReplayedLane, points: int) -> dict[str, Any]:
    curve = lane.curve
    every = -(-len(curve) // points) if points else 1
    shown = [point for place, point in enumerate(curve, 1) if place % every == 0]
    return {
        "lane": lane.lane.kind,
        "settings": dict(lane.lane.settings),
        "capacity": lane.capacity,
        "sums": _sums_document(lane.summary),
        "means": _means_document(lane.summary),
        "waits": asdict(lane.waits) if lane.waits else None,
        "turned_away": [asdict(stranger) for stranger in lane.turned_away],
        "curve": [_point_document(point) for point in shown],
    }


def _sums_document(summary: Summary | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    peaks = {"peak_running": summary.peak_running, "peak_stored": summary.peak_stored}
    return {**asdict(summary.tally), "hit_rate": round(summary.tally.hit_rate, 6), **peaks}


def _means_document(summary: Summary | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    means: Means = summary.means
    shares = {"occupancy": summary.occupancy, "utilisation": summary.utilisation}
    return {name: round(value, 6) for name, value in {**asdict(means), **shares}.items()}


def _point_document(point: Point) -> dict[str, Any]:
    gauge, tally = point.gauge, point.tally
    return {
        "step": point.step,
        "running": gauge.running,
        "waiting": gauge.waiting,
        "in_flight": gauge.in_flight,
        "occupancy": round(gauge.split.occupancy, 6),
        **asdict(gauge.split),
        "hit_rate": round(tally.hit_rate, 6),
        "preemptions": tally.preemptions,
        "recomputed": tally.recomputed,
        "refusals": tally.refusals,
        "queued_steps": tally.queued_steps,
    }
