"""What beats say of the state: placeholders of captions, claims, and where to look."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pagereel.model.readings.claims import NotAClaim, holds, parse
from pagereel.model.readings.readings import QUOTED, RECORDING, Readings, UnknownName
from pagereel.model.storyboard.storyboard import ABOVE, BESIDE, Claim, Option, Question, Task
from pagereel.read.document.nodes import Path
from pagereel.read.document.problem import Problem
from pagereel.read.document.source import Span
from pagereel.read.form.schema import (
    AttendForm,
    BeatForm,
    ShotForm,
    StoryboardForm,
    TaskForm,
)
from pagereel.read.meaning.rehearsal import Rehearsal
from pagereel.read.meaning.review import Review
from pagereel.words import did_you_mean, nearest, printable

PANELS = ("question", *ABOVE, *BESIDE)
"""Parts that only some pictures have."""
PARTS = ("table", "queue", *PANELS)
"""Parts of the picture that have no name of their own."""
_TARGET = re.compile(
    r"(?P<named>lane|request|block) (?P<name>\S+)(?: in lane (?P<where>\S+))?"
    rf"|(?P<part>{'|'.join(dict.fromkeys(PARTS))})(?: in lane (?P<there>\S+))?"
)


@dataclass(frozen=True, slots=True)
class Target:
    """One part of the picture."""

    kind: str
    """`lane`, `request`, `block`, or one of `PARTS`."""
    name: str
    """Lane, request id or block number; empty for the other kinds."""
    lane: str
    """The lane it is in; empty: in every lane."""


class NotATarget(ValueError):
    """The text points at nothing; carries the message and the remedy."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def parse_target(text: str, lanes: Collection[str], requests: Collection[str]) -> Target:
    """Read one target. Raises `NotATarget`. Whether a block exists only its lane can tell."""
    match = _TARGET.fullmatch(text.strip())
    if match is None:
        raise NotATarget(f"`{printable(text)}` is not a target", _remedy(text))
    kind = match["named"] or match["part"]
    target = Target(kind, match["name"] or "", match["where"] or match["there"] or "")
    if kind == "lane" and target.lane:
        raise NotATarget("a lane is in no other lane", f"write `lane {target.name}`")
    if kind == "block" and not (target.name.isascii() and target.name.isdigit()):
        raise NotATarget(f"`{printable(target.name)}` is not a block number", "as in `block 7`")
    for what, name, known in (
        ("lane", target.name if kind == "lane" else target.lane, lanes),
        ("request", target.name if kind == "request" else "", requests),
    ):
        if name and name not in known:
            message = f"unknown {what} `{printable(name)}`"
            raise NotATarget(message, did_you_mean(name, known))
    return target


def _remedy(text: str) -> str:
    first, _, rest = text.strip().partition(" ")
    forms = ["lane NAME", "request ID", "block N", *dict.fromkeys(PARTS)]
    if first in ("lane", "request", "block") and not rest:
        return f"write `{next(form for form in forms if form.startswith(first))}`"
    if near := nearest(first, [form.split()[0] for form in forms]):
        return f"did you mean `{near}`?"
    return "targets: " + ", ".join(f"`{form}`" for form in forms) + "; then maybe `in lane NAME`"


_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


EVERYTHING = "all"
"""What `camera` says for the whole frame."""


class Said(NamedTuple):
    """What a beat says that can be right or wrong."""

    claims: tuple[Claim, ...]
    questions: tuple[Question | None, ...]
    """One a shot, or none."""


class _Place(NamedTuple):
    """A shot in its file."""

    beat: int
    """From 0."""
    shot: int
    path: Path
    form: ShotForm


class _Judged(NamedTuple):
    claim: Claim
    held: bool | None
    """None: nobody can tell, because something else is wrong."""
    values: str
    """What its readings are."""


class Statements:
    """Checks the texts of one beat after another."""

    def __init__(
        self,
        rehearsal: Rehearsal,
        names: tuple[tuple[str, ...], tuple[str, ...]],
        review: Review,
    ) -> None:
        self._rehearsal, self._review = rehearsal, review
        self._lanes, self._requests = names

    def check(self, form: BeatForm, beat: int) -> Said:
        """Check what one beat (from 0) says."""
        questions = tuple(
            self._check_shot(_Place(beat, number, path, shot))
            for number, (path, shot) in enumerate(self._review.shots(beat))
        )
        return Said(self._claims(form, beat), questions)

    def _check_shot(self, place: _Place) -> Question | None:
        beat, _, path, form = place
        readings = self._rehearsal.readings(beat, place.shot)
        if "say" in form.model_fields_set:
            self._check_text(form.say, self._review.at(*path, "say"), readings, beat)
        if form.define:
            span = self._review.at(*path, "define", "text")
            self._check_text(form.define.text, span, readings, beat)
        if form.attend:
            self._check_attend(form.attend, place)
        for index, target in enumerate(form.focus or ()):
            # What a beat says of all its shots stands there.
            owner = path if self._review.has(*path, "focus") else path[:2]
            self._check_target(target, self._review.at(*owner, "focus", index), place)
        for index, name in enumerate(form.show or ()):
            self._check_shown(name, self._review.at(*path, "show", index), place)
        if form.camera and form.camera != EVERYTHING:
            self._check_target(form.camera, self._review.at(*path, "camera"), place)
        for index, callout in enumerate(form.callouts):
            at = (*path, "callouts", index)
            self._check_target(callout.at, self._review.at(*at, "at"), place)
            self._check_text(callout.text, self._review.at(*at, "text"), readings, beat)
        return self._question(place, readings)

    def _claims(self, form: BeatForm, beat: int) -> tuple[Claim, ...]:
        readings, claims = self._rehearsal.readings(beat), []
        for index, text in enumerate(form.expect):
            span = self._review.at("beats", beat, "expect", index)
            judged = self._judge(text, span, readings, beat)
            if judged:
                claims.append(judged.claim)
            if judged and judged.held is False:
                message = f"`{printable(text)}` does not hold"
                problem = Problem(span, message, f"{judged.values} when the beat ends")
                self._review.unmet[beat, judged.claim] = problem
        return tuple(claims)

    def tasks(self, form: StoryboardForm) -> tuple[Task, ...]:
        """What is to be tried, each at the end of its beat; what is done already is noted."""
        found = []
        for index, task in enumerate(form.tasks):
            beat = self._task_beat(task, form, index)
            readings, judged = self._rehearsal.readings(beat), []
            for place, text in enumerate(task.expect):
                span = self._review.at("tasks", index, "expect", place)
                judged.append(self._judge(text, span, readings, beat))
            if all(one is not None and one.held for one in judged):
                span = self._review.key("tasks", index, "expect")
                told = ", and ".join(one.values for one in judged if one)
                problem = Problem(span, "this task is done from the start", told)
                self._review.done[index] = problem
            claims = tuple(one.claim for one in judged if one)
            found.append(Task(task.task, beat, claims, task.changes))
        return tuple(found)

    def _task_beat(self, task: TaskForm, form: StoryboardForm, index: int) -> int:
        """The beat (from 0) at whose end a task is judged; one that there is not is reported."""
        titles = [beat.title for beat in form.beats]
        if task.beat is None or task.beat in titles:
            return titles.index(task.beat) if task.beat else len(titles) - 1
        if not self._review.lost("beats"):
            message = f"there is no beat `{printable(task.beat)}`"
            span = self._review.at("tasks", index, "beat")
            self._review.complain(span, message, did_you_mean(task.beat, titles))
        return len(titles) - 1

    def _check_attend(self, attend: AttendForm, place: _Place) -> None:
        """The card `attention` needs a request, in a lane that has blocks."""
        if self._review.is_nameless():
            return
        asked = (("lane", attend.lane, self._lanes), ("request", attend.request, self._requests))
        for what, name, known in asked:
            span = self._review.at(*place.path, "attend", what)
            if name not in known:
                message = f"unknown {what} `{printable(name)}`"
                self._review.complain(span, message, did_you_mean(name, known))
            elif what == "lane" and self._is_without_blocks(name, place.beat):
                message = f"lane `{printable(name)}` has no block tables"
                self._review.complain(span, message, "attention is shown in paged lanes")

    def _is_without_blocks(self, lane: str, beat: int) -> bool:
        is_played = self._rehearsal.is_played(beat, lane)
        return is_played and not self._rehearsal.blocks(beat, lane)

    def _question(self, place: _Place, readings: Readings) -> Question | None:
        """The shot's question; of its options exactly one must be right."""
        beat, form = place.beat, place.form
        if form.question is None:
            return None
        path = (*place.path, "question")
        judged = []
        for text, condition in form.question.options.items():
            span = self._review.at(*path, "options", text)
            judged.append((text, self._judge(condition, span, readings, beat)))
        options = tuple(Option(text, found.claim) for text, found in judged if found)
        verdicts = [found.held if found else None for _, found in judged]
        if None not in verdicts and verdicts.count(True) != 1:
            right = [f"`{printable(t)}`" for t, found in judged if found and found.held]
            told = " and ".join(right) + " both are" if right else "none of them is"
            span = self._review.key(*path, "options")
            claim = options[0].claim
            self._review.unmet[beat, claim] = Problem(
                span, f"of the options exactly one must be right, but {told}"
            )
        return Question(form.question.ask, options)

    def _judge(self, text: str, span: Span, readings: Readings, beat: int) -> _Judged | None:
        """Read a claim, and see whether it holds; what is wrong with it is reported."""
        try:
            claim = parse(text)
            return _Judged(claim, *self._weigh(claim, readings, span, beat))
        except NotAClaim as failed:
            part = str(failed)
            message = f"`{printable(part)}` is not a claim"
            if part != text:
                what = "list of whole numbers" if part.startswith("[") else "number to count with"
                message = f"`{printable(part)}` is not a {what}"
            self._review.complain(span.within(part), message, _CLAIMS)
            return None

    def _weigh(
        self, claim: Claim, readings: Readings, span: Span, beat: int
    ) -> tuple[bool | None, str]:
        """Whether a claim holds (None: nobody can tell), and the values of its readings."""
        terms = (claim.left, claim.right)
        names = [part for term in terms for part in re.split(r"\s+[+-]\s+", term) if _reads(part)]
        known = [self._is_known(name, readings, span, beat) for name in names]
        if not all(known):
            return None, ""
        if not names:
            remedy = "a reading has dots in it, as `paged.A.blocks`"
            self._review.complain(span, "this claim reads nothing of the state", remedy)
            return None, ""
        try:
            held, *values = holds(claim, readings)
        except TypeError:
            message = f"`{claim.comparison}` cannot compare these"
            self._review.complain(span, message, "lists and words are == or != alone")
            return None, ""
        shown = [
            f"`{printable(term)}` is {_value(value)}"
            for term, value in zip(terms, values, strict=True)
            if any(name in term for name in names)
        ]
        return (held if self._is_certain(names, beat) else None), ", and ".join(shown)

    def _is_certain(self, names: list[str], beat: int) -> bool:
        """Whether nothing that is wrong elsewhere can have changed these readings."""
        lanes = {name.split(".")[0] for name in names} - {"geometry", "gpu", RECORDING, QUOTED}
        asks_gpu = any(name.startswith("gpu.") for name in names)
        if asks_gpu and (self._review.lost("gpu") or self._review.sound_beats == 0):
            return False
        counts_bytes = any("bytes" in name or name.startswith("geometry.") for name in names)
        return all(self._rehearsal.is_played(beat, lane) for lane in lanes) and not (
            (counts_bytes or asks_gpu) and self._review.lost("model")
        )

    def _check_text(self, text: str, span: Span, readings: Readings, beat: int) -> None:
        for match in _BRACES.finditer(text):
            place = span.within(match[0], text.count(match[0], 0, match.start()))
            if match[1] is not None:
                self._is_known(match[1].strip(), readings, place, beat)
            elif match[0] in "{}":
                remedy = "`{paged.stored}` is filled in; write `{{` or `}}` for the brace itself"
                self._review.complain(place, f"a lone `{match[0]}`", remedy)

    def _is_known(self, name: str, readings: Readings, span: Span, beat: int) -> bool:
        if self._review.is_nameless():
            return False
        try:
            readings[name]
        except UnknownName as unknown:
            lane, _, rest = name.partition(".")
            unplayed = lane in self._lanes and not self._rehearsal.is_played(beat, lane)
            if unplayed and rest.startswith("block ") and not unknown.known:
                return False  # without a state nobody knows the blocks
            remedy = _reading_like(name, unknown.known) if name else "as in `{paged.A.blocks}`"
            self._review.complain(span.within(name), f"unknown name `{printable(name)}`", remedy)
            return False
        return True

    def _check_shown(self, name: str, span: Span, place: _Place) -> None:
        """A name of `show`: a lane, or one of the two panels there."""
        panels = self._rehearsal.panels(place.beat, place.shot)
        lanes = [f"lane {lane}" for lane in self._lanes]
        if name in lanes or name in panels or self._review.is_nameless():
            return
        if name in (*ABOVE, *BESIDE):
            message = f"the panel `{name}` is not on this picture"
            self._review.complain(span, message, f"it has `{panels[0]}` and `{panels[1]}`")
            return
        remedy = did_you_mean(name, [*lanes, *panels])
        self._review.complain(span, f"`{printable(name)}` cannot be shown", remedy)

    def _check_target(self, text: str, span: Span, place: _Place) -> None:
        beat, form = place.beat, place.form
        if self._review.is_nameless():
            return
        try:
            target = parse_target(text, self._lanes, self._requests)
        except NotATarget as failed:
            self._review.complain(span, failed.message, failed.remedy)
            return
        if target.kind in PANELS and form.card in (None, "lanes"):
            above, beside = self._rehearsal.panels(beat, place.shot)
            shown = ("question" if form.question else above, beside)
            # The word `queue` also names who waits in a lane, which every lane shows.
            if target.kind not in (*shown, "queue"):
                message = f"the panel `{target.kind}` is not on this picture"
                self._review.complain(span, message, f"it has `{shown[0]}` and `{shown[1]}`")
        if target.kind != "block":
            return
        lanes = (target.lane,) if target.lane else self._lanes
        if not all(self._rehearsal.is_played(beat, lane) for lane in lanes):
            return
        blocks = [block for lane in lanes for block in self._rehearsal.blocks(beat, lane)]
        if target.name not in {str(block) for block in blocks}:
            where = f"lane `{target.lane}`" if target.lane else "any lane"
            remedy = f"blocks {min(blocks)} to {max(blocks)}" if blocks else "it has no blocks"
            self._review.complain(span, f"no block {target.name} in {where}", remedy)


_CLAIMS = "as in `paged.A.blocks == 2`, with one of == != < <= > >="


def _reads(term: str) -> bool:
    """Whether a term of a claim is the name of a reading, not a number, a list or a word."""
    return "." in term and not re.fullmatch(r"-?\d+\.\d+", term) and not term.startswith("[")


def _reading_like(name: str, known: Sequence[str]) -> str:
    """A remedy: the most like reading of the same lane, if there is such a lane, else of any."""
    longer = next((other for other in known if other.startswith(f"{name}.")), None)
    if longer:
        return f"as in `{printable(longer)}`"
    stem = name.partition(".")[0] + "."
    own = [other for other in known if other.startswith(stem)]
    near = nearest(name.removeprefix(stem), [other.removeprefix(stem) for other in own])
    return did_you_mean(name if near is None else stem + near, own or known)


def _value(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)
