"""Made-up workloads: small ones that stress one mix of features each, and large even ones."""

from __future__ import annotations

import random
from typing import Any

from pagereel.model.traces.workload import output_token

Document = dict[str, Any]


def random_workload(seed: int) -> Document:
    """A small workload; the same seed gives the same one. Every request fits the pool alone."""
    rng = random.Random(seed)
    shape = _Shape(rng)
    requests = shape.requests(rng)
    config = shape.config(rng, requests)
    if rng.random() < 0.2:
        config["policy"] = "priority"
        for request in requests:
            request["priority"] = rng.randint(0, 2)
    return {"seed": seed, "config": config, "requests": requests}


def async_workload(seed: int) -> Document:
    """The same for asynchronous scheduling."""
    workload = random_workload(seed)
    workload["config"]["async_scheduling"] = True
    return workload


def hybrid_workload(seed: int) -> Document:
    """The same for several groups of layers: some with full attention, some with a window."""
    rng, workload = random.Random(f"hybrid-{seed}"), random_workload(seed)
    config = workload["config"]
    size = config["block_size"]
    windows = [1, 2, size, size + 1, 2 * size, 2 * size + 1, 3 * size - 1]
    one, other = (rng.choice([*windows, rng.randint(1, 6 * size)]) for _ in range(2))
    mixes: list[list[int | None]] = [
        [None, one],
        [None, one, one],
        [one, None],
        [None, None, one],
        [None, one, other],
        [one, other],
        [None, one, one, one, one, one],
    ]
    groups = config["kv_cache_groups"] = rng.choice(mixes)
    config["sliding_window"] = None
    config["retention_interval"] = rng.choice([0, 0, None, size, 2 * size, 3 * size])
    blocks = (config["num_blocks"] - 1) * len(groups)
    config["num_blocks"] = 1 + blocks
    config["async_scheduling"] = rng.random() < 0.25
    return workload


def even_workload(count: int, *, running: int, blocks: int, seed: int = 0) -> Document:
    """`count` requests at step 0, prompts and outputs uniform in 16..512, blocks of 16.

    Half of the prompts start with one of eight shared prefixes.
    """
    rng = random.Random(seed)
    prefixes = [[rng.randint(1, 30_000) for _ in range(256)] for _ in range(8)]
    requests = []
    for number in range(count):
        size = rng.randint(16, 512)
        prompt = rng.choice(prefixes)[:size] if rng.random() < 0.5 else []
        output = rng.randint(16, 512)
        prompt = prompt + [rng.randint(1, 30_000) for _ in range(size - len(prompt))]
        requests.append({"id": f"r{number}", "num_output_tokens": output, "prompt": prompt})
    config = {
        "num_blocks": blocks,
        "block_size": 16,
        "max_num_seqs": running,
        "max_num_batched_tokens": 8192,
        "max_model_len": 2048,
    }
    return {"config": config, "requests": requests}


class _Shape:
    """The features that one random workload mixes. The order of the draws is the seed's meaning."""

    def __init__(self, rng: random.Random) -> None:
        size = self.size = rng.choice([1, 2, 3, 4, 4, 5, 8, 16])
        self.caching = rng.random() < 0.75
        windows = [1, 2, size, size + 1, 2 * size, 2 * size + 1, 3 * size - 1]
        self.window = None
        if rng.random() < 0.4:
            self.window = rng.choice([*windows, rng.randint(1, 6 * size)])
        self.lookahead = rng.choice([0, 0, 0, 1, 3])
        self.chunked = rng.random() < 0.75
        self.count = rng.randint(3, 14)
        self.max_prompt = rng.choice([2 * size, 4 * size, 7 * size])
        self.max_output = rng.choice([3, 2 * size + 1, 5 * size])
        self.vocabulary = rng.choice([2, 50, 50_000])

    def requests(self, rng: random.Random) -> list[Document]:
        shared = [self._tokens(rng, rng.randint(1, self.max_prompt)) for _ in range(3)]
        requests: list[Document] = []
        history: list[tuple[list[int], list[int]]] = []
        position = arrival = 0
        for number in range(self.count):
            arrival += rng.choice([0, 0, 0, 1, 1, 2, 4, 15 if rng.random() < 0.2 else 0])
            prompt = self._prompt(rng, shared, history)
            request = {"id": f"r{number}", "arrival": arrival, "prompt": prompt}
            outputs = request["num_output_tokens"] = rng.randint(1, self.max_output)
            samples = rng.choice([2, 3, 4]) if rng.random() < 0.12 else 1
            if samples > 1:
                request["n"] = samples
            elif rng.random() < 0.08:
                request["abort"] = arrival + rng.randint(1, 8)
            if rng.random() < 0.08:
                request["cache_salt"] = rng.choice(["a", "b"])
            requests.append(request)
            history.append((prompt, [output_token(position, j) for j in range(outputs)]))
            position += samples
        return requests

    def config(self, rng: random.Random, requests: list[Document]) -> Document:
        size = self.size
        longest = max(len(r["prompt"]) + r["num_output_tokens"] for r in requests)
        limit = longest + rng.choice([0, 0, size, 100])
        if rng.random() < 0.1:  # let the length limit end a request
            limit = max(longest - rng.randint(0, 3), max(len(r["prompt"]) for r in requests) + 1)
        running = rng.randint(1, 9)
        budget = rng.randint(running, running + 6 * size)
        budget = budget if self.chunked else max(budget, limit)
        need = -(-min(longest + self.lookahead, limit) // size) + 1
        blocks = 1 + need + rng.choice([0, 1, 2, need // 2, need, 3 * need])
        retention = rng.choice([0, 0, None, size, 2 * size, 3 * size]) if self.window else 0
        return {
            "num_blocks": blocks,
            "block_size": size,
            "max_num_seqs": running,
            "max_num_batched_tokens": budget,
            "max_model_len": limit,
            "enable_prefix_caching": self.caching,
            "enable_chunked_prefill": self.chunked,
            "sliding_window": self.window,
            "retention_interval": retention,
            "num_lookahead_tokens": self.lookahead,
            "watermark": rng.choice([0.0, 0.0, 0.0, 0.05, 0.2, 0.5]),
            "reserve_full_isl": rng.random() < 0.7,
            "long_prefill_token_threshold": self._threshold(rng, limit),
            "policy": "fcfs",
        }

    def _threshold(self, rng: random.Random, limit: int) -> int:
        caps = [0, 0, 0, min(self.size + 1, limit), min(3, limit)]
        return rng.choice(caps) if self.chunked else 0

    def _tokens(self, rng: random.Random, count: int) -> list[int]:
        return [rng.randint(1, self.vocabulary) for _ in range(count)]

    def _prompt(
        self,
        rng: random.Random,
        shared: list[list[int]],
        history: list[tuple[list[int], list[int]]],
    ) -> list[int]:
        """Fresh, or with a shared prefix, or the next turn of an earlier request."""
        size, kind = self.size, rng.random()
        if kind < 0.35:
            prompt = self._tokens(rng, rng.randint(1, self.max_prompt))
        elif kind < 0.75 or not history:
            prefix = rng.choice(shared)
            prompt = prefix[: rng.randint(1, len(prefix))]
            prompt = prompt + self._tokens(rng, rng.choice([0, 0, 1, size]))
        else:
            earlier, answer = rng.choice(history)
            prompt = earlier + answer + self._tokens(rng, rng.choice([0, 1, size + 1]))
        if rng.random() < 0.25 and len(prompt) >= size:  # block-aligned
            prompt = prompt[: len(prompt) // size * size]
        return prompt[: 8 * size + 3]
