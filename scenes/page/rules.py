"""Why engines do what they do: the rules that the allocators implement, each with its source.

vLLM's have the numbers of docs/vllm-rules.md, the paper's their sections; a teaching model has its
own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Why an engine did what it did."""

    text: str
    source: str


def _vllm(number: str, text: str) -> Rule:
    return Rule(text, f"vLLM 0.32.0, rule {number} in docs/vllm-rules.md")


def _paper(section: str, text: str) -> Rule:
    return Rule(text, f"Kwon et al., PagedAttention, SOSP 2023, section {section}")


_HEAD_OF_LINE = "First come, first served: nobody overtakes the head of the queue."
_TEACHING = "a teaching model of pagereel"
_CONTINUOUS = "transformers 5.17, generation/continuous_batching"
_ORCA = "Kwon et al., PagedAttention, SOSP 2023, section 6.1: the authors' own Orca baselines"

RULES: dict[str, dict[str, Rule]] = {
    "contiguous": {
        "refused": Rule(
            "A request needs one hole as large as its whole reservation. " + _HEAD_OF_LINE,
            _TEACHING,
        ),
        "reserved": Rule(
            "All that a request may ever need is set aside, in one piece, when it is admitted.",
            _TEACHING,
        ),
        "preempted": Rule("The whole region is given back; all is computed again.", _TEACHING),
    },
    **{
        f"contiguous/{name}": {
            "refused": Rule(f"A buddy allocator's chunk for {what} must be free.", _ORCA),
            "reserved": Rule(f"A buddy allocator sets a chunk aside for {what}.", _ORCA),
        }
        for name, what in (
            ("max", "the model's maximum length"),
            ("pow2", "the output, rounded up to a power of two"),
            ("oracle", "exactly the prompt and the output"),
        )
    },
    "contiguous/static": {
        "reserved": Rule(
            "A row of full length is kept for every request of a batch, until the batch ends.",
            "transformers, StaticCache",
        ),
        "refused": Rule(
            "A new batch starts when all rows of the old one are done.", "transformers, StaticCache"
        ),
    },
    "contiguous/dynamic": {
        "moved": Rule(
            "A tensor cannot grow in place: every token copies it into one that is a token longer.",
            "transformers, DynamicCache",
        ),
        "out-of-memory": Rule(
            "Old and new tensor are there together while one is copied into the other.",
            "transformers, DynamicCache",
        ),
    },
    "paged": {
        "refused": Rule("The prompt's blocks must be free. " + _HEAD_OF_LINE, _TEACHING),
        "taken": Rule("A block is taken only when the one before it is full.", _TEACHING),
        "preempted": Rule(
            "When a running request finds no block, the newest one makes room.", _TEACHING
        ),
    },
    "paged/paper": {
        "refused": _paper("4.5", "The prompt's blocks must be free. " + _HEAD_OF_LINE),
        "taken": _paper("4.3", "A block is taken only when all blocks before it are full."),
        "shared": _paper("4.4", "Sequences with the same prompt share its blocks."),
        "copied": _paper("4.4", "Who writes into a block that others hold gets a copy first."),
        "preempted": _paper("4.5", "The newest request makes room, whole, and is recomputed."),
        "swapped-out": _paper("4.5", "A group of sequences is swapped out as one, or not at all."),
    },
    "paged/transformers": {
        "refused": Rule(
            "A prompt waits while its blocks are not free, or, beside others, while fewer than "
            "15 % of all blocks are; a smaller one may overtake it.",
            _CONTINUOUS,
        ),
        "taken": Rule(
            "Blocks are asked for as if one more token came: for some lengths one too many.",
            _CONTINUOUS,
        ),
        "preempted": Rule(
            "Who gets no block skips its turn; the newest of those go to the end of the queue, and "
            "nobody is admitted before a request ends.",
            _CONTINUOUS,
        ),
    },
    "paged/vllm": {
        "refused": _vllm("S9", "The first refusal ends admission: nobody overtakes the head."),
        "admitted": _vllm("A4", "At admission the whole known sequence must fit into free blocks."),
        "hit": _vllm(
            "H3",
            "The longest run of cached full blocks from the start is adopted; at "
            "least one token is always computed (H2).",
        ),
        "taken": _vllm(
            "A8",
            "Blocks are taken for the tokens of this step; a decode step "
            "takes one only when it starts a new one.",
        ),
        "evicted": _vllm(
            "P5",
            "A cached block stays findable until it is handed out again; only "
            "then is its prefix lost.",
        ),
        "published": _vllm(
            "C3",
            "Only full blocks get a hash, and they get it when they are "
            "scheduled, before they are computed.",
        ),
        "freed": _vllm(
            "P8",
            "Blocks without a hash go out next; cached ones last, the longest unused first.",
        ),
        "preempted": _vllm(
            "S5",
            "A running request that finds no block has the last of "
            "the running ones preempted, or itself if it is the last.",
        ),
    },
}
"""By kind of lane and by what happened."""
