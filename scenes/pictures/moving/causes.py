"""Why a picture differs from the one before it, and what is read on the way."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.core.events import EntriesRead
from pagereel.model.storyboard.storyboard import Shot
from pagereel.model.storyboard.timeline import Half, PlayedShot, Step
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.pictures.moving.origins import keys
from pagereel.scenes.shapes.picture import Cause


def causes(moment: Moment, before: tuple[PlayedShot, Step, bool] | None) -> frozenset[Cause]:
    """What has changed since the shot and step before, and whether it asked then."""
    if before is None:
        return frozenset()
    return frozenset(_changed(moment, *before))


def _changed(moment: Moment, then: PlayedShot, step: Step, asked: bool) -> Iterator[Cause]:
    now, shot, last = moment.played, moment.played.shot, then.shot
    if moment.step is not step and _happened(moment.step, step):
        yield Cause.EVENT
    if moment.is_asking != asked or shot.question != last.question:
        yield Cause.ANSWER
    if (moment.stage and shot.card != "levels") or shot.attend != last.attend:
        yield Cause.STAGE
    if shot.camera != last.camera or (moment.stage and shot.card == "levels"):
        yield Cause.CAMERA
    if (shot.focus, shot.callouts) != (last.focus, last.callouts):
        yield Cause.FOCUS
    if shot.define != last.define or "end" in {shot.card, last.card}:
        yield Cause.INSET
    if (now.visible, shot.above, shot.beside) != (then.visible, last.above, last.beside):
        yield Cause.SHOW
    if _ground(shot.card) != _ground(last.card) or _numbers(shot) != _numbers(last):
        yield Cause.CARD


def _ground(card: str) -> str:
    """What a card is drawn over: a definition lies over the lanes, which stay."""
    return "lanes" if card in ("definition", "end") else card


def _numbers(shot: Shot) -> tuple[object, ...]:
    """What a card shows that is no state."""
    return shot.quote, shot.chart


def _happened(now: Step, before: Step) -> bool:
    if now.number != before.number or any(lane.events for lane in now.lanes):
        return True
    pairs = zip(now.lanes, before.lanes, strict=False)
    return any(after.state != then.state for after, then in pairs)


def read_now(step: Step) -> frozenset[tuple[str, str, int]]:
    """(lane, holder, position) of the entries that attention reads in a step; none once it has."""
    if step.half is not Half.SCHEDULED:
        return frozenset()
    return frozenset(
        (lane.lane, event.request, position)
        for lane in step.lanes
        for event in lane.events
        if isinstance(event, EntriesRead)
        for span in (event.positions or (range(event.count),))
        for position in span
    )


def waves(moment: Moment) -> Iterator[tuple[str, float]]:
    """The keys of the tokens that are being read, each with its share of the way: all requests'
    first ones together, in the order of their positions. Other cards than lanes tell it their way.
    """
    if _ground(moment.played.shot.card) != "lanes":
        return
    last = max((position for _, _, position in moment.read), default=0)
    for step in moment.step.lanes:
        spots_of: dict[str, set[int]] = {}
        for lane, name, position in moment.read:
            if lane == step.lane:
                spots_of.setdefault(name, set()).add(position)
        for name, spots in sorted(spots_of.items()):
            for position, key in keys(moment, step, name, range(max(spots) + 1)):
                if position in spots:
                    yield key, position / max(last, 1)
