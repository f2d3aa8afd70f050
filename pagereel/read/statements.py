"""What beats say of the state: placeholders of captions, claims, and where to look."""

from __future__ import annotations

import re

from model.claims import NotAClaim, holds, parse
from model.readings import Readings, UnknownName
from model.storyboard import Claim
from pagereel.read.problem import Problem, did_you_mean
from pagereel.read.rehearsal import Rehearsal
from pagereel.read.review import Review
from pagereel.read.schema import BeatForm
from pagereel.read.source import Span, printable
from pagereel.read.targets import NotATarget, parse_target

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


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

    def check(self, form: BeatForm, beat: int) -> tuple[Claim, ...]:
        """Check what one beat (from 0) says; returns its claims."""
        readings = self._rehearsal.readings(beat)
        self._check_text(form.say, self._review.at("beats", beat, "say"), readings, beat)
        for index, target in enumerate(form.focus):
            self._check_target(target, self._review.at("beats", beat, "focus", index), beat)
        for index, callout in enumerate(form.callouts):
            path = ("beats", beat, "callouts", index)
            self._check_target(callout.at, self._review.at(*path, "at"), beat)
            self._check_text(callout.text, self._review.at(*path, "text"), readings, beat)
        expected = enumerate(form.expect)
        return tuple(
            claim
            for index, text in expected
            for claim in self._claims(text, ("beats", beat, "expect", index), readings)
        )

    def _claims(self, text: str, path: tuple[str | int, ...], readings: Readings) -> list[Claim]:
        span, beat = self._review.at(*path), int(path[1])
        try:
            claim = parse(text)
            self._judge(claim, readings, span, beat)
        except NotAClaim as failed:
            part = str(failed)
            message = f"`{printable(part)}` is not a claim"
            if part != text:
                message = f"`{printable(part)}` is not a number to count with"
            self._review.complain(span.within(part), message, _CLAIMS)
            return []
        return [claim]

    def _judge(self, claim: Claim, readings: Readings, span: Span, beat: int) -> None:
        terms = (claim.left, claim.right)
        names = [part for term in terms for part in re.split(r"\s+[+-]\s+", term) if _reads(part)]
        known = [self._is_known(name, readings, span, beat) for name in names]
        if not all(known):
            return
        if not names:
            remedy = "a reading has dots in it, as `paged.A.blocks`"
            self._review.complain(span, "this claim reads nothing of the state", remedy)
            return
        try:
            held, *values = holds(claim, readings)
        except TypeError:
            message = f"`{claim.comparison}` cannot compare these"
            self._review.complain(span, message, "lists and words are == or != alone")
            return
        if not held and self._is_certain(names, beat):
            shown = [
                f"`{printable(term)}` is {_value(value)}"
                for term, value in zip(terms, values, strict=True)
                if any(name in term for name in names)
            ]
            message = f"`{printable(claim.text)}` does not hold"
            problem = Problem(span, message, ", and ".join(shown) + " when the beat ends")
            self._review.unmet[beat, claim] = problem

    def _is_certain(self, names: list[str], beat: int) -> bool:
        """Whether nothing that is wrong elsewhere can have changed these readings."""
        lanes = {name.split(".")[0] for name in names} - {"geometry"}
        counts_bytes = any("bytes" in name or name.startswith("geometry.") for name in names)
        return all(self._rehearsal.is_played(beat, lane) for lane in lanes) and not (
            counts_bytes and self._review.lost("model")
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
            remedy = did_you_mean(name, unknown.known) if name else "as in `{paged.A.blocks}`"
            self._review.complain(span.within(name), f"unknown name `{printable(name)}`", remedy)
            return False
        return True

    def _check_target(self, text: str, span: Span, beat: int) -> None:
        if self._review.is_nameless():
            return
        try:
            target = parse_target(text, self._lanes, self._requests)
        except NotATarget as failed:
            self._review.complain(span, failed.message, failed.remedy)
            return
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


def _value(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)
