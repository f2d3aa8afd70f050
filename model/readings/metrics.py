"""Every metric of what the latest engine step read from the cache and wrote to it.

Of a lane all its requests together; of a request its own, with its samples or beams. An entry is
the K/V of one token in all layers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pagereel.model.core.geometry import Geometry
from pagereel.model.core.state import Phase
from pagereel.model.readings.subjects import InBlock, InLane, InRequest
from pagereel.model.usage.bandwidth import Movement
from pagereel.model.usage.occupancy import free_holes, largest_room, sharing

Value = int | float | str | tuple[int, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Metric(Generic[T]):
    """How to read one number, and what it means."""

    unit: str
    meaning: str
    measure: Callable[[T], Value]


LANE: dict[str, Metric[InLane]] = {
    "capacity": Metric("slots", "token slots in the pool", lambda at: at.state.capacity),
    "stored": Metric("slots", "slots that hold a token's K/V", lambda at: at.parts.stored),
    "reserved": Metric("slots", "held for tokens still to come", lambda at: at.parts.reserved),
    "internal": Metric("slots", "held and not used", lambda at: at.parts.internal),
    "external": Metric("slots", "free, but in holes too small", lambda at: at.parts.external),
    "cached": Metric("slots", "free, still holding a prefix", lambda at: at.parts.cached),
    "free": Metric("slots", "free and empty", lambda at: at.parts.free),
    "held": Metric("slots", "held by requests", lambda at: at.held),
    "holes": Metric(
        "holes", "runs of free slots, free chunks or blocks", lambda at: len(free_holes(at.state))
    ),
    "in_holes": Metric(
        "slots",
        "slots in holes, however small",
        lambda at: sum(hole.size for hole in free_holes(at.state)),
    ),
    "largest_hole": Metric(
        "slots", "largest reservation that fits", lambda at: largest_room(at.state)
    ),
    "needed": Metric("slots", "what the head of the queue needs", lambda at: at.needed),
    "wasted": Metric("slots", "reserved, internal and external", lambda at: at.wasted),
    "utilisation": Metric(
        "percent",
        "share of the held slots that store K/V",
        lambda at: at.utilisation,
    ),
    "running": Metric("requests", "requests that run", lambda at: len(at.state.running)),
    "waiting": Metric("requests", "requests that wait", lambda at: len(at.state.waiting)),
    "swapped": Metric("requests", "requests on the CPU", lambda at: len(at.state.swapped)),
    "finished": Metric("requests", "requests that are done", lambda at: at.count(Phase.FINISHED)),
    "refusals": Metric(
        "steps",
        "steps at which the head of the queue did not fit",
        lambda at: sum(request.refusals for request in at.state.requests),
    ),
    "block_size": Metric(
        "slots", "slots a block; 0 if contiguous", lambda at: at.paged.block_size if at.paged else 0
    ),
    "blocks": Metric(
        "blocks", "usable blocks in the pool", lambda at: len(at.paged.blocks) if at.paged else 0
    ),
    "blocks_free": Metric(
        "blocks", "blocks in the free queue", lambda at: len(at.paged.free) if at.paged else 0
    ),
    "table_entries": Metric("entries", "entries in all block tables", lambda at: at.table_entries),
    "next_block": Metric(
        "block",
        "head of the free queue",
        lambda at: at.paged.free[:1] if at.paged else (),
    ),
    "free_queue": Metric(
        "blocks", "the free queue, head first", lambda at: at.paged.free if at.paged else ()
    ),
    "saving": Metric(
        "percent",
        "blocks saved by sharing / blocks without sharing",
        lambda at: round(100 * sharing(at.paged).saving, 1) if at.paged else 0,
    ),
    "sampled": Metric(
        "tokens",
        "output tokens of all requests so far; of several samples or beams, one's",
        lambda at: sum(request.sampled for request in at.state.requests),
    ),
    "step_tokens": Metric(
        "tokens", "tokens computed in the latest step", lambda at: at.work.step_tokens
    ),
    "recomputed": Metric(
        "tokens", "tokens computed again after a preemption", lambda at: at.work.recomputed
    ),
    "hits": Metric("tokens", "tokens that the prefix cache had, so far", lambda at: at.work.hits),
    "evicted": Metric(
        "blocks",
        "cached blocks handed out so far: their prefixes are lost",
        lambda at: at.work.evicted_blocks,
    ),
    "swapped_bytes": Metric(
        "bytes", "bytes copied to the CPU and back so far", lambda at: at.swapped_bytes
    ),
    "copied_bytes": Metric(
        "bytes",
        "bytes copied from region to region, or with a region that moves, so far",
        lambda at: at.work.copied_entries * at.token_bytes,
    ),
    "stored_bytes": Metric(
        "bytes", "bytes of stored K/V", lambda at: at.parts.stored * at.token_bytes
    ),
    "held_bytes": Metric("bytes", "bytes that requests hold", lambda at: at.held * at.token_bytes),
    "wasted_bytes": Metric("bytes", "bytes wasted", lambda at: at.wasted * at.token_bytes),
}

REQUEST: dict[str, Metric[InRequest]] = {
    "phase": Metric("", "waiting, running, finished, ...", lambda at: at.request.phase.value),
    "prompt": Metric("tokens", "tokens in its prompt", lambda at: at.request.prompt),
    "sampled": Metric("tokens", "output tokens so far", lambda at: at.request.sampled),
    "hits": Metric("tokens", "tokens of it that the prefix cache had", lambda at: at.hits),
    "recomputed": Metric(
        "tokens", "tokens of it computed again after a preemption", lambda at: at.recomputed
    ),
    "computed": Metric("tokens", "tokens computed so far", lambda at: at.request.computed),
    "stored": Metric("slots", "tokens whose K/V is stored", lambda at: at.stored),
    "readable": Metric("tokens", "cached tokens its next one may read", lambda at: at.readable),
    "held": Metric("slots", "slots it holds", lambda at: at.held),
    "empty": Metric("slots", "slots it holds that are empty", lambda at: at.held - at.stored),
    "blocks": Metric("blocks", "blocks in its table", lambda at: len(at.table)),
    "table": Metric("blocks", "its block table, in order", lambda at: at.table),
    "score": Metric(
        "",
        "log-probability of what a beam has sampled; of a request, its best",
        lambda at: at.score,
    ),
    "refusals": Metric("steps", "steps at which it did not fit", lambda at: at.refusals),
    "stored_bytes": Metric(
        "bytes", "bytes of its stored K/V", lambda at: at.stored * at.token_bytes
    ),
    "held_bytes": Metric("bytes", "bytes it holds", lambda at: at.held * at.token_bytes),
}

BLOCK: dict[str, Metric[InBlock]] = {
    "filled": Metric("slots", "slots that hold K/V", lambda at: at.filled),
    "references": Metric("tables", "tables that hold it", lambda at: at.references),
}

GEOMETRY: dict[str, Metric[Geometry]] = {
    "name": Metric("", "the model", lambda at: at.title or at.name),
    "layers": Metric("layers", "layers", lambda at: at.layers),
    "kv_heads": Metric("heads", "heads with K and V of their own", lambda at: at.kv_heads),
    "head_dim": Metric("elements", "elements a head", lambda at: at.head_dim),
    "dtype": Metric("", "element type of the cache", lambda at: at.dtype),
    "bytes_per_token": Metric(
        "bytes", "bytes of one token's K/V, all layers", lambda at: at.bytes_per_token
    ),
    "bytes_per_layer": Metric(
        "bytes", "bytes of one token's K/V, one layer", lambda at: at.bytes_per_layer
    ),
}


MOVED: dict[str, Metric[Movement]] = {
    "read": Metric("entries", "cached entries the last step read", lambda at: at.entries_read),
    "written": Metric("entries", "entries the last step wrote", lambda at: at.entries_written),
    "read_bytes": Metric("bytes", "bytes read, all layers", lambda at: at.bytes_read),
    "written_bytes": Metric("bytes", "bytes written, all layers", lambda at: at.bytes_written),
    "layer_read_bytes": Metric("bytes", "bytes read in a layer", lambda at: at.layer_bytes_read),
    "layer_written_bytes": Metric(
        "bytes", "bytes written in a layer", lambda at: at.layer_bytes_written
    ),
}
