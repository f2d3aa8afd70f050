"""What the allocator model says of a capacity cell: the same search, played instead of run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pagereel.measurements.protocol.capacity import Trial, largest, search
from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.protocol.workloads import AskedRequest
from pagereel.measurements.records.forms import CellRecord, Facts
from pagereel.measurements.records.summary import Sample
from pagereel.measurements.records.verify import cache_bytes
from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import EntriesWritten, Preempted, Refused
from pagereel.model.core.lane import Lane
from pagereel.model.core.request import Request
from pagereel.model.core.state import ContiguousMemory, LaneState, PagedMemory, Phase
from pagereel.model.usage.occupancy import split


@dataclass(frozen=True, slots=True)
class PredictedMoment:
    """One engine step as the model has it. Bytes but for `live`."""

    live: int
    reserved: int
    held: int
    used: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure, modelled and measured."""

    modelled: int
    measured: int

    @property
    def residual(self) -> float:
        """How far the model is off, in percent of what was measured; above 0: it says more."""
        if self.modelled == self.measured:
            return 0.0
        return 100 * (self.modelled - self.measured) / self.measured if self.measured else 100.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The model beside a cell: peaks, and the worst of all steps."""

    live: Pair
    reserved: Pair
    held: Pair
    used: Pair
    steps: Pair
    worst: float
    """Largest residual of held or used bytes at any step, in percent, without its sign; 100 where
    the two do not even take the same number of steps."""
    live_equal: bool
    """Whether as many requests were alive at every step."""


def predict(entry: CellRecord) -> tuple[PredictedMoment, ...]:
    """Every engine step of a cell, modelled."""
    return _predict(entry.cell.cell, entry.result.facts, entry.requests)


@lru_cache(maxsize=32)
def _predict(
    cell: Cell, facts: Facts, requests: tuple[AskedRequest, ...]
) -> tuple[PredictedMoment, ...]:
    """Several charts of a record ask for the same."""
    lane, reserved = lane_of(cell, facts)
    token_bytes = cell.token_bytes
    if METHODS[cell.method].cache == "dynamic":
        return tuple(_dynamic(lane, requests, token_bytes))
    return tuple(_moment(state, reserved, token_bytes) for state in _play(lane, requests))


def compare(entry: CellRecord) -> Comparison:
    """The model beside the last run of a cell."""
    modelled, samples = predict(entry), entry.runs[-1].samples
    return Comparison(
        live=_peak("live", modelled, samples),
        reserved=_peak("reserved", modelled, samples),
        held=_peak("held", modelled, samples),
        used=_peak("used", modelled, samples),
        steps=Pair(len(modelled), len(samples)),
        worst=_worst(modelled, samples),
        live_equal=[m.live for m in modelled] == [s.live for s in samples],
    )


def lane_of(cell: Cell, facts: Facts) -> tuple[Lane, int | None]:
    """The lane of a method, and the bytes of its pool; None where every batch makes its own."""
    if METHODS[cell.method].cache != "paged":
        slots = cell.rows * cell.max_len
        return build(LaneSpec("c", "contiguous/static", "", slots, max_len=cell.max_len)), None
    reserved = cell.blocks * cell.block_size * cell.token_bytes
    if cell.method != "vllm":
        budget = (("max_batch_tokens", facts.max_num_batched_tokens),)
        kind, slots = "paged/transformers", cell.blocks * cell.block_size
        return build(LaneSpec("p", kind, "", slots, cell.block_size, options=budget)), reserved
    options = (
        ("max_num_seqs", facts.max_num_seqs),
        ("max_num_batched_tokens", facts.max_num_batched_tokens),
        ("enable_prefix_caching", False),
    )
    slots = (cell.blocks - 1) * cell.block_size  # vLLM keeps block 0 back: the null block
    return build(LaneSpec("p", "paged/vllm", "", slots, cell.block_size, options=options)), reserved


def _play(lane: Lane, requests: Sequence[AskedRequest]) -> Iterator[LaneState]:
    """The state of every step once memory is allotted and K/V written."""
    for place, asked in enumerate(requests):
        lane.submit(Request(f"r{place}", asked.prompt, range(asked.output)))
    while True:
        lane.schedule()
        state = lane.snapshot()
        if not state.running:
            return
        yield state
        lane.update()


def _moment(state: LaneState, reserved: int | None, token_bytes: int) -> PredictedMoment:
    parts = split(state)
    held = parts.held * token_bytes
    if isinstance(state.memory, PagedMemory):
        used = parts.stored
    else:
        used = sum(r.computed for r in state.requests if r.phase is Phase.RUNNING)
    return PredictedMoment(
        live=len(state.running),
        reserved=held if reserved is None else reserved,
        held=held,
        used=used * token_bytes,
    )


def _dynamic(
    lane: Lane, requests: Sequence[AskedRequest], token_bytes: int
) -> Iterator[PredictedMoment]:
    """A batch is one tensor: its rows, times the longest prompt and a column more at every step."""
    first, step = "", 0
    for state in _play(lane, requests):
        memory = state.memory
        assert isinstance(memory, ContiguousMemory)
        batch = [int(region.request[1:]) for region in memory.regions]
        step = step + 1 if memory.regions[0].request == first else 0
        first = memory.regions[0].request
        width = max(len(requests[place].prompt) for place in batch)
        held = len(batch) * (width + step) * token_bytes
        used = sum(r.computed for r in state.requests if r.phase is Phase.RUNNING)
        yield PredictedMoment(len(state.running), held, held, used * token_bytes)


def _peak(name: str, modelled: Sequence[PredictedMoment], samples: Sequence[Sample]) -> Pair:
    return Pair(
        max((getattr(moment, name) for moment in modelled), default=0),
        max(getattr(sample, name) for sample in samples),
    )


def _worst(modelled: Sequence[PredictedMoment], samples: Sequence[Sample]) -> float:
    """Steps that only one of the two has count as wholly wrong."""
    if len(modelled) != len(samples):
        return 100.0
    return max(
        abs(Pair(getattr(moment, name), getattr(sample, name)).residual)
        for moment, sample in zip(modelled, samples, strict=True)
        for name in ("held", "used")
    )


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
    lane, _ = lane_of(cell, entry.result.facts)
    for place, asked in enumerate(entry.requests[:count]):
        lane.submit(Request(f"r{place}", asked.prompt, range(asked.output)))
    steps = 0
    while True:
        events = lane.schedule()
        if any(isinstance(event, (Refused, Preempted)) for event in events):
            return Trial(count, "refused", steps + 1, 0, 0)
        if not any(isinstance(event, EntriesWritten) for event in events):  # nobody runs
            return Trial(count, "", steps, count, 0)
        steps += 1
        lane.update()
