"""Capacity cells: whether these trials are a search, and whether each could end as it says."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.measurements.checks.states import most_reserved
from pagereel.measurements.modelled.predict import predict_trial
from pagereel.measurements.protocol.capacity import Trial, cache_bytes, largest, search, stopped
from pagereel.measurements.protocol.plan import METHODS
from pagereel.measurements.records.forms import CellRecord

MAY_END = {"cpu": {"refused", "preempted", "over budget"},
           "cuda": {"refused", "preempted", "out of memory"}}  # fmt: skip
"""How a trial can end, but for well. A CPU claims no out-of-memory error."""
SLACK = 4 * 2**20
"""Bytes above the budget that torch's allocator is given: for counters and indices."""


def impossible_trials(entry: CellRecord) -> Iterator[str]:
    """Why the cell's trials are none; nothing if they can be."""
    cell, filled = entry.cell.cell, entry.filled
    assert filled is not None
    if not _is_search(entry.trials, cell.requests):
        yield "its trials are not those of a search"
    if (filled.largest, filled.stopped) != (largest(entry.trials), stopped(entry.trials)):
        yield "the number that fits is not what its trials give"
    seats = filled.facts.max_num_seqs
    if seats is not None and seats < cell.requests:
        yield "the engine's own limit of requests is smaller than the trials"
    for trial in entry.trials:
        for reason in _trial(trial, entry, filled.facts.device):
            yield f"trial of {trial.requests}: {reason}"


def _is_search(trials: tuple[Trial, ...], most: int) -> bool:
    """Whether halving, told these answers, would have asked for these trials in this order."""
    answers = {trial.requests: trial for trial in trials}
    try:
        return search(most, lambda count: answers[count]) == trials
    except KeyError:
        return False


def _trial(trial: Trial, entry: CellRecord, device: str) -> Iterator[str]:
    cell, requests = entry.cell.cell, entry.requests[: trial.requests]
    paged = METHODS[cell.method].cache == "paged"
    if not trial.fits and (
        trial.ended not in MAY_END[device] or (trial.ended in ("refused", "preempted")) != paged
    ):
        yield f"it cannot have ended `{trial.ended}`"
        return
    if trial.live > trial.requests or trial.held > most_reserved(cell):
        yield "more than there is"
    if paged and trial.held % (cell.block_size * cell.token_bytes):
        yield "held bytes are no whole blocks"
    if not paged and trial.fits and trial.held != cache_bytes(cell, requests):
        yield "the cache has another size than its rows"
    if not paged and device == "cuda":
        yield from _capped(trial, cache_bytes(cell, requests), cell.budget_bytes)
        return
    modelled = predict_trial(entry, trial.requests)
    for name in ("ended", "steps", "live", "held"):
        found, due = getattr(trial, name), getattr(modelled, name)
        if found != due:
            yield f"{name} is {found or 'fits'}, where these requests come to {due or 'fits'}"


def _capped(trial: Trial, needed: int, budget: int) -> Iterator[str]:
    """torch's allocator, capped at the budget: nothing larger fits, and what is far smaller does.

    A cache that grows is copied, so at its largest it may be there twice.
    """
    if trial.fits and needed > budget + SLACK:
        yield "it fits, and is larger than the budget"
    if not trial.fits and 2 * needed < budget:
        yield "it did not fit, and is not half as large as the budget"
