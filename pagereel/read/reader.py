"""From a path to a storyboard, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pagereel.model.core.geometry import PRESETS, Geometry
from pagereel.model.play import caption
from pagereel.model.storyboard.chart import Chart
from pagereel.model.storyboard.storyboard import CARDS, Beat, CallOut, Storyboard, Verb
from pagereel.model.storyboard.timeline import PlayedBeat, Timeline
from pagereel.read.document.compose import compose
from pagereel.read.document.intake import take
from pagereel.read.document.nodes import plain, span_at
from pagereel.read.document.problem import Problem, StoryboardProblems
from pagereel.read.document.source import Span
from pagereel.read.form.fields import MAX_BEATS
from pagereel.read.form.schema import BeatForm, GeometryForm, StoryboardForm
from pagereel.read.form.validate import Checked, validate
from pagereel.read.meaning.budgets import check_budget, described_gpu
from pagereel.read.meaning.charts import charts
from pagereel.read.meaning.lanes import lane_specs
from pagereel.read.meaning.recorded import open_recording, recorded_scripts
from pagereel.read.meaning.rehearsal import Rehearsal, absent, stand_ins
from pagereel.read.meaning.requests import scripts
from pagereel.read.meaning.review import Enough, Review
from pagereel.read.meaning.scenario import Scenario
from pagereel.read.meaning.statements import Statements
from pagereel.read.overrides import Override, apply, parse_override


class ClaimsFail(StoryboardProblems):
    """Nothing is wrong with a storyboard but some of its claims."""

    def __init__(self, problems: Iterable[Problem], timeline: Timeline) -> None:
        super().__init__(problems)
        self.timeline = timeline
        """What it comes to, all the same."""


def read(path: str | Path, overrides: Iterable[str] = ()) -> Storyboard:
    """The storyboard of a file, without what it comes to; as `read_timeline` in all else."""
    return read_timeline(path, overrides).storyboard


def read_timeline(path: str | Path, overrides: Iterable[str] = ()) -> Timeline:
    """Read one storyboard file and play it; `overrides` are `KEY=VALUE` texts, applied in order.

    Its captions and claims can only be judged by the states that its beats end in, so it is played
    here, once for all who ask. A claim (`expect:`) speaks of the file as written: with overrides,
    those that fail are dropped. Raises `StoryboardProblems` with every mistake of the file and of
    the overrides; `ClaimsFail` if all that is wrong is what it claims.
    """
    path = Path(path)
    parsed, problems = _parsed(overrides)
    try:
        source = take(path)
        composed = compose(source, source.text)
        problems += composed.problems
        root, failed = apply(composed.root, parsed)
        problems += failed
        checked = validate(root)
    except StoryboardProblems as fatal:
        raise StoryboardProblems((*problems, *fatal.problems)) from None
    review = Review(checked)
    if problems:
        review.distrust_from(0)
    storyboard, beats = _review(checked, review, path)
    problems += [*checked.problems, *review.problems]
    unmet = [] if parsed else [*review.unmet.values()]
    if problems:
        raise StoryboardProblems((*problems, *unmet))
    storyboard = _without_unmet(storyboard, review)
    timeline = Timeline(
        storyboard,
        tuple(
            PlayedBeat(beat, played.steps, caption(storyboard, beat, played.end))
            for beat, played in zip(storyboard.beats, beats, strict=True)
        ),
    )
    if unmet:
        raise ClaimsFail(unmet, timeline)
    return timeline


def files_named(path: str | Path, overrides: Iterable[str] = ()) -> tuple[str, ...]:
    """The files and folders that a storyboard's recording and charts come from, as it names them.

    Raises `StoryboardProblems` for a file that cannot be read.
    """
    source, given = take(Path(path)), tuple(overrides)
    words = ("recording", "chart", "\\")  # these may be escaped
    if not any(word in text for text in (source.text, *given) for word in words):
        return ()
    root, _ = apply(compose(source, source.text).root, map(parse_override, given))
    document = plain(root)
    if not isinstance(document, dict):
        return ()
    names, beats = [document.get("recording")], document.get("beats")
    if isinstance(beats, list) and any(isinstance(b, dict) and "chart" in b for b in beats):
        names.append(document.get("record", StoryboardForm.model_fields["record"].default))
    return tuple(name for name in names if isinstance(name, str))


def place(path: str | Path, overrides: Iterable[str], *keys: str | int) -> Span:
    """Where a value of a sound storyboard stands: in its file, or in the override that set it."""
    source = take(Path(path))
    root, _ = apply(compose(source, source.text).root, map(parse_override, overrides))
    return span_at(root, keys)


def _parsed(overrides: Iterable[str]) -> tuple[list[Override], list[Problem]]:
    parsed: list[Override] = []
    problems: list[Problem] = []
    for text in overrides:
        try:
            parsed.append(parse_override(text))
        except StoryboardProblems as failed:
            problems += failed.problems
    return parsed, problems


def _review(
    checked: Checked, review: Review, path: Path
) -> tuple[Storyboard, tuple[PlayedBeat, ...]]:
    """Convert the form and check what it says, by playing it.

    What is returned counts only if nothing was found.
    """
    form = checked.form
    rehearsal = None
    storyboard = Storyboard(
        path.stem, form.title, form.subtitle, form.about, _geometry(form.model), (), (), (),
        described_gpu(form, review),
    )  # fmt: skip
    try:
        _check_beats(form, review)
        recording = open_recording(form, path, review)
        lanes = lane_specs(form, review, recording)
        requests = recorded_scripts(recording) if recording else scripts(form, review)
        known = tuple(dict.fromkeys((*checked.requests, *requests)))
        recorded = recording.shortest if recording else None
        verbs = Scenario(requests, known, review, recorded).verbs(form)
        shown = charts(form, path, review)
        storyboard = replace(
            storyboard,
            lanes=stand_ins(checked.lanes, lanes),
            requests=absent(known, requests),
            recording=recording,
            beats=tuple(
                _beat(form, *parts) for parts in zip(form.beats, verbs, shown, strict=True)
            ),
        )
        check_budget(form, storyboard, review)
        rehearsal = Rehearsal(storyboard, lanes, review)
        named = tuple(dict.fromkeys((*known, *storyboard.owners)))
        statements = Statements(rehearsal, (checked.lanes, named), review)
        said = [statements.check(beat, number) for number, beat in enumerate(form.beats)]
        pairs = zip(storyboard.beats, said, strict=True)
        beats = tuple(replace(b, expect=s.claims, question=s.question) for b, s in pairs)
        storyboard = replace(storyboard, beats=beats)
    except Enough:
        pass
    return storyboard, rehearsal.beats if rehearsal else ()


def _check_beats(form: StoryboardForm, review: Review) -> None:
    if not form.beats and not review.lost("beats"):
        review.complain(review.key("beats"), "a storyboard needs at least one beat")
    for number, beat in enumerate(form.beats):
        for name, card in CARDS.items():
            given = card.key and getattr(beat, card.key)
            lost = review.lost("beats", number, card.key)
            if card.key and beat.card == name and not given and not lost:
                span, message = review.at("beats", number, "card"), f"the card `{name}` needs"
                review.complain(span, f"{message} a `{card.key}`", card.example)
            elif given and beat.card != name:
                span = review.key("beats", number, card.key)
                message = f"the card `{beat.card}` shows no `{card.key}`"
                review.complain(span, message, f"write `card: {name}`")
        if beat.question and beat.card != "lanes":
            span = review.key("beats", number, "question")
            message = f"the card `{beat.card}` has no room for a question"
            review.complain(span, message, "questions stand over the lanes")
    if len(form.beats) > MAX_BEATS:
        review.complain(review.at("beats", MAX_BEATS), f"more than {MAX_BEATS} beats")
        review.distrust_from(0)


def _geometry(model: str | GeometryForm) -> Geometry:
    if isinstance(model, str):
        return PRESETS[model]
    return Geometry(model.name, model.layers, model.kv_heads, model.head_dim, model.dtype)


def _beat(story: StoryboardForm, form: BeatForm, do: tuple[Verb, ...], chart: Chart | None) -> Beat:
    given = {card.key: getattr(form, card.key) for card in CARDS.values() if card.key}
    keyed = {k: v.typed() if hasattr(v, "typed") else v for k, v in given.items() if v is not None}
    return Beat(
        form.title,
        form.say,
        do,
        tuple(form.focus),
        tuple(CallOut(callout.at, callout.text) for callout in form.callouts),
        card=form.card,
        **(keyed | {"chart": chart}),
        above=form.above or story.above,
        beside=form.beside or story.beside,
    )


def _without_unmet(storyboard: Storyboard, review: Review) -> Storyboard:
    """The storyboard with those claims alone that hold."""
    beats = (
        replace(beat, expect=tuple(c for c in beat.expect if (number, c) not in review.unmet))
        for number, beat in enumerate(storyboard.beats)
    )
    return replace(storyboard, beats=tuple(beats))
