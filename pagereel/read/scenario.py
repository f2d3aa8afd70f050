"""Who is admitted, who arrives, who gives up, and when; what cannot happen is reported."""

from __future__ import annotations

from collections.abc import Iterator

from model.storyboard import Abort, Admit, Advance, Script, Verb
from pagereel.read.fields import MAX_STEPS
from pagereel.read.problem import did_you_mean
from pagereel.read.review import Review
from pagereel.read.schema import AbortForm, AdmitForm, StepForm, StoryboardForm
from pagereel.read.source import Span, printable

_Form = str | AdmitForm | StepForm | AbortForm


class Scenario:
    """Walks through the verbs of all beats, in order, and reports what cannot happen."""

    def __init__(self, scripts: dict[str, Script], known: tuple[str, ...], review: Review) -> None:
        self._scripts, self._known, self._review = scripts, known, review
        self._admitted: dict[str, Span] = {}
        self._aborted: dict[str, Span] = {}
        self._steps = 0

    def verbs(self, form: StoryboardForm) -> list[tuple[Verb, ...]]:
        """The verbs of every beat; those that cannot be are reported."""
        played = [
            tuple(self._verb(verb, beat, index) for index, verb in enumerate(beat_form.do))
            for beat, beat_form in enumerate(form.beats)
        ]
        if self._review.sound_beats == len(form.beats):
            self._report_absent()
        return played

    def _verb(self, form: _Form, beat: int, index: int) -> Verb:
        span = self._review.at("beats", beat, "do", index)
        before = len(self._review.problems)
        verb, problems = self._judge(form, span)
        for message, remedy in problems:
            self._review.complain(span, message, remedy)
        if len(self._review.problems) > before:
            self._review.distrust_from(beat)
        return verb

    def _judge(self, form: _Form, span: Span) -> tuple[Verb, Iterator[tuple[str, str]]]:
        match form:
            case AdmitForm():
                return Admit(form.admit), self._admit(form.admit, span)
            case AbortForm():
                return Abort(form.abort), self._abort(form.abort, span)
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

    def _abort(self, request: str, span: Span) -> Iterator[tuple[str, str]]:
        yield from self._unknown(request)
        arrival = self._arrival(request)
        here = request in self._admitted or (arrival is not None and arrival <= self._steps)
        if request in self._aborted:
            line = self._aborted[request].line
            yield f"request `{printable(request)}` is aborted twice", f"first in line {line}"
        elif request in self._scripts and not here:
            remedy = "it arrives later" if arrival is not None else f"`admit: {request}` first"
            yield f"request `{request}` is aborted before it arrives", remedy
        self._aborted.setdefault(request, span)

    def _advance(self, count: int) -> Iterator[tuple[str, str]]:
        if self._steps <= MAX_STEPS < self._steps + count:
            yield f"{self._steps + count:,} steps so far", f"at most {MAX_STEPS} in all beats"
        self._steps += count

    def _unknown(self, request: str) -> Iterator[tuple[str, str]]:
        if request not in self._known and not self._review.is_nameless():
            yield f"unknown request `{printable(request)}`", did_you_mean(request, self._known)

    def _arrival(self, request: str) -> int | None:
        script = self._scripts.get(request)
        return script.arrival if script else None

    def _report_absent(self) -> None:
        """Report requests that never come; only where every verb is as the author meant it."""
        for name, script in self._scripts.items():
            span = self._review.key("requests", name)
            if script.arrival is None and name not in self._admitted:
                remedy = f"add `admit: {name}` to a beat, or give it an `arrival`"
                self._review.complain(span, f"request `{name}` never arrives", remedy)
            elif script.arrival is not None and max(script.arrival, 1) > self._steps:
                message = f"request `{name}` arrives at step {script.arrival}"
                self._review.complain(span, message, f"but the beats take {self._steps} steps")
