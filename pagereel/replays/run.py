"""One lane's replay: run it, watch it, and keep what there is to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pagereel.errors import InputWrong
from pagereel.model.core.lane import Refusal, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.recording.keeper import Stretch, StretchRecorder
from pagereel.model.replay.driver import NEVER, ReplayLane, StepBoundary, replay
from pagereel.model.replay.meter import Meter, Point, Summary
from pagereel.model.replay.waits import Percentiles, Waits, percentiles
from pagereel.replays.plan import PlannedLane

Progress = Callable[[int], None]
"""Told how many requests have ended so far."""
_LOOKS = 512
"""Looks between two reports of progress."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A request that no state of the lane could ever hold."""

    request: str
    needed: int
    """Slots."""
    capacity: int
    """Slots of the lane, or its longest request."""


@dataclass(frozen=True, slots=True)
class ReplayedLane:
    """A lane and what came of it."""

    lane: PlannedLane
    capacity: int
    """Token slots."""
    summary: Summary | None
    """None: no request was ever taken in."""
    curve: tuple[Point, ...]
    turned_away: tuple[TurnedAway, ...]
    in_flight: int
    """Requests that had not ended yet."""
    waits: Percentiles | None
    """Steps from arrival to first admission; None where nobody was admitted."""
    recorder: StretchRecorder | None = None
    """What was kept of a stretch, if one was asked for."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far to go, and what to keep on the way."""

    until: int = NEVER
    """The step at which to stop, whoever is left."""
    stretch: Stretch | None = None


def run(
    lane: PlannedLane, requests: tuple[Request, ...], progress: Progress, extent: Extent
) -> ReplayedLane:
    """Serve all requests. Raises `InputWrong` where the lane cannot go on."""
    built = lane.build()
    recorder = StretchRecorder(extent.stretch, built.snapshot()) if extent.stretch else None
    watch = _ReplayWatch(progress, recorder, Waits(requests))
    try:
        replay(lambda: built, requests, watch, extent.until)
    except Refusal as refusal:
        raise InputWrong(f"{lane.kind}: {refusal}") from refusal
    summary = watch.meter.summary() if built.tally.steps else None
    gauge = built.gauge()
    return ReplayedLane(
        lane,
        gauge.split.total,
        summary,
        tuple(watch.meter.curve),
        tuple(watch.turned),
        gauge.in_flight,
        percentiles(watch.waits.steps),
        recorder,
    )


class _ReplayWatch:
    """An `Observer`: a meter that also tells how far it is, and why who was left."""

    def __init__(self, progress: Progress, recorder: StretchRecorder | None, waits: Waits) -> None:
        self.meter, self.waits, self._recorder = Meter(), waits, recorder
        self.turned: list[TurnedAway] = []
        self._progress, self._looks = progress, 0

    def horizon(self, step: int) -> int:
        """The meter's, or the recorder's if that comes first."""
        kept = self._recorder.horizon(step) if self._recorder else NEVER
        return min(self.meter.horizon(step), kept)

    def look(self, boundary: StepBoundary, lane: ReplayLane) -> None:
        """Let the meter look, and the recorder."""
        self.meter.look(boundary, lane)
        self.waits.look(boundary, lane)
        if self._recorder:
            self._recorder.look(boundary, lane)
        self._looks += 1
        if self._looks % _LOOKS == 0:
            self._progress(lane.tally.finished + lane.tally.aborted + len(self.turned))

    def turned_away(self, request: Request, refusal: TooLarge) -> None:
        """Keep the numbers."""
        self.meter.turned_away(request, refusal)
        if self._recorder:
            self._recorder.turned_away(request, refusal)
        self.turned.append(TurnedAway(request.id, refusal.needed, refusal.capacity))
