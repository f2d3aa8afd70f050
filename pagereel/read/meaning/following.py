"""Which beat stands for the whole video, and what to see after it."""

from __future__ import annotations

from pathlib import Path

from pagereel.model.storyboard.storyboard import Following
from pagereel.packaged import seen_from
from pagereel.read.document.compose import compose
from pagereel.read.document.intake import take
from pagereel.read.document.nodes import plain
from pagereel.read.document.problem import StoryboardProblems
from pagereel.read.form.schema import StoryboardForm
from pagereel.read.meaning.excerpts import file_of
from pagereel.read.meaning.review import Review
from pagereel.words import did_you_mean, printable


def poster(form: StoryboardForm, review: Review) -> int:
    """The beat (from 0) that `poster` names; one that there is not is reported."""
    if form.poster is None:
        return 0
    titles = [beat.title for beat in form.beats]
    if form.poster in titles:
        return titles.index(form.poster)
    if not review.lost("beats"):
        message = f"there is no beat `{printable(form.poster)}`"
        review.complain(review.at("poster"), message, did_you_mean(form.poster, titles))
    return 0


def following(form: StoryboardForm, path: Path, review: Review) -> tuple[Following, ...]:
    """What `next` names, by title and subtitle; what cannot be read is reported."""
    found = []
    for index, name in enumerate(form.next):
        try:
            source = take(seen_from(path, file_of(name)))
            told = plain(compose(source, source.text).root)
        except (StoryboardProblems, OSError):
            told = None
        if isinstance(told, dict) and isinstance(told.get("title"), str):
            found.append(Following(told["title"], str(told.get("subtitle", ""))))
        else:
            message = f"there is no storyboard `{printable(name)}`"
            review.complain(review.at("next", index), message, "`pagereel list` shows ours")
    return tuple(found)
