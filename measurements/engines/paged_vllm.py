"""vLLM, its engine core in this process so that scheduler, tables and block pool can be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vllm import LLM, SamplingParams

from pagereel.measurements.engines.block_trace import BlockTrace
from pagereel.measurements.engines.weights import saved
from pagereel.measurements.protocol.capacity import Trial
from pagereel.measurements.protocol.plan import Cell
from pagereel.measurements.protocol.workloads import AskedRequest
from pagereel.measurements.samples.tape import Tape

MAX_SEQUENCES = 256
"""Requests that may run at once; the budget, not this, is to be the limit."""


class VllmEngine:
    """Serves requests from vLLM's block pool; eager unless the cell asks for CUDA graphs."""

    def __init__(self, cell: Cell, device: str, folder: Path) -> None:
        self._cell, self._device = cell, device
        self._llm = LLM(**_arguments(cell, device, folder))
        self._engine = self._llm.llm_engine
        self._scheduler = self._engine.engine_core.engine_core.scheduler
        self._pool = self._scheduler.kv_cache_manager.block_pool
        layout = self._scheduler.kv_cache_config
        # Of several GPUs each has its part of every block.
        self._reserved = cell.gpus * sum(tensor.size for tensor in layout.kv_cache_tensors)
        self._block_bytes = self._reserved // layout.num_blocks

    def facts(self) -> dict[str, Any]:
        """What the engine says of itself."""
        limits = self._scheduler.scheduler_config
        return {
            "attention": self._attention(),
            "pool_bytes": self._reserved,
            "num_blocks": self._pool.num_gpu_blocks,
            "block_size": self._scheduler.block_size,
            "max_num_seqs": limits.max_num_seqs,
            "max_num_batched_tokens": limits.max_num_batched_tokens,
            "max_model_len": self._scheduler.max_model_len,
            "async_scheduling": bool(limits.async_scheduling),
        }

    def run(self, requests: Sequence[AskedRequest]) -> tuple[Tape, list[list[int]]]:
        """Serve all requests; returns the tape and each request's tokens."""
        tape, tokens = Tape(len(requests)), [[] for _ in requests]  # type: ignore[var-annotated]  # lists of ints
        state: list[tuple[int, int, int]] = []
        schedule = self._scheduler.schedule

        def watched(*given: object, **named: object) -> Any:
            found = schedule(*given, **named)
            state.append(self._state())
            tape.preempted(len(found.preempted_req_ids or ()))
            return found

        self._submit(requests)
        self._scheduler.schedule = watched
        try:
            while self._engine.has_unfinished_requests():
                outputs = self._engine.step()
                at = tape.now()
                for output in outputs:
                    place, made = _place(output.request_id), output.outputs[0].token_ids
                    for _ in range(len(tokens[place]), len(made)):
                        tape.token(place, at)
                    tokens[place] = list(made)
                for live, held, used in state[-1:]:
                    tape.step(at, live, self._reserved, held, used)
                state.clear()
        finally:
            del self._scheduler.schedule  # the class's own method shows again
        return tape, tokens

    def fill(self, requests: Sequence[AskedRequest]) -> Trial:
        """Hand over all requests; serve them to the end, or until the block pool says no."""
        manager, schedule = self._scheduler.kv_cache_manager, self._scheduler.schedule
        allocate, ended, states = manager.allocate_slots, [""], []

        def asked(request: Any, *given: object, **named: object) -> Any:
            found = allocate(request, *given, **named)
            if found is None:
                ended.append("preempted" if request in self._scheduler.running else "refused")
            return found

        def watched(*given: object, **named: object) -> Any:
            found = schedule(*given, **named)
            states.append(self._state())
            return found

        self._submit(requests)
        manager.allocate_slots, self._scheduler.schedule = asked, watched
        try:
            while self._engine.has_unfinished_requests() and not ended[1:]:
                self._engine.step()
        finally:
            del manager.allocate_slots, self._scheduler.schedule
        self._clear(len(requests))
        live, held = max(s[0] for s in states), max(s[1] for s in states)
        return Trial(len(requests), ended[1] if ended[1:] else "", len(states), live, held)

    def trace(self, requests: Sequence[AskedRequest]) -> list[dict[str, Any]]:
        """Serve all requests once more, and write down every state of the block pool (F3)."""
        with BlockTrace(self._scheduler, requests) as trace:
            self._submit(requests)
            while self._engine.has_unfinished_requests():
                self._engine.step()
        return trace.documents()

    def _submit(self, requests: Sequence[AskedRequest]) -> None:
        for place, asked in enumerate(requests):
            self._engine.add_request(
                f"r{place}",
                {"prompt_token_ids": list(asked.prompt)},
                SamplingParams(
                    max_tokens=asked.output, ignore_eos=True, temperature=0, detokenize=False
                ),
            )

    def _clear(self, count: int) -> None:
        """Drop what is left of a trial. Raises RuntimeError if the pool is not empty then."""
        self._engine.abort_request([f"r{place}" for place in range(count)])
        if self._pool.get_num_free_blocks() != self._pool.num_gpu_blocks - 1:
            raise RuntimeError("blocks were not given back after a trial")

    def _state(self) -> tuple[int, int, int]:
        """Right after scheduling: requests that run, and bytes held and used. Microseconds."""
        blocks = self._pool.num_gpu_blocks - 1 - self._pool.get_num_free_blocks()
        stored = sum(request.num_computed_tokens for request in self._scheduler.running)
        held = blocks * self._block_bytes
        return len(self._scheduler.running), held, stored * self._cell.token_bytes

    def _attention(self) -> str:
        """The backend as the first attention layer names it."""
        layers = self._engine.vllm_config.compilation_config.static_forward_context.values()
        for layer in layers:
            if hasattr(layer, "attn_backend"):
                return str(layer.attn_backend.get_name())
        return "unknown"


def _arguments(cell: Cell, device: str, folder: Path) -> dict[str, Any]:
    """What `LLM` is given: one budget in bytes, no prefix sharing, fixed steps."""
    found: dict[str, Any] = {
        "model": str(saved(cell.model, cell.dtype, cell.weights, folder)),
        "skip_tokenizer_init": True,
        "dtype": cell.dtype,
        "max_model_len": cell.max_len,
        "seed": cell.seed,
        "enforce_eager": not cell.graphs,
        "enable_prefix_caching": False,
        "block_size": cell.block_size,
        "max_num_seqs": MAX_SEQUENCES,
        "async_scheduling": cell.async_scheduling,
        "tensor_parallel_size": cell.gpus,
        "disable_log_stats": True,
    }
    if cell.weights == "dummy":
        found["load_format"] = "dummy"
    if device == "cpu":
        found["num_gpu_blocks_override"] = cell.blocks
        return found
    found["kv_cache_memory_bytes"] = cell.budget_bytes // cell.gpus
    found["attention_config"] = {"backend": cell.attention or "TRITON_ATTN"}
    if cell.graphs:
        found["compilation_config"] = {"mode": 0, "cudagraph_mode": "FULL_DECODE_ONLY"}
    return found


def _place(request_id: str) -> int:
    """Request `r3` is the fourth; vLLM may add to the id after a dash."""
    return int(request_id.removeprefix("r").split("-")[0])
