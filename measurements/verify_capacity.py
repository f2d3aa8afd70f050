"""Refuses a capacity cell that could not have come out of trials: all is computed again."""

from __future__ import annotations

from collections.abc import Iterator

from measurements.capacity import Trial, largest, search, stopped
from measurements.forms import CellRecord
from measurements.plan import METHODS, Cell

MAY_END = {"cpu": {"refused", "preempted", "over budget"},
           "cuda": {"refused", "preempted", "out of memory"}}  # fmt: skip
"""How a trial can end, but for well. A CPU claims no out-of-memory error."""


def refused_capacity(entry: CellRecord) -> Iterator[str]:
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


def most_reserved(cell: Cell) -> int:
    """Bytes that may be reserved: the budget, and in a pool two blocks of the engine's own.

    One lone row is given even where the budget is smaller.
    """
    own = 2 * cell.block_size * cell.token_bytes
    return max(cell.budget_bytes, cell.max_len * cell.token_bytes) + own


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
    if trial.live > trial.requests or trial.held > most_reserved(cell):
        yield "more than there is"
    if paged and trial.held % (cell.block_size * cell.token_bytes):
        yield "held bytes are no whole blocks"
    if not trial.fits:
        return
    if paged and trial.steps < max(asked.output for asked in requests):
        yield "fewer steps than its longest answer has tokens"
    if not paged and trial.held != cache_bytes(cell, entry, trial.requests):
        yield "the cache has another size than its rows"
    if trial.held < max(_entries(asked.prompt, asked.output) for asked in requests) * (
        cell.token_bytes
    ):
        yield "less memory than its longest request needs"


def cache_bytes(cell: Cell, entry: CellRecord, count: int) -> int:
    """Bytes of a contiguous cache for the first requests as one batch."""
    batch = entry.requests[:count]
    width = cell.max_len
    if METHODS[cell.method].cache == "dynamic":
        width = max(len(a.prompt) for a in batch) + max(a.output for a in batch) - 1
    return count * width * cell.token_bytes


def _entries(prompt: tuple[int, ...], output: int) -> int:
    """K/V entries at a request's end: its last token is never fed back."""
    return len(prompt) + output - 1
