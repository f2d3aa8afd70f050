"""Beats of other storyboards that a storyboard shows, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pagereel.model.storyboard.storyboard import Excerpt
from pagereel.model.storyboard.timeline import Timeline
from pagereel.packaged import seen_from
from pagereel.read.document.nodes import Path as Place
from pagereel.read.document.problem import StoryboardProblems
from pagereel.read.form.schema import ExcerptForm, StoryboardForm
from pagereel.read.meaning.review import Review
from pagereel.words import did_you_mean, printable

Reader = Callable[[Path], Timeline]
"""Reads a storyboard that may hold no excerpts itself. Raises `StoryboardProblems`."""
Excerpts = list[tuple[Excerpt | None, ...]]
"""Of every beat, the excerpt of each of its shots; None for those that show none."""


def excerpts(form: StoryboardForm, path: Path, review: Review, read: Reader | None) -> Excerpts:
    """The excerpts of all beats; there may be none where there is no reader. What cannot be shown
    is reported."""
    known: dict[str, Timeline | None] = {}
    found: Excerpts = []
    for beat in range(len(form.beats)):
        shown: tuple[Excerpt | None, ...] = ()
        for place, shot in review.shots(beat):
            wanted = shot.excerpt
            if wanted and wanted.of not in known:
                known[wanted.of] = _timeline(
                    wanted.of, path, (*place, "excerpt", "of"), review, read
                )
            timeline = known[wanted.of] if wanted else None
            shown += (_excerpt(wanted, timeline, place, review) if wanted and timeline else None,)
        found.append(shown)
    return found


def file_of(name: str) -> str:
    """The file of a storyboard that an excerpt names."""
    return f"{name}.yaml"


def _timeline(
    name: str, path: Path, place: Place, review: Review, read: Reader | None
) -> Timeline | None:
    if read is None:
        review.complain(review.at(*place), "this would be an excerpt in an excerpt")
        return None
    try:
        return read(seen_from(path, file_of(name)))
    except StoryboardProblems as problems:
        message = f"the storyboard `{printable(name)}` cannot be read"
        review.complain(review.at(*place), message, str(problems.problems[0].message))
    except OSError as problem:
        message = f"there is no storyboard `{printable(name)}`"
        review.complain(review.at(*place), message, problem.strerror or "")
    return None


def _excerpt(
    wanted: ExcerptForm, timeline: Timeline, place: Place, review: Review
) -> Excerpt | None:
    titles = [played.beat.title for played in timeline.beats]
    span = review.at(*place, "excerpt", "beat")
    if wanted.beat not in titles:
        message = f"`{printable(wanted.of)}` has no beat `{printable(wanted.beat)}`"
        review.complain(span, message, did_you_mean(wanted.beat, titles))
        return None
    beat = titles.index(wanted.beat)
    if any(shot.shot.card != "lanes" for shot in timeline.beats[beat].shots):
        review.complain(span, "an excerpt shows lanes, and this beat shows none")
        return None
    return Excerpt(timeline.storyboard, beat, wanted.still)
