"""The kind `recorded`: a lane that shows the steps of a recording, and does nothing of its own."""

from __future__ import annotations

from pagereel.model.allocators.lane_kind import LaneKind, LaneSpec
from pagereel.model.allocators.options import OptionReader
from pagereel.model.core.events import Event
from pagereel.model.core.lane import Refusal
from pagereel.model.core.request import Request
from pagereel.model.core.state import LaneState
from pagereel.model.recording.data import RecordedRun


class RecordingEnds(Refusal):
    """A step was asked for that was not recorded."""

    def __init__(self, steps: int) -> None:
        super().__init__(f"the recording ends after {steps} steps")
        self.steps = steps


class RecordedLane:
    """A `model.core.lane.Lane` that plays a run. Who comes and who leaves was recorded with it."""

    def __init__(self, run: RecordedRun) -> None:
        self._run, self._shown, self._state = run, 0, run.start

    def submit(self, request: Request) -> tuple[Event, ...]:
        """Nothing: it arrives when it did."""
        return ()

    def abort(self, request_id: str) -> tuple[Event, ...]:
        """Nothing: it went when it did."""
        return ()

    def schedule(self) -> tuple[Event, ...]:
        """The middle of the next kept step, if it was kept. Raises `RecordingEnds`."""
        if self._shown == len(self._run.steps):
            raise RecordingEnds(self._shown)
        step = self._run.steps[self._shown]
        self._state = step.scheduled or self._state
        return step.decided

    def update(self) -> tuple[Event, ...]:
        """The end of that step."""
        step = self._run.steps[self._shown]
        self._shown += 1
        self._state = step.sampled
        return step.answered

    def snapshot(self) -> LaneState:
        """The recorded state."""
        return self._state


def _build(spec: LaneSpec, options: OptionReader) -> RecordedLane:
    options.close()
    assert spec.recorded, "a recorded lane has its recording"
    return RecordedLane(spec.recorded)


RECORDED = LaneKind(
    name="recorded",
    system="what was recorded",
    summary="Plays a lane of the storyboard's `recording`, of a model or of the real engine.",
    build=_build,
    takes=("plays", "equals"),
)
