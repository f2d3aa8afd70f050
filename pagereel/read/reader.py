"""From a path to a storyboard, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pagereel.model.core.geometry import PRESETS, Geometry
from pagereel.model.play import caption
from pagereel.model.storyboard.chart import Chart
from pagereel.model.storyboard.storyboard import (
    CARDS,
    Beat,
    CallOut,
    Claim,
    Excerpt,
    Shot,
    Storyboard,
    Verb,
)
from pagereel.model.storyboard.timeline import PlayedBeat, Timeline
from pagereel.read.document.compose import compose
from pagereel.read.document.intake import take
from pagereel.read.document.nodes import Path as Place
from pagereel.read.document.nodes import plain, span_at
from pagereel.read.document.problem import Problem, StoryboardProblems
from pagereel.read.document.source import Span
from pagereel.read.form.complaints import name_of
from pagereel.read.form.fields import MAX_BEATS
from pagereel.read.form.schema import (
    ALONE,
    BeatForm,
    GeometryForm,
    ShotForm,
    StoryboardForm,
    shots_of,
)
from pagereel.read.form.validate import Checked, validate
from pagereel.read.meaning.attention import attention_record
from pagereel.read.meaning.budgets import check_budget, described_gpu
from pagereel.read.meaning.charts import charts
from pagereel.read.meaning.excerpts import Reader, excerpts, file_of
from pagereel.read.meaning.following import following, poster
from pagereel.read.meaning.lanes import lane_specs
from pagereel.read.meaning.levels import check_levels
from pagereel.read.meaning.recorded import open_recording, recorded_scripts
from pagereel.read.meaning.rehearsal import Rehearsal, absent, stand_ins
from pagereel.read.meaning.requests import scripts
from pagereel.read.meaning.review import Enough, Review
from pagereel.read.meaning.scenario import Scenario
from pagereel.read.meaning.statements import EVERYTHING, Said, Statements
from pagereel.read.meaning.variants import variants
from pagereel.read.overrides import Override, apply, parse_override


class ClaimsFail(StoryboardProblems):
    """Nothing is wrong with a storyboard but some of its claims."""

    def __init__(self, problems: Iterable[Problem], timeline: Timeline) -> None:
        super().__init__(problems)
        self.timeline = timeline
        """What it comes to, all the same."""


class _Mistaken(StoryboardProblems):
    """Something else than its claims is wrong with a storyboard."""

    def __init__(self, problems: Iterable[Problem], claims: Iterable[Problem]) -> None:
        super().__init__(problems)
        self.claims = tuple(claims)
        """What of its claims does not hold, as far as that can be told."""


def read(path: str | Path, overrides: Iterable[str] = ()) -> Storyboard:
    """The storyboard of a file, without what it comes to; as `read_timeline` in all else."""
    return read_timeline(path, overrides).storyboard


@dataclass(frozen=True, slots=True)
class Unmet:
    """A claim that does not hold when its beat ends."""

    beat: int
    """From 0."""
    claim: Claim
    problem: Problem


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A storyboard that could be read and played, and what it claims without being so."""

    timeline: Timeline
    unmet: tuple[Unmet, ...]
    done: Mapping[int, Problem]
    """Tasks, from 0, that are done from the start."""
    unheard: Mapping[Place, Problem]
    """What no lane does, because it is too early or too late, by its place in the document."""


def read_timeline(path: str | Path, overrides: Iterable[str] = ()) -> Timeline:
    """Read one storyboard file and play it; `overrides` are `KEY=VALUE` texts, applied in order.

    Its captions and claims can only be judged by the states that its beats end in, so it is played
    here, once for all who ask. A claim (`expect:`) and a verb speak of the file as written: with
    overrides, claims that fail are dropped, and so is what comes too early or too late for every
    lane. Raises `StoryboardProblems` with every mistake of the file and of the overrides;
    `ClaimsFail` if all that is wrong is what it claims.
    """
    given = tuple(overrides)
    try:
        found = read_with_claims(path, given)
    except _Mistaken as wrong:
        told = () if given else wrong.claims
        raise StoryboardProblems((*wrong.problems, *told)) from None
    false = [*(unmet.problem for unmet in found.unmet), *found.done.values()]
    if found.unheard and not given:
        raise StoryboardProblems((*found.unheard.values(), *false))
    if false and not given:
        raise ClaimsFail(false, found.timeline)
    return found.timeline


def read_with_claims(path: str | Path, overrides: Iterable[str] = ()) -> Reviewed:
    """The same, but what does not hold or is not heard is told and not raised, with overrides or
    without.

    Raises `StoryboardProblems`, without a word of claims.
    """
    return _read(Path(path), overrides, _inside)


def _inside(path: Path) -> Timeline:
    """A storyboard that another one shows a beat of."""
    return _read(path, (), None).timeline


def _read(path: Path, overrides: Iterable[str], others: Reader | None) -> Reviewed:
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
    storyboard, beats = _review(checked, review, path, others)
    problems += [*checked.problems, *review.problems]
    if problems:
        claims = (*review.unmet.values(), *review.done.values(), *review.unheard.values())
        raise _Mistaken(problems, claims)
    storyboard = _without_unmet(storyboard, review)
    timeline = Timeline(
        storyboard,
        tuple(
            _spoken(storyboard, beat, played)
            for beat, played in zip(storyboard.beats, beats, strict=True)
        ),
    )
    unmet = tuple(Unmet(*key, why) for key, why in review.unmet.items())
    return Reviewed(timeline, unmet, review.done, review.unheard)


def _spoken(storyboard: Storyboard, beat: Beat, played: PlayedBeat) -> PlayedBeat:
    """A beat that was played in silence, with what is said in it."""
    shots = (
        replace(silent, shot=shot, caption=caption(storyboard, shot, silent.end))
        for shot, silent in zip(beat.shots, played.shots, strict=True)
    )
    return PlayedBeat(beat, tuple(shots))


def files_named(path: str | Path, overrides: Iterable[str] = ()) -> tuple[str, ...]:
    """The files and folders that a storyboard's recording and charts come from, as it names them.

    Raises `StoryboardProblems` for a file that cannot be read.
    """
    source, given = take(Path(path)), tuple(overrides)
    words = ("recording", "chart", "excerpt", "next", "\\")  # these may be escaped
    if not any(word in text for text in (source.text, *given) for word in words):
        return ()
    root, _ = apply(compose(source, source.text).root, map(parse_override, given))
    document = plain(root)
    if not isinstance(document, dict):
        return ()
    names, beats = [document.get("recording")], document.get("beats")
    if isinstance(beats, list) and any(map(_has_chart, beats)):
        names.append(document.get("record", StoryboardForm.model_fields["record"].default))
    after = document.get("next")
    others = [*_excerpted(beats), *(after if isinstance(after, list) else ())]
    names += [file_of(name) for name in others if isinstance(name, str)]
    return tuple(name for name in names if isinstance(name, str))


def _excerpted(beats: object) -> Iterator[object]:
    """The storyboards that beats and their shots show something of."""
    for beat in beats if isinstance(beats, list) else ():
        if isinstance(beat, dict):
            excerpt = beat.get("excerpt")
            yield excerpt.get("of") if isinstance(excerpt, dict) else None
            yield from _excerpted(beat.get("shots"))


def _has_chart(beat: object) -> bool:
    if not isinstance(beat, dict):
        return False
    shots = beat.get("shots")
    return "chart" in beat or (isinstance(shots, list) and any(map(_has_chart, shots)))


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
    checked: Checked, review: Review, path: Path, others: Reader | None
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
        quoted = excerpts(form, path, review, others)
        storyboard = replace(
            storyboard,
            lanes=stand_ins(checked.lanes, lanes),
            requests=absent(known, requests),
            recording=recording,
            attention=attention_record() if _shows_attention(form) else None,
            beats=tuple(
                _beat(form, *parts) for parts in zip(form.beats, verbs, shown, quoted, strict=True)
            ),
        )
        storyboard = replace(
            storyboard,
            poster=poster(form, review),
            following=following(form, path, review),
            variants=variants(checked.root),
        )
        check_budget(form, storyboard, review)
        check_levels(form, storyboard, review)
        rehearsal = Rehearsal(storyboard, lanes, review)
        named = tuple(dict.fromkeys((*known, *storyboard.owners)))
        statements = Statements(rehearsal, (checked.lanes, named), review)
        said = [statements.check(beat, number) for number, beat in enumerate(form.beats)]
        tasks = statements.tasks(form) if form.beats else ()
        pairs = zip(storyboard.beats, said, strict=True)
        storyboard = replace(storyboard, tasks=tasks, beats=tuple(_judged(*pair) for pair in pairs))
    except Enough:
        pass
    return storyboard, rehearsal.beats if rehearsal else ()


def _check_beats(form: StoryboardForm, review: Review) -> None:
    if not form.beats and not review.lost("beats"):
        review.complain(review.key("beats"), "a storyboard needs at least one beat")
    for number, beat in enumerate(form.beats):
        for key in ALONE if beat.shots else ():
            if key in beat.model_fields_set:
                span = review.key("beats", number, key)
                message = f"this beat has shots, and so no `{key}` of its own"
                review.complain(span, message, f"write `{key}` in the shot it belongs to")
        for path, shot in review.shots(number):
            _check_shot(shot, path, review)
    if len(form.beats) > MAX_BEATS:
        review.complain(review.at("beats", MAX_BEATS), f"more than {MAX_BEATS} beats")
        review.distrust_from(0)


def _check_shot(shot: ShotForm, path: tuple[str | int, ...], review: Review) -> None:
    said = "say" in shot.model_fields_set or review.lost(*path, "say") or review.has_strays(path)
    if not said:
        what = name_of(path)
        told = (ShotForm.model_fields["say"].description or "").split(".")[0]
        review.complain(review.key(*path), f"{what} has no `say`", f"say: {told}")
    shown = shot.card or "lanes"
    for name, card in CARDS.items():
        given = card.key and getattr(shot, card.key)
        lost = review.lost(*path, card.key)
        if card.key and shown == name and not given and not lost:
            span = review.at(*path, "card") if review.has(*path, "card") else review.key(*path)
            review.complain(span, f"the card `{name}` needs a `{card.key}`", card.example)
        elif given and shown != name:
            span = review.key(*path, card.key)
            message = f"the card `{shown}` shows no `{card.key}`"
            review.complain(span, message, f"write `card: {name}`")
    for key in ("do", "camera") if shot.excerpt else ():
        if getattr(shot, key):
            message = f"a shot that shows an excerpt has no `{key}`"
            review.complain(review.key(*path, key), message, "what happens there is told there")
    if shot.question and shown != "lanes":
        span = review.key(*path, "question")
        message = f"the card `{shown}` has no room for a question"
        review.complain(span, message, "questions stand over the lanes")


def _shows_attention(form: StoryboardForm) -> bool:
    return any(shot.attend for beat in form.beats for shot in shots_of(beat))


def _geometry(model: str | GeometryForm) -> Geometry:
    if isinstance(model, str):
        return PRESETS[model]
    return Geometry(model.name, model.layers, model.kv_heads, model.head_dim, model.dtype)


def _beat(
    story: StoryboardForm,
    form: BeatForm,
    done: Sequence[tuple[Verb, ...]],
    shown: Sequence[Chart | None],
    quoted: Sequence[Excerpt | None],
) -> Beat:
    parts = zip(shots_of(form), done, shown, quoted, strict=True)
    return Beat(form.title, tuple(_shot(story, *part) for part in parts))


def _shot(
    story: StoryboardForm,
    form: ShotForm,
    do: tuple[Verb, ...],
    chart: Chart | None,
    excerpt: Excerpt | None,
) -> Shot:
    given = {card.key: getattr(form, card.key) for card in CARDS.values() if card.key}
    keyed = {key: _typed(value) for key, value in given.items() if value is not None}
    return Shot(
        form.say,
        do,
        tuple(form.focus or ()),
        tuple(CallOut(callout.at, callout.text) for callout in form.callouts),
        card=form.card or "lanes",
        **(keyed | {"chart": chart, "excerpt": excerpt}),
        above=form.above or story.above,
        beside=form.beside or story.beside,
        show=None if form.show is None else tuple(form.show),
        camera="" if form.camera in (None, EVERYTHING) else form.camera,
    )


def _typed(given: Any) -> Any:  # noqa: ANN401  # whatever a card's key holds
    """What a card's key says, as a shot has it."""
    if isinstance(given, list):
        return tuple(given)
    return given.typed() if hasattr(given, "typed") else given


def _judged(beat: Beat, said: Said) -> Beat:
    """The beat with its claims, and its shots with their questions."""
    shots = (
        replace(shot, question=question)
        for shot, question in zip(beat.shots, said.questions, strict=True)
    )
    return replace(beat, shots=tuple(shots), expect=said.claims)


def _without_unmet(storyboard: Storyboard, review: Review) -> Storyboard:
    """The storyboard with those claims alone that hold."""
    beats = (
        replace(beat, expect=tuple(c for c in beat.expect if (number, c) not in review.unmet))
        for number, beat in enumerate(storyboard.beats)
    )
    return replace(storyboard, beats=tuple(beats))
