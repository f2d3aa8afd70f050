"""What the allocator model says of a capacity cell: the same search, played instead of run."""

from __future__ import annotations

from measurements.capacity import Trial, largest, search
from measurements.forms import CellRecord
from measurements.plan import METHODS
from measurements.predict import lane_of
from measurements.verify_capacity import cache_bytes
from model.events import Preempted, Refused
from model.request import Request


def predict_capacity(entry: CellRecord) -> int:
    """How many of the cell's requests fit, modelled."""
    return largest(search(entry.cell.requests, lambda count: _attempt(entry, count)))


def _attempt(entry: CellRecord, count: int) -> Trial:
    """The first requests in the method's lane; a contiguous batch is arithmetic: rows x columns."""
    cell = entry.cell.cell
    if METHODS[cell.method].cache != "paged":
        held = cache_bytes(cell, entry, count)
        fits = held <= cell.budget_bytes
        return Trial(count, "" if fits else "over budget", 1, count if fits else 0, held)
    lane, _ = lane_of(cell, entry)
    for place, asked in enumerate(entry.requests[:count]):
        lane.submit(Request(f"r{place}", asked.prompt, range(asked.output)))
    steps = 0
    while True:
        events = lane.schedule()
        if any(isinstance(event, (Refused, Preempted)) for event in events):
            return Trial(count, "refused", steps + 1, 0, 0)
        if not lane.snapshot().running:
            return Trial(count, "", steps, count, 0)
        steps += 1
        lane.update()
