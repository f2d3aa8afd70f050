"""Why a request waited, was preempted or missed the cache: told from the states of a trace.

The same telling works for what was recorded of real vLLM and for what the model plays, so both can
be laid side by side, sentence by sentence.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from pagereel.model.core.request import Request
from pagereel.model.traces.documents import Document
from pagereel.model.traces.workload import Workload


class Told(NamedTuple):
    """One sentence about a request, and the steps that it is about."""

    first: int
    last: int
    words: str

    def __str__(self) -> str:
        """`step 3: ...`, `steps 3 to 9: ...`."""
        if self.first == self.last:
            return f"step {self.first}: {self.words}"
        return f"steps {self.first} to {self.last}: {self.words}"


class _Said(NamedTuple):
    """Something about one step; `free` blocks, where it depends on them."""

    step: int
    words: str
    free: int | None = None


def told_of(workload: Workload, steps: Iterable[Document], name: str) -> tuple[Told, ...]:
    """Everything that came to a request, in order. Raises KeyError for a name that is none."""
    request = next((one for one in workload.requests if one.id == name), None)
    if request is None:
        raise KeyError(name)
    teller = _Teller(workload, request)
    taken = (document for document in steps if "step" in document)
    found = [said for document in taken for said in teller.step(document)]
    return tuple(_together(found + list(teller.end())))


def _together(found: Sequence[_Said]) -> Iterator[Told]:
    """Steps one after the other of which the same is said are said once."""
    for words, group in groupby(found, key=lambda said: said.words):
        same = list(group)
        free = sorted({said.free for said in same if said.free is not None})
        if free:
            count = f"{free[0]}" if len(free) == 1 else f"{free[0]} to {free[-1]}"
            words = f"{words}, and {count} {'was' if free == [1] else 'were'} free"
        yield Told(same[0].step, same[-1].step, words)


@dataclass(slots=True)
class _Kept:
    """Where the contents of a block were last findable."""

    step: int
    block: int
    taker: str = ""
    """Who got the block, and with that took the contents away."""


class _Teller:
    """Goes through the steps of a trace with one request in mind."""

    def __init__(self, workload: Workload, request: Request) -> None:
        self._config, self._request = workload.config, request
        self._requests = {one.id: one for one in workload.requests}
        self._made = dict.fromkeys(self._requests, 0)
        self._arrived: list[str] = []
        self._kept: dict[str, _Kept] = {}
        self._findable: set[str] = set()
        self._before: Document = {"tables": {}, "running": [], "free": [], "cached": {}}
        self._step = 0
        self._over = False

    def step(self, document: Document) -> Iterator[_Said]:
        """What this step was for the request."""
        self._step = document["step"]
        state, name = document["after_schedule"], self._request.id
        self._arrived += document["arrived"]
        said: list[str] = []
        waits: list[_Said] = []
        if name in document["arrived"]:
            said.append(self._arrival())
        if name in document["aborted"]:
            said.append("it was given up by its client")
            self._over = True
        if name in document["preempted"]:
            said.append(self._preemption(document))
        if name in document["prefix_hits"]:
            said.append(self._admission(document))
        elif name in state["waiting"] and name not in document["preempted"]:
            waits.append(self._hindrance(document))
        for one in document["sampled"]:
            self._made[one] += 1
        if name in document["finished"]:
            self._over = True
            said.append(f"it ended, with {_tokens(self._made[name])} of its own")
        yield from (_Said(self._step, words) for words in said)
        yield from waits
        self._before = document["after_update"]
        self._keep(state)
        self._keep(self._before)

    def _keep(self, state: Document) -> None:
        """Note what is findable now, and who took what was so until now."""
        found = {key: int(block) for block, key in state["cached"].items()}
        for key in self._findable - found.keys():
            kept = self._kept[key]
            tables = state["tables"].items()
            kept.taker = next((name for name, blocks in tables if kept.block in blocks), "")
        for key, block in found.items():
            self._kept[key] = _Kept(self._step, block)
        self._findable = set(found)

    def end(self) -> Iterator[_Said]:
        """What was left when the recording ended."""
        if self._request.id in self._arrived and not self._over:
            runs = self._request.id in self._before["running"]
            words = "the recording ended while it " + ("ran" if runs else "waited")
            yield _Said(self._step, words)

    def _arrival(self) -> str:
        ran, waited = len(self._before["running"]), len(self._before.get("waiting", ()))
        others = f"; {ran} ran and {waited} waited before it" if ran or waited else ""
        return f"it came, with a prompt of {_tokens(len(self._request.prompt))}{others}"

    def _preemption(self, document: Document) -> str:
        name, config = self._request.id, self._config
        lost = len(self._before["tables"].get(name, ()))
        entries = self._before.get("computed", {}).get(name, 0)
        now = document["after_schedule"]["tables"]
        grown = [
            one for one, _ in document["scheduled"]
            if len(now.get(one, ())) > len(self._before["tables"].get(one, ()))
        ]  # fmt: skip
        order = "last admitted" if config.policy == "fcfs" else "least urgent"
        for_whom = f"{grown[0]} needed one more" if grown else "more were needed than there are"
        return (
            f"it was preempted: no block was free, {for_whom}, and of those that ran it was the "
            f"{order}; it gave back {lost} blocks; {_tokens(entries)} must be computed again"
        )

    def _hindrance(self, document: Document) -> _Said:
        """Why nobody, or nobody so far back in the queue, was admitted in this step."""
        state, config = document["after_schedule"], self._config
        spent = sum(count for _, count in document["scheduled"])
        if document["preempted"]:
            lost = ", ".join(document["preempted"])
            words = f"{lost} had just lost its memory, and in such a step nobody is admitted"
            return _Said(self._step, f"it waited: {words}")
        if len(state["running"]) >= config.max_num_seqs:
            words = f"all {config.max_num_seqs} seats (max_num_seqs) were taken"
            return _Said(self._step, f"it waited: {words}")
        if spent >= config.max_num_batched_tokens:
            words = f"all {config.max_num_batched_tokens} tokens of the step were given away"
            return _Said(self._step, f"it waited: {words}")
        head = state["waiting"][0]
        tokens = len(self._requests[head].prompt) + self._made[head]
        if not config.reserve_full_isl:
            tokens = min(tokens, config.max_num_batched_tokens - spent)
        blocks = -(-tokens // config.block_size)
        if head != self._request.id:
            words = f"{head} was before it, and needed up to {blocks} blocks"
        else:
            back = " to come back" if self._made[head] else ""
            words = f"it needed up to {blocks} blocks{back}"
        return _Said(self._step, f"it waited: {words}", len(state["free"]))

    def _admission(self, document: Document) -> str:
        name = self._request.id
        hit = document["prefix_hits"][name]
        tokens = (*self._request.prompt, *self._request.output[: self._made[name]])
        again = "it was admitted again" if name in document["resumed"] else "it was admitted"
        if not self._config.enable_prefix_caching:
            return f"{again}; nothing is looked up, prefix caching is off"
        if hit:
            found = f"{hit} of {len(tokens)} tokens"
            return f"{again}, and found {found} in the cache{self._rest(tokens, hit)}"
        return f"{again}, and found nothing in the cache{self._rest(tokens, hit)}"

    def _rest(self, tokens: tuple[int, ...], hit: int) -> str:
        """Why no more was found than that."""
        size = self._config.block_size
        most = (len(tokens) - 1) // size * size
        if hit >= most:
            full = len(tokens) % size == 0 and hit
            return " (its last token is always computed, and with it its block)" if full else ""
        block = f"the next {size} tokens" if hit else f"its first {size} tokens"
        kept = self._kept.get(self._key(tokens[: hit + size]))
        if kept:
            gone = f", when {kept.taker} got block {kept.block}" if kept.taker else ""
            return f": {block} were findable until step {kept.step}{gone}"
        alike = [
            one for one in self._before["running"] if self._starts_alike(one, tokens[: hit + size])
        ]
        if alike:
            return f": {block} are also those of {alike[0]}, and were not computed yet"
        return f": nobody before it had {block}"

    def _starts_alike(self, name: str, tokens: tuple[int, ...]) -> bool:
        other = self._requests[name]
        salted = other.cache_salt == self._request.cache_salt
        return name != self._request.id and salted and tuple(other.prompt[: len(tokens)]) == tokens

    def _key(self, tokens: Sequence[int]) -> str:
        """The name of a block's contents, with all that is before them (F5)."""
        salt = self._request.cache_salt
        digest = hashlib.sha256(salt.encode() + b"\0" if salt else b"")
        digest.update(struct.pack(f"<{len(tokens)}I", *tokens))
        return digest.hexdigest()[:16]


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count:,} tokens"
