"""How many tokens of K/V fit, by the rules with which vLLM 0.32 makes its pool of blocks.

Layers that keep equally much of a sequence form a group with a block table of its own; all groups
take their blocks from one pool, so every group gets the same number of layers, and a block is as
large as the largest group (`kv_cache_utils.get_kv_cache_groups`, `get_kv_cache_configs`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pagereel.model.sizing.architecture import Architecture, Layer
from pagereel.model.sizing.parallel import Parallel, layer_token_bytes, stage_layers

PAD = 1.5
"""Kinds of layers whose numbers are closer than that are not split into smaller groups."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may hold at most, from the engine's settings."""

    max_model_len: int
    """Tokens."""
    in_flight: int
    """Tokens scheduled and not settled: `max_num_batched_tokens`, for each step under way."""


@dataclass(frozen=True, slots=True)
class Group:
    """Layers with one block table."""

    window: int | None
    chunk: int | None
    block_size: int
    """Tokens; larger than asked for where its layers are smaller than others."""
    stage_bytes: tuple[int, ...]
    """Bytes of a block in all its layers, on a GPU of each pipeline stage."""
    layers: int

    def blocks(self, limits: Limits) -> int:
        """Blocks that one request can hold at most."""
        longest = limits.max_model_len
        if self.window is not None:
            held = min(self.window - 1 + limits.in_flight, longest)
            return -(-held // self.block_size) + 1  # a window need not begin where a block does
        if self.chunk is not None:
            longest = min(self.chunk + limits.in_flight, longest)
        return -(-longest // self.block_size)


@dataclass(frozen=True, slots=True)
class Pool:
    """The blocks of one engine, and what vLLM logs of them."""

    groups: tuple[Group, ...]
    limits: Limits
    available: tuple[int, ...]
    """Bytes for K/V on a GPU of each pipeline stage."""

    @property
    def block_bytes(self) -> tuple[int, ...]:
        """Bytes of one block on a GPU of each pipeline stage."""
        stages = range(len(self.available))
        return tuple(max(group.stage_bytes[stage] for group in self.groups) for stage in stages)

    @property
    def blocks(self) -> int:
        """Whole blocks, as many as the scarcest stage has room for; one is a placeholder."""
        sizes = zip(self.available, self.block_bytes, strict=True)
        return min(max(room, 0) // size for room, size in sizes)

    @property
    def request_blocks(self) -> int:
        """Blocks of one request of `max_model_len` tokens, in all groups."""
        return sum(group.blocks(self.limits) for group in self.groups)

    @property
    def concurrency(self) -> float:
        """Requests of `max_model_len` tokens that fill all blocks: "Maximum concurrency"."""
        return self.blocks / self.request_blocks

    @property
    def tokens(self) -> int:
        """The "KV cache size" of the log: tokens of so many requests, each of `max_model_len`."""
        return int(self.concurrency * self.limits.max_model_len)

    @property
    def earlier_tokens(self) -> int:
        """The same as vLLM logged it up to 0.20: blocks of one group."""
        return self.blocks // len(self.groups) * min(group.block_size for group in self.groups)

    @property
    def serves_one(self) -> bool:
        """Whether a single request of `max_model_len` fits beside the placeholder; else vLLM does
        not start."""
        return self.request_blocks + 1 <= self.blocks

    @property
    def needed(self) -> tuple[int, ...]:
        """Bytes that one request of `max_model_len` takes on a GPU of each pipeline stage."""
        return tuple(self.request_blocks * size for size in self.block_bytes)

    @property
    def longest(self) -> int:
        """The largest `max_model_len` that this memory serves, up to the one asked for; 0: none."""
        low, high = 0, self.limits.max_model_len
        while low < high:
            middle = (low + high + 1) // 2
            limits = Limits(middle, self.limits.in_flight)
            fits = sum(group.blocks(limits) for group in self.groups) + 1 <= self.blocks
            low, high = (middle, high) if fits else (low, middle - 1)
        return low


def form_groups(
    model: Architecture, parallel: Parallel, dtype: str, block_size: int, whole: bool = False
) -> tuple[Group, ...]:
    """The groups of a model's layers.

    `whole`: every layer keeps every token (`--disable-hybrid-kv-cache-manager`). Raises ValueError
    where layers differ in size in a way that this pool cannot hold.
    """
    kinds: dict[tuple[int | None, int | None, int], list[int]] = {}
    for number, layer in enumerate(model.layers):
        size = layer_token_bytes(layer, dtype, parallel.tensor)
        reach = (None, None) if whole else (layer.window, layer.chunk)
        kinds.setdefault((*reach, size), []).append(number)
    stages = _stage_of(model, parallel.pipeline)
    counts = [len(layers) for layers in kinds.values()]
    per_group = max(counts) if max(counts) < min(counts) * PAD else min(counts)
    largest = max(size for _, _, size in kinds)
    found = []
    for (window, chunk, size), layers in kinds.items():
        if largest % size:
            raise ValueError("its layers differ in size, and not by whole multiples")
        tokens, number = block_size * (largest // size), -(-len(layers) // per_group)
        for start in range(number):
            own = layers[start::number]
            at_stages = tuple(
                sum(stages[layer] == stage for layer in own) * tokens * size
                for stage in range(parallel.pipeline)
            )
            found.append(Group(window, chunk, tokens, at_stages, len(own)))
    return tuple(found)


def _stage_of(model: Architecture, pipeline: int) -> Mapping[int, int]:
    numbers = iter(range(len(model.layers)))
    found: dict[int, int] = {}
    for stage, layers in enumerate(stage_layers(model, pipeline)):
        found |= {next(numbers): stage for _ in layers}
    return found


def keeps(layers: Sequence[Layer]) -> str:
    """In words, what layers keep of a sequence: `52 keep 1,024 tokens, 10 keep all`."""
    kinds: dict[str, int] = {}
    for layer in layers:
        kept = layer.window or layer.chunk
        reach = f"{kept:,} tokens" if kept else "all"
        kinds[reach] = kinds.get(reach, 0) + 1
    return ", ".join(f"{count} keep {reach}" for reach, count in kinds.items())
