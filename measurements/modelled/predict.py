"""What the allocator model says of a capacity cell: the same search, played instead of run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pagereel.measurements.protocol.capacity import Trial, cache_bytes, largest, search
from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.protocol.workloads import AskedRequest
from pagereel.measurements.records.forms import CellRecord, Facts
from pagereel.measurements.records.summary import Sample
from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import Event, Preempted, Refused, TokenSampled
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
    sampled: tuple[int, ...] = ()
    """Places of the requests that get a token at its end."""
    preempted: int = 0


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
    return _predict(entry.cell.cell, limits_of(entry.result.facts), entry.requests)


@lru_cache(maxsize=32)
def _predict(
    cell: Cell, limits: StepLimits, requests: tuple[AskedRequest, ...]
) -> tuple[PredictedMoment, ...]:
    """Validator and charts ask for the same."""
    lane, reserved = lane_of(cell, limits)
    token_bytes = cell.token_bytes
    if METHODS[cell.method].cache == "dynamic":
        return tuple(_dynamic(lane, requests, token_bytes))
    return tuple(_moment(played, reserved, token_bytes) for played in _play(lane, requests))


def is_exact(entry: CellRecord) -> bool:
    """Whether the model says every step of the cell: wherever a step is scheduled once the one
    before has ended.
    """
    return not entry.result.facts.async_scheduling


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


class StepLimits(NamedTuple):
    """What an engine takes in one step; None where it has no such limit."""

    max_num_seqs: int | None
    max_num_batched_tokens: int | None
    num_blocks: int | None = None
    """Of its pool, as it made it of the budget; None: as many as the budget holds."""


def limits_of(facts: Facts) -> StepLimits:
    """As the engine said them."""
    return StepLimits(facts.max_num_seqs, facts.max_num_batched_tokens, facts.num_blocks)


def lane_of(cell: Cell, limits: StepLimits) -> tuple[Lane, int | None]:
    """The lane of a method, and the bytes of its pool; None where every batch makes its own."""
    if METHODS[cell.method].cache != "paged":
        slots = cell.rows * cell.max_len
        return build(LaneSpec("c", "contiguous/static", "", slots, max_len=cell.max_len)), None
    reserved = cell.blocks * cell.block_size * cell.token_bytes
    if cell.method != "vllm":
        budget = (("max_batch_tokens", limits.max_num_batched_tokens),)
        kind, slots = "paged/transformers", cell.blocks * cell.block_size
        return build(LaneSpec("p", kind, "", slots, cell.block_size, options=budget)), reserved
    options = (
        ("max_num_seqs", limits.max_num_seqs),
        ("max_num_batched_tokens", limits.max_num_batched_tokens),
        ("enable_prefix_caching", False),
    )
    blocks = (limits.num_blocks or cell.blocks) - 1  # vLLM keeps block 0 back: the null block
    slots = blocks * cell.block_size
    return build(LaneSpec("p", "paged/vllm", "", slots, cell.block_size, options=options)), reserved


class _Played(NamedTuple):
    """One step: the state once memory is allotted and K/V written, and what happened around it."""

    state: LaneState
    sampled: tuple[int, ...]
    preempted: int


def _play(lane: Lane, requests: Sequence[AskedRequest]) -> Iterator[_Played]:
    """Every step until nobody runs."""
    for place, asked in enumerate(requests):
        lane.submit(Request(f"r{place}", asked.prompt, range(asked.output)))
    while True:
        scheduled = lane.schedule()
        state = lane.snapshot()
        if not state.running:
            return
        yield _Played(state, _sampled(lane.update()), _count(scheduled, Preempted))


def _sampled(events: Sequence[Event]) -> tuple[int, ...]:
    found = (event for event in events if isinstance(event, TokenSampled))
    return tuple(int(event.request.removeprefix("r")) for event in found)


def _count(events: Sequence[Event], kind: type[Event]) -> int:
    return sum(isinstance(event, kind) for event in events)


def _moment(played: _Played, reserved: int | None, token_bytes: int) -> PredictedMoment:
    state = played.state
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
        sampled=played.sampled,
        preempted=played.preempted,
    )


def _dynamic(
    lane: Lane, requests: Sequence[AskedRequest], token_bytes: int
) -> Iterator[PredictedMoment]:
    """A batch is one tensor: its rows, times the longest prompt and a column more at every step."""
    first, step = "", 0
    for state, sampled, _ in _play(lane, requests):
        memory = state.memory
        assert isinstance(memory, ContiguousMemory)
        batch = [int(region.request[1:]) for region in memory.regions]
        step = step + 1 if memory.regions[0].request == first else 0
        first = memory.regions[0].request
        width = max(len(requests[place].prompt) for place in batch)
        held = len(batch) * (width + step) * token_bytes
        used = sum(r.computed for r in state.requests if r.phase is Phase.RUNNING)
        yield PredictedMoment(len(state.running), held, held, used * token_bytes, sampled)


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
    return largest(search(entry.cell.requests, lambda count: predict_trial(entry, count)))


def predict_trial(entry: CellRecord, count: int) -> Trial:
    """The first requests in the method's lane; a contiguous batch is arithmetic: rows x columns."""
    return _predict_trial(entry.cell.cell, limits_of(entry.result.facts), entry.requests[:count])


@lru_cache(maxsize=256)
def _predict_trial(cell: Cell, limits: StepLimits, requests: tuple[AskedRequest, ...]) -> Trial:
    """Validator and charts ask for the same."""
    count = len(requests)
    if METHODS[cell.method].cache != "paged":
        held = cache_bytes(cell, requests)
        if held > cell.budget_bytes:
            return Trial(count, "over budget", 1, 0, 0)
        return Trial(count, "", 1, count, held)
    lane, _ = lane_of(cell, limits)
    for place, asked in enumerate(requests):
        lane.submit(Request(f"r{place}", asked.prompt, range(asked.output)))
    steps = live = held = 0
    while True:
        events = lane.schedule()
        no = "preempted" if _count(events, Preempted) else "refused"
        if no == "refused" and not _count(events, Refused):
            no = ""
        state = lane.snapshot()
        if not no and not state.running:
            return Trial(count, "", steps, live, held)
        steps, live = steps + 1, max(live, len(state.running))
        held = max(held, split(state).held * cell.token_bytes)
        if no:
            return Trial(count, no, steps, live, held)
        lane.update()
