"""Reads workloads: an engine's configuration and its requests, as JSON documents (F1, F2, F4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.core.request import Request


@dataclass(frozen=True, slots=True)
class Workload:
    """What one engine is asked to serve."""

    config: VllmConfig
    """With `max_model_len` set."""
    requests: tuple[Request, ...]
    """In the file's order, parallel samples expanded."""

    @property
    def by_arrival(self) -> tuple[Request, ...]:
        """In the order a replay wants them; the file's order among equals (T1)."""
        return tuple(sorted(self.requests, key=lambda request: request.arrival))


def output_token(position: int, index: int) -> int:
    """F4: made-up output token `index` of the request at `position` of the expanded list."""
    return (1_000_003 * (position + 1) + 7_919 * (index + 1)) % 50_021 + 1


def read_workload(document: Mapping[str, Any]) -> Workload:
    """From a parsed workload document. Raises ValueError for what the format does not allow."""
    requests: list[Request] = []
    for entry in document["requests"]:
        requests += _read_request(entry, len(requests))
    ids = [request.id for request in requests]
    if len(set(ids)) != len(ids):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        raise ValueError(f"request ids are not unique: {twice}")
    longest = max((len(r.prompt) + len(r.output) for r in requests), default=2)
    keys = {"max_model_len": None, **document.get("config", {})}
    if keys["max_model_len"] is None:
        keys["max_model_len"] = longest
    return Workload(VllmConfig.read(keys), tuple(requests))


def _read_request(entry: Mapping[str, Any], position: int) -> list[Request]:
    """One entry; n > 1 makes n independent requests, as vLLM's front end does (V1)."""
    samples = 1 if entry.get("n") is None else int(entry["n"])
    names = [str(entry["id"])] if samples == 1 else [f"{i}_{entry['id']}" for i in range(samples)]
    prompt = tuple(int(token) for token in entry["prompt"])
    first = Request(
        id=names[0],
        prompt=prompt,
        output=(),
        arrival=int(entry.get("arrival") or 0),
        priority=int(entry.get("priority", 0)),
        cache_salt=entry.get("cache_salt"),
        abort=entry.get("abort"),
        parent=str(entry["id"]) if samples > 1 else "",
    )
    limit = entry.get("max_tokens")
    outputs = [_output(entry, position + i) for i in range(samples)]
    if not prompt or not outputs[0]:
        raise ValueError(f"{entry['id']}: needs a prompt and at least one output token")
    return [
        replace(first, id=n, output=o, max_tokens=limit)
        for n, o in zip(names, outputs, strict=True)
    ]


def _output(entry: Mapping[str, Any], position: int) -> tuple[int, ...]:
    given = entry.get("output")
    if given is not None:
        return tuple(given)
    return tuple(output_token(position, index) for index in range(entry["num_output_tokens"]))
