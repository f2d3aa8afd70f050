"""What each level of a paged memory weighs, and how one follows from the other: from one number of
a vector to the whole GPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pagereel.model.core.geometry import DTYPE_BYTES, Geometry
from pagereel.model.core.sizes import exact_bytes, human_bytes
from pagereel.model.core.state import LaneState, PagedMemory
from pagereel.model.readings.gpu import budget
from pagereel.model.storyboard.storyboard import LEVELS, Storyboard


class Size(NamedTuple):
    """One level's bytes."""

    level: str
    """A key of `LEVELS`; of the smallest, `number`."""
    name: str
    size_bytes: int
    product: str = ""
    """How it follows from the level inside: `16 slots × 128 KiB`. Empty: it does not."""

    @property
    def told(self) -> str:
        """Its bytes: to two decimals, or exactly if it is a factor of another level's."""
        is_factor = self.level not in ("gpu", "pool")
        return exact_bytes(self.size_bytes) if is_factor else human_bytes(self.size_bytes)


def route(stops: tuple[str, ...]) -> tuple[str, ...]:
    """Every level that a camera passes from stop to stop, those where it turns once."""
    order, found = list(LEVELS), [stops[0]]
    for stop in stops[1:]:
        here, there = order.index(found[-1]), order.index(stop)
        step = 1 if there > here else -1
        found += [order[at] for at in range(here + step, there + step, step)] * (here != there)
    return tuple(found)


def pool_blocks(storyboard: Storyboard, state: LaneState, memory: PagedMemory) -> tuple[int, ...]:
    """The ids of the pool's blocks, ascending: the lane's; those that no request gets as well, if
    the lane is the pool of the storyboard's `gpu`."""
    found = budget(storyboard)
    if found is None or found.slots != state.capacity or found.block_size != memory.block_size:
        return memory.blocks
    first = memory.blocks[0]
    return (*range(first - found.null_blocks, first), *memory.blocks)


def sizes(storyboard: Storyboard, state: LaneState, memory: PagedMemory) -> tuple[Size, ...]:
    """From the GPU, if there is one, down to one number. Neighbours are exact multiples, but for
    the GPU, which holds more than its pool."""
    geometry, blocks = storyboard.geometry, len(pool_blocks(storyboard, state, memory))
    token_bytes = geometry.bytes_per_token
    block_bytes = memory.block_size * token_bytes
    found = [
        Size("pool", "the pool", blocks * block_bytes, _product(blocks, "block", block_bytes)),
        Size("block", "one block", block_bytes, _product(memory.block_size, "slot", token_bytes)),
        Size("slot", "one slot", token_bytes,
             _product(geometry.layers, "layer", geometry.bytes_per_layer)),
        *_inside(geometry),
    ]  # fmt: skip
    if storyboard.gpu is not None:
        found.insert(0, Size("gpu", "the GPU", storyboard.gpu.memory_bytes))
    return tuple(found)


def _inside(geometry: Geometry) -> Iterator[Size]:
    """One layer of a slot: a key and a value with one part a head, or with MLA one latent."""
    layer_bytes, number_bytes = geometry.bytes_per_layer, DTYPE_BYTES[geometry.dtype]
    if geometry.latent:
        product = _product(geometry.latent, "number", number_bytes)
        yield Size("layers", "one layer", layer_bytes, f"one latent: {product}")
        yield Size("vector", "one latent", layer_bytes, product)
    else:
        half, heads = layer_bytes // 2, counted(geometry.kv_heads, "head")
        yield Size("layers", "one layer", layer_bytes, f"key and value: 2 × {exact_bytes(half)}")
        numbers = _product(geometry.head_dim, "number", number_bytes)
        yield Size("vector", "one vector", half, f"{heads} × {numbers}")
    yield Size("number", "one number", number_bytes)


def _product(count: int, noun: str, each: int) -> str:
    return f"{counted(count, noun)} × {exact_bytes(each)}"


def counted(count: int, noun: str) -> str:
    """`1 block`, `983 blocks`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
