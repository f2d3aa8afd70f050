"""Drives the real scheduler of vLLM without a model and shows every state of it.

The documents have the same form as those of `model.traces.playing`, from vLLM's own structures.
"""

from __future__ import annotations

import hashlib
import struct
from collections import deque
from collections.abc import Iterator
from typing import Any

from engine import build_scheduler, make_hasher, make_request

from pagereel.model.allocators.vllm.async_scheduler import MAX_CONCURRENT_BATCHES
from pagereel.model.traces.documents import TOTALS
from pagereel.model.traces.workload import Workload

Document = dict[str, Any]


def observe(workload: Workload) -> Iterator[Document]:
    """One document per step of the real scheduler, then the summary."""
    run = (AsyncOracleRun if workload.config.async_scheduling else OracleRun)(workload)
    while run.pending or run.live:
        yield run.step()
    yield {"summary": run.totals}


class OracleRun:
    """One workload on its way through vLLM."""

    def __init__(self, workload: Workload) -> None:
        self.config = workload.config
        self.position = {r.id: i for i, r in enumerate(workload.requests)}
        entries = {r.parent or r.id: None for r in workload.requests}
        place = {name: i for i, name in enumerate(entries)}
        self.place = {r.id: place[r.parent or r.id] for r in workload.requests}
        self.outputs = {r.id: r.output for r in workload.requests}
        self.pending = deque(sorted(workload.requests, key=lambda r: r.arrival))
        aborts = [
            (r.abort, self.position[r.id], r.id) for r in workload.requests if r.abort is not None
        ]
        self.aborts = deque(sorted(aborts))
        self.scheduler = build_scheduler(self.config)
        manager = self.scheduler.kv_cache_manager
        self.pool = manager.block_pool
        self.grouped = self.config.kv_cache_groups is not None
        self.managers = manager.coordinator.single_type_managers
        self.hasher = make_hasher(self.config)
        self.live: dict[str, Any] = {}
        self.keys: dict[bytes, str] = {}
        self.step_number = 0
        self.totals: dict[str, Any] = dict.fromkeys(TOTALS, 0)

    def step(self) -> Document:
        """Arrivals, aborts, one scheduling pass, made-up tokens."""
        arrived, aborted = self._arrive(), self._abort()
        before = {name: request.num_preemptions for name, request in self.live.items()}
        keyed = {block.block_id for block in self.pool.blocks if block.block_hash}
        output = self.scheduler.schedule()
        document = {
            "step": self.step_number,
            "arrived": arrived,
            "aborted": aborted,
            **self._decisions(output, before),
        }
        same_step_hits = self._same_step_hits(document["prefix_hits"], keyed)
        document["after_schedule"] = self._state()
        sampled, names = self._answer(output)
        finished = [n for n in names if n in self.live and self.live[n].is_finished()]
        self._learn_keys()
        for name in finished:
            del self.live[name]
        document["sampled"], document["finished"] = sampled, finished
        document["after_update"] = self._state()
        self._count(document, same_step_hits)
        self.step_number += 1
        return document

    def _arrive(self) -> list[str]:
        arrived = []
        while self.pending and self.pending[0].arrival <= self.step_number:
            request = self.pending.popleft()
            theirs = make_request(request, self.place[request.id], self.hasher)
            self.live[request.id] = theirs
            self.scheduler.add_request(theirs)
            arrived.append(request.id)
        return arrived

    def _abort(self) -> list[str]:
        from vllm.v1.request import RequestStatus

        aborted = []
        while self.aborts and self.aborts[0][0] <= self.step_number:
            *_, name = self.aborts.popleft()
            if name in self.live:
                self.scheduler.finish_requests(name, RequestStatus.FINISHED_ABORTED)
                del self.live[name]
                aborted.append(name)
        return aborted

    def _decisions(self, output: Any, before: dict[str, int]) -> Document:
        scheduled = list(output.num_scheduled_tokens.items())
        new = [request.req_id for request in output.scheduled_new_reqs]
        again = output.scheduled_cached_reqs.resumed_req_ids
        resumed = [name for name, _ in scheduled if name in again]
        started = {*new, *resumed}
        return {
            "scheduled": [[name, count] for name, count in scheduled],
            "new": new,
            "resumed": resumed,
            "preempted": self._preempted(before),
            "prefix_hits": {
                name: self.live[name].num_computed_tokens - count
                for name, count in scheduled
                if name in started
            },
        }

    def _preempted(self, before: dict[str, int]) -> list[str]:
        """vLLM reports a set; fcfs order is that in which they went to the front of the queue."""
        gone = [n for n, request in self.live.items() if request.num_preemptions > before[n]]
        if self.config.policy == "priority":
            return sorted(gone, key=lambda name: self.position[name])
        place = {request.request_id: i for i, request in enumerate(self.scheduler.waiting)}
        return sorted(gone, key=lambda name: -place[name])

    def _answer(self, output: Any) -> tuple[dict[str, int], list[str]]:
        """Tokens for a pass; what was sampled, and the requests that computed in it."""
        sampled = {}
        for name in output.num_scheduled_tokens:
            request = self.live[name]
            if request.num_computed_tokens >= request.num_tokens:
                sampled[name] = self.outputs[name][request.num_output_tokens]
        return self._update(output, sampled), list(output.num_scheduled_tokens)

    def _update(self, output: Any, sampled: dict[str, int]) -> dict[str, int]:
        from vllm.v1.outputs import ModelRunnerOutput

        names = list(output.num_scheduled_tokens)
        rows = [[sampled[name]] if name in sampled else [] for name in names]
        index = {name: i for i, name in enumerate(names)}
        answer = ModelRunnerOutput(req_ids=names, req_id_to_index=index, sampled_token_ids=rows)
        self.scheduler.update_from_output(output, answer)
        return sampled

    def _learn_keys(self) -> None:
        """Gives vLLM's block hashes the names that do not depend on vLLM (F5)."""
        size = self.config.block_size
        for request in self.live.values():
            digest = hashlib.sha256()
            if request.cache_salt:
                digest.update(request.cache_salt.encode() + b"\0")
            for index, their_hash in enumerate(request.block_hashes):
                tokens = request.all_token_ids[index * size : (index + 1) * size]
                digest.update(struct.pack(f"<{size}I", *tokens))
                self.keys[their_hash] = digest.copy().hexdigest()[:16]

    def _key(self, hash_with_group: bytes) -> str | list[str | int]:
        name = self.keys[hash_with_group[:-4]]
        return [name, int.from_bytes(hash_with_group[-4:], "big")] if self.grouped else name

    def _name(self, hash_with_group: bytes) -> str:
        key = self._key(hash_with_group)
        return key if isinstance(key, str) else "/".join(map(str, key))

    def _tables_of(self, name: str) -> list[list[int]]:
        return [[b.block_id for b in m.req_to_blocks.get(name, ())] for m in self.managers]

    def _state(self) -> Document:
        self._learn_keys()
        scheduler, pool = self.scheduler, self.pool
        running = [request.request_id for request in scheduler.running]
        held = {name for m in self.managers for name, blocks in m.req_to_blocks.items() if blocks}
        tables = {name: self._tables_of(name) for name in running if name in held}
        named = [block for block in pool.blocks if block.block_hash is not None]
        index = pool.cached_block_hash_to_block._cache.items()  # vLLM shows it nowhere else
        several = {k: list(e) for k, e in index if isinstance(e, dict) and len(e) > 1}
        state = {
            "running": running,
            "waiting": [request.request_id for request in scheduler.waiting],
            "computed": {r.request_id: r.num_computed_tokens for r in scheduler.running},
            "tables": tables if self.grouped else {n: found for n, (found,) in tables.items()},
            "ref": [None, *(block.ref_cnt for block in pool.blocks[1:])],
            "free": [b.block_id for b in pool.free_block_queue.get_all_free_blocks()],
            "cached": {str(b.block_id): self._key(b.block_hash) for b in named},
            "dup": {self._name(key): blocks for key, blocks in several.items()},
        }
        assert held <= set(running), "a request that does not run holds blocks"
        assert {*running, *state["waiting"]} == set(self.live), "a request was lost"
        self._count_state(state, tables)
        return state

    def _same_step_hits(self, hits: dict[str, int], keyed: set[int]) -> int:
        """Admissions that hit a block which got its key in this very pass."""
        size = self.config.block_size
        return sum(
            any(b and b not in keyed for table in self._tables_of(name) for b in table[: n // size])
            for name, n in hits.items()
        )

    def _count_state(self, state: Document, tables: dict[str, list[list[int]]]) -> None:
        totals = self.totals
        totals["null_table_entries"] += sum(b == 0 for ts in tables.values() for t in ts for b in t)
        shared = sum(count > 1 for count in state["ref"][1:])
        totals["shared_blocks_peak"] = max(totals["shared_blocks_peak"], shared)
        totals["duplicate_keys_peak"] = max(totals["duplicate_keys_peak"], len(state["dup"]))

    def _count(self, document: Document, same_step_hits: int) -> None:
        counts = {
            "steps": 1,
            "scheduled_tokens": sum(count for _, count in document["scheduled"]),
            "preemptions": len(document["preempted"]),
            "prefix_hit_tokens": sum(document["prefix_hits"].values()),
            "admissions": len(document["prefix_hits"]),
            "finished": len(document["finished"]),
            "sampled_tokens": len(document["sampled"]),
            "same_step_hits": same_step_hits,
        }
        for name, count in counts.items():
            self.totals[name] += count


class AsyncOracleRun(OracleRun):
    """The same with asynchronous scheduling: a document a pass, with the answer that came in it.

    Made-up tokens are known when a pass is made; vLLM gets them when two batches are in flight, or
    when a pass had nothing to compute.
    """

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        self.in_flight: deque[tuple[Any, dict[str, int]]] = deque()

    def _answer(self, output: Any) -> tuple[dict[str, int], list[str]]:
        self.in_flight.append((output, self._tokens(output)))
        if len(self.in_flight) < MAX_CONCURRENT_BATCHES and output.num_scheduled_tokens:
            return {}, []
        oldest, sampled = self.in_flight.popleft()
        alive = {name: token for name, token in sampled.items() if name in self.live}
        self._update(oldest, sampled)
        if not self.scheduler.running and not self.scheduler.waiting:
            self._drain()
        return alive, list(oldest.num_scheduled_tokens)

    def _tokens(self, output: Any) -> dict[str, int]:
        """What each request that has computed all it has will get."""
        sampled = {}
        for name in output.num_scheduled_tokens:
            request, outputs = self.live[name], self.outputs[name]
            if not request.is_prefill_chunk:
                index = request.num_output_tokens + request.num_output_placeholders - 1
                sampled[name] = outputs[min(index, len(outputs) - 1)]
        return sampled

    def _drain(self) -> None:
        """Nobody is left: the engine takes in what is still in flight before it waits."""
        while self.in_flight:
            self._update(*self.in_flight.popleft())
