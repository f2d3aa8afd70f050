"""The terms that captions use, in plain words: a page opens them where they stand."""

from __future__ import annotations

from typing import Any, NamedTuple


class Term(NamedTuple):
    """One term."""

    name: str
    meaning: str
    forms: tuple[str, ...] = ()
    """How captions write it otherwise, in small letters."""


TERMS = (
    Term(
        "KV cache",
        "The keys and values that attention has computed so far, kept so that they "
        "need not be computed again for every new token.",
        ("k/v", "k/v cache", "k/v memory"),
    ),
    Term(
        "Token",
        "What a model reads and writes: a word or a piece of one. Here every word is one token.",
        ("tokens",),
    ),
    Term("Entry", "The key and the value of one token, in all layers.", ("entries",)),
    Term("Slot", "Room for the entry of one token.", ("slots",)),
    Term("Prompt", "What a request brings along.", ("prompts",)),
    Term(
        "Prefill",
        "The step, or the steps, that compute the K/V of the whole prompt.",
        ("prefilled", "prefills"),
    ),
    Term(
        "Decode",
        "A step that feeds one token back, reads all K/V that is stored, and stores one "
        "entry more.",
        ("decodes", "decoding"),
    ),
    Term("Block", "A fixed number of slots, the unit a paged memory hands out.", ("blocks",)),
    Term(
        "Block table",
        "For one sequence, its blocks in the order of its tokens. Neighbours in "
        "the table need not be neighbours in memory.",
        ("block tables", "table", "tables"),
    ),
    Term(
        "Free queue",
        "The blocks that nobody holds, in the order in which they will be handed out.",
        ("free list",),
    ),
    Term("Contiguous", "In one piece: a request's slots lie side by side."),
    Term(
        "Paged",
        "In blocks: a request's slots lie wherever a block was free.",
        ("paging", "pagedattention"),
    ),
    Term("Region", "The slots that one request has in a contiguous memory.", ("regions",)),
    Term(
        "Reserved",
        "Set aside for tokens that are still to come: held, empty, and of no use to others.",
        ("reservation", "reservations", "set aside"),
    ),
    Term("Internal fragmentation", "Slots that a request holds and will never use.", ("internal",)),
    Term(
        "External fragmentation",
        "Slots that are free, but in holes too small for the next request.",
        ("external", "fragmentation"),
    ),
    Term("Utilisation", "Of the slots that requests hold, the share that stores something.", ()),
    Term(
        "Batch",
        "The requests that one step of the engine computes together.",
        ("batches", "batching", "continuous batching"),
    ),
    Term(
        "Preemption",
        "Taking a running request's memory away, so that others can go on. It waits "
        "and is computed again or brought back.",
        ("preempt", "preempted", "preempts", "preemptions"),
    ),
    Term(
        "Swapping",
        "Moving a request's blocks to the CPU's memory, and back.",
        ("swap", "swapped", "swaps"),
    ),
    Term("Prefix", "The beginning that two requests have in common, word for word.", ("prefixes",)),
    Term(
        "Prefix hit",
        "A full block of the same prefix is in memory already, and is shared instead of computed.",
        ("hit", "hits", "prefix caching"),
    ),
    Term("Cached", "Free, but still holding a prefix that a request could hit.", ()),
    Term(
        "Eviction",
        "A cached block is handed out to somebody else, and its prefix is lost.",
        ("evict", "evicted", "evicts"),
    ),
    Term("Reference count", "How many block tables hold a block.", ("references", "referenced")),
    Term("Copy-on-write", "Who writes into a block that others hold gets a copy of it first.", ()),
    Term("Fork", "A sequence starts with the block table of another.", ("forks", "forked")),
    Term(
        "Beam search",
        "Several answers are followed at once; the worse ones are dropped for "
        "copies of the better.",
        ("beam", "beams"),
    ),
    Term(
        "Sliding window",
        "Each token attends only to so many before it; what lies further back can be dropped.",
        ("window",),
    ),
    Term(
        "Attention sinks",
        "The first tokens of a text, which are kept although a window has passed them.",
        ("sinks",),
    ),
    Term("First-fit", "The first hole that is large enough.", ()),
    Term("Best-fit", "The smallest hole that is large enough.", ()),
)


def glossary() -> list[dict[str, Any]]:
    """Every term: `term`, `forms` (small letters, its own first) and `text`."""
    return [
        {"term": term.name, "forms": [term.name.lower(), *term.forms], "text": term.meaning}
        for term in TERMS
    ]
