"""Everything that is wrong with a workload document (F1, F2), before the model reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.core.quoting import shown
from pagereel.model.replay.traffic import LAST_STEP, LONGEST
from pagereel.words import did_you_mean, nearest, printable

SETTINGS = {field.name: str(field.type) for field in fields(VllmConfig)}
SETTINGS["groups"] = SETTINGS["kv_cache_groups"]  # what drivers of the engine call it
"""Keys of `config`, with their types as the class spells them."""
REQUEST_KEYS = (
    "id", "arrival", "prompt", "num_output_tokens", "output", "n", "priority", "cache_salt",
    "abort", "max_tokens",
)  # fmt: skip
MOST_BLOCKS = 2**22
"""Blocks of the largest pool that is taken for meant: 64 TiB at 16 MiB a block."""
_TYPES = {
    "int": ("a whole number", int),
    "int | None": ("a whole number or null", int | None),
    "bool": ("true or false", bool),
    "float": ("a number", int | float),
    "str": ("text", str),
}
MOST_REQUESTS, MOST_TOKENS = 2**20, 2**23
"""Requests of a file, every sample counted; tokens of a workload document, likewise."""
_MOST_SAMPLES, _LONGEST_NAME = 4096, 200
_MOST_GROUPS = 64


def complaints(document: object) -> Iterator[str]:
    """One line for each mistake, with its place: `requests[3].prompt: ...`. Counts from 0."""
    if not isinstance(document, dict):
        yield f"a workload is an object with config and requests, not {shown(document)}"
        return
    requests = document.get("requests")
    yield from _config(document.get("config", {}))
    if not isinstance(requests, list):
        yield 'there is no list of requests: {"config": ..., "requests": [...]}'
        return
    if not requests:
        yield "requests: there are none"
    for number, entry in enumerate(requests):
        if isinstance(entry, dict):
            yield from (f"requests[{number}].{text}" for text in _request(entry))
        else:
            yield f"requests[{number}]: must be an object, not {shown(entry)}"
    count = sum(map(_samples, requests))
    tokens = sum(_samples(entry) * _tokens_of(entry) for entry in requests)
    if count > MOST_REQUESTS:
        yield f"requests: with all samples they are {count:,}; at most {MOST_REQUESTS:,}"
    elif tokens > MOST_TOKENS:
        yield f"requests: all samples together have {tokens:,} tokens; at most {MOST_TOKENS:,}"
    else:
        yield from _twice(requests)


def _config(config: object) -> Iterator[str]:
    if not isinstance(config, dict):
        yield f"config: must be an object, not {shown(config)}"
        return
    sound = True
    for key, value in config.items():
        if key not in SETTINGS:
            sound = False
            remedy = did_you_mean(key, SETTINGS)
            yield f"config: unknown key {shown(key)}" + (f"; {remedy}" if remedy else "")
            continue
        if "tuple" in SETTINGS[key]:
            if wrong := _no_windows(value):
                sound = False
                yield f"config.{key}: {wrong}"
            continue
        words, kind = _TYPES[SETTINGS[key]]
        if key == "max_model_len":
            words, kind = _TYPES["int | None"]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            sound = False
            yield f"config.{key}: must be {words}, not {shown(value)}"
        elif isinstance(value, int) and not 0 <= value <= _most(key):
            sound = False
            yield f"config.{key}: must be 0 to {_most(key):,}, not {shown(value)}"
    if sound:
        yield from _limits(config)


def _no_windows(value: object) -> str:
    """What is wrong with a window for each group of layers; empty if nothing is."""
    windows = value if isinstance(value, list) else [value]
    sound = isinstance(value, list) or value is None
    if sound and all(w is None or _is_whole(w, 1, LAST_STEP) for w in windows):
        many = f"at most {_MOST_GROUPS} groups, not {len(windows)}"
        return "" if len(windows) <= _MOST_GROUPS else many
    return f"must be a list of windows, null for full attention, not {shown(value)}"


def _most(key: str) -> int:
    return MOST_BLOCKS if key == "num_blocks" else LAST_STEP


def _limits(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        VllmConfig.read(config)
    except ValueError as breaches:
        for breach in str(breaches).split("; "):
            if config.get("max_model_len") or "max_model_len" not in breach:
                yield f"config: {breach}"


def _request(entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one entry; each text starts with the key."""
    for key in entry:
        near = None if key in REQUEST_KEYS else _like(key)
        if near:  # notes and the like are the author's business
            yield f"{printable(key)}: unknown; did you mean `{near}`?"
    name = entry.get("id")
    if not _is_name(name):
        told = f" of at most {_LONGEST_NAME} characters, not {shown(name)}"
        yield "id: must be text" + (told if isinstance(name, str) else " or a number")
    yield from _tokens(entry, "prompt")
    if entry.get("output") is not None:
        yield from _tokens(entry, "output")
    else:
        yield from _whole(entry, "num_output_tokens", 1, LONGEST)
    for key, most in (("arrival", LAST_STEP), ("abort", LAST_STEP), ("n", _MOST_SAMPLES)):
        if entry.get(key) is not None:
            yield from _whole(entry, key, 1 if key == "n" else 0, most)
    if entry.get("max_tokens") is not None:
        yield from _whole(entry, "max_tokens", _answered(entry), LONGEST)
    if "priority" in entry:
        yield from _whole(entry, "priority", -LAST_STEP, LAST_STEP)
    salt = entry.get("cache_salt")
    if salt is not None and not (isinstance(salt, str) and _is_unicode(salt)):
        yield f"cache_salt: must be text or null, not {shown(salt)}"


@lru_cache(maxsize=256)
def _like(key: str) -> str | None:
    """The key that was meant; all requests of a file have the same ones."""
    return nearest(key, REQUEST_KEYS, likeness=0.8)


def _answered(entry: Mapping[str, Any]) -> int:
    """Output tokens of an entry, as far as they can be counted: a limit is at least that."""
    output, count = entry.get("output"), entry.get("num_output_tokens")
    return len(output) if isinstance(output, list) else count if isinstance(count, int) else 1


def _whole(entry: Mapping[str, Any], key: str, least: int, most: int) -> Iterator[str]:
    value = entry.get(key)
    if not _is_whole(value, least, most):
        what = "is missing" if key not in entry else f"must be {least} to {most:,}"
        yield f"{key}: {what}" + (f", not {shown(value)}" if key in entry else "")


def _tokens(entry: Mapping[str, Any], key: str) -> Iterator[str]:
    tokens = entry.get(key)
    if not isinstance(tokens, list) or not tokens:
        yield f"{key}: must be a list of at least one token id, not {shown(tokens)}"
        return
    for place, token in enumerate(tokens):
        if not _is_whole(token, 0, 2**32 - 1):
            yield f"{key}[{place}]: a token id is 0 to {2**32 - 1:,}, not {shown(token)}"
            return


def _twice(requests: list[Any]) -> Iterator[str]:
    """Ids that two requests or samples would share; samples of A are 0_A, 1_A (V1)."""
    first: dict[str, int] = {}
    for number, entry in enumerate(requests):
        samples = _samples(entry)
        if not samples or not _is_name(entry.get("id")):
            continue
        name = str(entry["id"])
        for taken in [name] if samples == 1 else [f"{place}_{name}" for place in range(samples)]:
            if taken in first:
                yield f"requests[{number}].id: {shown(taken)} is that of requests[{first[taken]}]"
            first.setdefault(taken, number)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _samples(entry: object) -> int:
    """How many requests an entry stands for; 0 if it is none."""
    if not isinstance(entry, dict):
        return 0
    count = 1 if entry.get("n") is None else entry["n"]
    return count if _is_whole(count, 1, _MOST_SAMPLES) else 0


def _tokens_of(entry: Any) -> int:  # noqa: ANN401 - parsed JSON
    """Tokens of one sample, as far as they can be counted."""
    if not isinstance(entry, dict):
        return 0
    prompt, answered = entry.get("prompt"), _answered(entry)
    asked = len(prompt) if isinstance(prompt, list) else 0
    return asked + (answered if _is_whole(answered, 1, LONGEST) else 0)


def _is_name(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_NAME and _is_unicode(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
