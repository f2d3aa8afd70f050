"""vLLM's block tables, free queue and preemptions, step by step, in the project's trace format.

The documents are those of the allocator model's recordings (formats F1 to F3): what the model plays
for the same requests can be laid beside them and compared. Only reads; nothing of vLLM is changed
but that two methods of one scheduler are looked at as they return.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from pagereel.measurements.engines.looking import Document, limits_of, state_of
from pagereel.measurements.protocol.workloads import AskedRequest

COUNTED = ("steps", "scheduled_tokens", "preemptions", "admissions", "finished", "sampled_tokens")
"""Totals of the summary; the others of the format are 0 without sharing and windows."""
NEVER = (
    "prefix_hit_tokens",
    "null_table_entries",
    "shared_blocks_peak",
    "duplicate_keys_peak",
    "same_step_hits",
)


class BlockTrace:
    """While the block lasts, writes down every step of a scheduler."""

    def __init__(self, scheduler: Any, requests: Sequence[AskedRequest]) -> None:
        self._scheduler, self._requests = scheduler, requests
        self._steps: list[Document] = []
        self._tokens: dict[str, list[int]] = {f"r{i}": [] for i in range(len(requests))}
        self._totals = dict.fromkeys(COUNTED, 0)

    def __enter__(self) -> Self:
        """Begin to watch."""
        schedule, update = self._scheduler.schedule, self._scheduler.update_from_output

        def scheduling(*given: object, **named: object) -> Any:
            before = self._preemptions()
            output = schedule(*given, **named)
            self._scheduled(output, before)
            return output

        def updating(output: Any, answer: Any, *rest: object, **named: object) -> Any:
            found = update(output, answer, *rest, **named)
            self._updated(output, answer)
            return found

        self._scheduler.schedule, self._scheduler.update_from_output = scheduling, updating
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Let go: the class's own methods show again."""
        del self._scheduler.schedule, self._scheduler.update_from_output

    def documents(self) -> list[Document]:
        """The workload with the tokens that were really sampled, the steps, the summary."""
        summary = self._totals | dict.fromkeys(NEVER, 0)
        return [{"workload": self._workload()}, *self._steps, {"summary": summary}]

    def _workload(self) -> Document:
        requests = [
            {"id": f"r{i}", "arrival": 0, "prompt": list(a.prompt), "output": self._tokens[f"r{i}"]}
            for i, a in enumerate(self._requests)
        ]
        return {"config": limits_of(self._scheduler), "requests": requests}

    def _scheduled(self, output: Any, before: dict[str, int]) -> None:
        scheduled = [[_own(name), count] for name, count in output.num_scheduled_tokens.items()]
        resumed = {_own(name) for name in output.scheduled_cached_reqs.resumed_req_ids}
        new = [_own(request.req_id) for request in output.scheduled_new_reqs]
        started = {*new, *resumed}
        first = not self._steps
        document = {
            "step": len(self._steps),
            "arrived": list(self._tokens) if first else [],
            "aborted": [],
            "scheduled": scheduled,
            "new": new,
            "resumed": [name for name, _ in scheduled if name in resumed],
            "preempted": self._preempted(before),
            "prefix_hits": {name: 0 for name, _ in scheduled if name in started},
            "after_schedule": self._state(),
        }
        self._steps.append(document)

    def _updated(self, output: Any, answer: Any) -> None:
        document, sampled = self._steps[-1], {}
        for name in output.num_scheduled_tokens:
            made = answer.sampled_token_ids[answer.req_id_to_index[name]]
            if len(made):
                sampled[_own(name)] = int(made[0])
                self._tokens[_own(name)].append(int(made[0]))
        document["sampled"] = sampled
        document["finished"] = [
            name
            for name in sampled
            if len(self._tokens[name]) == self._requests[int(name[1:])].output
        ]
        document["after_update"] = self._state()
        for key, count in (
            ("steps", 1),
            ("scheduled_tokens", sum(count for _, count in document["scheduled"])),
            ("preemptions", len(document["preempted"])),
            ("admissions", len(document["prefix_hits"])),
            ("finished", len(document["finished"])),
            ("sampled_tokens", len(sampled)),
        ):
            self._totals[key] += count

    def _preemptions(self) -> dict[str, int]:
        return {name: r.num_preemptions for name, r in self._scheduler.requests.items()}

    def _preempted(self, before: dict[str, int]) -> list[str]:
        """In the order in which they went back to the front of the queue."""
        place = {request.request_id: i for i, request in enumerate(self._scheduler.waiting)}
        gone = [n for n, count in self._preemptions().items() if count > before.get(n, 0)]
        return [_own(name) for name in sorted(gone, key=lambda name: -place[name])]

    def _state(self) -> Document:
        return {**state_of(self._scheduler, _own), "cached": {}, "dup": {}}


def _own(request_id: str) -> str:
    """Our name of a request: vLLM may add to it after a dash."""
    return request_id.split("-")[0]
