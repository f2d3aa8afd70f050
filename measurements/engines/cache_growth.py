"""transformers' contiguous caches alone, without a model, made as large as a batch needs them.

What is tried is the memory: a cache of the library's own class, with as many rows as requests. On a
GPU torch's allocator is capped at the budget, and its error is the answer; on a CPU, where nothing
says no, the tensors are counted after every layer.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

import torch
import transformers

from pagereel.measurements.engines.contiguous import cache_bytes
from pagereel.measurements.engines.weights import configuration
from pagereel.measurements.protocol.capacity import Trial
from pagereel.measurements.protocol.models import SHAPES
from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.protocol.workloads import AskedRequest

SLACK = 4 * 2**20
"""Bytes above the budget in the cap: for counters and indices, which are no K/V, two of the pieces
in which torch takes memory for what is small."""


class CacheGrowth:
    """One batch of all requests at once: the only way in which such a cache holds several."""

    def __init__(self, cell: Cell, device: str) -> None:
        self._cell, self._device = cell, device
        self._config = configuration(cell.model)
        if device == "cuda":
            cap_allocator(cell.budget_bytes)

    def facts(self) -> dict[str, Any]:
        """What there is to say of an engine that is none."""
        return {"attention": "none: the cache alone"}

    def fill(self, requests: Sequence[AskedRequest]) -> Trial:
        """Make the cache of one batch, from the first prompt's K/V to the last token's."""
        batch, cache = len(requests), self._cache()
        width = max(len(a.prompt) for a in requests) + max(a.output for a in requests) - 1
        ended = ""
        try:
            for tokens in (width - 1, 1):  # the last step of a growing cache copies all the others
                ended = ended or self._write(cache, batch, tokens)
        except torch.cuda.OutOfMemoryError:
            ended = "out of memory"
        held = cache_bytes(cache)[0] if not ended else 0
        del cache
        gc.collect()
        if self._device == "cuda":
            torch.cuda.empty_cache()
        return Trial(batch, ended, 1, 0 if ended else batch, held)

    def _cache(self) -> Any:
        if METHODS[self._cell.method].cache == "dynamic":
            return transformers.DynamicCache(config=self._config)
        return transformers.StaticCache(config=self._config, max_cache_len=self._cell.max_len)

    def _write(self, cache: Any, batch: int, tokens: int) -> str:
        """K/V of so many tokens in every row and layer; why that did not go, if it did not."""
        shape = SHAPES[self._cell.model].geometry
        new = torch.zeros(
            (batch, shape.kv_heads, 1, shape.head_dim),
            dtype=getattr(torch, self._cell.dtype),
            device=self._device,
        ).expand(-1, -1, tokens, -1)  # a view: takes no memory of its own
        for layer in range(shape.layers):
            cache.update(new, new, layer)
            if self._device == "cpu" and self._taken(cache) > self._cell.budget_bytes:
                return "over budget"
        return ""

    def _taken(self, cache: Any) -> int:
        """Bytes so far; layers that were not written yet have none."""
        tensors = [
            tensor
            for layer in cache.layers
            if layer.is_initialized
            for tensor in (layer.keys, layer.values)
        ]
        storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}
        return sum(storages.values())


def cap_allocator(budget_bytes: int) -> None:
    """From here on, torch gives this process `budget_bytes` more than it has now, and no more."""
    torch.zeros(1, device="cuda")
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    taken = torch.cuda.memory_reserved()
    torch.cuda.set_per_process_memory_fraction((taken + budget_bytes + SLACK) / total)
