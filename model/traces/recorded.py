"""The trace of real vLLM's block pool as a recording of one lane: every step a state that it shows.

`measurements.engines.block_trace` writes such traces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagereel.model.allocators.vllm.block_pool import NULL_BLOCK
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.kind import VLLM
from pagereel.model.core.events import (
    Admitted,
    Arrived,
    BlockFreed,
    BlockTaken,
    EntriesWritten,
    Event,
    Finished,
    Preempted,
    Recovery,
    TokenSampled,
)
from pagereel.model.core.state import BlockTable, LaneState, PagedMemory, Phase, RequestState
from pagereel.model.recording.data import (
    BadRecording,
    Log,
    RecordedRequest,
    RecordedRun,
    RecordedStep,
    Recording,
)
from pagereel.model.traces.documents import Document, Trace, paged_memory
from pagereel.model.traces.workload import Workload
from pagereel.model.usage.laws import LawBroken, uphold


def recording_of(
    trace: Trace, workload: Workload, model: str, log: Log, system: str, source: str
) -> Recording:
    """The recording of a trace and the workload that it starts with. Raises `BadRecording`."""
    steps: list[RecordedStep] = []
    try:
        start = _empty_pool(workload.config, trace.free_order)
        teller = _Teller(workload, start)
        for document in trace.steps:
            steps.append(teller.step(document))  # noqa: PERF401 - counts those that were good
    except BadRecording:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, LawBroken) as problem:
        message = f"no state of vLLM: {str(problem)[:160] or type(problem).__name__}"
        raise BadRecording(len(steps) + 2, message) from None
    run = RecordedRun(
        kind=VLLM.name,
        system=system,
        source=source,
        block_size=workload.config.block_size,
        start=start,
        steps=tuple(steps),
        unknown=("refusals",),
    )
    requests = tuple(
        RecordedRequest(
            r.id, len(r.prompt), len(r.output), r.arrival, tuple(r.prompt), tuple(r.output)
        )
        for r in workload.by_arrival
    )
    return Recording(log, model, 0, 1, requests, (run,))


def _empty_pool(config: VllmConfig, free_order: tuple[int, ...]) -> LaneState:
    """The state before anybody came."""
    blocks = tuple(range(NULL_BLOCK + 1, config.num_blocks))
    memory = PagedMemory(config.block_size, blocks, (), free_order, null_block=NULL_BLOCK)
    start = LaneState(config.capacity, (), (), (), memory)
    uphold(start)
    return start


class _Teller:
    """Tells states and events from the documents of a trace, one after the other."""

    def __init__(self, workload: Workload, start: LaneState) -> None:
        self._workload = workload
        self._requests = {request.id: request for request in workload.requests}
        self._blocks = paged_memory(start).blocks
        self._arrived: list[str] = []
        self._admitted: set[str] = set()
        self._over: dict[str, Phase] = {}
        self._sampled = dict.fromkeys(self._requests, 0)
        self._before = start

    def step(self, document: Document) -> RecordedStep:
        """Both halves of a step."""
        self._arrived += document["arrived"]
        self._admitted |= {*document["new"], *document["resumed"]}
        self._over |= dict.fromkeys(document["aborted"], Phase.ABORTED)
        scheduled = self._state(document["after_schedule"])
        decided = tuple(_decided(document, self._before, scheduled))
        for name in document["sampled"]:
            self._sampled[name] += 1
        answered = [TokenSampled(name, self._sampled[name] - 1) for name in document["sampled"]]
        self._over |= dict.fromkeys(document["finished"], Phase.FINISHED)
        sampled = self._state(document["after_update"])
        ended: list[Event] = [Finished(name) for name in document["finished"]]
        freed = list(_freed(scheduled, sampled, document["finished"]))
        self._before = sampled
        return RecordedStep(
            document["step"] + 1, sampled, scheduled, decided, (*answered, *ended, *freed)
        )

    def _state(self, found: Document) -> LaneState:
        tables = tuple(BlockTable(name, tuple(blocks)) for name, blocks in found["tables"].items())
        counts = enumerate(found["ref"])
        memory = PagedMemory(
            block_size=self._workload.config.block_size,
            blocks=self._blocks,
            tables=tables,
            free=tuple(found["free"]),
            references=tuple((block, count) for block, count in counts if count),
            cached=tuple((int(block), key) for block, key in found["cached"].items()),
            null_block=NULL_BLOCK,
            duplicates=tuple((key, tuple(blocks)) for key, blocks in found["dup"].items()),
        )
        running = tuple(found["running"])
        requests = tuple(self._request(name, running, found) for name in self._arrived)
        waiting = tuple(found["waiting"])
        state = LaneState(self._workload.config.capacity, requests, running, waiting, memory)
        uphold(state)
        return state

    def _request(self, name: str, running: tuple[str, ...], found: Document) -> RequestState:
        request = self._requests[name]
        phase = self._over.get(name)
        if phase is None:
            waits = Phase.PREEMPTED if name in self._admitted else Phase.WAITING
            phase = Phase.RUNNING if name in running else waits
        final = request.final_entries
        computed = found["computed"][name] if phase is Phase.RUNNING else 0
        if type(computed) is not int or not 0 <= computed <= final + 1:
            raise ValueError(f"{name} has {computed!r} entries of {final}")
        return RequestState(name, phase, len(request.prompt), self._sampled[name], computed, final)


def _decided(document: Document, before: LaneState, after: LaneState) -> Iterator[Event]:
    """What the scheduler did, from what the trace names and from what changed in the tables."""
    yield from (Arrived(name) for name in document["arrived"])
    held = {table.request: table.blocks for table in paged_memory(before).tables}
    now = {table.request: table.blocks for table in paged_memory(after).tables}
    for name in document["preempted"]:
        yield Preempted(name, Recovery.RECOMPUTE, len(held.get(name, ())))
    for name in (*document["new"], *document["resumed"]):
        hit = document["prefix_hits"].get(name, 0)
        yield Admitted(name, hit, name in document["resumed"])
    for name, count in document["scheduled"]:
        had = 0 if name in document["resumed"] else len(held.get(name, ()))
        for index, block in enumerate(now[name][had:], start=had):
            yield BlockTaken(name, index, block)
        yield EntriesWritten(name, after.request(name).computed - count, count)


def _freed(before: LaneState, after: LaneState, names: Sequence[str]) -> Iterator[Event]:
    references = dict(paged_memory(after).references)
    for table in paged_memory(before).tables:
        if table.request in names:
            for block in table.blocks:
                yield BlockFreed(table.request, block, references.get(block, 0))
