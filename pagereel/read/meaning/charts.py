"""The charts that beats show: made from a measurement record, or what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from pagereel.model.storyboard.chart import Chart, unmeasured
from pagereel.packaged import seen_from
from pagereel.read.form.schema import StoryboardForm
from pagereel.read.meaning.review import Review
from pagereel.words import printable


def charts(form: StoryboardForm, path: Path, review: Review) -> list[Chart | None]:
    """The chart of every beat; None for those that show none. What cannot be is reported."""
    if not any(beat.chart for beat in form.beats):
        return [None] * len(form.beats)
    return _made(form, path, review)


def _made(form: StoryboardForm, path: Path, review: Review) -> list[Chart | None]:
    # Only here: records, and the model that is held against them, are nothing to other storyboards.
    from pagereel.measured.charts import NothingMeasured, Records
    from pagereel.measurements.records.verify import RecordRefused
    from pagereel.storage.incoming import Obstacle, Unreadable

    # A chart that cannot be made is told once; what the beat says of it is not judged. A folder
    # without a record is no mistake: nothing was measured here yet, and the chart says so.
    nothing = [unmeasured(beat.chart.show) if beat.chart else None for beat in form.beats]
    first = next(number for number, beat in enumerate(form.beats) if beat.chart)
    named = review.at("record") if "record" in form.model_fields_set else None
    source = seen_from(path, form.record)
    if source.suffix != ".json" and not any(source.glob("*.json")):
        return nothing
    records, found = Records(source), list(nothing)
    try:
        for number, beat in enumerate(form.beats):
            try:
                if beat.chart:
                    found[number] = records.chart(beat.chart.show, beat.chart.of)
            except NothingMeasured as missing:
                review.complain(review.at("beats", number, "chart", "of"), str(missing))
        return found
    except Unreadable as unread:
        known = {Obstacle.MISSING: "`pagereel measure` makes one"}
        remedy = known.get(unread.obstacle, unread.hint)
        told = {f"no record `{printable(form.record)}`: {unread.message}": remedy}
    except RecordRefused as refused:
        told = {f"not a measurement: {printable(reason)}": "" for reason in refused.reasons}
    for message, remedy in told.items():
        review.complain(named or review.at("beats", first, "chart"), message, remedy)
    return nothing
