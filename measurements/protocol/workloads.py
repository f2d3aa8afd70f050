"""The requests that every method is given: prompts and output lengths, the same from every seed.

`four` are four plain prompts. `chat` and `instruct` have log-normal lengths with the means that the
PagedAttention paper states for ShareGPT and Alpaca; they are not those data sets, and a chart calls
them synthetic. Only lengths matter for K/V memory, so their token ids are random.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from dataclasses import dataclass

from pagereel.measurements.protocol.models import SHAPES

FOUR_PROMPTS = (
    "Hello!",
    "How are you doing today? I hope everything is going well.",
    "Tell me a story about artificial intelligence and machine learning. " * 10,
    "Thanks!",
)
"""In words; `_FOUR` holds them as GPT-2's tokenizer cuts them."""
FOUR_OUTPUT = 50
"""New tokens of each of the four."""
_STORY = (502, 257, 1621, 546, 11666, 4430, 290, 4572, 4673, 13)
_FOUR: tuple[tuple[int, ...], ...] = (
    (15496, 0),
    (2437, 389, 345, 1804, 1909, 30, 314, 2911, 2279, 318, 1016, 880, 13),
    (24446, *_STORY, *(14026, *_STORY) * 9, 220),
    (9690, 0),
)


@dataclass(frozen=True, slots=True)
class AskedRequest:
    """One request of a workload; all arrive at once, in this order."""

    prompt: tuple[int, ...]
    output: int
    """Tokens to generate; end-of-sequence tokens are ignored."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Log-normal lengths: means and standard deviations of the logarithm."""

    prompt_mean: float
    output_mean: float
    prompt_sigma: float
    output_sigma: float
    like: str
    """The data set whose means these are."""


LENGTHS = {
    "chat": Lengths(161.31, 337.99, 1.2, 0.9, "ShareGPT"),
    "instruct": Lengths(19.31, 58.45, 0.7, 0.8, "Alpaca"),
}
WORKLOADS = ("four", *LENGTHS)
SHORTEST = 4
"""Tokens of the shortest prompt and output."""


def make(
    workload: str, count: int, model: str, max_len: int, seed: int = 0
) -> tuple[AskedRequest, ...]:
    """The requests. Prompt and output are at most half of `max_len` each, so that any of them can
    share a batch of that width. Raises KeyError for a workload or model that is not there.
    """
    vocabulary = SHAPES[model].vocabulary
    rng = random.Random(f"{workload}/{seed}")
    if workload == "four":
        return tuple(_four(vocabulary, rng))[:count]
    lengths = LENGTHS[workload]
    found = []
    for _ in range(count):
        output = _draw(rng, lengths.output_mean, lengths.output_sigma, max_len // 2)
        prompt = _draw(rng, lengths.prompt_mean, lengths.prompt_sigma, max_len // 2)
        found.append(AskedRequest(_ids(rng, prompt, vocabulary), output))
    return tuple(found)


def digest(requests: tuple[AskedRequest, ...]) -> str:
    """SHA-256 of a workload."""
    plain = [[list(asked.prompt), asked.output] for asked in requests]
    return hashlib.sha256(json.dumps(plain, separators=(",", ":")).encode()).hexdigest()


def means(requests: tuple[AskedRequest, ...]) -> tuple[float, float]:
    """Tokens of a prompt and of an output on average, to two digits."""
    count = len(requests)
    prompts = sum(len(asked.prompt) for asked in requests)
    return round(prompts / count, 2), round(sum(a.output for a in requests) / count, 2)


def _four(vocabulary: int, rng: random.Random) -> list[AskedRequest]:
    """The four prompts; with a smaller vocabulary than GPT-2's, as many random tokens."""
    return [
        AskedRequest(ids if max(ids) < vocabulary else _ids(rng, len(ids), vocabulary), FOUR_OUTPUT)
        for ids in _FOUR
    ]


def _ids(rng: random.Random, count: int, vocabulary: int) -> tuple[int, ...]:
    return tuple(rng.randrange(1, vocabulary) for _ in range(count))


def _draw(rng: random.Random, mean: float, sigma: float, most: int) -> int:
    """One length; before it is clipped, its expectation is `mean`."""
    length = round(rng.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma))
    return max(SHORTEST, min(most, length))
