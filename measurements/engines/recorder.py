"""Writes down what a running vLLM's scheduler does, step by step, and changes nothing of it.

In a process of your own: `with recording(llm, Path("incident.part")): llm.generate(...)`. In a
server's: `install` is a plugin that vLLM loads in every process, for `pagereel record`. The file
has JSON lines, written as things happen, so it is whole up to the moment at which the process ends,
however that comes. `running.incident` makes a trace of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pagereel.measurements.engines.looking import Document, limits_of, state_of

TARGET, STEPS = "PAGEREEL_RECORD", "PAGEREEL_RECORD_STEPS"
"""Environment of a process whose scheduler is to be recorded: the file, and how many steps."""
MOST_STEPS, MOST_BYTES = 20_000, 2**28
"""A recording ends there; what is served is not disturbed."""
WRAPPED = ("add_request", "finish_requests", "schedule", "update_from_output")


def install() -> None:
    """As a vLLM plugin: record the first scheduler that this process makes, if it is asked to."""
    target = os.environ.get(TARGET)
    if not target:
        return
    from vllm.v1.core.sched.scheduler import Scheduler

    make = Scheduler.__init__
    if getattr(make, "is_recorded", False):
        return

    def made(self: Any, *given: object, **named: object) -> None:
        make(self, *given, **named)
        if not Path(target).exists():
            Recorder(self, Path(target), int(os.environ.get(STEPS, MOST_STEPS))).attach()

    made.is_recorded = True  # type: ignore[attr-defined]  # a mark on a function
    Scheduler.__init__ = made


@contextmanager
def recording(llm: Any, target: Path, most_steps: int = MOST_STEPS) -> Iterator[None]:
    """Record the scheduler of an `LLM` whose engine is in this process, while the block lasts.

    Raises AttributeError where the engine is in another process (set
    `VLLM_ENABLE_V1_MULTIPROCESSING=0`).
    """
    recorder = Recorder(llm.llm_engine.engine_core.engine_core.scheduler, target, most_steps)
    recorder.attach()
    try:
        yield
    finally:
        recorder.detach("")


class Recorder:
    """One scheduler, watched; ends by itself where there is too much, or what it cannot say."""

    def __init__(self, scheduler: Any, target: Path, most_steps: int) -> None:
        self._scheduler, self._left = scheduler, most_steps
        self._pool = scheduler.kv_cache_manager.block_pool
        self._file = target.open("w", encoding="utf-8")
        self._bytes = 0
        self._live: dict[str, Any] = {}
        self._keys: dict[bytes, str] = {}
        self._open: Document | None = None
        self._aborted: list[str] = []
        self._arrived: list[str] = []

    def attach(self) -> None:
        """Begin: look at four methods of this one scheduler as they are called."""
        self._say({"config": self._config(), "recorded": self._about()})
        for name in WRAPPED:
            setattr(self._scheduler, name, self._watched(name, getattr(self._scheduler, name)))

    def detach(self, why: str) -> None:
        """End: the class's own methods show again."""
        if self._file.closed:
            return
        self._close_step()
        self._say({"ended": why})
        self._file.close()
        for name in WRAPPED:
            self._scheduler.__dict__.pop(name, None)

    def _watched(self, name: str, method: Any) -> Any:
        after = getattr(self, f"_after_{name}")

        def watched(*given: Any, **named: Any) -> Any:
            before = {n: r.num_preemptions for n, r in self._live.items()}
            if name != "update_from_output":  # the step before is over, and its state still there
                self._safely(self._close_step)
            found = method(*given, **named)
            self._safely(after, given, found, before)
            return found

        return watched

    def _safely(self, tell: Any, *given: Any) -> None:
        """Whatever goes wrong in telling, serving goes on."""
        if self._file.closed:
            return
        try:
            tell(*given)
        except Exception as problem:  # as the docstring says
            self._open = None
            self.detach(f"{type(problem).__name__}: {problem}"[:200])

    def _after_add_request(self, given: Any, found: Any, before: Mapping[str, int]) -> None:
        request = given[0]
        if request.request_id in self._live:
            return
        self._live[request.request_id] = request
        self._arrived.append(request.request_id)
        self._say(
            {
                "request": {
                    "id": request.request_id,
                    "prompt": list(request.prompt_token_ids or ()),
                    "most": request.max_tokens,
                    "cache_salt": request.cache_salt,
                    "priority": request.priority,
                }
            }
        )

    def _after_finish_requests(self, given: Any, found: Any, before: Mapping[str, int]) -> None:
        gone = [request for request in found or () if request.request_id in self._live]
        for request in gone:
            self._aborted.append(request.request_id)
            del self._live[request.request_id]

    def _after_schedule(self, given: Any, output: Any, before: Mapping[str, int]) -> None:
        if self._left <= 0 or self._bytes > MOST_BYTES:
            self.detach("as many steps or bytes as were asked for")
            return
        scheduled = [[name, count] for name, count in output.num_scheduled_tokens.items()]
        resumed = set(output.scheduled_cached_reqs.resumed_req_ids)
        new = [request.req_id for request in output.scheduled_new_reqs]
        self._open = {
            "arrived": self._arrived,
            "aborted": self._aborted,
            "scheduled": scheduled,
            "new": new,
            "resumed": [name for name, _ in scheduled if name in resumed],
            "preempted": self._preempted(before),
            "prefix_hits": {
                name: self._live[name].num_computed_tokens - count
                for name, count in scheduled
                if name in resumed or name in new
            },
            "after_schedule": self._state(),
            "sampled": {},
            "finished": [],
        }
        self._arrived, self._aborted, self._left = [], [], self._left - 1

    def _after_update_from_output(self, given: Any, found: Any, before: Mapping[str, int]) -> None:
        output, answer = given[0], given[1]
        if self._open is None:
            return
        for name in output.num_scheduled_tokens:
            made = answer.sampled_token_ids[answer.req_id_to_index[name]]
            if len(made) and name in self._live:
                self._open["sampled"][name] = int(made[-1])
        self._learn_keys()
        over = [n for n in output.num_scheduled_tokens if n in self._live]
        over = [name for name in over if self._live[name].is_finished()]
        for name in over:
            del self._live[name]
        self._open["finished"] += over

    def _close_step(self) -> None:
        """The step is over when the next thing is about to happen."""
        if self._open is not None:
            self._say({**self._open, "after_update": self._state()})
            self._open = None

    def _preempted(self, before: Mapping[str, int]) -> list[str]:
        """In the order in which they went back to the front of the queue."""
        place = {request.request_id: i for i, request in enumerate(self._scheduler.waiting)}
        gone = [n for n, r in self._live.items() if r.num_preemptions > before.get(n, 0)]
        return sorted(gone, key=lambda name: -place.get(name, 0))

    def _learn_keys(self) -> None:
        """Names of blocks' contents that do not depend on vLLM's own hashes (F5)."""
        size = self._scheduler.block_size
        for request in self._live.values():
            digest = hashlib.sha256()
            if request.cache_salt:
                digest.update(request.cache_salt.encode() + b"\0")
            for index, their_hash in enumerate(request.block_hashes):
                tokens = request.all_token_ids[index * size : (index + 1) * size]
                digest.update(struct.pack(f"<{len(tokens)}I", *tokens))
                self._keys.setdefault(their_hash, digest.copy().hexdigest()[:16])

    def _key(self, hash_with_group: bytes) -> str:
        bare = hash_with_group[:-4]
        return self._keys.get(bare) or bare.hex()[:16]

    def _state(self) -> Document:
        self._learn_keys()
        named = [block for block in self._pool.blocks if block.block_hash is not None]
        index = self._pool.cached_block_hash_to_block._cache.items()  # vLLM shows it nowhere else
        several = {key: list(e) for key, e in index if isinstance(e, dict) and len(e) > 1}
        return {
            **state_of(self._scheduler),
            "cached": {str(block.block_id): self._key(block.block_hash) for block in named},
            "dup": {self._key(key): blocks for key, blocks in several.items()},
        }

    def _config(self) -> Document:
        runs_ahead = bool(self._scheduler.scheduler_config.async_scheduling)
        return {**limits_of(self._scheduler), "async_scheduling": runs_ahead}

    def _about(self) -> Document:
        """Whose scheduler it is: for the words beside what was recorded."""
        import vllm

        model = self._scheduler.vllm_config.model_config
        parallel = self._scheduler.vllm_config.parallel_config
        return {
            "vllm": str(vllm.__version__),
            "model": Path(str(model.model)).name,
            "layers": model.get_num_layers(parallel),
            "kv_heads": model.get_total_num_kv_heads(),
            "head_dim": model.get_head_size(),
            "dtype": str(model.dtype).removeprefix("torch."),
        }

    def _say(self, document: Document) -> None:
        line = json.dumps(document, separators=(",", ":")) + "\n"
        self._bytes += len(line)
        self._file.write(line)
        self._file.flush()
