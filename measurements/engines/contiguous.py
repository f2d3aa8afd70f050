"""transformers' contiguous caches: StaticCache and DynamicCache, in batches or one by one.

The library's own `generate` runs each batch; a stopping criterion, which it calls after every
token, reads the clock and the cache and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import transformers

from pagereel.measurements.engines.weights import build
from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.protocol.workloads import AskedRequest
from pagereel.measurements.samples.tape import Tape

Tokens = list[list[int]]


class ContiguousEngine:
    """Serves batches in order of arrival; the next one starts when the whole batch has ended."""

    def __init__(self, cell: Cell, device: str) -> None:
        self._cell, self._device = cell, device
        self._model = build(cell.model, cell.dtype, device)

    def facts(self) -> dict[str, Any]:
        """What the engine says of itself."""
        return {"attention": self._model.config._attn_implementation, "batch_rows": self._cell.rows}

    def run(self, requests: Sequence[AskedRequest]) -> tuple[Tape, Tokens]:
        """Serve all requests; returns the tape and each request's tokens."""
        tape, tokens = Tape(len(requests)), []
        rows = self._cell.rows
        for first in range(0, len(requests), rows):
            tokens += self._batch(tape, first, requests[first : first + rows])
        return tape, tokens

    def _batch(self, tape: Tape, first: int, batch: Sequence[AskedRequest]) -> Tokens:
        """One batch, padded on the left to its longest prompt."""
        width = max(len(asked.prompt) for asked in batch)
        pads = [width - len(asked.prompt) for asked in batch]
        ids = [[0] * pad + list(asked.prompt) for pad, asked in zip(pads, batch, strict=True)]
        mask = [[0] * pad + [1] * (width - pad) for pad in pads]
        cache = self._cache()
        watch = _Watch(tape, first, batch, width, cache)
        made = self._model.generate(
            torch.tensor(ids, device=self._device),
            attention_mask=torch.tensor(mask, device=self._device),
            past_key_values=cache,
            max_new_tokens=max(asked.output for asked in batch),
            do_sample=False,
            disable_compile=True,  # on CUDA a StaticCache would have the decode step compiled
            stopping_criteria=transformers.StoppingCriteriaList([watch]),
        )
        return [made[i, width : width + a.output].tolist() for i, a in enumerate(batch)]

    def _cache(self) -> Any:
        if METHODS[self._cell.method].cache == "dynamic":
            return transformers.DynamicCache(config=self._model.config)
        return transformers.StaticCache(config=self._model.config, max_cache_len=self._cell.max_len)


class _Watch(transformers.StoppingCriteria):  # type: ignore[misc]  # no types without transformers
    """Called after every token of a batch: writes the step down, and says which rows are done."""

    def __init__(
        self, tape: Tape, first: int, batch: Sequence[AskedRequest], width: int, cache: object
    ) -> None:
        self._tape, self._first, self._batch = tape, first, batch
        self._width, self._cache = width, cache

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """After a step: `input_ids` has one more column."""
        made = input_ids.shape[1] - self._width
        if input_ids.is_cuda:
            torch.cuda.synchronize()
        at = self._tape.now()
        live = [asked for asked in self._batch if made <= asked.output]
        reserved, columns = cache_bytes(self._cache)
        per_token = reserved // (columns * len(self._batch))
        stored = sum(len(asked.prompt) + made - 1 for asked in live)
        self._tape.step(at, len(live), reserved, reserved, stored * per_token)
        for row, asked in enumerate(self._batch):
            if made <= asked.output:
                self._tape.token(self._first + row, at)
        done = [made >= asked.output for asked in self._batch]
        return torch.tensor(done, device=input_ids.device)


def cache_bytes(cache: Any) -> tuple[int, int]:
    """Bytes of the storages that back a cache, each counted once, and its columns of tokens."""
    storages, columns = {}, 1
    for layer in cache.layers:
        for tensor in (layer.keys, layer.values):
            storage = tensor.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
            columns = tensor.shape[-2]
    return sum(storages.values()), columns
