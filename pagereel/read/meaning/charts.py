"""The charts that beats show: made from a measurement record, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pagereel.model.storyboard.chart import Chart, unmeasured
from pagereel.packaged import seen_from
from pagereel.read.document.nodes import Path as Place
from pagereel.read.form.schema import ChartForm, StoryboardForm
from pagereel.read.meaning.review import Review
from pagereel.words import printable

Charts = list[tuple[Chart | None, ...]]
"""Of every beat, the chart of each of its shots; None for those that show none."""


def charts(form: StoryboardForm, path: Path, review: Review) -> Charts:
    """The charts of all beats. What cannot be made is reported."""
    wanted = [
        (beat, place, shot.chart)
        for beat in range(len(form.beats))
        for place, shot in review.shots(beat)
    ]
    asked = [_Asked(place, chart) for _, place, chart in wanted if chart]
    made = _made(form, path, review, asked) if asked else {}
    found: Charts = [() for _ in form.beats]
    for beat, place, _ in wanted:
        found[beat] += (made.get(place),)
    return found


class _Asked(NamedTuple):
    path: Place
    chart: ChartForm


def _made(
    form: StoryboardForm, path: Path, review: Review, asked: Sequence[_Asked]
) -> dict[Place, Chart]:
    # Only here: records, and the model that is held against them, are nothing to other storyboards.
    from pagereel.measured.charts import NothingMeasured, Records
    from pagereel.measurements.records.record import RecordRefused
    from pagereel.storage.incoming import Obstacle, Unreadable

    # A chart that cannot be made is told once; what the beat says of it is not judged. A folder
    # without a record is no mistake: nothing was measured here yet, and the chart says so.
    nothing = {place: unmeasured(chart.show) for place, chart in asked}
    first = asked[0].path
    named = review.at("record") if "record" in form.model_fields_set else None
    source = seen_from(path, form.record)
    if source.suffix != ".json" and not any(source.glob("*.json")):
        return nothing
    records, found = Records(source), dict(nothing)
    try:
        for place, chart in asked:
            try:
                found[place] = records.chart(chart.show, chart.of)
            except NothingMeasured as missing:
                review.complain(review.at(*place, "chart", "of"), str(missing))
        return found
    except Unreadable as unread:
        known = {Obstacle.MISSING: "`pagereel measure` makes one"}
        remedy = known.get(unread.obstacle, unread.hint)
        told = {f"no record `{printable(form.record)}`: {unread.message}": remedy}
    except RecordRefused as refused:
        told = {f"not a measurement: {printable(reason)}": "" for reason in refused.reasons}
    for message, remedy in told.items():
        review.complain(named or review.at(*first, "chart"), message, remedy)
    return nothing
