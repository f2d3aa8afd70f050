"""Who is admitted, who arrives, who gives up, and when; what cannot happen is reported."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.storyboard.script import Script
from pagereel.model.storyboard.verbs import (
    Admit,
    Advance,
    Compact,
    Fork,
    Free,
    Preempt,
    Run,
    Search,
    Swap,
    Verb,
)
from pagereel.read.document.nodes import Path
from pagereel.read.document.source import Span
from pagereel.read.form.fields import MAX_STEPS
from pagereel.read.form.schema import StoryboardForm
from pagereel.read.form.verbs import (
    AdmitForm,
    CompactForm,
    ForkForm,
    FreeForm,
    GivenVerb,
    PreemptForm,
    RunForm,
    SearchForm,
    StepForm,
    SwapForm,
)
from pagereel.read.meaning.requests import beam_script
from pagereel.read.meaning.review import Review
from pagereel.words import did_you_mean, printable


class Scenario:
    """Walks through the verbs of all beats, in order, and reports what cannot happen."""

    def __init__(
        self,
        scripts: dict[str, Script],
        known: tuple[str, ...],
        review: Review,
        recorded: int | None = None,
    ) -> None:
        self._scripts, self._known, self._review = scripts, known, review
        self._recorded = recorded
        """Steps that a recording has; None without one."""
        self._admitted: dict[str, Span] = {}
        self._freed: dict[str, Span] = {}
        self._steps = 0

    def verbs(self, form: StoryboardForm) -> list[tuple[tuple[Verb, ...], ...]]:
        """The verbs of every shot of every beat; those that cannot be are reported."""
        played = [
            tuple(
                tuple(self._verb(verb, beat, (*path, "do", i)) for i, verb in enumerate(shot.do))
                for path, shot in self._review.shots(beat)
            )
            for beat in range(len(form.beats))
        ]
        if self._review.sound_beats == len(form.beats) and form.recording is None:
            self._report_absent(form)
        return played

    def _verb(self, form: GivenVerb, beat: int, path: Path) -> Verb:
        span = self._review.at(*path)
        before = len(self._review.problems)
        verb, problems = self._judge(form, span, path)
        for message, remedy in problems:
            self._review.complain(span, message, remedy)
        if len(self._review.problems) > before:
            self._review.distrust_from(beat)
        return verb

    def _judge(
        self, form: GivenVerb, span: Span, path: Path
    ) -> tuple[Verb, Iterator[tuple[str, str]]]:
        match form:
            case AdmitForm(admit=name):
                return Admit(name), self._admit(name, span)
            case ForkForm(fork=given):
                ((name, count),) = given.items()
                return Fork(name, count), self._fork(name, count, span)
            case SearchForm(beam=searched):
                ((name, beam),) = searched.items()
                search = beam_script(beam, (*path, "beam", name), self._review)
                return Search(name, search), self._search(name, span)
            case PreemptForm(preempt=name):
                return Preempt(name), self._act(name, "preempted")
            case SwapForm(swap=name):
                return Swap(name), self._act(name, "swapped out")
            case CompactForm(compact=name):
                return Compact(name), self._act(name, "compacted")
            case FreeForm(free=name):
                return Free(name), self._free(name, span)
            case RunForm(run=count):
                return Run(count), self._advance(count)
        count = form.step if isinstance(form, StepForm) else 1
        return Advance(count), self._advance(count)

    def _admit(self, request: str, span: Span) -> Iterator[tuple[str, str]]:
        yield from self._unknown(request)
        if request in self._admitted:
            line = self._admitted[request].line
            yield f"request `{printable(request)}` is admitted twice", f"first in line {line}"
        arrival = self._arrival(request)
        if arrival is not None:
            yield (
                f"request `{request}` arrives by itself at step {arrival}",
                "remove its `arrival`, or do not admit it",
            )
        self._admitted.setdefault(request, span)

    def _fork(self, request: str, count: int, span: Span) -> Iterator[tuple[str, str]]:
        yield from self._admit(request, span)
        script = self._scripts.get(request)
        if script and script.beam:
            yield f"request `{request}` is a beam search", "a request has samples or beams"
        elif script and script.n != count and (script.n > 1 or script.outputs):
            if script.n == 1:
                yield f"request `{request}` has 1 of its {count} `outputs`", "write the others too"
            else:
                fork = f"`fork: {{{request}: {script.n}}}`"
                yield f"request `{request}` has {script.n} samples", fork

    def _search(self, request: str, span: Span) -> Iterator[tuple[str, str]]:
        yield from self._admit(request, span)
        script = self._scripts.get(request)
        if script and script.beam:
            yield f"request `{request}` has a `beam` already", f"write `admit: {request}`"
        elif script and script.n > 1:
            yield f"request `{request}` has {script.n} samples", "a request has samples or beams"

    def _act(self, request: str, done: str) -> Iterator[tuple[str, str]]:
        yield from self._unknown(request)
        if request in self._scripts and not self._is_here(request):
            remedy = f"`admit: {request}` and `step` first"
            yield f"request `{request}` is {done} before it arrives", remedy

    def _free(self, request: str, span: Span) -> Iterator[tuple[str, str]]:
        yield from self._unknown(request)
        if request in self._freed:
            line = self._freed[request].line
            yield f"request `{printable(request)}` is freed twice", f"first in line {line}"
        elif request in self._scripts and not self._is_here(request):
            later = self._arrival(request) is not None
            remedy = "it arrives later" if later else f"`admit: {request}` first"
            yield f"request `{request}` is freed before it arrives", remedy
        self._freed.setdefault(request, span)

    def _is_here(self, request: str) -> bool:
        arrival = self._arrival(request)
        return request in self._admitted or (arrival is not None and arrival <= self._steps)

    def _advance(self, count: int) -> Iterator[tuple[str, str]]:
        if self._steps <= MAX_STEPS < self._steps + count:
            yield f"{self._steps + count:,} steps so far", f"at most {MAX_STEPS} in all beats"
        if self._recorded is not None and self._steps <= self._recorded < self._steps + count:
            message = f"{self._steps + count:,} steps so far"
            yield message, f"the recording ends after {self._recorded:,} of them"
        self._steps += count

    def _unknown(self, request: str) -> Iterator[tuple[str, str]]:
        if request not in self._known and not self._review.is_nameless():
            yield f"unknown request `{printable(request)}`", did_you_mean(request, self._known)

    def _arrival(self, request: str) -> int | None:
        script = self._scripts.get(request)
        return script.arrival if script else None

    def _report_absent(self, form: StoryboardForm) -> None:
        """Report requests that never come, though they are not spare; only where every verb is as
        the author meant it."""
        for name, script in self._scripts.items():
            if form.requests[name].spare:
                continue
            span = self._review.key("requests", name)
            if script.arrival is None and name not in self._admitted:
                remedy = f"add `admit: {name}` to a beat, or give it an `arrival`"
                self._review.complain(span, f"request `{name}` never arrives", remedy)
            elif script.arrival is not None and max(script.arrival, 1) > self._steps:
                message = f"request `{name}` arrives at step {script.arrival}"
                self._review.complain(span, message, f"but the beats take {self._steps} steps")
            elif script.abort is not None and script.abort > self._steps:
                span = self._review.key("requests", name, "abort")
                message = f"request `{name}` gives up at step {script.abort}"
                self._review.complain(span, message, f"but the beats take {self._steps} steps")
