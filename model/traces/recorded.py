"""Reads the trace of real vLLM's block pool, step by step, as a recording of one lane.

The lines are those of `measurements.engines.block_trace`: the project's trace format, in which the
model's own recordings are written too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pagereel.model.allocators.vllm.block_pool import NULL_BLOCK
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
from pagereel.model.traces.workload import Workload
from pagereel.model.usage.laws import LawBroken, uphold

Document = dict[str, Any]


def read_trace(
    workload: Workload, documents: Sequence[Any], model: str, log: Log, system: str, source: str
) -> Recording:
    """The recording of a trace, from its lines after the first. Raises `BadRecording`."""
    *steps, last = documents
    if not isinstance(last, dict) or "summary" not in last:
        raise BadRecording(len(documents) + 1, "the summary is missing: the file was cut off")
    teller, kept = _Teller(workload), []
    start = None
    for number, document in enumerate(steps):
        try:
            if document["step"] != number:
                raise BadRecording(number + 2, f"step {number} was to come here")
            start = start or teller.start(document)
            kept.append(teller.step(document))
        except (LookupError, TypeError, ValueError, AttributeError, LawBroken) as problem:
            if isinstance(problem, BadRecording):
                raise
            message = f"no state of vLLM: {str(problem)[:160] or type(problem).__name__}"
            raise BadRecording(number + 2, message) from None
    if start is None or last["summary"].get("steps") != len(kept):
        raise BadRecording(len(documents) + 1, "the summary counts other steps: some are missing")
    size = workload.config.block_size
    run = RecordedRun(
        kind="paged/vllm",
        system=system,
        source=source,
        block_size=size,
        start=start,
        steps=tuple(kept),
        unknown=("refusals",),
    )
    requests = tuple(
        RecordedRequest(
            r.id, len(r.prompt), len(r.output), r.arrival, tuple(r.prompt), tuple(r.output)
        )
        for r in workload.by_arrival
    )
    return Recording(log, model, 0, 1, requests, (run,))


class _Teller:
    """Tells states and events from the documents of a trace, one after the other."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._requests = {request.id: request for request in workload.requests}
        config = workload.config
        self._blocks = tuple(range(NULL_BLOCK + 1, config.num_blocks))
        self._arrived: list[str] = []
        self._admitted: set[str] = set()
        self._over: dict[str, Phase] = {}
        self._sampled = dict.fromkeys(self._requests, 0)
        self._before: LaneState | None = None

    def start(self, first: Document) -> LaneState:
        """The empty pool: what the first step took, in order, and what it left are its queue."""
        state = first["after_schedule"]
        taken = [block for name, _ in first["scheduled"] for block in state["tables"][name]]
        free = (*taken, *state["free"])
        memory = PagedMemory(
            self._workload.config.block_size, self._blocks, (), free, null_block=NULL_BLOCK
        )
        self._before = LaneState(self._workload.config.capacity, (), (), (), memory)
        uphold(self._before)
        return self._before

    def step(self, document: Document) -> RecordedStep:
        """Both halves of a step."""
        before = self._before
        assert before is not None, "the start comes first"
        self._arrived += document["arrived"]
        self._admitted |= {*document["new"], *document["resumed"]}
        self._over |= dict.fromkeys(document["aborted"], Phase.ABORTED)
        scheduled = self._state(document["after_schedule"])
        decided = tuple(_decided(document, before, scheduled))
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
    held = {table.request: table.blocks for table in _memory(before).tables}
    now = {table.request: table.blocks for table in _memory(after).tables}
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
    references = dict(_memory(after).references)
    for table in _memory(before).tables:
        if table.request in names:
            for block in table.blocks:
                yield BlockFreed(table.request, block, references.get(block, 0))


def _memory(state: LaneState) -> PagedMemory:
    assert isinstance(state.memory, PagedMemory), "vLLM's memory is paged"
    return state.memory
