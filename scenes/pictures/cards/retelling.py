"""Cards that tell what has happened grow as it did, where no time passes in the shot itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pagereel.model.storyboard.timeline import Half
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Shape

MOST = 18
"""Pictures in which the past is told again, as a time lapse."""


def retold_stages(moment: Moment) -> int:
    """One, where the card was there before or the shot takes steps of its own."""
    told_anew = moment.is_new and not moment.played.shot.do
    return min(len(moment.past), MOST) if told_anew else 1


def retold(
    card: Callable[[Moment, Box], Iterator[Shape]],
) -> Callable[[Moment, Box], Iterator[Shape]]:
    """The card at each stage: of all the steps so far it knows the first ones."""

    def draw(moment: Moment, box: Box) -> Iterator[Shape]:
        yield from card(_until(moment, (moment.stage + 1) / retold_stages(moment)), box)

    return draw


def _until(moment: Moment, share: float) -> Moment:
    """The moment when that share of the past had passed, at the end of an engine step."""
    count = max(round(len(moment.past) * share), 1)
    while count < len(moment.past) and moment.past[count - 1].half is Half.SCHEDULED:
        count += 1
    past = moment.past[:count]
    return replace(moment, step=past[-1], past=past)
