"""A recorded engine's trace, asked about one request: in words, and as a storyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pagereel.errors import InputWrong
from pagereel.measured.records import trace_lines
from pagereel.model.recording.data import BadRecording
from pagereel.model.traces.documents import Document, Trace, read_trace
from pagereel.model.traces.playing import trace_of
from pagereel.model.traces.why import Told, told_of
from pagereel.model.traces.workload import Workload, read_workload
from pagereel.replays.recorded_engines import about_of
from pagereel.replays.recordings import MOST_PACKED, Unusable, load, texts_of
from pagereel.storage.incoming import bytes_of
from pagereel.words import nearest, printable

MOST_PROMPTS = 4
"""Requests whose words are shown above the memory."""
MOST_BEATS = 9
"""Of a storyboard: what came first, and the end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came to a request, as recorded and as modelled."""

    request: str
    recorded: tuple[Told, ...]
    modelled: tuple[Told, ...]

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        yield from (f"{told}" for told in self.recorded)
        if self.recorded == self.modelled:
            yield "The model, given the same requests, says the same in every step."
            return
        pairs = zip(self.recorded, self.modelled, strict=False)
        first = next((i for i, (a, b) in enumerate(pairs) if a != b), len(self.recorded))
        rest = self.modelled[first:]
        yield f"The model says otherwise: {rest[0] if rest else 'nothing more comes to it'}"

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "request": self.request,
            "recorded": [told._asdict() for told in self.recorded],
            "modelled": [told._asdict() for told in self.modelled],
        }


class RecordedEngine(NamedTuple):
    """Whose states a trace has, in words for a storyboard."""

    source: str
    model: str
    """As a storyboard's `model` has it."""
    names: Mapping[str, str]
    """What the server called its requests; empty where they have no other names."""


def engine_of(path: Path) -> RecordedEngine:
    """The engine of a trace. Raises `Unusable`."""
    recording, about = load(path), about_of(texts_of(bytes_of(path, MOST_PACKED)))
    source = f"{recording.runs[0].source}; {recording.log.name}"
    if about is None:
        return RecordedEngine(source, recording.model, {})
    shape = f"layers: {about.layers}, kv_heads: {about.kv_heads}, head_dim: {about.head_dim}"
    model = f"{{name: {about.model}, {shape}, dtype: {about.dtype}}}"
    return RecordedEngine(source, model, about.names)


@dataclass(frozen=True, slots=True)
class Incident:
    """One trace that can be shown."""

    path: Path
    trace: Trace
    workload: Workload
    engine: RecordedEngine

    @classmethod
    def open(cls, path: Path) -> Incident:
        """From its file, looked through. Raises `Unusable`."""
        # Every state upholds the laws, and a record vouches for it or it says whose it is.
        load(path)
        try:
            trace = read_trace(trace_lines(path))
            asked = {key: value for key, value in trace.workload.items() if key != "recorded"}
            return cls(path, trace, read_workload(asked), engine_of(path))
        except BadRecording as wrong:
            raise Unusable(f"line {wrong.line}: {wrong.message}", wrong.remedy) from None
        except (LookupError, TypeError, ValueError) as problem:
            raise Unusable(f"it is no trace: {problem}", "record it again") from None

    def requests(self) -> Iterator[tuple[str, str]]:
        """Every request, and in a few words what is to be asked about it."""
        waited = dict.fromkeys((one.id for one in self.workload.requests), 0)
        lost = dict(waited)
        for document in self.trace.steps:
            for name in document["after_schedule"]["waiting"]:
                waited[name] += 1
            for name in document["preempted"]:
                lost[name] += 1
        for request in self.workload.requests:
            steps, times = waited[request.id], lost[request.id]
            words = [f"prompt of {len(request.prompt)}"]
            words += [f"waited in {steps} steps"] if steps else []
            words += (
                [f"preempted {times} times" if times > 1 else "preempted once"] if times else []
            )
            called = self.engine.names.get(request.id)
            yield f"{request.id} ({printable(called)})" if called else request.id, ", ".join(words)

    def named(self, word: str) -> str:
        """The one request that is called so, here or by the server. Raises `InputWrong`."""
        names = [request.id for request in self.workload.requests]
        called = self.engine.names.items()
        found = [word] if word in names else [short for short, long in called if word in long]
        if len(found) == 1:
            return found[0]
        near = nearest(word, names)
        hint = f"{len(found)} are called so" if found else f"did you mean {near}?" if near else ""
        raise InputWrong(f"{self.path.name} has no request {printable(word)}; {hint}".strip("; "))

    def why(self, name: str) -> Answer:
        """What came to a request."""
        modelled = self._modelled(self.trace, self.workload)
        return Answer(
            name,
            told_of(self.workload, self.trace.steps, name),
            told_of(self.workload, modelled, name),
        )

    def write_storyboard(self, name: str, answer: Answer, target: Path) -> None:
        """A storyboard that plays the trace to what came to a request. Raises OSError."""
        target.parent.mkdir(parents=True, exist_ok=True)
        trace = os.path.relpath(self.path.resolve(), target.parent.resolve())
        target.write_text("\n".join(self._story(name, answer, trace)) + "\n", "utf-8")

    def _story(self, name: str, answer: Answer, trace: str) -> Iterator[str]:
        config, engine = self.workload.config, self.engine
        yield f"title: {_quoted(f'What came to {name}')}"
        yield f"subtitle: {_quoted(engine.source)}"
        yield f"about: {_quoted(f'Every state is one that was recorded; asked about {name}.')}"
        yield f"model: {engine.model}"
        yield f"recording: {_quoted(trace)}"
        yield f"parameters: {{block_size: {config.block_size}}}"
        yield "above: queue" if len(self.workload.requests) > MOST_PROMPTS else "above: prompt"
        yield "lanes:"
        yield "  real: {kind: recorded, title: vLLM}"
        yield "beats:"
        shown = 0
        for told in _chosen(answer.recorded):
            yield f"  - title: {_quoted(_title(told))}"
            ahead = told.last + 1 - shown
            if ahead > 0:
                yield f"    do: [{'step' if ahead == 1 else f'run: {ahead}'}]"
                shown = told.last + 1
            yield f"    focus: [{_quoted(f'request {name}')}]"
            yield f"    say: {_quoted(_sentence(name, told.words))}"

    @staticmethod
    def _modelled(trace: Trace, workload: Workload) -> Iterator[Document]:
        return islice(trace_of(workload, trace.free_order), trace.count)


def _chosen(told: tuple[Told, ...]) -> tuple[Told, ...]:
    return told if len(told) <= MOST_BEATS else (*told[: MOST_BEATS - 1], told[-1])


def _sentence(name: str, words: str) -> str:
    """A caption: who it is, and nothing that could be taken for a number to fill in."""
    said = f"{name}{words[2:]}" if words.startswith("it ") else words[0].upper() + words[1:]
    return said.replace("{", "{{").replace("}", "}}") + "."


def _title(told: Told) -> str:
    return f"Step {told.first}" if told.first == told.last else f"Steps {told.first} to {told.last}"


def _quoted(text: str) -> str:
    """A YAML text in single quotes."""
    return "'" + printable(text, 400).replace("'", "''") + "'"
