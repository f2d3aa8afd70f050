"""A storyboard's recording: its lanes, its requests, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pagereel.model.allocators.kinds import REPLAYED
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.recorded import RECORDED
from pagereel.model.core.geometry import PRESETS
from pagereel.model.core.state import PagedMemory
from pagereel.model.recording.data import RecordedRun, Recording
from pagereel.model.storyboard.script import Script, Words
from pagereel.model.storyboard.timeline import PlayedBeat
from pagereel.model.traces.compare import state_difference
from pagereel.packaged import seen_from
from pagereel.read.form.schema import LaneForm, StoryboardForm
from pagereel.read.meaning.review import Review
from pagereel.words import did_you_mean, printable

UNKNOWN = "·"
"""Every word of a request of which only the lengths are known."""


def open_recording(form: StoryboardForm, path: Path, review: Review) -> Recording | None:
    """The recording that the storyboard names; None if it names none, or none that can be read."""
    forms: dict[str, LaneForm] = dict(form.lanes)
    lanes = [name for name, lane in forms.items() if lane.kind == RECORDED.name]
    if form.recording is None:
        for name in lanes:
            span = review.at("lanes", name, "kind")
            remedy = "name a file with `recording:` at the top"
            review.complain(span, "nothing was recorded that could be played", remedy)
        if lanes:
            review.lose_names()
        return None
    # Only here: recordings are nothing to other storyboards.
    from pagereel.replays.recordings import Unusable, load

    span = review.at("recording")
    for name in form.requests:
        message = f"request `{printable(name)}` beside a recording"
        review.complain(review.key("requests", name), message, "they come from the recording")
    if not lanes and not review.lost("lanes"):
        review.complain(span, "no lane plays it", "as in `lanes: {real: {kind: recorded}}`")
    try:
        recording = load(seen_from(path, form.recording))
    except Unusable as unusable:
        message = f"`{printable(form.recording)}` cannot be played: {printable(unusable.message)}"
        review.complain(span, message, unusable.remedy)
        review.lose_names()
        return None
    known = recording.model
    if isinstance(form.model, str) and known in PRESETS and form.model != known:
        review.complain(
            review.at("model") if "model" in form.model_fields_set else span,
            f"the recording is of {known}, the storyboard's model is {form.model}",
            f"write `model: {known}`",
        )
    return recording


def recorded_lanes(
    form: StoryboardForm, recording: Recording | None, review: Review
) -> dict[str, LaneSpec]:
    """The lanes that play a recording and are sound, by name; the others are reported."""
    if recording is None:
        return {}
    found = {}
    forms: dict[str, LaneForm] = dict(form.lanes)
    for name, lane in forms.items():
        if lane.kind == RECORDED.name:
            spec = _lane(name, lane, form, recording, review)
            if spec:
                found[name] = spec
        elif recording.every > 1 or not all(asked.tokens for asked in recording.requests):
            remedy = "replay this lane too: `pagereel replay --lanes ... --record`"
            message = "a model beside a recording needs every step and every word of it"
            review.complain(review.at("lanes", name, "kind"), message, remedy)
            review.distrust_from(0)
    return found


def _lane(
    name: str, form: LaneForm, story: StoryboardForm, recording: Recording, review: Review
) -> LaneSpec | None:
    before = len(review.problems)
    kinds = [run.kind for run in recording.runs]
    plays = form.plays or kinds[0]
    for key in sorted(form.model_fields_set - {"kind", "title", *RECORDED.takes}):
        span = review.key("lanes", name, key)
        review.complain(span, f"a recorded lane has no `{key}`", "it is as it was recorded")
    if form.plays is None and len(kinds) > 1:
        remedy = "write `plays: " + "` or `plays: ".join(kinds) + "`"
        review.complain(review.at("lanes", name, "kind"), "several lanes were recorded", remedy)
    elif plays not in kinds:
        span = review.at("lanes", name, "plays")
        message = f"no `{printable(plays)}` was recorded"
        review.complain(span, message, did_you_mean(plays, kinds))
    elif not _is_known(recording.run(plays)):
        message = f"`{printable(plays)}` was recorded, which is no lane of today"
        review.complain(review.at("lanes", name, "kind"), message, "record it again")
    if form.equals is not None and (form.equals == name or form.equals not in story.lanes):
        others = [other for other in story.lanes if other != name]
        span = review.at("lanes", name, "equals")
        message = f"no other lane is called `{printable(form.equals)}`"
        review.complain(span, message, did_you_mean(form.equals, others))
    if len(review.problems) > before:
        return None
    run = recording.run(plays)
    return LaneSpec(
        name=name,
        kind=RECORDED.name,
        title=name.replace("_", " ").capitalize() if form.title is None else form.title,
        slots=run.start.capacity,
        block_size=run.block_size or max(other.block_size for other in recording.runs) or 16,
        recorded=run,
        equals=form.equals or "",
    )


def _is_known(run: RecordedRun) -> bool:
    """Whether there is a kind of lane by that name, with such a memory."""
    kind = REPLAYED.get(run.kind)
    return kind is not None and bool(kind.paging) == isinstance(run.start.memory, PagedMemory)


def recorded_scripts(recording: Recording) -> dict[str, Script]:
    """The requests of a recording, each arriving at the kept step that first shows it."""
    return {
        asked.id: Script(
            id=asked.id,
            prompt=_words(asked.tokens, asked.prompt),
            output=_words(asked.answer, asked.output),
            arrival=recording.shown_at(asked.arrival),
        )
        for asked in recording.requests
    }


def _words(tokens: tuple[int, ...], count: int) -> Words:
    """Token ids as they were recorded; dots where only their number was."""
    return tuple(f" {token}" for token in tokens) if tokens else (UNKNOWN,) * count


def check_agreement(
    beats: Iterable[PlayedBeat], lanes: dict[str, LaneSpec], review: Review
) -> None:
    """Report every recorded lane that parts from the lane which it is said to equal."""
    steps = [step for played in beats for step in played.steps]
    for name, spec in lanes.items():
        if spec.equals not in lanes:
            continue
        for step in steps:
            found = state_difference(step.lane(name).state, step.lane(spec.equals).state)
            if found:
                span = review.at("lanes", name, "equals")
                where = f"step {step.number}, {step.half.value}"
                review.complain(span, f"it differs from `{spec.equals}` in {where}", found)
                break
