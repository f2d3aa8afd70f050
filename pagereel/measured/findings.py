"""The sentence under a chart, made from its numbers; and what counts as a difference.

Memory, requests at once and capacity are counts: equal or not. Times and rates are medians of what
varies, and differ if the interval of their ratio says so (`intervals`); "no difference seen" is
said only where that includes 1. Means are compared with means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pagereel.measured.intervals import first_waits, interval, rates, ratio
from pagereel.measurements.modelled.predict import Pair, compare
from pagereel.measurements.modelled.traces import TraceComparison
from pagereel.measurements.protocol.plan import METHODS
from pagereel.measurements.records.forms import CellRecord, Machine
from pagereel.scenes.pictures.charts.axis import amount
from pagereel.scenes.pictures.charts.axis import plain as number

GOOD_MODEL = 1.0
"""Percent within which the model counts as right."""

_MADE = "{0} made {1} tokens a second, {2} {3}"
UNIT_MS = {"s": 1000, "ms": 1}
"""Milliseconds in each unit of time."""

Cells = Sequence[CellRecord]


def memory(cells: Cells) -> str:
    """How much of the memory that was held over time was used."""
    pair = _contiguous_and_paged(cells)
    if pair is None:
        return _one(
            cells,
            "used {:.0f} % of the memory it held for keys and values, over time",
            _used_over_time,
        )
    first, second = (_used_over_time(entry) for entry in pair)
    names = [_name(entry) for entry in pair]
    if f"{first:.0f}" == f"{second:.0f}":
        return f"Over time, {names[0]} and {names[1]} both used {first:.0f} % of what they held."
    return (
        f"Over time, {names[0]} used {first:.0f} % of the memory it held for keys and values, "
        f"{names[1]} {second:.0f} %."
    )


def split(cells: Cells) -> str:
    """How much was held for what was used, at the fullest moment."""
    pair = _contiguous_and_paged(cells)
    if pair is None:
        return _one(cells, "used {:.0f} % of what it held when fullest", _used_when_fullest)
    parts = []
    for entry in pair:
        assert entry.summary is not None
        full = entry.summary.fullest
        used, held = amount(full.used, "bytes"), amount(full.held, "bytes")
        parts.append(f"{_name(entry)} held {held} for {used} of keys and values")
    return f"At its fullest, {parts[0]}; {parts[1]}."


def concurrency(cells: Cells) -> str:
    """How many requests ran at once."""
    pair = _contiguous_and_paged(cells)
    if pair is None:
        return _one(cells, "ran {:.0f} requests at once", _live)
    first, second = (_live(entry) for entry in pair)
    names = [_name(entry) for entry in pair]
    budget = amount(pair[0].cell.budget_bytes, "bytes")
    assert pair[0].summary is not None
    assert pair[1].summary is not None
    means = [entry.summary.mean.live for entry in pair if entry.summary]
    if first == second and f"{means[0]:.1f}" == f"{means[1]:.1f}":
        return f"Both ran {first} requests at once in {budget}."
    said = (
        f"In {budget}, {names[0]} ran {_at_once(pair[0])} at most, {names[1]} {_at_once(pair[1])}. "
        f"On average it was {means[0]:.1f} and {means[1]:.1f}, "
        f"{number(means[1] / means[0])} times as many."
    )
    preempted = pair[1].summary.preemptions / len(pair[1].runs)
    return f"{said} It preempted {preempted:.0f} times a run for that." if preempted else said


STOPPED = {
    "refused": "one is refused",
    "preempted": "one is preempted",
    "out of memory": "out of memory",
    "over budget": "over the budget",
}
"""What comes of one request more, in a few words."""


def capacity(cells: Cells) -> str:
    """How many requests fit, and what one more comes to."""
    pair = _contiguous_and_paged(cells)
    if pair is None:
        return _one(cells, "fits {:.0f} requests at once, to their ends", _fit)
    first, second = (_fit(entry) for entry in pair)
    names = [_name(entry) for entry in pair]
    budget = amount(pair[0].cell.budget_bytes, "bytes")
    said = f"In {budget}, {names[0]} fits {first} requests at once, {names[1]} {_fits(pair[1])}"
    if first == second or not first:
        return f"{said}."
    return f"{said}: {number(second / first)} times as many."


def throughput(cells: Cells, machine: Machine) -> str:
    """How many tokens a second."""
    pair = _contiguous_and_paged(cells)
    if pair is None:
        return _one(cells, "made {:.0f} tokens a second", lambda e: interval(rates(e)).median)
    said = _where(machine) + _differ(pair, rates, _MADE, number)
    other = next((e for e in cells if e.cell.method == "hf-paged" and e is not pair[1]), None)
    if other is None:
        return said
    rate, name = number(interval(rates(other)).median), _name(other)
    return f"{said} {name[0].upper()}{name[1:]} made {rate}: engines differ in more than paging."


def latency(cells: Cells, machine: Machine) -> str:
    """How long until the first token."""
    pair = _contiguous_and_paged(cells)
    if pair is None:
        return _one(
            cells, "gave a first token after {:.0f} ms", lambda e: interval(first_waits(e)).median
        )
    unit = time_unit(interval(first_waits(entry)).median for entry in pair)
    return _where(machine) + _differ(
        pair,
        first_waits,
        "{0} gave the median request its first token after {1}, {2} after {3}",
        lambda value: f"{number(value / UNIT_MS[unit])} {unit}",
    )


def _at_once(entry: CellRecord) -> str:
    """`8 requests`; `all 24` where the requests were the limit."""
    live = _live(entry)
    return f"all {live}" if live == entry.cell.requests else f"{live} requests"


def model(cells: Cells, traces: Sequence[TraceComparison]) -> str:
    """How often the model is right, where it is furthest off, and what the recorded tables say."""
    found = [(entry, compare(entry)) for entry in cells]
    exact = [e for e, c in found if c.worst == 0 and c.live_equal]
    good = [e for e, c in found if c.worst <= GOOD_MODEL and c.live_equal]
    total = len(found)
    said = f"Model and measurement agree at every step of {len(exact)} of {total} methods"
    if len(good) > len(exact):
        said += f", within {GOOD_MODEL:.0f} % of {len(good)}"
    off = [(c.worst, e, c.steps) for e, c in found if e not in good]
    if off:
        worst, entry, steps = max(off, key=lambda one: one[0])
        said += f" ({_name(entry)}: {_how_far(worst, steps)})"
    return " ".join([said + ".", *map(_tables, traces)])


def trace(found: TraceComparison) -> str:
    """Whether the model had the same blocks in every step, or where they part."""
    if found.difference:
        where = found.difference.partition(" differs")[0]
        return f"vLLM's recorded block tables and the model's part: first in {where}."
    lost = f" and {found.preemptions} preemptions" if found.preemptions else ""
    return (
        f"vLLM's scheduler was recorded step by step. Given the same requests, the model has the "
        f"same tables, queues and free blocks in all {found.steps} steps{lost}."
    )


def _how_far(worst: float, steps: Pair) -> str:
    """How a method differs from the model: in its bytes, or in what it schedules when."""
    if steps.modelled == steps.measured:
        return f"{worst:.0f} % off at one step"
    return f"{steps.measured:,} steps measured, {steps.modelled:,} modelled"


def _tables(trace: TraceComparison) -> str:
    if trace.difference:
        return "vLLM's recorded block tables part from the model's."
    lost = f", {trace.preemptions} preemptions included" if trace.preemptions else ""
    return f"vLLM's block tables agree in all {trace.steps} steps{lost}."


def time_unit(milliseconds: Iterable[float]) -> str:
    """Seconds where the longest takes one or more, else milliseconds."""
    return "s" if max(milliseconds) >= UNIT_MS["s"] else "ms"


def _contiguous_and_paged(cells: Cells) -> tuple[CellRecord, CellRecord] | None:
    """What a sentence sets side by side: StaticCache batches, and vLLM or else another paging."""
    by_name: dict[str, CellRecord] = {}
    for entry in cells:
        by_name.setdefault(entry.cell.method, entry)
    paged = by_name.get("vllm") or by_name.get("hf-paged")
    contiguous = by_name.get("batch-static")
    return (contiguous, paged) if contiguous and paged else None


def _one(cells: Cells, words: str, measure: object) -> str:
    """A sentence on the first cell alone: there is nothing to set beside it."""
    assert callable(measure)
    return f"{_name(cells[0])} {words.format(measure(cells[0]))}."


def _differ(
    pair: tuple[CellRecord, CellRecord],
    values: Callable[[CellRecord], tuple[float, ...]],
    words: str,
    write: Callable[[float], str],
) -> str:
    """Two medians, and how many times one is the other. The one place that says if they differ."""
    names = [_name(entry) for entry in pair]
    first, second = (values(entry) for entry in pair)
    medians = [write(interval(found).median) for found in (first, second)]
    said = words.format(names[0], medians[0], names[1], medians[1])
    factor = ratio(first, second)
    if factor.median < 1:
        factor = ratio(second, first)
    if not factor.is_known:
        runs = f"{factor.n} runs" if factor.n > 1 else "one run"
        return f"{said}, a factor of {number(factor.median)} ({runs}: no interval)."
    ends = f"{number(factor.low)} to {number(factor.high)}"
    if factor.includes(1):
        return f"{said}: no difference seen (95 % interval of the factor: {ends})."
    return f"{said}, a factor of {number(factor.median)} (95 % interval: {ends})."


def _where(machine: Machine) -> str:
    return "On this CPU, " if machine.device == "cpu" else "On this GPU, "


def _name(entry: CellRecord) -> str:
    return {
        "batch-static": "StaticCache in batches",
        "batch-dynamic": "DynamicCache in batches",
        "seq-static": "StaticCache one by one",
        "seq-dynamic": "DynamicCache one by one",
        "hf-paged": "transformers' paged cache",
        "vllm": "vLLM",
    }.get(entry.cell.method, METHODS[entry.cell.method].title)


def _used_over_time(entry: CellRecord) -> float:
    assert entry.summary is not None
    return 100 * entry.summary.mean.used / entry.summary.mean.held


def _used_when_fullest(entry: CellRecord) -> float:
    assert entry.summary is not None
    return 100 * entry.summary.fullest.used / entry.summary.fullest.held


def _fit(entry: CellRecord) -> int:
    assert entry.filled is not None
    return entry.filled.largest


def _fits(entry: CellRecord) -> str:
    """`all 48` where there were no more requests to try: then it may be more."""
    assert entry.filled is not None
    return f"{_fit(entry)}" if entry.filled.stopped else f"all {_fit(entry)} or more"


def _live(entry: CellRecord) -> int:
    assert entry.summary is not None
    return entry.summary.peak.live
